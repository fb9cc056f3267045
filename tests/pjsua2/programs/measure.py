"""What things cost. usage: measure.py stereo|mono|ring|calls NUMBER [SECONDS]

stereo: CallRecorders with a tone on both sides; mono: two AudioMediaRecorders each instead;
ring: RingPorts that a Python thread echoes; each in cores (CPU seconds per second), less what the
bridge and the tone cost alone. calls: nanoseconds of single calls into the binding.
"""

import json
import resource
import sys
import tempfile
import threading
import time
import timeit
from collections.abc import Callable
from typing import Any

import pjsua2 as pj
from kit import ring_port, start_endpoint, tell, tone


def cpu(seconds: float) -> float:
    """Cores used by this process for a while."""
    before, begin = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    time.sleep(seconds)
    after, end = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used / (end - begin)


def stereo(number: int, source: Any, folder: str) -> list[Any]:
    recorders = []
    for i in range(number):
        recorder = pj.CallRecorder()
        recorder.open(f"{folder}/{i}.wav")
        source.startTransmit(recorder.left())
        source.startTransmit(recorder.right())
        recorders.append(recorder)
    return recorders


def mono(number: int, source: Any, folder: str) -> list[Any]:
    recorders = []
    for i in range(2 * number):
        recorder = pj.AudioMediaRecorder()
        recorder.createRecorder(f"{folder}/{i}.wav")
        source.startTransmit(recorder)
        recorders.append(recorder)
    return recorders


def ring(number: int, source: Any, folder: str) -> list[Any]:
    ports = [ring_port(2000, 2000) for _ in range(number)]
    for port in ports:
        source.startTransmit(port)
        port.startTransmit(ports[0])
        port.write(bytes(1600))

    def echo() -> None:
        buffer = bytearray(32000)
        view = memoryview(buffer)
        while ports:
            for port in ports:
                port.write(view[: port.read(buffer)])
            time.sleep(0.02)

    threading.Thread(target=echo, daemon=True).start()
    return ports


def burn(over: threading.Event) -> None:
    things = {"a": list(range(20000))}
    while not over.is_set():
        json.dumps(things)


def calls(number: int) -> None:
    """read() keeps the interpreter lock, rxDropped() gives it back: with and without a thread
    that wants it."""
    port = ring_port()
    buffer = bytearray(320)
    work: dict[str, Callable[[], Any]] = {
        "read(320)": lambda: port.read(buffer),
        "write(320)": lambda: port.write(buffer),
        "rxAvail() lock kept": port.rxAvail,
        "rxDropped() lock given": port.rxDropped,
        "callBrief()": lambda: pj.callBrief(0),
    }
    for load in ("calm", "busy"):
        over = threading.Event()
        sys.setswitchinterval(0.0005)
        if load == "busy":
            threading.Thread(target=burn, args=(over,), daemon=True).start()
        for name, function in work.items():
            took = timeit.timeit(function, number=number) / number
            tell("call", load=load, name=name, nanoseconds=round(took * 1e9))
        over.set()


def main(what: str, number: int, seconds: float) -> None:
    endpoint = start_endpoint()
    source = tone(440)
    if what == "calls":
        calls(number)
    else:
        with tempfile.TemporaryDirectory(dir=".") as folder:
            witness = ring_port(rx_ms=100, tx_ms=0)
            source.startTransmit(witness)
            alone = cpu(seconds)
            things = {"stereo": stereo, "mono": mono, "ring": ring}[what](number, source, folder)
            time.sleep(1)
            whole = cpu(seconds)
            rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            tell(what, number=number, cores=round(whole - alone, 4), rss=round(rss))
            things.clear()
            witness = None
    source = None
    endpoint.libDestroy()


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 10)
