"""Which idle agent gets the caller: each strategy is a key that stands still while he is idle.

Because the key does not change, a heap finds the agent in O(log n). The smallest is rung first;
equal keys in the order of becoming idle.

Weighted random uses exponential clocks: every idle agent draws an alarm from the exponential
distribution with his weight as rate, and the first alarm wins, which happens with probability
weight / sum of weights. The distribution has no memory, so the alarms of those who were not
picked stay fair draws as long as time stands still for an agent who is not in the race. Hence
each group has a clock of its own that only runs while the group takes part. (Efraimidis and
Spirakis 2006 use the same keys for sampling without replacement.)
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING

from appliance.acd.idle import Group, Seat

if TYPE_CHECKING:
    from appliance.acd.agent import Agent, Membership

KeyOf = Callable[["Membership", Random], float]


def _longest_idle(member: "Membership", rng: Random) -> float:
    return member.agent.idle_since


def _round_robin(member: "Membership", rng: Random) -> float:
    return member.turn


def _fewest_calls(member: "Membership", rng: Random) -> float:
    return member.agent.calls


def _least_talk(member: "Membership", rng: Random) -> float:
    return member.agent.talked_s


def _ordered(member: "Membership", rng: Random) -> float:
    return member.order


def _weighted_random(member: "Membership", rng: Random) -> float:
    return member.group.clock + rng.expovariate(member.weight)


KEYS: dict[str, KeyOf] = {
    "longest_idle": _longest_idle,
    "round_robin": _round_robin,
    "fewest_calls": _fewest_calls,
    "least_talk": _least_talk,
    "ring_all": _longest_idle,
    "ordered": _ordered,
    "weighted_random": _weighted_random,
}


def first(groups: Sequence[Group]) -> "Agent | None":
    """The idle agent with the smallest key over all groups; O(log n) in agents."""
    best: Seat | None = None
    for group in groups:
        seat = group.head()
        if seat is not None and (best is None or seat < best):
            best = seat
    return None if best is None else best[2]


def race(groups: Sequence[Group]) -> "Agent | None":
    """As `first`, for weighted random: the least time left on a group's own clock wins."""
    best: Seat | None = None
    least = 0.0
    for group in groups:
        seat = group.head()
        if seat is not None and (best is None or seat[0] - group.clock < least):
            best, least = seat, seat[0] - group.clock
    if best is None:
        return None
    for group in groups:
        group.clock += least
    return best[2]
