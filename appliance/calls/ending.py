"""The end of a call: every leg down, every agent free, one outcome, exactly once."""

from typing import Literal

from appliance.calls import parties, recording, unheard
from appliance.calls.desk import Desk
from appliance.calls.effects import HangUpLeg, ReferProgress, RejectLeg
from appliance.calls.state import Call, Stage
from appliance.model.events import CallEnded, Outcome, TransferEnded

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
    never answered.
    """
    if call.stage is Stage.ENDED:
        return
    if caller_gone:
        call.left_by = ""
    waiting = call.stage in (Stage.QUEUE, Stage.DIRECT)
    call.stage = Stage.ENDED
    unheard.gave_up(desk, call)
    for play in [play for play, purpose in desk.plays.items() if purpose.call == call.id]:
        desk.stop_play(play)
    if call.consult_leg is not None:
        desk.legs.pop(call.consult_leg, None)
        desk.do(HangUpLeg(leg=call.consult_leg, cause=cause))
    for party in list(call.parties.values()):
        parties.leave(desk, call, party, cause, hang_up=True)
    if call.transfer:
        desk.log(
            TransferEnded(
                call=call.id, transfer=call.transfer.transfer, result="cancelled", cause=cause
            )
        )
        if call.transfer.refer_leg:
            desk.do(ReferProgress(leg=call.transfer.refer_leg, code=503, final=True))
        call.transfer = None
    if waiting or call.offers:
        desk.floor_did(desk.floor.abandon(call.id, desk.now))
    if not caller_gone:
        _drop_caller(desk, call, code, cause)
    recording.stop(desk, call, "call ended")
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


def _drop_caller(desk: Desk, call: Call, code: int, cause: str) -> None:
    if call.answered:
        desk.do(HangUpLeg(leg=call.leg, cause=cause))
    else:
        desk.do(RejectLeg(leg=call.leg, code=code or 480, reason=cause))
