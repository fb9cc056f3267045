"""States that outlived their cause are put right, and each repair is an event."""

from collections.abc import Container

from appliance.acd.agent import Agent
from appliance.acd.caller import Entry
from appliance.acd.desk import Desk
from appliance.acd.offer import Offer
from appliance.acd.state import Out, State
from appliance.acd.waiting import Waiting
from appliance.model.events import StateRepaired
from appliance.model.ids import CallId

_GONE = "the call is over"


def audit(
    state: State, desk: Desk, waiting: Waiting, live: Container[CallId], now: float, out: Out
) -> None:
    """Compares with the calls that exist: nobody talks, rings or waits for one that does not."""
    gone = [entry for entry in state.entries.values() if entry.call not in live]
    # Those whom nobody is rung for go first, lest an agent freed here is rung for one of them.
    for entry in sorted(gone, key=lambda entry: bool(entry.offers)):
        _repair_entry(entry, waiting, now, out)
    for offer in list(state.direct.values()):
        if offer.call not in live:
            _repair_offer(offer, waiting, now, out)
    for agent in list(state.agents.values()):
        if agent.state == "talking" and agent.call not in live:
            _repair_agent(agent, desk, now, out)


def _repair_entry(entry: Entry, waiting: Waiting, now: float, out: Out) -> None:
    was = "ringing" if entry.offers else "waiting"
    out.append(StateRepaired(what="queue_entry", id=entry.call, was=was, now="failed", cause=_GONE))
    waiting.leave(entry.call, "failed", now, out, _GONE)


def _repair_offer(offer: Offer, waiting: Waiting, now: float, out: Out) -> None:
    out.append(
        StateRepaired(what="offer", id=offer.id, was="ringing", now="withdrawn", cause=_GONE)
    )
    waiting.leave(offer.call, "failed", now, out, _GONE)


def _repair_agent(agent: Agent, desk: Desk, now: float, out: Out) -> None:
    assert agent.call is not None
    after = "wrap_up" if agent.wrap_up_s() > 0 and not agent.pending else "ready"
    out.append(StateRepaired(what="agent", id=agent.id, was="talking", now=after, cause=_GONE))
    desk.talk_ended(agent.call, agent.id, 0.0, now, out)
