"""Waiting callers who still need an agent, by what they require."""

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from appliance.acd.skills import Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.acd.caller import Entry
    from appliance.acd.estimate import Outlook
    from appliance.acd.idle import Group

Place = tuple[float, int, int, "Entry"]
"""(virtual entry time, sequence of entering, token, caller); stale unless caller.tok == token."""


class Bucket:
    """Open callers of one queue with equal requirements, or those who wait for one agent.

    A heap with lazy deletion: opening costs O(log n), closing O(1) (its place just goes stale),
    the head is amortised O(log n). `groups` are the agents who may serve this bucket.
    """

    __slots__ = ("groups", "heap", "need", "open", "outlook", "outlook_at")

    def __init__(self, need: Profile, groups: "Sequence[Group]") -> None:
        self.need = need
        self.groups = groups
        self.heap: list[Place] = []
        self.open = 0
        self.outlook: Outlook | None = None
        self.outlook_at = 0.0

    def push(self, entry: "Entry", tok: int) -> None:
        """Opens `entry` here; `tok` is fresh and not 0."""
        entry.tok = tok
        entry.bucket = self
        self.open += 1
        heap = self.heap
        if len(heap) > 2 * self.open + 64:
            heap[:] = [place for place in heap if place[3].tok == place[2]]
            heapify(heap)
        heappush(heap, (entry.key[0], entry.key[1], tok, entry))

    def close(self, entry: "Entry") -> None:
        """`entry` needs no agent any more, or has an offer."""
        entry.tok = 0
        self.open -= 1

    def clear(self) -> None:
        """Forgets everybody; their tokens are not touched."""
        self.heap = []
        self.open = 0

    def first(self) -> Place | None:
        """The first open caller; he stays in the line."""
        heap = self.heap
        while heap:
            place = heap[0]
            if place[3].tok == place[2]:
                return place
            heappop(heap)
        return None

    def entries(self) -> "list[Entry]":
        """All open callers in order; O(n log n), for reload and checks."""
        return [place[3] for place in sorted(self.heap, key=_order) if place[3].tok == place[2]]


def _order(place: Place) -> tuple[float, int]:
    return place[:2]
