"""Time stamps that never go back, whatever happens to the wall clock."""

import time
from collections.abc import Callable

from appliance.model.events import Trouble

TOLERANCE_US = 2_000_000
JUMP_SHOWN_US = 600_000_000


def wall_us() -> int:
    """UTC now, microseconds since 1970."""
    return time.time_ns() // 1000


def monotonic_us() -> int:
    """Microseconds that no clock setting touches."""
    return time.monotonic_ns() // 1000


class Stamper:
    """Gives each event its UTC microseconds.

    Small corrections of the wall clock are followed. When it is set back, the stamps go on
    by the monotonic clock from the last one until the wall clock has caught up, so that
    durations between stamps stay right. When it jumps forward, the stamps follow. Each such
    step is one `Trouble` with where="clock" through `tell`, and one with over=True.
    """

    def __init__(
        self,
        tell: Callable[[Trouble], None],
        *,
        last_us: int = 0,
        wall: Callable[[], int] = wall_us,
        monotonic: Callable[[], int] = monotonic_us,
    ) -> None:
        self._tell = tell
        self._wall = wall
        self._monotonic = monotonic
        self._base_us = last_us
        self._base_mono = monotonic()
        self._running = False
        self._behind = False
        self._jumped_at: int | None = None

    @property
    def last_us(self) -> int:
        return self._base_us

    def stamp(self) -> int:
        wall, mono = self._wall(), self._monotonic()
        expected = self._base_us + mono - self._base_mono
        now = expected if self._set_back(wall - expected) else max(wall, self._base_us)
        self._forward(wall - expected, mono)
        self._base_us, self._base_mono = now, mono
        self._running = True
        return now

    def _set_back(self, drift: int) -> bool:
        if self._behind:
            if drift >= 0:
                self._behind = False
                self._tell(_set_back(0, over=True))
        elif drift < -TOLERANCE_US:
            self._behind = True
            self._tell(_set_back(-drift, over=False))
        return self._behind

    def _forward(self, drift: int, mono: int) -> None:
        if self._running and drift > TOLERANCE_US and not self._behind:
            if self._jumped_at is None:
                self._tell(_jumped(drift, over=False))
            self._jumped_at = mono
        elif self._jumped_at is not None and mono - self._jumped_at > JUMP_SHOWN_US:
            self._jumped_at = None
            self._tell(_jumped(0, over=True))


def _set_back(by_us: int, *, over: bool) -> Trouble:
    return Trouble(
        where="clock",
        what=(
            "The clock has caught up with the event log."
            if over
            else f"The clock was set back by {by_us / 1e6:.0f} s."
        ),
        meaning="Calls go on; the order of events is right. Times shown follow the earlier "
        "clock until the new one has caught up.",
        remedy="Check the network time service (timedatectl).",
        over=over,
    )


def _jumped(by_us: int, *, over: bool) -> Trouble:
    return Trouble(
        where="clock",
        what=(
            "The clock has run evenly since its jump."
            if over
            else f"The clock jumped forward by {by_us / 1e6:.0f} s."
        ),
        meaning="Calls go on; the order of events is right. Start and end of calls that were "
        "running stand further apart than they lasted; their talk times are right.",
        remedy="Check the network time service (timedatectl).",
        over=over,
    )
