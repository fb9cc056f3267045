"""The end of a call: every leg down, every agent free, one outcome, exactly once."""

from collections.abc import Callable
from functools import partial
from typing import Literal

from appliance.calls import hearing, parties, recording, unheard
from appliance.calls.desk import Desk
from appliance.calls.effects import HangUpLeg, ReferProgress, RejectLeg
from appliance.calls.fault import survived
from appliance.calls.state import Call, Stage
from appliance.model.events import CallEnded, Outcome, TransferEnded
from appliance.model.ids import LegId

By = Literal["caller", "agent", "box", "party", ""]


def end(
    desk: Desk,
    call: Call,
    outcome: Outcome,
    *,
    cause: str,
    by: By,
    code: int = 0,
    caller_gone: bool = False,
) -> None:
    """Close the call. What it reached before (talk, voicemail) beats `outcome`.

    `caller_gone`: the caller's leg is down already. `code`: SIP status for a caller whom we
    never answered. A fault in one part of it is told and keeps nothing else from being done.
    """
    if call.stage is Stage.ENDED:
        return
    if caller_gone:
        call.left_by = ""
    waiting = call.stage in (Stage.QUEUE, Stage.DIRECT)
    call.stage = Stage.ENDED
    parties_leave = [partial(_party_leaves, desk, call, leg, cause) for leg in call.parties]
    steps: tuple[Callable[[], object], ...] = (
        partial(unheard.gave_up, desk, call),
        partial(hearing.stop, desk, call),
        partial(_hush, desk, call, cause),
        *parties_leave,
        partial(_cancel_transfer, desk, call, cause),
        partial(_leave_queue, desk, call, waiting),
        partial(_drop_caller, desk, call, code, cause, caller_gone),
        partial(recording.stop, desk, call, "call ended"),
    )
    for step in steps:
        survived(desk, call.id, step)  # whatever fails, the rest is taken down and the end told
    desk.legs.pop(call.leg, None)
    desk.timers.cancel_all(call.id)
    # Behind what the queues have to say of this call: its end is the last word.
    desk.pending.append(
        CallEnded(
            call=call.id,
            outcome=call.reached or outcome,
            cause=cause,
            sip_code=200 if call.answered else code or 487,
            hung_up_by=call.left_by or by,  # type: ignore[arg-type] # agent or party
        )
    )
    desk.touch(call)


def _hush(desk: Desk, call: Call, cause: str) -> None:
    """Nothing plays any more, and the agent's own consultation call is over."""
    for play in [play for play, purpose in desk.plays.items() if purpose.call == call.id]:
        desk.stop_play(play)
    if call.consult_leg is not None:
        desk.legs.pop(call.consult_leg, None)
        desk.do(HangUpLeg(leg=call.consult_leg, cause=cause))


def _party_leaves(desk: Desk, call: Call, leg: LegId, cause: str) -> None:
    parties.leave(desk, call, call.parties[leg], cause, hang_up=True)


def _cancel_transfer(desk: Desk, call: Call, cause: str) -> None:
    transfer, call.transfer = call.transfer, None
    if transfer is None:
        return
    desk.log(
        TransferEnded(call=call.id, transfer=transfer.transfer, result="cancelled", cause=cause)
    )
    if transfer.refer_leg:
        desk.do(ReferProgress(leg=transfer.refer_leg, code=503, final=True))


def _leave_queue(desk: Desk, call: Call, waiting: bool) -> None:
    if waiting or call.offers:
        desk.floor_did(desk.floor.abandon(call.id, desk.now))


def _drop_caller(desk: Desk, call: Call, code: int, cause: str, gone: bool) -> None:
    if gone:
        return
    if call.answered:
        desk.do(HangUpLeg(leg=call.leg, cause=cause))
    else:
        desk.do(RejectLeg(leg=call.leg, code=code or 480, reason=cause))
