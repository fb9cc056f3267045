"""How an offer ends: accepted, failed, or withdrawn. Exactly one agent gets the caller."""

from typing import Literal

from appliance.acd.agent import Agent
from appliance.acd.caller import NEVER, NO_OFFERS, Entry
from appliance.acd.effects import CancelRing, Connect
from appliance.acd.leaving import Leaving
from appliance.acd.offer import Offer
from appliance.acd.queue import QueueState
from appliance.acd.staff import SEAT_GONE, Staff
from appliance.acd.state import Out, State
from appliance.model.events import OfferEnded, OfferResult, OfferRinging
from appliance.model.ids import OfferId

Failure = Literal["no_answer", "busy", "refused", "unreachable"]

MISSED_BY_NAME = 3
"""Failed offers in a row that take an agent out when he was offered a call by name."""

_WORDS: dict[str, str] = {
    "no_answer": "{n} offers in a row not answered",
    "refused": "{n} offers in a row refused",
    "busy": "seat busy at {n} offers in a row",
    "unreachable": "seat not reached at {n} offers in a row",
}


class Offers:
    __slots__ = ("leaving", "staff", "state")

    def __init__(self, state: State, staff: Staff, leaving: Leaving) -> None:
        self.state = state
        self.staff = staff
        self.leaving = leaving

    def ringing(self, offer_id: OfferId, out: Out) -> None:
        offer = self.state.offers.get(offer_id)
        if offer is not None:
            out.append(OfferRinging(call=offer.call, offer=offer.id, agent=offer.agent.id))

    def accepted(self, offer_id: OfferId, now: float, out: Out) -> None:
        """The first to accept gets the caller; the others stop ringing. An answer that comes
        after the offer's end is hung up and touches nobody: its agent has moved on already."""
        offer = self.state.offers.get(offer_id)
        if offer is None:
            self._too_late(offer_id, out)
            return
        entry = offer.entry
        self._close(offer, "accepted", "", out)
        losers: list[Agent] = []
        if entry is not None:
            entry.queue.pace.rang(now - entry.offered_at)
            losers = self.drop_all(entry, "answered by another agent", out)
            self.leaving.leave(entry, "answered", now, out)
            if entry.caller:
                self.state.last_agents.talked(entry.caller, offer.agent.id)
        self._connect(offer, now, out)
        for loser in losers:
            self.staff.available(loser, "offer withdrawn", now, out)

    def failed(self, offer: Offer, result: Failure, cause: str, now: float, out: Out) -> None:
        """The caller is open again at his old place, first for others; the agent rests and goes
        on, or is taken out after too many in a row."""
        agent, entry = offer.agent, offer.entry
        self._close(offer, result, cause, out)
        if entry is not None:
            self._reopen(entry, now, out)
        self.blame(agent, offer.queue, result, _cause(result), now, out)

    def blame(
        self,
        agent: Agent,
        queue: QueueState | None,
        result: Failure,
        cause: str,
        now: float,
        out: Out,
    ) -> None:
        """One more offer in a row that this agent did not take; nothing is in his hands."""
        agent.missed += 1
        if queue is not None:
            self.staff.rest(agent, queue.cfg.retry_s, now)
        limit = MISSED_BY_NAME if queue is None else queue.cfg.max_no_answer
        if agent.missed >= limit and not (agent.removed or agent.pending):
            self._take_out(agent, result, cause, now, out)
        else:
            self.staff.rested(agent, cause, now, out)

    def ring_over(self, offer: Offer, now: float, out: Out) -> None:
        self.stop(offer, "no_answer", f"not answered in {offer.ring_s:g} s", now, out)

    def stop(self, offer: Offer, result: Failure, cause: str, now: float, out: Out) -> None:
        """The box ends the ringing itself, and it counts as this failure."""
        out.append(CancelRing(offer=offer.id, call=offer.call, agent=offer.agent.id, cause=cause))
        self.failed(offer, result, cause, now, out)

    def withdraw(self, offer: Offer, cause: str, now: float, out: Out) -> None:
        """An offer is taken back and its agent goes on; nothing is counted. The caller is gone, or
        rings elsewhere."""
        self.drop(offer, cause, out)
        self.staff.available(offer.agent, "offer withdrawn", now, out)

    def take_back(self, offer: Offer, cause: str, now: float, out: Out) -> None:
        """An offer is taken back because its agent is; the caller is open again. The agent is
        still in state ringing: what he does instead follows."""
        self.drop(offer, cause, out)
        if offer.entry is not None:
            self._reopen(offer.entry, now, out)

    def drop_all(self, entry: Entry, cause: str, out: Out) -> list[Agent]:
        """Takes back every offer of a caller. The agents are still to be made available."""
        offers = list(entry.offers.values())
        for offer in offers:
            self.drop(offer, cause, out)
        return [offer.agent for offer in offers]

    def drop(self, offer: Offer, cause: str, out: Out) -> None:
        """Takes back one offer; its agent is still to be made available."""
        out.append(CancelRing(offer=offer.id, call=offer.call, agent=offer.agent.id, cause=cause))
        self._close(offer, "withdrawn", cause, out)

    def _close(self, offer: Offer, result: OfferResult, cause: str, out: Out) -> None:
        self.state.close_offer(offer, result == "accepted")
        entry = offer.entry
        if entry is None:
            self.state.direct.pop(offer.call, None)
        elif len(entry.offers) == 1:
            entry.offers = NO_OFFERS
            entry.queue.offered -= 1
        else:
            del entry.offers[offer.id]
        out.append(
            OfferEnded(
                call=offer.call,
                offer=offer.id,
                agent=offer.agent.id,
                result=result,
                queue=None if offer.queue is None else offer.queue.id,
                cause=cause,
            )
        )

    def _connect(self, offer: Offer, now: float, out: Out) -> None:
        agent = offer.agent
        queue_id = None if offer.work_of is None else offer.work_of.id
        agent.call = offer.call
        agent.entry = offer.entry
        agent.queue = offer.work_of
        agent.offered_at = offer.made
        agent.missed_before, agent.missed = agent.missed, 0
        agent.calls += 1
        agent.become("talking", "answered", now, out, call=offer.call, queue=queue_id)
        out.append(Connect(offer=offer.id, call=offer.call, agent=agent.id, queue=queue_id))

    def _reopen(self, entry: Entry, now: float, out: Out) -> None:
        entry.preferred = None
        entry.hold_until = NEVER
        if entry.offers:
            return
        if entry.overdue:
            self.leaving.divert(entry, "overflow_wait", now, out)
        elif not entry.tok:
            self.staff.routing.caller_open(entry, now, out)

    def _take_out(self, agent: Agent, result: Failure, cause: str, now: float, out: Out) -> None:
        reason = _WORDS[result].format(n=agent.missed)
        if not agent.seat_ok:
            self.staff.block(agent, "seat", SEAT_GONE, cause, now, out)
        elif result in ("busy", "unreachable"):
            # One more failure after the pause is enough to take him out again.
            agent.missed -= 1
            self.staff.block(agent, "failing", reason, cause, now, out)
        else:
            self.staff.block(agent, "missed", reason, cause, now, out)

    def _too_late(self, offer_id: OfferId, out: Out) -> None:
        ended = self.state.ended_offer(offer_id)
        if ended is not None:
            call, agent = ended
            out.append(CancelRing(offer=offer_id, call=call, agent=agent, cause="offer was over"))


def _cause(result: Failure) -> str:
    return f"offer {result.replace('_', ' ')}"
