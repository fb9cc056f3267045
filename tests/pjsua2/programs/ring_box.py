"""RingPort both ways, with a thread that burns the interpreter lock if asked to.

Plays a 1 kHz tone into the bridge through one port and takes it out of another, and prints the
facts as JSON; the samples taken out go to FILE. usage: ring_box.py FILE SECONDS calm|busy
"""

import json
import math
import select
import struct
import sys
import threading
import time
from pathlib import Path

from kit import RATE, ring_port, start_endpoint, wait_until

FRAME = RATE // 50 * 2  # bytes


def burn(over: threading.Event) -> None:
    things = {"a": list(range(20000))}
    while not over.is_set():
        json.dumps(things)


def main(path: Path, seconds: float, busy: bool) -> None:
    endpoint = start_endpoint()
    cycle = b"".join(
        struct.pack("<h", round(8000 * math.sin(2 * math.pi * i / 8))) for i in range(RATE)
    )
    into, out = ring_port(0, 2000, 0), ring_port(2000, 0, 100)
    over = threading.Event()
    if busy:
        threading.Thread(target=burn, args=(over,), daemon=True).start()
    into.write(cycle[: 10 * FRAME])
    into.startTransmit(out)
    wait_until(lambda: out.rxFrames() > 0, "the first frame")
    heard, buffer, at = bytearray(), bytearray(64000), 10 * FRAME
    frames, begin = out.rxFrames(), time.monotonic()
    while (now := time.monotonic() - begin) < seconds:
        ready, _, _ = select.select([out.eventFd()], [], [], 1)
        assert ready, "eventFd stayed silent for a second"
        got = out.read(buffer)
        heard += buffer[:got]
        if into.txAvail() < 30 * FRAME:
            chunk = 10 * FRAME
            into.write(cycle[at % len(cycle) : at % len(cycle) + chunk])
            at += chunk
    rate = (out.rxFrames() - frames) / now
    over.set()
    path.write_bytes(heard)
    facts = {
        "rate": rate,
        "dropped": out.rxDropped() + into.txDropped(),
        "under": into.txUnder(),
    }
    into.clear()
    wait_until(lambda: into.txAvail() == 0, "an empty ring")
    assert into.read(buffer) == 0 and out.write(cycle) == 0, "a way that is not there"
    print(json.dumps(facts))
    into = out = None
    endpoint.libDestroy()


main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "busy")
