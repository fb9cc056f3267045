"""An observer that sees only what the floor reports and keeps its own books.

It shares no code with routing, so that a mistake there is not repeated here. Each event costs
O(log n); a broken rule becomes a sentence in `violations`.
"""

from heapq import heappop, heappush

from appliance.acd.effects import Announce, CancelRing, Connect, Divert, Effect, Ring
from appliance.model.events import (
    AgentChanged,
    AgentState,
    Event,
    OfferEnded,
    OfferMade,
    QueueAnnounced,
    QueueEntered,
    QueueLeft,
)
from appliance.model.ids import AgentId, CallId, OfferId, QueueId

_MOST_KEPT = 100
Kind = tuple[QueueId, int, tuple[tuple[str, int], ...]]


class Guest:
    """A caller in a queue. `fresh`: no agent was rung for him yet."""

    __slots__ = ("connected", "fresh", "joined", "kind", "offers", "queue", "told")

    def __init__(self, queue: QueueId, kind: Kind | None, joined: float) -> None:
        self.queue = queue
        self.kind = kind
        self.joined = joined
        self.fresh = True
        self.offers = 0
        self.connected = 0
        self.told: tuple[float, ...] = ()


class Watch:
    """Feed it every result of the floor, in order.

    `order_inversions` counts offers to a caller while an equal (same queue, priority and
    requirements, nobody preferred) had joined earlier and no agent was ever rung for him.
    """

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.broken = 0
        self.order_inversions = 0
        self.entered = 0
        self.left = 0
        self.announced = 0
        self.connected = 0
        self.states: dict[AgentId, AgentState] = {}
        self.guests: dict[CallId, Guest] = {}
        self.offers: dict[OfferId, tuple[CallId, AgentId]] = {}
        self.ringing: dict[AgentId, OfferId] = {}
        self._rung: set[OfferId] = set()
        self._lines: dict[Kind, list[tuple[float, int, Guest]]] = {}

    def saw(self, out: list[Effect | Event], now: float) -> None:
        for what in out:
            match what:  # the frequent ones first
                case AgentChanged():
                    self._agent(what)
                case QueueEntered():
                    self._enter(what, now)
                case QueueLeft():
                    self._leave(what)
                case OfferMade():
                    self._offer(what)
                case OfferEnded():
                    self._offer_ended(what)
                case Ring():
                    self._ring(what)
                case CancelRing():
                    self._rung.discard(what.offer)
                case Connect():
                    self._connect(what)
                case QueueAnnounced():
                    self._announce(what)
                case Divert():
                    self._check(what.call not in self.guests, "diverted while in the queue", what)
                case Announce():
                    self._check(what.call in self.guests, "told outside a queue", what)

    def _check(self, fine: bool, rule: str, what: object) -> None:
        if not fine:
            self.broken += 1
            if len(self.violations) < _MOST_KEPT:
                self.violations.append(f"{rule}: {what}")

    def _agent(self, e: AgentChanged) -> None:
        known = self.states.get(e.agent)
        self._check(known is None or known == e.was, f"agent was {known}", e)
        self._check(e.state != e.was or e.state in ("paused", "not_ready"), "no change", e)
        if e.state == "talking":
            self._check(e.agent not in self.ringing, "talks while an offer rings", e)
            self._check(e.was != "talking", "talks with two", e)
        self.states[e.agent] = e.state

    def _enter(self, e: QueueEntered, now: float) -> None:
        self._check(e.call not in self.guests, "entered twice", e)
        self.entered += 1
        kind = None
        if e.preferred_agent is None:
            kind = (e.queue, e.priority, tuple(sorted(e.skills.items())))
        guest = self.guests[e.call] = Guest(e.queue, kind, now - e.kept_s)
        if kind is not None:
            heappush(self._lines.setdefault(kind, []), (guest.joined, self.entered, guest))

    def _leave(self, e: QueueLeft) -> None:
        guest = self.guests.pop(e.call, None)
        if guest is None or guest.queue != e.queue:
            self._check(False, "left without being in the queue", e)
            return
        self.left += 1
        self._check(guest.offers == 0, "left with an offer ringing", e)
        self._check(e.waited_s >= 0, "negative wait", e)
        if e.reason == "answered":
            self._check(guest.connected == 1, "answered by nobody or by two", e)
        guest.fresh = False

    def _offer(self, e: OfferMade) -> None:
        self._check(e.offer not in self.offers, "offer made twice", e)
        self.offers[e.offer] = (e.call, e.agent)
        if e.ring_s == 0 and e.queue is None:
            return  # ended at once, never rung
        self._check(e.agent not in self.ringing, "agent has an offer already", e)
        self.ringing[e.agent] = e.offer
        if e.queue is None:
            return
        guest = self.guests.get(e.call)
        if guest is None:
            self._check(False, "offered without being in a queue", e)
            return
        guest.offers += 1
        guest.fresh = False
        self._overtaken(guest)

    def _overtaken(self, guest: Guest) -> None:
        line = self._lines.get(guest.kind) if guest.kind is not None else None
        if line is None:
            return
        while line and not line[0][2].fresh:
            heappop(line)
        if line and line[0][0] < guest.joined:
            self.order_inversions += 1

    def _ring(self, e: Ring) -> None:
        self._check(self.offers.get(e.offer) == (e.call, e.agent), "rung without an offer", e)
        self._rung.add(e.offer)

    def _offer_ended(self, e: OfferEnded) -> None:
        self._check(self.offers.pop(e.offer, None) is not None, "offer ended twice", e)
        if self.ringing.get(e.agent) == e.offer:
            del self.ringing[e.agent]
        if e.result == "withdrawn":
            self._check(e.offer not in self._rung, "withdrawn and left ringing", e)
        if e.result != "accepted":
            self._rung.discard(e.offer)
        guest = self.guests.get(e.call)
        if guest is not None and e.queue is not None:
            guest.offers -= 1
            guest.connected += e.result == "accepted"

    def _connect(self, e: Connect) -> None:
        self.connected += 1
        self._check(e.offer in self._rung, "connected without ringing", e)
        self._rung.discard(e.offer)
        self._check(self.states.get(e.agent) == "talking", "connected, not talking", e)
        self._check(e.call not in self.guests, "connected while in the queue", e)

    def _announce(self, e: QueueAnnounced) -> None:
        self.announced += 1
        guest = self.guests.get(e.call)
        if guest is None:
            self._check(False, "announced outside a queue", e)
            return
        high = float("inf") if e.high_s is None else e.high_s
        low = high if e.low_s is None else e.low_s
        self._check(low <= high, "low above high", e)
        told = (float(e.position), low, high)
        if guest.told:
            risen = any(new > old for new, old in zip(told, guest.told, strict=True))
            self._check(not risen, f"told more than before {guest.told}", e)
        guest.told = told
