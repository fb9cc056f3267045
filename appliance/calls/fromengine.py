"""What the engine tells: one act for each kind of its events, by what the leg is in its call."""

from collections.abc import Callable
from typing import Any

from appliance.calls import (
    commands,
    departures,
    hearing,
    inflow,
    inqueue,
    intake,
    line,
    number,
    offers,
    recording,
    seatcalls,
    talking,
    transfers,
    voicemail,
)
from appliance.calls.desk import Desk, PlayFor
from appliance.calls.effects import HangUpLeg, ReferProgress
from appliance.calls.state import Call, Stage
from appliance.flow import effects as flow
from appliance.model import legs
from appliance.model.events import CallSilent
from appliance.model.hearing import SpeechBegan, SpeechDone, SpeechOff, SpeechReport
from appliance.model.ids import CallId, LegId


def _invited(desk: Desk, event: legs.Invited) -> None:
    intake.take(desk, event)


def _ringing(desk: Desk, event: legs.Ringing) -> None:
    call = desk.call_of(event.leg)
    offered = offers.find(call, event.leg) if call else None
    if call is not None and offered is not None:
        offers.rings(desk, call, offered)


def _answered(desk: Desk, event: legs.Answered) -> None:
    call = desk.call_of(event.leg)
    if call is None:
        desk.do(HangUpLeg(leg=event.leg, cause="call is over"))
        return
    offered = offers.find(call, event.leg)
    if offered is not None:
        offers.picked_up(desk, call, offered)
        return
    party = call.parties.get(event.leg)
    if party is not None and not party.up:
        number.picked_up(desk, call, party)
        transfers.reached(desk, call)
        seatcalls.consulted_answered(desk, call)


def _media_up(desk: Desk, event: legs.MediaUp) -> None:
    """The engine joins the graph by itself; nothing to decide."""


def _peer_held(desk: Desk, event: legs.PeerHeld) -> None:
    call = desk.call_of(event.leg)
    if call is None:
        return
    _may_be_silent(desk, call, event.leg, event.held)
    if event.leg == call.leg:
        call.caller_holds = event.held
    party = call.parties.get(event.leg)
    if party is None:
        return
    party.peer_held = event.held
    if party.role != "primary":
        return
    if event.held and call.conference:
        return  # the others go on talking
    if event.held:
        talking.hold(desk, call, party)
    elif call.consult_by is None or call.consult_leg is not None:
        talking.resume(desk, call)


def _digit(desk: Desk, event: legs.Digit) -> None:
    call = desk.call_of(event.leg)
    if call is None or event.leg != call.leg:
        return
    if call.stage is Stage.FLOW:
        inflow.give(desk, call, flow.Digit(key=event.key))
    elif call.stage is Stage.QUEUE:
        inqueue.key(desk, call, event.key)
    elif call.stage is Stage.VOICEMAIL:
        voicemail.key(desk, call, event.key)


def _referred(desk: Desk, event: legs.Referred) -> None:
    call = desk.call_of(event.leg)
    problem = commands.refer(desk, call, event) if call else "no such call"
    if problem:
        desk.do(ReferProgress(leg=event.leg, code=603, final=True))


def _silence(desk: Desk, event: legs.Silence) -> None:
    call = desk.call_of(event.leg)
    if call is None:
        return
    if event.seconds == 0:
        _silence_over(desk, call, event.leg)
        call.silent.pop(event.leg, None)
        return
    party = call.parties.get(event.leg)
    on_hold = party.peer_held if party else call.caller_holds
    call.silent[event.leg] = not on_hold
    if on_hold:
        return  # a phone that holds may send nothing
    seconds = round(event.seconds, 1)
    desk.log(CallSilent(call=call.id, party=_who(call, event.leg), seconds=seconds))
    _end_if_silent(desk, call, event.leg, event.seconds)


def _end_if_silent(desk: Desk, call: Call, leg: LegId, already_s: float) -> None:
    if limit := desk.setup.site.sip.silence_hangup_s:
        desk.timer(call, f"silent:{leg}", max(0.0, limit - already_s))


def _silence_over(desk: Desk, call: Call, leg: LegId) -> None:
    """Says so only where its beginning was said."""
    desk.timers.cancel(call.id, f"silent:{leg}")
    if call.silent.get(leg):
        call.silent[leg] = False
        desk.log(CallSilent(call=call.id, party=_who(call, leg), seconds=0.0, back=True))


def _may_be_silent(desk: Desk, call: Call, leg: LegId, held: bool) -> None:
    """While a phone holds, its silence ends no call, whenever it began; afterwards it may."""
    if held:
        _silence_over(desk, call, leg)
    elif call.silent.get(leg) is False:
        _end_if_silent(desk, call, leg, 0.0)


def _who(call: Call, leg: LegId) -> str:
    party = call.parties.get(leg)
    return (party.agent or party.number) if party else "caller"


def _quiet(desk: Desk, event: legs.Quiet) -> None:
    call = desk.call_of(event.leg)
    if call is not None and call.stage is Stage.VOICEMAIL:
        voicemail.quiet(desk, call)


def _speech(desk: Desk, report: SpeechReport) -> None:
    call = desk.call_of(report.leg)
    if call is not None and (told := hearing.told(call, report)) is not None:
        inflow.give(desk, call, told)


def play_done(desk: Desk, event: legs.PlayDone) -> None:
    purpose = desk.plays.pop(event.play, None)
    if purpose is None:
        return
    for over in desk.unplayed.heard(purpose.files):
        desk.log(over)
    _played(desk, purpose)


def _play_failed(desk: Desk, event: legs.PlayFailed) -> None:
    """The call goes on as if the prompt had been played: nobody is left in a dead one."""
    for trouble in desk.unplayed.failed(event.prompts, event.why):
        desk.log(trouble)
    purpose = desk.plays.pop(event.play, None)
    if purpose is not None:
        _played(desk, purpose)


def _played(desk: Desk, purpose: PlayFor) -> None:
    call = desk.live(purpose.call)
    if call is not None:
        _AFTER[purpose.why](desk, call, purpose)


def _recorder(desk: Desk, event: legs.RecorderTrouble) -> None:
    call_id = CallId(event.recording.rsplit("-", 1)[0])
    if call := desk.live(call_id):
        recording.trouble(desk, call, event)


def _line(desk: Desk, event: legs.LineSignal) -> None:
    line.signal(desk, event)


# -- what a play was for -----------------------------------------------------------------------


def _flow_played(desk: Desk, call: Call, purpose: PlayFor) -> None:
    call.flow_plays.pop(int(purpose.key), None)
    if call.stage is Stage.FLOW:
        inflow.give(desk, call, flow.PromptDone(id=int(purpose.key)))


def _queue_played(desk: Desk, call: Call, _purpose: PlayFor) -> None:
    inqueue.said(desk, call)


def _whisper_played(desk: Desk, call: Call, purpose: PlayFor) -> None:
    party = call.parties.get(LegId(str(purpose.key)))
    if party is not None:
        talking.join(desk, call, party)


def _greeting_played(desk: Desk, call: Call, _purpose: PlayFor) -> None:
    voicemail.greeting_over(desk, call)


_AFTER: dict[str, Callable[[Desk, Call, PlayFor], None]] = {
    "flow": _flow_played,
    "queue": _queue_played,
    "whisper": _whisper_played,
    "greeting": _greeting_played,
}
ACTS: dict[type, Callable[[Desk, Any], None]] = {
    legs.Invited: _invited,
    legs.Ringing: _ringing,
    legs.Answered: _answered,
    legs.MediaUp: _media_up,
    legs.PeerHeld: _peer_held,
    legs.Digit: _digit,
    legs.Referred: _referred,
    legs.Ended: departures.ended,
    legs.Silence: _silence,
    legs.Quiet: _quiet,
    legs.PlayDone: play_done,
    legs.PlayFailed: _play_failed,
    legs.RecorderTrouble: _recorder,
    legs.LineSignal: _line,
    SpeechBegan: _speech,
    SpeechDone: _speech,
    SpeechOff: _speech,
}
