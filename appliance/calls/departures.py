"""A leg is over, or a time is: who goes on, and where."""

from appliance.calls import (
    ending,
    inflow,
    line,
    number,
    offers,
    recording,
    talking,
    transfers,
    voicemail,
)
from appliance.calls.desk import Desk
from appliance.calls.state import Call, Party, Stage
from appliance.flow import effects as flow
from appliance.model import legs
from appliance.model.events import Outcome
from appliance.model.ids import CallId, OfferId, TrunkId


def ended(desk: Desk, event: legs.Ended) -> None:
    call = desk.call_of(event.leg)
    desk.legs.pop(event.leg, None)
    if call is None or call.stage is Stage.ENDED:
        return
    cause = f"{event.code} {event.reason}".strip()
    if event.leg == call.leg:
        _caller_gone(desk, call, event, cause)
        return
    if event.leg == call.consult_leg:
        call.consult_leg = None
        desk.timers.cancel(call.id, f"silent:{event.leg}")
        transfers.consult_over(desk, call, "cancelled", "agent hung up")
        return
    offered = offers.find(call, event.leg)
    if offered is not None:
        offers.failed(desk, call, offered, event)
        return
    party = call.parties.get(event.leg)
    if party is None:
        return
    if party.up:
        left(desk, call, party, "agent hung up" if party.agent else "party hung up")
    else:
        _not_reached(desk, call, party, event)


def _caller_gone(desk: Desk, call: Call, event: legs.Ended, cause: str) -> None:
    if call.stage is Stage.VOICEMAIL:
        voicemail.finish(desk, call, "caller hung up")
    outcome: Outcome = "abandoned" if call.stage is Stage.QUEUE else "abandoned_flow"
    lost = event.code >= 400 and event.code != 487 and call.answered
    ending.end(
        desk,
        call,
        "failed" if lost else outcome,
        cause=cause if lost else "caller hung up",
        by="caller" if event.by_peer else "box",
        caller_gone=True,
    )


def _not_reached(desk: Desk, call: Call, party: Party, event: legs.Ended) -> None:
    why = number.failed(desk, call, party, event)
    if party.role == "consult":
        transfers.consult_over(desk, call, "failed", why.replace("_", " "))
    else:
        desk.come_back(call, why)


def left(desk: Desk, call: Call, party: Party, cause: str) -> None:
    """One who was there is gone, and the caller is not: who goes on with whom."""
    if call.consult_by == party.leg and (call.consult or call.offers):
        transfers.complete(desk, call)
    elif party.role == "primary" and party.queue and not party.joined:
        transfers.left_before_talk(desk, call, party)
    elif party.role == "consult":
        transfers.consult_over(desk, call, "failed", cause)
    else:
        talking.part(desk, call, party, cause)


# -- time --------------------------------------------------------------------------------------


def due(desk: Desk, call_id: CallId, name: str) -> None:
    kind, _, rest = name.partition(":")
    if kind in ("options", "unanswered"):
        act = line.ask if kind == "options" else line.unanswered
        act(desk, TrunkId(call_id.removeprefix("line:")))
        return
    call = desk.live(call_id)
    if call is None:
        return
    if kind == "flow":
        if call.stage is Stage.FLOW:
            inflow.give(desk, call, flow.TimerFired(id=int(rest)))
    elif kind == "reach":
        offers.not_reached(desk, call, OfferId(rest))
    elif kind == "dial":
        _number_rang_out(desk, call, rest)
    elif kind == "voicemail":
        voicemail.time_over(desk, call)
    elif kind == "tape":
        recording.stop(desk, call, "longest recording")
    elif kind == "silent":
        ending.end(desk, call, "failed", cause="no audio from the line", by="box")


def _number_rang_out(desk: Desk, call: Call, leg: str) -> None:
    party = number.ring_time_over(desk, call, leg)
    if party is None:
        return
    if party.role == "consult":
        transfers.consult_over(desk, call, "failed", "no answer")
    else:
        desk.come_back(call, "no_answer")
