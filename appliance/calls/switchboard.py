"""All calls of the box as one pure machine: engine events and commands in, effects out.

`handle`, `command`, `tick` and `reconfigure` each return what is to be done and logged, in
order. `now` is UTC seconds that never go backwards.
"""

import logging
from functools import partial
from typing import Any

from appliance.acd import effects as acd
from appliance.acd.floor import Floor
from appliance.acd.refused import Refused
from appliance.calls import (
    commands,
    direct,
    ending,
    inflow,
    inqueue,
    intake,
    line,
    number,
    offers,
    recording,
    repair,
    rescue,
    seatcalls,
    talking,
    transfers,
    unheard,
    voicemail,
)
from appliance.calls.desk import CameBack, Desk, PlayFor, Turn
from appliance.calls.effects import HangUpLeg, ReferProgress
from appliance.calls.setup import Seams, Setup
from appliance.calls.state import Call, Party, Stage
from appliance.flow import effects as flow
from appliance.flow.language import FlowSet
from appliance.model import legs
from appliance.model.commands import AnyCommand, Reply
from appliance.model.events import CallSilent, Event, OfferEnded, Outcome
from appliance.model.ids import CallId, LegId, OfferId, TrunkId

log = logging.getLogger(__name__)


class Switchboard:
    """The one owner of all calls, offers and lines."""

    def __init__(self, setup: Setup, seams: Seams, floor: Floor, flows: FlowSet) -> None:
        self.desk = Desk(setup, seams, floor, flows)

    # -- in -----------------------------------------------------------------------------------

    def start(self, now: float) -> Turn:
        """Begin to watch the lines."""
        self.desk.now = now
        for trunk in self.desk.setup.site.trunk:
            line.set_up(self.desk, trunk)
        return self._finish()

    def handle(self, event: legs.EngineEvent, now: float) -> Turn:
        self.desk.now = now
        rescue.guarded(self.desk, self._call_id(event), lambda: _EVENTS[type(event)](self, event))
        return self._finish()

    def _call_id(self, event: Any) -> CallId | None:
        """The call that an engine event or an effect of the floor is about."""
        leg = getattr(event, "leg", None)
        return self.desk.legs.get(leg) if leg else getattr(event, "call", None)

    def command(self, command: AnyCommand, now: float) -> tuple[Reply, Turn]:
        """The reply and what follows from the command."""
        self.desk.now = now
        try:
            problem = commands.perform(self.desk, command)
        except Refused as refused:
            problem = str(refused)
        except Exception as error:
            log.exception("command %r failed", command)
            problem = f"the command failed inside the box ({error}); see the core's log"
        reply = Reply(ok=not problem, error=problem)
        return reply, self._finish()

    def floor_did(self, effects: list[Any], now: float) -> Turn:
        """Carry out what a method of the floor returned (start, restore)."""
        self.desk.now = now
        self.desk.floor_did(effects)
        return self._finish()

    def tick(self, now: float) -> Turn:
        """Everything that is due."""
        self.desk.now = now
        while due := self.desk.timers.pop_due(now):
            rescue.guarded(self.desk, due.call, partial(self._timer, due.call, due.name))
            self._drain()
        self.desk.floor_did(self.desk.floor.tick(now))
        return self._finish()

    def next_deadline(self) -> float | None:
        times = [self.desk.timers.next_deadline(), self.desk.floor.next_deadline()]
        return min((when for when in times if when is not None), default=None)

    def reconfigure(self, setup: Setup, flows: FlowSet, now: float) -> Turn:
        """A new version of the site; calls in a flow go on in the version they began."""
        desk = self.desk
        desk.now = now
        desk.setup, desk.flows = setup, flows
        desk.unplayed.reloaded()
        desk.floor_did(desk.floor.reconfigure(setup.site.queue, setup.site.agent, now))
        for gone in set(desk.lines) - set(setup.trunks):
            del desk.lines[gone]
            desk.timers.cancel_all(CallId(f"line:{gone}"))
        for trunk in setup.site.trunk:
            line.set_up(desk, trunk)
        return self._finish()

    def audit(self, legs_alive: set[LegId], now: float) -> Turn:
        """Put right what has outlived its cause; each repair is an event."""
        self.desk.now = now
        repair.audit(self.desk, legs_alive)
        return self._finish()

    def close(self, cause: str, now: float) -> Turn:
        """The box stops: every call ends."""
        self.desk.now = now
        for call in list(self.desk.calls.values()):
            ending.end(self.desk, call, "interrupted", cause=f"the box stops: {cause}", by="box")
        return self._finish()

    # -- turn ---------------------------------------------------------------------------------

    def _finish(self) -> Turn:
        self._drain()
        return self.desk.end_turn()

    def _drain(self) -> None:
        pending = self.desk.pending
        while pending:
            item = pending.popleft()
            act = (
                self._from_floor if isinstance(item, Event) else partial(_PENDING[type(item)], self)
            )
            rescue.guarded(self.desk, self._call_id(item), partial(act, item))

    def _from_floor(self, event: Event) -> None:
        if unheard.holds_back(self.desk, event):
            return
        self.desk.log(event)
        if isinstance(event, OfferEnded):
            self._offer_ended(event)

    def _offer_ended(self, event: OfferEnded) -> None:
        """A direct offer or a consulted agent failed."""
        call = self.desk.live(event.call)
        if call is None or event.queue is not None or event.result in ("accepted", "withdrawn"):
            return
        why = direct.ended(self.desk, call, event)
        if why is not None:
            self.desk.come_back(call, why)
        elif call.consult_by and call.consult is None:
            transfers.consult_over(self.desk, call, "failed", event.result.replace("_", " "))

    # -- from the queues ----------------------------------------------------------------------

    def _ring(self, effect: acd.Ring) -> None:
        offers.ring(self.desk, effect)

    def _cancel(self, effect: acd.CancelRing) -> None:
        offers.cancel(self.desk, effect)

    def _connect(self, effect: acd.Connect) -> None:
        offers.connect(self.desk, effect)
        call = self.desk.live(effect.call)
        if call is not None:
            transfers.reached(self.desk, call)
            seatcalls.consulted_answered(self.desk, call)

    def _announce(self, effect: acd.Announce) -> None:
        if call := self.desk.live(effect.call):
            inqueue.announce(self.desk, call, effect)

    def _comfort(self, effect: acd.Comfort) -> None:
        if call := self.desk.live(effect.call):
            inqueue.comfort(self.desk, call, effect)

    def _divert(self, effect: acd.Divert) -> None:
        if call := self.desk.live(effect.call):
            inqueue.divert(self.desk, call, effect)

    def _came_back(self, item: CameBack) -> None:
        call = self.desk.live(item.call)
        if call is None:
            return
        if not transfers.fell_through(self.desk, call, item.why):
            inflow.come_back(self.desk, call, item.why)

    # -- from the engine ----------------------------------------------------------------------

    def _invited(self, event: legs.Invited) -> None:
        intake.take(self.desk, event)

    def _ringing(self, event: legs.Ringing) -> None:
        call = self.desk.call_of(event.leg)
        offered = offers.find(call, event.leg) if call else None
        if call is not None and offered is not None:
            offers.rings(self.desk, call, offered)

    def _answered(self, event: legs.Answered) -> None:
        call = self.desk.call_of(event.leg)
        if call is None:
            self.desk.do(HangUpLeg(leg=event.leg, cause="call is over"))
            return
        offered = offers.find(call, event.leg)
        if offered is not None:
            offers.picked_up(self.desk, call, offered)
            return
        party = call.parties.get(event.leg)
        if party is not None and not party.up:
            number.picked_up(self.desk, call, party)
            transfers.reached(self.desk, call)
            seatcalls.consulted_answered(self.desk, call)

    def _media_up(self, event: legs.MediaUp) -> None:
        """The engine joins the graph by itself; nothing to decide."""

    def _peer_held(self, event: legs.PeerHeld) -> None:
        call = self.desk.call_of(event.leg)
        if call is not None and event.leg == call.leg:
            call.caller_holds = event.held
        party = call.parties.get(event.leg) if call else None
        if call is None or party is None or party.role != "primary":
            return
        party.peer_held = event.held
        if event.held and call.conference:
            return  # the others go on talking
        if event.held:
            talking.hold(self.desk, call, party)
        elif call.consult_by is None or call.consult_leg is not None:
            talking.resume(self.desk, call)

    def _digit(self, event: legs.Digit) -> None:
        call = self.desk.call_of(event.leg)
        if call is None or event.leg != call.leg:
            return
        if call.stage is Stage.FLOW:
            inflow.give(self.desk, call, flow.Digit(key=event.key))
        elif call.stage is Stage.QUEUE:
            inqueue.key(self.desk, call, event.key)
        elif call.stage is Stage.VOICEMAIL:
            voicemail.key(self.desk, call, event.key)

    def _referred(self, event: legs.Referred) -> None:
        call = self.desk.call_of(event.leg)
        problem = commands.refer(self.desk, call, event) if call else "no such call"
        if problem:
            self.desk.do(ReferProgress(leg=event.leg, code=603, final=True))

    def _silence(self, event: legs.Silence) -> None:
        call = self.desk.call_of(event.leg)
        if call is None:
            return
        party = call.parties.get(event.leg)
        on_hold = party.peer_held if party else call.caller_holds
        if on_hold and event.seconds:
            return  # a phone that holds may send nothing
        who = (party.agent or party.number) if party else "caller"
        back = event.seconds == 0
        self.desk.log(
            CallSilent(call=call.id, party=who, seconds=round(event.seconds, 1), back=back)
        )
        limit = self.desk.setup.site.sip.silence_hangup_s
        if limit and not back:
            self.desk.timer(call, f"silent:{event.leg}", max(0.0, limit - event.seconds))
        else:
            self.desk.timers.cancel(call.id, f"silent:{event.leg}")

    def _quiet(self, event: legs.Quiet) -> None:
        call = self.desk.call_of(event.leg)
        if call is not None and call.stage is Stage.VOICEMAIL:
            voicemail.quiet(self.desk, call)

    def _play_done(self, event: legs.PlayDone) -> None:
        purpose = self.desk.plays.pop(event.play, None)
        if purpose is None:
            return
        for over in self.desk.unplayed.heard(purpose.files):
            self.desk.log(over)
        self._played(purpose)

    def _play_failed(self, event: legs.PlayFailed) -> None:
        """The call goes on as if the prompt had been played: nobody is left in a dead one."""
        for trouble in self.desk.unplayed.failed(event.prompts, event.why):
            self.desk.log(trouble)
        purpose = self.desk.plays.pop(event.play, None)
        if purpose is not None:
            self._played(purpose)

    def _played(self, purpose: PlayFor) -> None:
        call = self.desk.live(purpose.call)
        if call is not None:
            _PLAYED[purpose.why](self, call, purpose)

    def _recorder(self, event: legs.RecorderTrouble) -> None:
        call_id = CallId(event.recording.rsplit("-", 1)[0])
        if call := self.desk.live(call_id):
            recording.trouble(self.desk, call, event)

    def _line(self, event: legs.LineSignal) -> None:
        line.signal(self.desk, event)

    # -- what a play was for --------------------------------------------------------------------

    def _flow_played(self, call: Call, purpose: PlayFor) -> None:
        call.flow_plays.pop(int(purpose.key), None)
        if call.stage is Stage.FLOW:
            inflow.give(self.desk, call, flow.PromptDone(id=int(purpose.key)))

    def _queue_played(self, call: Call, _purpose: PlayFor) -> None:
        inqueue.said(self.desk, call)

    def _whisper_played(self, call: Call, purpose: PlayFor) -> None:
        party = call.parties.get(LegId(str(purpose.key)))
        if party is not None:
            talking.join(self.desk, call, party)

    def _greeting_played(self, call: Call, _purpose: PlayFor) -> None:
        voicemail.greeting_over(self.desk, call)

    # -- a leg is over --------------------------------------------------------------------------

    def _ended(self, event: legs.Ended) -> None:
        call = self.desk.call_of(event.leg)
        self.desk.legs.pop(event.leg, None)
        if call is None or call.stage is Stage.ENDED:
            return
        cause = f"{event.code} {event.reason}".strip()
        if event.leg == call.leg:
            self._caller_gone(call, event, cause)
            return
        if event.leg == call.consult_leg:
            call.consult_leg = None
            transfers.consult_over(self.desk, call, "cancelled", "agent hung up")
            return
        offered = offers.find(call, event.leg)
        if offered is not None:
            offers.failed(self.desk, call, offered, event)
            return
        party = call.parties.get(event.leg)
        if party is not None:
            self._party_gone(call, party, event)

    def _caller_gone(self, call: Call, event: legs.Ended, cause: str) -> None:
        if call.stage is Stage.VOICEMAIL:
            voicemail.finish(self.desk, call, "caller hung up")
        outcome: Outcome = "abandoned" if call.stage is Stage.QUEUE else "abandoned_flow"
        lost = event.code >= 400 and event.code != 487 and call.answered
        ending.end(
            self.desk,
            call,
            "failed" if lost else outcome,
            cause=cause if lost else "caller hung up",
            by="caller" if event.by_peer else "box",
            caller_gone=True,
        )

    def _party_gone(self, call: Call, party: Party, event: legs.Ended) -> None:
        if not party.up:
            why = number.failed(self.desk, call, party, event)
            if party.role == "consult":
                transfers.consult_over(self.desk, call, "failed", why.replace("_", " "))
            else:
                self.desk.come_back(call, why)
            return
        if call.consult_by == party.leg and (call.consult or call.offers):
            transfers.complete(self.desk, call)
            return
        if party.role == "primary" and party.queue and not party.joined:
            transfers.left_before_talk(self.desk, call, party)
            return
        cause = "agent hung up" if party.agent else "party hung up"
        if party.role == "consult":
            transfers.consult_over(self.desk, call, "failed", cause)
            return
        talking.part(self.desk, call, party, cause)

    # -- time -----------------------------------------------------------------------------------

    def _timer(self, call_id: CallId, name: str) -> None:
        kind, _, rest = name.partition(":")
        if kind in ("options", "unanswered"):
            act = line.ask if kind == "options" else line.unanswered
            act(self.desk, TrunkId(call_id.removeprefix("line:")))
            return
        call = self.desk.live(call_id)
        if call is None:
            return
        if kind == "flow":
            if call.stage is Stage.FLOW:
                inflow.give(self.desk, call, flow.TimerFired(id=int(rest)))
        elif kind == "reach":
            offers.not_reached(self.desk, call, OfferId(rest))
        elif kind == "dial":
            self._number_rang_out(call, rest)
        elif kind == "voicemail":
            voicemail.time_over(self.desk, call)
        elif kind == "tape":
            recording.stop(self.desk, call)
        elif kind == "silent":
            ending.end(self.desk, call, "failed", cause="no audio from the line", by="box")

    def _number_rang_out(self, call: Call, leg: str) -> None:
        party = number.ring_time_over(self.desk, call, leg)
        if party is None:
            return
        if party.role == "consult":
            transfers.consult_over(self.desk, call, "failed", "no answer")
        else:
            self.desk.come_back(call, "no_answer")


_EVENTS: dict[type, Any] = {
    legs.Invited: Switchboard._invited,
    legs.Ringing: Switchboard._ringing,
    legs.Answered: Switchboard._answered,
    legs.MediaUp: Switchboard._media_up,
    legs.PeerHeld: Switchboard._peer_held,
    legs.Digit: Switchboard._digit,
    legs.Referred: Switchboard._referred,
    legs.Ended: Switchboard._ended,
    legs.Silence: Switchboard._silence,
    legs.Quiet: Switchboard._quiet,
    legs.PlayDone: Switchboard._play_done,
    legs.PlayFailed: Switchboard._play_failed,
    legs.RecorderTrouble: Switchboard._recorder,
    legs.LineSignal: Switchboard._line,
}
_PENDING: dict[type, Any] = {
    acd.Ring: Switchboard._ring,
    acd.CancelRing: Switchboard._cancel,
    acd.Connect: Switchboard._connect,
    acd.Announce: Switchboard._announce,
    acd.Comfort: Switchboard._comfort,
    acd.Divert: Switchboard._divert,
    CameBack: Switchboard._came_back,
    legs.PlayDone: Switchboard._play_done,
}
_PLAYED: dict[str, Any] = {
    "flow": Switchboard._flow_played,
    "queue": Switchboard._queue_played,
    "whisper": Switchboard._whisper_played,
    "greeting": Switchboard._greeting_played,
}
