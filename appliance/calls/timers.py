"""Named timers of calls in one heap; no clock inside."""

import heapq
import itertools
from typing import NamedTuple

from appliance.model.ids import CallId


class Due(NamedTuple):
    call: CallId
    name: str


class Timers:
    """Setting a timer again replaces it. All operations are O(log n), amortised."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Due]] = []
        self._live: dict[Due, int] = {}
        self._count = itertools.count()

    def set(self, call: CallId, name: str, when: float) -> None:
        due, mark = Due(call, name), next(self._count)
        self._live[due] = mark
        heapq.heappush(self._heap, (when, mark, due))

    def cancel(self, call: CallId, name: str) -> None:
        self._live.pop(Due(call, name), None)

    def cancel_all(self, call: CallId) -> None:
        for due in [due for due in self._live if due.call == call]:
            del self._live[due]

    def next_deadline(self) -> float | None:
        while self._heap and self._live.get(self._heap[0][2]) != self._heap[0][1]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Due | None:
        when = self.next_deadline()
        if when is None or when > now:
            return None
        due = heapq.heappop(self._heap)[2]
        del self._live[due]
        return due
