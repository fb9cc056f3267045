"""The expected wait of a caller as a range, from the place, live staffing and shared agents.

A caller with k - 1 others ahead is served at the k-th time an agent gets free for this queue.
`Staffing` counts how often that happens: N(t), piecewise linear, one piece per working agent:
until the end of what he has in hand, and from then on one call per handling time, each times the
share of his work that this queue really gets. The mean wait is where N(t) = k. Agents get free
much like a Poisson process (exactly so for exponential handling), so the wait is gamma
distributed with shape k; the range is its 10 % to 90 %, by Wilson and Hilferty's (1931) cube,
widened by how little is known of the pace. Callers ahead who give up shorten it: with leaving
rate r, a wait of t without them becomes ln(1 + r t) / r, the fluid limit of Erlang A.
"""

from bisect import bisect_left
from collections.abc import Iterable
from math import log1p, sqrt
from typing import TYPE_CHECKING

from appliance.acd.agent import WORKING, Agent
from appliance.acd.line import Bucket
from appliance.acd.pace import Pace

if TYPE_CHECKING:
    from appliance.acd.caller import Entry
    from appliance.acd.queue import QueueState

_EIGHTY_PERCENT = 1.2816
"""Standard normal quantile of 90 %: the range leaves 10 % on either side."""
_FRESH_S = 1.0
"""Staffing is counted at most this often per queue and requirement, so that an announcement
costs O(log n) while counting costs O(agents)."""
_SHARE_PRIOR_S = 600.0
"""Work after which an agent's real share in his queues counts as much as an equal share."""
_RING_S = 5.0
"""Time in which a rung agent is taken to answer, or not."""

Range = tuple[float, float]
"""low and high, seconds"""


class Staffing:
    """N(t) from (share, seconds until free, seconds per call) of each working agent."""

    __slots__ = ("_counts", "_slopes", "_times", "rate")

    def __init__(self, work: Iterable[tuple[float, float, float]]) -> None:
        pieces = sorted((first, share, cycle) for share, first, cycle in work)
        self.rate = sum(share / cycle for _, share, cycle in pieces)
        slope = sum(share / first for first, share, _ in pieces if first > 0)
        self._times, self._counts, self._slopes = [0.0], [0.0], [slope]
        for first, share, cycle in pieces:
            count = self._counts[-1] + (first - self._times[-1]) * slope
            if first > 0:
                slope += share / cycle - share / first
            else:
                count, slope = count + share, slope + share / cycle
            self._times.append(first)
            self._counts.append(count)
            self._slopes.append(slope)

    def time_for(self, count: float) -> float | None:
        """Seconds until an agent got free `count` times; None where that never happens."""
        i = bisect_left(self._counts, count) - 1
        if i < 0:
            return 0.0
        if self._slopes[i] <= 1e-12:
            return None
        return self._times[i] + (count - self._counts[i]) / self._slopes[i]


class Outlook:
    """Staffing of a queue (`all`) and of those of its agents whom one kind of caller can have
    (`own`, None where that is everybody), with the queue's pace."""

    __slots__ = ("all", "leave_rate", "own", "unsure")

    def __init__(self, everybody: Staffing, own: Staffing | None, pace: Pace) -> None:
        self.all = everybody
        self.own = own
        self.leave_rate = pace.leave_rate()
        self.unsure = pace.unsure()

    def wait(self, ahead: int) -> Range | None:
        """Range for a caller with `ahead` others before; None while nobody works here."""
        mean = self._mean(ahead)
        if mean is None:
            return None
        shape = 1.0 / (1.0 / (ahead + 1) + self.unsure)
        low, high = mean * _gamma(shape, -_EIGHTY_PERCENT), mean * _gamma(shape, _EIGHTY_PERCENT)
        if self.leave_rate > 0:
            low, high = (log1p(self.leave_rate * t) / self.leave_rate for t in (low, high))
        return low, high

    def _mean(self, ahead: int) -> float | None:
        if self.own is None:
            return self.all.time_for(ahead + 1)
        # The others ahead go to anybody, the caller himself only to his own kind of agent.
        before, last = self.all.time_for(ahead), self.own.time_for(1)
        if before is None or last is None or self.own.rate <= 0:
            return None
        return max(last, before + 1.0 / self.own.rate) if ahead else last


def _gamma(shape: float, z: float) -> float:
    """Quantile of a gamma variable of mean 1, `z` as of a standard normal one."""
    root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * sqrt(shape))
    return float(max(0.0, root) ** 3)


def share(agent: Agent, queue: "QueueState") -> float:
    """The part of his work that this queue gets: as it was this shift, at first 1/n."""
    if len(agent.memberships) <= 1:
        return 1.0
    total = sum(agent.handled_s.get(q, 0.0) for q in agent.memberships)
    equal = _SHARE_PRIOR_S / len(agent.memberships)
    return (agent.handled_s.get(queue.id, 0.0) + equal) / (total + _SHARE_PRIOR_S)


def until_free(agent: Agent, now: float) -> float:
    """Expected seconds until the agent is done with what he has in hand.

    Wrap-up ends at its limit at the latest. Of a call the mean is left if times vary like
    exponential ones, and the mean less what has passed if they are all alike; between the two by
    their spread.
    """
    if agent.state == "ready":
        return 0.0
    if agent.state == "ringing":
        return _RING_S
    if agent.state == "wrap_up" and agent.limit_at is not None:
        return max(0.0, agent.limit_at - now)
    if agent.queue is None:
        return 180.0
    pace = agent.queue.pace
    mean, spread = pace.mean_s(), min(1.0, pace.spread())
    return spread * mean + (1.0 - spread) * max(0.1 * mean, mean - (now - agent.offered_at))


def outlook(queue: "QueueState", bucket: Bucket, now: float) -> Outlook:
    """The outlook for callers of this kind, at most a second old."""
    if bucket.outlook is not None and 0.0 <= now - bucket.outlook_at < _FRESH_S:
        return bucket.outlook
    groups = {id(group) for group in bucket.groups}
    cycle = queue.pace.mean_s()
    work, own = [], []
    for member in queue.members.values():
        agent = member.agent
        if agent.state not in WORKING or agent.pending:
            continue
        piece = (share(agent, queue), until_free(agent, now), cycle)
        work.append(piece)
        if id(member.group) in groups:
            own.append(piece)
    mine = None if len(own) == len(work) else Staffing(own)
    bucket.outlook = Outlook(Staffing(work), mine, queue.pace)
    bucket.outlook_at = now
    return bucket.outlook


def estimate(entry: "Entry", now: float) -> Range | None:
    """What the caller can expect from now on, before anything already told is considered."""
    queue = entry.queue
    return outlook(queue, queue.bucket(entry.need), now).wait(queue.position(entry) - 1)
