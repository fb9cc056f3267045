"""Sees when this machine itself stands still, so that nobody else is blamed for a gap.

One thread for each processor sleeps 3 ms at a time and notes when it woke too late: a busy
or stolen processor (virtual machines) does that to the box, to the phones, and to it.
"""

import contextlib
import os
import threading
import time

NAP_S = 0.003
LATE_S = 0.005
MENDED_S, LONG_MENDED_S, LONG_S = 0.35, 3.0, 0.01
"""A short stall is over at once; after a long one jitter buffers grow and shrink for seconds."""


class Spoilt(Exception):
    """This machine stood still too often for anything to be measured; try again."""


class Witness:
    """Runs until `stop`. `late`: (Unix time of the end, seconds) of each stall."""

    def __init__(self) -> None:
        self.late: list[tuple[float, float]] = []
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._watch, args=(cpu,), daemon=True)
            for cpu in sorted(os.sched_getaffinity(0))
        ]
        for thread in self._threads:
            thread.start()

    def _watch(self, cpu: int) -> None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {cpu})
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(6))
        while not self._over.is_set():
            before = time.monotonic()
            time.sleep(NAP_S)
            late = time.monotonic() - before - NAP_S
            if late > LATE_S:
                self.note(late)

    def note(self, late: float) -> None:
        self.late.append((time.time(), late))

    def spoilt(self, since: float, until: float) -> bool:
        """A stall can be heard in this span (Unix times)."""
        return any(
            at - by <= until and since <= at + (LONG_MENDED_S if by > LONG_S else MENDED_S)
            for at, by in self.late
        )

    def told(self) -> str:
        return " ".join(f"{at % 1000:.3f}({by * 1000:.0f}ms)" for at, by in self.late[-20:])

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


_witnesses: list[Witness] = []


def witness() -> Witness:
    """The one of this process, started when first asked for."""
    if not _witnesses:
        _witnesses.append(Witness())
    return _witnesses[0]
