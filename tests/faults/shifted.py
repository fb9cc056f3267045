"""Runs the core under a wall clock that jumps: ``python tests/faults/shifted.py --site ...``.

SIGUSR1 sets the clock as many seconds forward (or back, below zero) as the file named by
CALLFLOOR_SHIFT says. The monotonic clock runs on, as that of a kernel does.
"""

import os
import signal
import sys
import time
from pathlib import Path

_real, _real_ns = time.time, time.time_ns
_shift = [float(Path(os.environ["CALLFLOOR_SHIFT"]).read_text())]


def _set(*_: object) -> None:
    _shift[0] = float(Path(os.environ["CALLFLOOR_SHIFT"]).read_text())


time.time = lambda: _real() + _shift[0]
time.time_ns = lambda: _real_ns() + round(_shift[0] * 1e9)
signal.signal(signal.SIGUSR1, _set)
sys.path.insert(0, str(Path(__file__).parents[2]))

from appliance.core import main  # noqa: E402 # after the clock

main()
