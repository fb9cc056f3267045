"""What is looked at once a second: an error in one round never ends the watch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

log = logging.getLogger(__name__)

EVERY_S = 1.0


class Guard:
    """Runs what may fail; tells each kind of error once, or a lasting one would fill the log."""

    def __init__(self) -> None:
        self._told: set[tuple[str, type[Exception], str]] = set()

    def __call__(self, name: str, look: Callable[[], None]) -> None:
        try:
            look()
        except Exception as error:
            kind = (name, type(error), _place(error))
            if kind not in self._told:
                self._told.add(kind)
                log.exception("%s: this round failed, the next one is tried all the same", name)


class Watch:
    """`rounds`: by name, every how many seconds (whole ones) and what is done then."""

    def __init__(self, rounds: Mapping[str, tuple[int, Callable[[], None]]], guard: Guard) -> None:
        self._rounds = rounds
        self._guard = guard
        self._ticks = 0

    def tick(self) -> None:
        """A second has passed."""
        for name, (every, look) in self._rounds.items():
            if self._ticks % every == 0:
                self._guard(name, look)
        self._ticks += 1

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until it is cancelled."""
        while True:
            await pause(EVERY_S)
            self.tick()


def _place(error: Exception) -> str:
    """Where it was raised; its text may differ each time."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last is not None else ""
