"""Agents of one queue who are idle, by what they can do."""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.acd.agent import Agent
    from appliance.acd.line import Bucket

Seat = tuple[float, int, "Agent"]
"""(key of the strategy, token, agent): smaller is rung first; stale unless agent.tok == token."""


class Group:
    """The members of a queue with equal skills; the idle ones in the order of its strategy.

    A heap with lazy deletion, as in `line.Bucket`: taking an agent out of the lists of all his
    other queues costs nothing. `buckets` are the callers whom this group may serve; `clock` is
    the time of its race in weighted random (see `strategies`).
    """

    __slots__ = ("buckets", "clock", "heap", "members", "skills")

    def __init__(self, skills: Mapping[str, int]) -> None:
        self.skills = skills
        self.members = 0
        self.heap: list[Seat] = []
        self.buckets: list[Bucket] = []
        self.clock = 0.0

    def push(self, key: float, tok: int, agent: "Agent") -> None:
        heap = self.heap
        # Each member has at most one seat that is not stale.
        if len(heap) > 2 * self.members + 16:
            heap[:] = [seat for seat in heap if seat[2].tok == seat[1]]
            heapify(heap)
        heappush(heap, (key, tok, agent))

    def head(self) -> Seat | None:
        """The idle agent to ring first; he stays in the list."""
        heap = self.heap
        while heap:
            seat = heap[0]
            if seat[2].tok == seat[1]:
                return seat
            heappop(heap)
        return None

    def idle(self) -> "list[Agent]":
        """All idle agents in ringing order; O(n log n)."""
        return [seat[2] for seat in sorted(self.heap, key=_order) if seat[2].tok == seat[1]]


def _order(seat: Seat) -> tuple[float, int]:
    return seat[:2]
