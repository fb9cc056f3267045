"""The core's clock: UTC seconds that never go backwards, whatever is done to the box's time."""

import time
from collections.abc import Callable


def steady_clock(
    wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
) -> Callable[[], float]:
    """UTC at the start plus what the monotonic clock has run since; a function of seconds."""
    start, zero = wall(), monotonic()
    return lambda: start + (monotonic() - zero)
