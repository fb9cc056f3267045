"""A bridge with one CallRecorder, driven by JSON lines on stdin.

Commands: record, connect, disconnect, pause, close, status, ring, drop. Each is answered with a
`result`; every answer to `status` comes from the process that records, so that it also shows that
this one is alive.
"""

import json
import select
import sys
import time
from typing import Any

import pjsua2 as pj
from kit import ring_port, start_endpoint, tell, tone


class Box:
    def __init__(self) -> None:
        self.endpoint = start_endpoint()
        self.recorder: pj.CallRecorder | None = None
        self.sources: dict[str, pj.ToneGenerator] = {}
        self.witness = ring_port(rx_ms=200, tx_ms=0)  # counts the ticks of the clock
        self.began = 0.0

    def channel(self, side: str) -> pj.AudioMedia:
        return self.recorder.left() if side == "left" else self.recorder.right()

    def record(self, path: str, fsync: int = 5, rate: int = 8000) -> None:
        self.recorder = pj.CallRecorder()
        self.recorder.open(path, rate, fsync)
        self.began = time.monotonic()

    def connect(self, side: str, hertz: int, on: int = 1000, off: int = 0) -> float:
        if str(hertz) not in self.sources:
            self.sources[str(hertz)] = tone(hertz, on, off)
        self.sources[str(hertz)].startTransmit(self.channel(side))
        return time.monotonic() - self.began

    def disconnect(self, side: str, hertz: int) -> float:
        self.sources[str(hertz)].stopTransmit(self.channel(side))
        return time.monotonic() - self.began

    def pause(self, on: bool) -> float:
        self.recorder.pause(on)
        return time.monotonic() - self.began

    def close(self) -> dict[str, float]:
        length = time.monotonic() - self.began
        self.recorder.close()
        return {"length": length}

    def drop(self) -> None:
        """Free everything, the recorder open, in the wrong order."""
        self.recorder = None
        self.sources.clear()

    def status(self) -> dict[str, Any]:
        recorder = self.recorder
        ready, _, _ = select.select([recorder.eventFd()], [], [], 0)
        return {
            "closed": recorder.closed(),
            "samples": recorder.samples(),
            "dropped": recorder.dropped(),
            "error": recorder.errorCode(),
            "told": bool(ready),
            "ticks": self.witness.rxFrames(),
            "now": time.monotonic() - self.began,
        }


def main() -> None:
    box = Box()
    tell("ready")
    for line in sys.stdin:
        order = json.loads(line)
        command = order.pop("command")
        try:
            result = getattr(box, command)(**order)
        except pj.Error as error:
            result = {"raised": error.reason, "status": error.status}
        tell("result", command=command, result=result)
    box.drop()
    del box.witness
    box.endpoint.libDestroy()


main()
