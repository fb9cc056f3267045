"""Free ports and recorders in every wrong way that Python can: in a thread that pjlib does not
know, while they are connected, the parent before the child, after libDestroy()."""

import gc
import tempfile
import threading
from pathlib import Path

import pjsua2 as pj
from kit import ring_port, start_endpoint, tone, wait_until

ROUNDS = 40


def in_thread(work) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def main(folder: Path) -> None:
    endpoint = start_endpoint()
    source = tone(440)
    witness = ring_port(rx_ms=100, tx_ms=0)
    for number in range(ROUNDS):
        port, recorder = ring_port(), pj.CallRecorder()
        recorder.open(str(folder / f"{number}.wav"))
        source.startTransmit(recorder.left())
        port.startTransmit(recorder.right())
        source.startTransmit(port)
        left = recorder.left()
        if number % 4 == 0:
            recorder.close()
        seen = witness.rxFrames()
        wait_until(lambda seen=seen: witness.rxFrames() > seen + 1, "a tick")
        held = [recorder, port]
        recorder = port = None
        in_thread(held.clear)  # the channel keeps its recorder until here
        source.stopTransmit(left) if number % 4 else None
        in_thread(lambda: None)
        del left
    gc.collect()
    late_port, late_recorder, unused = ring_port(), pj.CallRecorder(), pj.RingPort()
    late_recorder.open(str(folder / "late.wav"))
    source.startTransmit(late_recorder.left())
    seen = witness.rxFrames()
    wait_until(lambda: witness.rxFrames() > seen + 30, "some audio")
    source = witness = None
    endpoint.libDestroy()
    assert late_port.read(bytearray(320)) >= 0
    late_recorder.close()
    wait_until(late_recorder.closed, "the last file")
    assert late_recorder.samples() > 2000, late_recorder.samples()
    del late_port, late_recorder, unused
    print("survived", ROUNDS)


with tempfile.TemporaryDirectory() as name:
    main(Path(name))
