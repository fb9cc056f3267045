"""Shows on standard error that something is still going on, once it has taken two seconds."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

QUIET_S = 2.0


class Progress:
    """What is under way; `step` may be called from the working thread at any rate."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._done = self._total = 0.0

    def step(self, done: float, total: float) -> None:
        self._done, self._total = done, total

    def line(self) -> str:
        """``Rebuilding history: 40 %, 12 s, about 18 s left``."""
        passed = time.monotonic() - self._began
        if not self._total or not self._done:
            return f"{self._what}: {passed:.0f} s"
        share = min(self._done / self._total, 1.0)
        left = passed * (1 - share) / share
        return f"{self._what}: {share:.0%}, {passed:.0f} s, about {left:.0f} s left"


@contextmanager
def progress(what: str, stream: TextIO | None = None) -> Iterator[Progress]:
    """Prints a line every second (on a terminal, over itself) or every ten (elsewhere)."""
    out = stream or sys.stderr
    shown = Progress(what)
    over = threading.Event()
    ticker = threading.Thread(target=_tick, args=(shown, out, over), daemon=True)
    ticker.start()
    try:
        yield shown
    finally:
        over.set()
        ticker.join()


def _tick(shown: Progress, out: TextIO, over: threading.Event) -> None:
    terminal = out.isatty()
    wait, printed = QUIET_S, False
    while not over.wait(wait):
        print(f"\r{shown.line()}\x1b[K" if terminal else shown.line(), end="", file=out)
        if not terminal:
            print(file=out)
        out.flush()
        wait, printed = (1.0 if terminal else 10.0), True
    if printed and terminal:
        print("\r\x1b[K", end="", file=out, flush=True)
