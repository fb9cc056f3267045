"""Transfers blind and attended, consult and conference: one call, changing parties."""

from appliance.calls import direct, inqueue, number, parties, talking, voicemail
from appliance.calls.desk import Desk
from appliance.calls.effects import HangUpLeg, ReferProgress
from appliance.calls.state import Call, Party, Stage, Transfer
from appliance.model.events import (
    ConferenceStarted,
    OfferRefused,
    TargetKind,
    TransferEnded,
    TransferKind,
    TransferStarted,
)
from appliance.model.ids import AgentId, LegId, MailboxId, QueueId, TransferId

RETURN_PRIORITY = 10
"""A caller whose transfer failed goes back to the queue ahead of equals."""


def blind(
    desk: Desk,
    call: Call,
    party: Party,
    kind: TargetKind,
    target: str,
    refer_leg: LegId | None = None,
) -> str:
    """The agent leaves at once and the caller goes to the target; '' or why it cannot be."""
    problem = _problem(desk, kind, target)
    if problem:
        return problem
    if call.consult_by:
        return "finish or cancel the consultation first"
    if call.conference:
        return "a conference cannot be transferred; hang up to leave the others in it"
    _start(desk, call, party, "blind", kind, target)
    if call.transfer is not None:
        call.transfer.refer_leg = refer_leg
    talking.resume(desk, call)
    parties.leave(desk, call, party, "blind transfer", hang_up=True)
    _send_to(desk, call, kind, target)
    return ""


def _send_to(desk: Desk, call: Call, kind: TargetKind, target: str) -> None:
    if kind == "queue":
        reached(desk, call)
        inqueue.enter(desk, call, QueueId(target), priority=call.priority, skills=call.skills)
    elif kind == "mailbox":
        reached(desk, call)
        voicemail.begin(desk, call, MailboxId(target), ())
    elif kind == "agent":
        direct.offer(desk, call, AgentId(target))
    else:
        number.dial(desk, call, target, None, purpose="transfer")


def _problem(desk: Desk, kind: TargetKind, target: str) -> str:
    if kind == "queue":
        return "" if QueueId(target) in desk.setup.queues else f"there is no queue {target!r}"
    if kind == "mailbox":
        known = target in desk.setup.mailboxes
        return "" if known else f"there is no mailbox {target!r}"
    if kind == "number":
        refused = number.refused(desk, target)
        if refused:
            return refused
        if not target.strip():
            return "the number is missing"
        line = number.choose_line(desk, None)
        return "" if line else "no line is up that could dial an outside number"
    if AgentId(target) not in desk.setup.agents:
        return f"there is no agent {target!r}"
    state = desk.floor.agent_view(AgentId(target), desk.now).state
    return "" if state == "ready" else f"agent {target} is {state.replace('_', ' ')}"


def _start(
    desk: Desk, call: Call, party: Party, how: TransferKind, kind: TargetKind, target: str
) -> None:
    assert party.agent is not None
    call.transfer = Transfer(
        transfer=TransferId(desk.seams.new_id()),
        kind=how,
        agent=party.agent,
        target_kind=kind,
        target=target,
        back_to=call.last_queue,
        back_agent=party.agent,
    )
    desk.log(
        TransferStarted(
            call=call.id,
            transfer=call.transfer.transfer,
            kind=how,
            agent=party.agent,
            target_kind=kind,
            target=target,
        )
    )


def _finish(desk: Desk, call: Call, result: str, cause: str = "") -> None:
    if call.transfer is not None:
        desk.log(
            TransferEnded(
                call=call.id,
                transfer=call.transfer.transfer,
                result=result,  # type: ignore[arg-type]
                cause=cause,
            )
        )
        if call.transfer.refer_leg:
            code = 200 if result == "completed" else 503
            desk.do(ReferProgress(leg=call.transfer.refer_leg, code=code, final=True))
        call.transfer = None


def reached(desk: Desk, call: Call) -> None:
    """The caller is with the target, if a transfer is on its way."""
    if call.transfer is not None and call.consult_by is None:
        _finish(desk, call, "completed")


def fell_through(desk: Desk, call: Call, why: str) -> bool:
    """The target did not take the caller: back to the queue, else to the agent.

    False when no transfer was on its way, or there is no way back.
    """
    transfer = call.transfer
    if transfer is None:
        return False
    _finish(desk, call, "failed", cause=why.replace("_", " "))
    if transfer.back_to in desk.setup.queues and transfer.back_to is not None:
        inqueue.enter(
            desk,
            call,
            transfer.back_to,
            priority=call.priority + RETURN_PRIORITY,
            skills=call.skills,
            preferred=transfer.back_agent,
        )
        return True
    if transfer.back_agent and transfer.target != transfer.back_agent:
        direct.offer(desk, call, transfer.back_agent)
        return True
    return False


def left_before_talk(desk: Desk, call: Call, party: Party) -> None:
    """The agent hung up in the whisper: he has refused, and the caller waits on at his place."""
    assert party.agent is not None
    cause = "agent hung up in the whisper"
    parties.forget(desk, call, party)
    if party.offer is not None:
        desk.log(
            OfferRefused(
                call=call.id, offer=party.offer, agent=party.agent, queue=party.queue, cause=cause
            )
        )
    desk.floor_did(desk.floor.hung_up_unheard(call.id, party.agent, desk.now, cause))
    desk.touch(call)


# -- consult ----------------------------------------------------------------------------------


def consult(
    desk: Desk,
    call: Call,
    party: Party,
    kind: TargetKind,
    target: str,
    second_leg: LegId | None = None,
) -> str:
    """Caller on hold, the agent is connected to the target; '' or why it cannot be.

    `second_leg`: on which the agent's phone called the box for it.
    """
    if kind not in ("agent", "number"):
        return "only an agent or a number can be consulted"
    if call.consult_by or call.conference:
        return "there is a consultation or conference already"
    problem = _problem(desk, kind, target)
    if problem:
        return problem
    _start(desk, call, party, "attended", kind, target)
    talking.hold(desk, call, party)
    call.consult_by = party.leg
    call.consult_leg = second_leg
    desk.touch(call)
    if kind == "agent":
        desk.floor_did(desk.floor.offer_agent(call.id, AgentId(target), direct.RING_S, desk.now))
    else:
        number.start(desk, call, target, None, number.RING_S, role="consult", purpose="consult")
    return ""


def consult_over(desk: Desk, call: Call, result: str, cause: str) -> None:
    """Back to the caller: cancelled by the agent, or the target is not there (any more)."""
    if call.consult_by is None:
        return
    agent = call.parties.get(call.consult_by)
    call.consult_by = None
    drop_second_leg(desk, call, cause)
    if call.offers:
        desk.floor_did(desk.floor.leave(call.id, "moved", desk.now))
    party = call.consult
    if party is not None:
        parties.leave(desk, call, party, cause, hang_up=True)
    if agent is None or not agent.peer_held:
        talking.resume(desk, call)
    _finish(desk, call, result, cause)
    desk.touch(call)


def drop_second_leg(desk: Desk, call: Call, cause: str) -> None:
    """The agent's own consultation call is over."""
    leg, call.consult_leg = call.consult_leg, None
    if leg is not None:
        desk.legs.pop(leg, None)
        desk.timers.cancel(call.id, f"silent:{leg}")
        desk.do(HangUpLeg(leg=leg, cause=cause))


def complete(desk: Desk, call: Call) -> str:
    """Attended transfer: the agent leaves, the consulted party gets the caller.

    Still ringing: the caller waits with music and the transfer goes on like a blind one.
    """
    if call.consult_by is None:
        return "there is no consultation to complete"
    agent = call.parties.get(call.consult_by)
    target = call.consult
    if target is None and not call.offers:
        return "nobody is being consulted"
    call.consult_by = None
    drop_second_leg(desk, call, "attended transfer")
    talking.resume(desk, call)
    if agent is not None:
        parties.leave(desk, call, agent, "attended transfer", hang_up=True)
    if target is not None and target.up:
        talking.take_over(desk, call, target)
        _finish(desk, call, "completed")
    elif target is not None:
        target.role, target.purpose = "primary", "transfer"
        call.stage = Stage.NUMBER
    else:
        call.stage = Stage.DIRECT
        for offered in call.offers.values():
            desk.floor.takes_over(call.id, offered.agent, call.last_queue)
    desk.touch(call)
    return ""


def conference(desk: Desk, call: Call) -> str:
    """Caller, agent and the consulted party talk together."""
    target = call.consult
    if call.consult_by is None or target is None or not target.joined:
        return "the consulted party has not answered"
    if call.consult_leg is not None:
        return "this consultation was begun on the phone: use the phone's conference key"
    agent = call.parties[call.consult_by].agent
    call.consult_by = None
    parties.log_end(desk, call, target, "conference")
    target.role, target.purpose = "conference", "conference"
    target.joined, target.held_s, target.held_since = False, 0.0, None
    call.conference = True
    talking.join(desk, call, target)
    talking.resume(desk, call)
    if agent:
        desk.log(ConferenceStarted(call=call.id, agent=agent))
    _finish(desk, call, "completed", "conference")
    return ""
