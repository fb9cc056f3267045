"""All deadlines of the floor in one heap; cancelling is O(1), dead entries are swept out lazily."""

from collections.abc import Iterator
from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import Any


class Due(IntEnum):
    """What a deadline is about, and so which part of the floor acts on it."""

    RING = 1  # an offer has rung long enough
    AGENT = 2  # wrap-up or a block of an agent is over
    CALLER = 3  # something is to be said to, or done with, a waiting caller
    REST = 4  # an agent who did not take an offer may be offered callers again


Timer = list[Any]
"""[when, sequence, Due or None when cancelled, subject]: a list, so that heapq compares in C."""

_SWEEP_FROM = 256


class Timers:
    """Deadlines in seconds of the floor's clock; equal ones fire in the order they were set."""

    __slots__ = ("_dead", "_heap", "_seq")

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._seq = 0
        self._dead = 0

    def at(self, when: float, due: Due, subject: object) -> Timer:
        self._seq = seq = self._seq + 1
        timer = [when, seq, due, subject]
        heappush(self._heap, timer)
        return timer

    def cancel(self, timer: Timer | None) -> None:
        """Cancels once; a timer that has fired or was cancelled is left alone."""
        if timer is None or timer[2] is None:
            return
        timer[2] = timer[3] = None
        self._dead += 1
        if self._dead > _SWEEP_FROM and self._dead * 2 > len(self._heap):
            self._sweep()

    def next(self) -> float | None:
        """The earliest live deadline."""
        heap = self._heap
        while heap:
            if heap[0][2] is not None:
                return float(heap[0][0])
            heappop(heap)
            self._dead -= 1
        return None

    def due(self, now: float) -> Iterator[tuple[Due, Any]]:
        """Takes out what is due, one by one: an action may set or cancel others meanwhile."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            timer = heappop(heap)
            kind, subject = timer[2], timer[3]
            if kind is None:
                self._dead -= 1
                continue
            timer[2] = timer[3] = None
            yield kind, subject

    def __len__(self) -> int:
        return len(self._heap) - self._dead

    def _sweep(self) -> None:
        # In place: `due` may be walking this very list.
        self._heap[:] = [timer for timer in self._heap if timer[2] is not None]
        heapify(self._heap)
        self._dead = 0
