"""The expected wait of a caller as a range, from the place, live staffing and shared agents.

A caller before whom k - 1 others want an agent gets one at the k-th time an agent comes free for
this queue, and is answered a ring later. `Staffing` counts how often that happens: N(t),
piecewise linear, made of one or two pieces per working agent: the chance that he is done with
what he has in hand, and from then on one call per handling time, each times the share of his
work that this queue really gets. The mean is where N(t) = k. Agents come free much like a
Poisson process (exactly so for exponential handling), so the time is gamma distributed with
shape k; the range is its 10 % to 90 %, by Wilson and Hilferty's (1931) cube, widened by the
ringing and by how little is known of the pace. Callers ahead who give up shorten it: with
leaving rate r, a wait of t without them becomes ln(1 + r t) / r, the fluid limit of Erlang A.
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
_FRESH_PER_AGENT_S = 0.004
"""Staffing is counted at most this often per queue and requirement (every 5 s with 1,000 agents,
of whom each then matters little), so that an announcement costs O(log n) while counting costs
O(agents)."""
_SHARE_PRIOR_S = 600.0
"""Work after which an agent's real share in his queues counts as much as an equal share."""

Range = tuple[float, float]
"""low and high, seconds"""
Piece = tuple[float, float, float, float]
"""share, earliest and latest end of what he has in hand (seconds from now), seconds per call"""


class Staffing:
    """N(t) of some agents. `rate` is how often they come free in the long run, 1/s."""

    __slots__ = ("_counts", "_slopes", "_times", "rate")

    def __init__(self, pieces: Iterable[Piece]) -> None:
        turns: list[tuple[float, float, float]] = []  # when, change of slope, of count
        self.rate = 0.0
        for share, first, last, cycle in pieces:
            rate = share / cycle
            self.rate += rate
            if last > first:
                turns.append((first, share / (last - first), 0.0))
                turns.append((last, rate - share / (last - first), 0.0))
            else:
                turns.append((last, rate, share))
        turns.sort()
        when, count, slope = 0.0, 0.0, 0.0
        self._times, self._counts, self._slopes = [when], [count], [slope]
        for turn, steeper, jump in turns:
            count += (turn - when) * slope + jump
            when, slope = turn, slope + steeper
            self._times.append(when)
            self._counts.append(count)
            self._slopes.append(slope)

    def time_for(self, count: float) -> float | None:
        """Seconds until an agent came free `count` times; None where that never happens."""
        i = bisect_left(self._counts, count) - 1
        if i < 0:
            return 0.0
        later = i + 1 < len(self._times)
        if self._slopes[i] <= 1e-12:
            return self._times[i + 1] if later else None
        when = self._times[i] + (count - self._counts[i]) / self._slopes[i]
        # The count may jump at the next turn, when an agent's end is known to the second.
        return min(when, self._times[i + 1]) if later else when


class Outlook:
    """Staffing of a queue (`everybody`) and of those of its agents whom one kind of caller can
    have (`own`, None where that is everybody), with the queue's pace."""

    __slots__ = ("everybody", "leave_rate", "own", "ring_s", "unsure")

    def __init__(self, everybody: Staffing, own: Staffing | None, pace: Pace) -> None:
        self.everybody = everybody
        self.own = own
        self.ring_s = pace.ring_s()
        self.leave_rate = pace.leave_rate()
        self.unsure = pace.unsure()

    def wait(self, ahead: int) -> Range | None:
        """Range for a caller with `ahead` others in want of an agent before; None while nobody
        works here."""
        free = self._agent_free(ahead)
        if free is None:
            return None
        mean = free + self.ring_s
        if mean <= 0:
            return 0.0, 0.0
        spread = free * free * (1.0 / (ahead + 1) + self.unsure) + self.ring_s * self.ring_s
        shape = mean * mean / spread
        low, high = mean * _gamma(shape, -_EIGHTY_PERCENT), mean * _gamma(shape, _EIGHTY_PERCENT)
        if self.leave_rate > 0:
            low, high = (log1p(self.leave_rate * t) / self.leave_rate for t in (low, high))
        return low, high

    def _agent_free(self, ahead: int) -> float | None:
        if self.own is None:
            return self.everybody.time_for(ahead + 1)
        # The others ahead go to anybody, the caller himself only to his own kind of agent.
        before, last = self.everybody.time_for(ahead), self.own.time_for(1)
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


def pieces(agent: Agent, queue: "QueueState", now: float) -> list[Piece]:
    """What this agent adds to N(t) of the queue.

    Talk that varies like the exponential distribution has no memory: one call per mean time,
    however long it has lasted. Talk that is always alike ends when the rest is over. Between
    the two by the spread seen.
    """
    part, cycle = share(agent, queue), queue.pace.mean_s()
    if agent.state == "ready":
        rest_s = max(0.0, agent.rest[0] - now) if agent.rest is not None else 0.0
        return [(part, rest_s, rest_s, cycle)]
    if agent.state == "wrap_up" and agent.limit_at is not None:
        return [(part, *_wrapping_up(agent, agent.limit_at - now), cycle)]
    if agent.state != "talking" or agent.queue is None:
        return [(part, 0.0, cycle, cycle)]
    pace = agent.queue.pace
    mean, squared = pace.mean_s(), pace.spread()
    if squared >= 1.0:
        return [(part, 0.0, mean, cycle)]
    about = mean * sqrt(squared)
    rest = max(mean - (now - agent.offered_at), about / 2)
    alike = (part * (1.0 - squared), max(0.0, rest - about), rest + about, cycle)
    return [(part * squared, 0.0, mean, cycle), alike]


def _wrapping_up(agent: Agent, left_s: float) -> Range:
    """The limit ends it at the latest; who uses to be ready earlier is expected earlier."""
    left_s = max(0.0, left_s)
    limit_s = agent.wrap_up_s()
    usual_s = agent.queue.pace.wrap_up_s() if agent.queue is not None else limit_s
    if usual_s >= 0.9 * limit_s:
        return 0.9 * left_s, left_s
    return 0.0, min(left_s, 2.0 * usual_s)


def outlook(queue: "QueueState", bucket: Bucket, now: float) -> Outlook:
    """The outlook for callers of this kind, fresh enough."""
    if bucket.outlook is not None:
        fresh_s = _FRESH_S + _FRESH_PER_AGENT_S * len(queue.members)
        if 0.0 <= now - bucket.outlook_at < fresh_s:
            return bucket.outlook
    groups = {id(group) for group in bucket.groups}
    work: list[Piece] = []
    own: list[Piece] = []
    for member in queue.members.values():
        agent = member.agent
        if agent.state not in WORKING or agent.pending:
            continue
        his = pieces(agent, queue, now)
        work += his
        if id(member.group) in groups:
            own += his
    mine = None if len(own) == len(work) else Staffing(own)
    bucket.outlook = Outlook(Staffing(work), mine, queue.pace)
    bucket.outlook_at = now
    return bucket.outlook


def newcomer(queue: "QueueState", now: float) -> Range | None:
    """What one without special wishes could expect who entered now; None while nobody works."""
    return outlook(queue, queue.plain, now).wait(max(0, len(queue.callers) - queue.offered))


def estimate(entry: "Entry", now: float) -> Range | None:
    """What the caller can expect from now on, before anything already told is considered.
    Those ahead for whom an agent is rung want none any more."""
    queue = entry.queue
    ahead = max(0, queue.position(entry) - 1 - queue.offered)
    return outlook(queue, queue.bucket(entry.need), now).wait(ahead)
