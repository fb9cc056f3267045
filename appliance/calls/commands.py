"""What agents, supervisors and phones ask for, checked and carried out."""

from collections.abc import Callable
from typing import Any

from appliance.calls import ending, recording, talking, targets, transfers
from appliance.calls.desk import Desk
from appliance.calls.effects import ReferProgress
from appliance.calls.state import Call, Party
from appliance.model import commands as c
from appliance.model.ids import AgentId
from appliance.model.legs import Referred


def perform(desk: Desk, command: c.AnyCommand) -> str:
    """'' when done, else what was wrong and what to do. May raise `Refused` of the floor."""
    act = _ACTS.get(type(command))
    if act is None:
        return f"{type(command).__name__} is not a command for calls"
    return act(desk, command)


def _state(change: Callable[[Desk, Any], list[Any]]) -> Callable[[Desk, Any], str]:
    def act(desk: Desk, command: Any) -> str:
        desk.floor_did(change(desk, command))
        return ""

    return act


def _pause(desk: Desk, command: c.AgentPause) -> str:
    """Reports count pauses by reason, so a reason is one of the site's, where it has any."""
    known = [reason.id for reason in desk.setup.site.pause_reason]
    if known and command.reason and command.reason not in known:
        return (
            f"there is no pause reason {command.reason!r}; the agent stays as they are. "
            f"Give one of: {', '.join(known)}"
        )
    desk.floor_did(desk.floor.pause(command.agent, desk.now, command.reason, command.by))
    return ""


def _talking(desk: Desk, agent: AgentId) -> tuple[Call, Party] | str:
    call = desk.call_with(agent)
    party = call.agent_party(agent) if call else None
    if call is None or party is None or not party.joined:
        return f"agent {agent} is not in a call"
    return call, party


def _consulting(act: Callable[[Desk, Call], str]) -> Callable[[Desk, Call, Party, Any], str]:
    """Only who began a consultation ends it: the consulted agent cannot put the other one out."""

    def run(desk: Desk, call: Call, party: Party, _command: Any) -> str:
        if call.consult_by is not None and call.consult_by != party.leg:
            return "the other agent began this consultation and ends it; hang up to leave it"
        return act(desk, call)

    return run


def _in_call(act: Callable[[Desk, Call, Party, Any], str]) -> Callable[[Desk, Any], str]:
    def run(desk: Desk, command: Any) -> str:
        found = _talking(desk, command.agent)
        return found if isinstance(found, str) else act(desk, *found, command)

    return run


def _hold(desk: Desk, call: Call, party: Party, _c: c.CallHold) -> str:
    if call.conference:
        return "a conference cannot be put on hold"
    return "" if talking.hold(desk, call, party) else "the caller is on hold already"


def _resume(desk: Desk, call: Call, _party: Party, _c: c.CallResume) -> str:
    if call.consult_by:
        return "finish or cancel the consultation first"
    return "" if talking.resume(desk, call) else "the caller is not on hold"


def _transfer(desk: Desk, call: Call, party: Party, command: c.CallTransfer) -> str:
    return transfers.blind(desk, call, party, command.target_kind, command.target)


def _consult(desk: Desk, call: Call, party: Party, command: c.CallConsult) -> str:
    return transfers.consult(desk, call, party, command.target_kind, command.target)


def _cancel(desk: Desk, call: Call) -> str:
    if call.consult_by is None:
        return "there is no consultation to cancel"
    transfers.consult_over(desk, call, "cancelled", "agent went back to the caller")
    return ""


def _hangup(desk: Desk, command: c.CallHangup) -> str:
    call = desk.live(command.call)
    if call is None:
        return f"there is no call {command.call!r}; it may be over"
    consulted = call.consult
    if consulted and consulted.agent and command.by == f"agent {consulted.agent}":
        transfers.consult_over(desk, call, "failed", "the consulted agent hung up")
        return ""
    ending.end(desk, call, "failed", cause=f"hung up by {command.by or 'command'}", by="box")
    return ""


def _recording(desk: Desk, command: c.RecordingControl) -> str:
    call = desk.live(command.call)
    if call is None:
        return f"there is no call {command.call!r}; it may be over"
    who = command.by or "command"
    if command.action == "start":
        return recording.begin(desk, call, f"asked for by {who}")
    if command.action == "stop":
        stopped = recording.stop(desk, call, f"asked for by {who}")
        return "" if stopped else "this call is not recorded"
    return recording.pause(desk, call, command.action == "pause", who)


def refer(desk: Desk, call: Call, event: Referred) -> str:
    """A phone's transfer key (RFC 3515): a known seat or queue of ours, else a number."""
    if event.replaces is not None and call.consult_by is not None:
        if event.leg not in (call.consult_by, call.consult_leg):
            return "only the agent who began a consultation can complete it"
        problem = transfers.complete(desk, call)
        if not problem:
            desk.do(ReferProgress(leg=event.leg, code=200, final=True))
        return problem
    party = call.parties.get(event.leg)
    if party is None or party.agent is None or not party.joined:
        return "only an agent in a call can transfer it"
    kind, target = targets.parse(desk, event.target)
    return transfers.blind(desk, call, party, kind, target, refer_leg=event.leg)


_ACTS: dict[type, Callable[[Desk, Any], str]] = {
    c.AgentLogin: _state(lambda d, cmd: d.floor.login(cmd.agent, d.now, cmd.by)),
    c.AgentLogout: _state(lambda d, cmd: d.floor.logout(cmd.agent, d.now, cmd.by)),
    c.AgentPause: _pause,
    c.AgentReady: _state(lambda d, cmd: d.floor.ready(cmd.agent, d.now, cmd.by)),
    c.CallHold: _in_call(_hold),
    c.CallResume: _in_call(_resume),
    c.CallTransfer: _in_call(_transfer),
    c.CallConsult: _in_call(_consult),
    c.ConsultComplete: _in_call(_consulting(transfers.complete)),
    c.ConsultCancel: _in_call(_consulting(_cancel)),
    c.ConsultConference: _in_call(_consulting(transfers.conference)),
    c.CallHangup: _hangup,
    c.RecordingControl: _recording,
}
