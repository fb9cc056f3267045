"""What a crash or power cut left open, found by folding the log, and the events that close it.

Times of people who were talking end at the last event that the log has: later is unknown.
"""

from typing import Literal

import msgspec

from appliance.acd.floor import AgentMemory
from appliance.model import events as ev
from appliance.model.ids import AgentId, CallId, OfferId, QueueId, TrunkId

LAST_AGENTS = 5000


class Talk(msgspec.Struct):
    """An open talk. `held_us`: finished holds; `hold_since_us`: the running one."""

    since_us: int
    queue: QueueId | None
    role: str
    held_us: int = 0
    hold_since_us: int | None = None

    def seconds(self, until_us: int) -> tuple[float, float]:
        """Talk and hold, seconds."""
        held = self.held_us
        if self.hold_since_us is not None:
            held += max(0, until_us - self.hold_since_us)
        whole = max(0, until_us - self.since_us)
        return round((whole - held) / 1e6, 3), round(held / 1e6, 3)


class Number(msgspec.Struct):
    since_us: int
    number: str


class OpenCall(msgspec.Struct):
    caller: str = ""
    queue: QueueId | None = None
    queue_since_us: int = 0
    offers: dict[str, tuple[AgentId, QueueId | None]] = {}
    talks: dict[str, Talk] = {}
    numbers: dict[str, Number] = {}
    transfers: list[str] = []
    conference: bool = False


class Leftovers(msgspec.Struct):
    """Foldable state of everything that can outlive the process; also a checkpoint."""

    calls: dict[str, OpenCall] = {}
    agents: dict[str, ev.Record] = {}
    lines: dict[str, str] = {}
    last_agents: dict[str, AgentId] = {}
    troubles: dict[str, ev.Trouble] = {}
    running: bool = False
    last_us: int = 0
    seen: bool = False

    def fold(self, record: ev.Record) -> None:
        event = record.event
        self.last_us, self.seen = record.at_us, True
        if isinstance(event, ev.AgentChanged):
            self.agents[event.agent] = record
        elif isinstance(event, ev.CallEnded):
            self.calls.pop(event.call, None)
        elif isinstance(event, ev.CallArrived):
            self.calls[event.call] = OpenCall(caller=event.caller)
        elif isinstance(event, ev.CallEvent):
            call = self.calls.get(event.call)
            if call is not None:
                _fold_call(call, event, record.at_us)
                if isinstance(event, ev.TalkStarted) and call.caller:
                    self._talked(call.caller, event.agent)
        elif isinstance(event, ev.LineChanged):
            self.lines[event.trunk] = event.state
        elif isinstance(event, ev.Trouble):
            self._trouble(event)
        elif isinstance(event, ev.CoreStarted):
            self.running = True
        elif isinstance(event, ev.CoreStopped):
            self.running = False

    def _talked(self, caller: str, agent: AgentId) -> None:
        """Who talked with a number last; the newest few thousand are kept."""
        self.last_agents.pop(caller, None)
        self.last_agents[caller] = agent
        if len(self.last_agents) > LAST_AGENTS:
            del self.last_agents[next(iter(self.last_agents))]

    def memories(self, now: float) -> dict[AgentId, AgentMemory]:
        """Each agent's last state for `Floor.restore`; time while the box was off counts."""
        found: dict[AgentId, AgentMemory] = {}
        for agent, record in self.agents.items():
            event = record.event
            assert isinstance(event, ev.AgentChanged)
            left = (event.limit_s or 0.0) - max(0.0, now - record.at_us / 1e6)
            found[AgentId(agent)] = AgentMemory(
                state=event.state,
                reason=event.reason,
                left_s=max(0.0, left),
                queue=event.queue,
            )
        return found

    def _trouble(self, event: ev.Trouble) -> None:
        """As on the board: the end names its trouble, or, reworded, all of that place."""
        key = f"{event.where}: {event.what}"
        if not event.over:
            self.troubles[key] = event
        elif self.troubles.pop(key, None) is None:
            kept = {k: t for k, t in self.troubles.items() if t.where != event.where}
            self.troubles = kept

    @property
    def after(self) -> Literal["clean stop", "crash", "first start"]:
        """How the last run ended, as `CoreStarted.after` names it."""
        if not self.seen:
            return "first start"
        return "crash" if self.running else "clean stop"

    def closing(self) -> list[ev.AnyEvent]:
        """Ends of everything that was open, in an order that the projections can follow."""
        found: list[ev.AnyEvent] = []
        for call_id, call in self.calls.items():
            found += _close(CallId(call_id), call, self.last_us)
        for trunk, state in self.lines.items():
            if state != "disabled":
                found.append(
                    ev.LineChanged(trunk=TrunkId(trunk), state="down", cause="core restarted")
                )
        return found


def _fold_call(call: OpenCall, event: ev.CallEvent, at_us: int) -> None:
    if isinstance(event, ev.QueueEntered):
        call.queue, call.queue_since_us = event.queue, at_us
    elif isinstance(event, ev.QueueLeft):
        call.queue = None
    elif isinstance(event, ev.OfferMade):
        call.offers[event.offer] = (event.agent, event.queue)
    elif isinstance(event, ev.OfferEnded):
        call.offers.pop(event.offer, None)
    elif isinstance(event, ev.TalkStarted):
        call.talks[event.agent] = Talk(at_us, event.queue, event.role)
    elif isinstance(event, ev.TalkEnded):
        call.talks.pop(event.agent, None)
    elif isinstance(event, ev.HoldStarted | ev.HoldEnded):
        _fold_hold(call, event, at_us)
    elif isinstance(event, ev.PartyJoined):
        call.numbers[event.party] = Number(at_us, event.number)
    elif isinstance(event, ev.PartyLeft):
        call.numbers.pop(event.party, None)
    elif isinstance(event, ev.TransferStarted):
        call.transfers.append(event.transfer)
    elif isinstance(event, ev.TransferEnded) and event.transfer in call.transfers:
        call.transfers.remove(event.transfer)
    elif isinstance(event, ev.ConferenceStarted | ev.ConferenceEnded):
        call.conference = isinstance(event, ev.ConferenceStarted)


def _fold_hold(call: OpenCall, event: ev.HoldStarted | ev.HoldEnded, at_us: int) -> None:
    talk = call.talks.get(event.agent)
    if talk is None:
        return
    if isinstance(event, ev.HoldStarted):
        talk.hold_since_us = at_us
    else:
        talk.held_us += round(event.hold_s * 1e6)
        talk.hold_since_us = None


def _close(call_id: CallId, call: OpenCall, until_us: int) -> list[ev.AnyEvent]:
    cause = "the box stopped unexpectedly"
    found: list[ev.AnyEvent] = []
    for agent, talk in call.talks.items():
        talk_s, hold_s = talk.seconds(until_us)
        if talk.hold_since_us is not None:
            left = round(max(0, until_us - talk.hold_since_us) / 1e6, 3)
            found.append(ev.HoldEnded(call=call_id, agent=AgentId(agent), hold_s=left))
        found.append(
            ev.TalkEnded(
                call=call_id,
                agent=AgentId(agent),
                talk_s=talk_s,
                hold_s=hold_s,
                queue=talk.queue,
                role=talk.role,  # type: ignore[arg-type] # came from such an event
                cause=cause,
            )
        )
    for party, number in call.numbers.items():
        seconds = round(max(0, until_us - number.since_us) / 1e6, 3)
        found.append(
            ev.PartyLeft(
                call=call_id,
                party=party,  # type: ignore[arg-type] # a PartyId by its event
                number=number.number,
                talk_s=seconds,
                cause=cause,
            )
        )
    for offer, (agent_id, queue) in call.offers.items():
        found.append(
            ev.OfferEnded(
                call=call_id,
                offer=OfferId(offer),
                agent=agent_id,
                result="withdrawn",
                queue=queue,
                cause=cause,
            )
        )
    if call.queue is not None:
        waited = round(max(0, until_us - call.queue_since_us) / 1e6, 3)
        found.append(
            ev.QueueLeft(call=call_id, queue=call.queue, reason="interrupted", waited_s=waited)
        )
    for transfer in call.transfers:
        found.append(
            ev.TransferEnded(
                call=call_id,
                transfer=transfer,  # type: ignore[arg-type] # a TransferId by its event
                result="cancelled",
                cause=cause,
            )
        )
    if call.conference:
        found.append(ev.ConferenceEnded(call=call_id, cause=cause))
    found.append(ev.CallEnded(call=call_id, outcome="interrupted", cause=cause, hung_up_by="box"))
    return found
