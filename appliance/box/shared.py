"""One act at a time, shared by all who asked for it before it began."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Call it to have `act` done once more from now on; gives what that act gave.

    A run that had begun earlier does not count: it may have read what was changed since. All
    who wait meanwhile are served by the one run that follows. What `act` raises goes to the
    caller who ran it, and the next one in line tries again.
    """

    def __init__(self, act: Callable[[str], Awaitable[T]]) -> None:
        self._act = act
        self._lock = asyncio.Lock()
        self._turn = itertools.count(1)
        self._last: tuple[int, T] | None = None

    async def __call__(self, by: str) -> T:
        """`by`: who asked; the act hears of the one who began it."""
        asked = next(self._turn)
        async with self._lock:
            if self._last is not None and self._last[0] > asked:
                return self._last[1]
            began = next(self._turn)
            result = await self._act(by)
            self._last = (began, result)
            return result
