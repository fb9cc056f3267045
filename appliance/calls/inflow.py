"""A call inside its call flow: the flow's effects become prompts, timers and exits."""

from datetime import UTC, datetime
from typing import Any

from appliance.calls import direct, ending, hearing, inqueue, number, voicemail
from appliance.calls.desk import Desk, PlayFor, Why
from appliance.calls.state import Call, Stage
from appliance.flow import effects as flow
from appliance.flow.facts import facts_for
from appliance.flow.interpreter import FlowRun
from appliance.model.events import CallTagged, Event, Outcome
from appliance.model.ids import AgentId, FlowId, MailboxId, QueueId, TrunkId


def start_flow(desk: Desk, call: Call, flow_id: FlowId) -> None:
    """Begin the flow. The call keeps this version of it whatever is changed meanwhile."""
    facts = facts_for(
        desk.setup.site,
        call.id,
        caller=call.caller,
        called=call.called,
        anonymous=call.anonymous,
    )
    call.stage = Stage.FLOW
    call.flow = FlowRun(desk.flows, flow_id, facts, desk.now)
    _apply(desk, call, call.flow.start(desk.now, _utc(desk)))


def _utc(desk: Desk) -> datetime:
    return datetime.fromtimestamp(desk.now, UTC)


def give(desk: Desk, call: Call, told: flow.Input) -> None:
    """Hand the flow an input; nothing happens when the call has none."""
    if call.flow is not None and call.stage is not Stage.ENDED:
        _apply(desk, call, call.flow.handle(told, desk.now, _utc(desk)))


def come_back(desk: Desk, call: Call, why: Why) -> None:
    """The queue, agent, mailbox or number did not keep the call: the flow goes on."""
    call.stage = Stage.FLOW
    call.queue = None
    desk.touch(call)
    if call.flow is None:
        ending.end(desk, call, "failed", cause=f"nowhere to go after {why}", by="box")
        return
    give(desk, call, flow.Returned(why=why))


def _apply(desk: Desk, call: Call, effects: list[Any]) -> None:
    for effect in effects:
        if call.stage is Stage.ENDED:
            return
        if isinstance(effect, Event):
            _note(call, effect)
            desk.log(effect)
        else:
            _ACTS[type(effect)](desk, call, effect)
    desk.touch(call)


def _note(call: Call, event: Event) -> None:
    """Keep what the flow found out where the rest of the call reads it."""
    if not isinstance(event, CallTagged):
        return
    call.language = event.language or call.language
    if event.priority is not None:
        call.priority = event.priority
    if event.skills is not None:
        call.skills = dict(event.skills)
    if event.data is not None:
        call.data.update(event.data)
    if event.vip is not None:
        call.vip = event.vip


def _answer(desk: Desk, call: Call, _effect: flow.Answer) -> None:
    desk.answer(call)


def _play(desk: Desk, call: Call, effect: flow.Play) -> None:
    desk.answer(call)
    play = desk.play(call, call.leg, effect.prompts, PlayFor(call.id, "flow", effect.id))
    call.flow_plays[effect.id] = play


def _stop_play(desk: Desk, call: Call, effect: flow.StopPlay) -> None:
    desk.stop_play(call.flow_plays.pop(effect.id, None))


def _listen(desk: Desk, call: Call, effect: flow.Listen) -> None:
    hearing.start(desk, call, effect)


def _stop_listen(desk: Desk, call: Call, effect: flow.StopListen) -> None:
    """A late one does not end what the next question listens for."""
    if call.heard_for == effect.id:
        hearing.stop(desk, call)


def _set_timer(desk: Desk, call: Call, effect: flow.SetTimer) -> None:
    desk.timer(call, f"flow:{effect.id}", effect.seconds)


def _cancel_timer(desk: Desk, call: Call, effect: flow.CancelTimer) -> None:
    desk.timers.cancel(call.id, f"flow:{effect.id}")


def _stop_flow_sound(desk: Desk, call: Call) -> None:
    hearing.stop(desk, call)
    for play in call.flow_plays.values():
        desk.stop_play(play)
    call.flow_plays.clear()


def _to_queue(desk: Desk, call: Call, effect: flow.ToQueue) -> None:
    _stop_flow_sound(desk, call)
    desk.answer(call)
    call.language = effect.language or call.language
    inqueue.enter(
        desk,
        call,
        QueueId(effect.queue),
        priority=effect.priority,
        skills=effect.skills,
        preferred=AgentId(effect.agent) if effect.agent else call.preferred,
    )


def _to_agent(desk: Desk, call: Call, effect: flow.ToAgent) -> None:
    _stop_flow_sound(desk, call)
    direct.offer(desk, call, AgentId(effect.agent), effect.ring_s)


def _to_voicemail(desk: Desk, call: Call, effect: flow.ToVoicemail) -> None:
    _stop_flow_sound(desk, call)
    desk.answer(call)
    voicemail.begin(desk, call, MailboxId(effect.mailbox), effect.greeting)


def _to_number(desk: Desk, call: Call, effect: flow.ToNumber) -> None:
    _stop_flow_sound(desk, call)
    trunk = TrunkId(effect.trunk) if effect.trunk else None
    number.dial(desk, call, effect.number, trunk, effect.ring_s, purpose="forward")


def _hang_up(desk: Desk, call: Call, effect: flow.HangUp) -> None:
    _stop_flow_sound(desk, call)
    unserved: Outcome = "failed" if effect.lost else "refused"
    outcome: Outcome = "served" if effect.served else unserved
    ending.end(desk, call, outcome, cause=effect.cause, by="box", code=effect.code)


_ACTS: dict[type, Any] = {
    flow.Answer: _answer,
    flow.Play: _play,
    flow.StopPlay: _stop_play,
    flow.Listen: _listen,
    flow.StopListen: _stop_listen,
    flow.SetTimer: _set_timer,
    flow.CancelTimer: _cancel_timer,
    flow.ToQueue: _to_queue,
    flow.ToAgent: _to_agent,
    flow.ToVoicemail: _to_voicemail,
    flow.ToNumber: _to_number,
    flow.HangUp: _hang_up,
}
