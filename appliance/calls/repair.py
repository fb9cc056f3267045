"""States that outlived their cause: a call without its caller's leg, an agent without a call."""

from appliance.calls import departures, ending, transfers
from appliance.calls.desk import Desk
from appliance.calls.effects import HangUpLeg
from appliance.calls.state import Call, Stage
from appliance.model.events import StateRepaired
from appliance.model.ids import LegId

GRACE_S = 5.0
"""A leg that was only just asked for may not be known to the engine yet."""


def audit(desk: Desk, legs_alive: set[LegId]) -> None:
    """Compare calls with the engine's legs, then the floor with the calls."""
    for call in list(desk.calls.values()):
        if call.stage is Stage.ENDED or desk.now - call.arrived < GRACE_S:
            continue
        if call.leg not in legs_alive:
            _repair(desk, call)
        else:
            _lost_parties(desk, call, legs_alive)
    _hang_up_orphans(desk, legs_alive)
    for over in desk.strangers.forget_old(desk.now):
        desk.log(over)
    live = {call.id for call in desk.calls.values() if call.stage is not Stage.ENDED}
    desk.floor_did(desk.floor.audit(desk.now, live))


def _hang_up_orphans(desk: Desk, legs_alive: set[LegId]) -> None:
    """A leg that no call knows, at two audits in a row, would ring or stay silent for ever."""
    orphans = legs_alive - set(desk.legs)
    for leg in sorted(orphans & desk.orphans):
        desk.log(
            StateRepaired(
                what="call", id=leg, was="leg", now="hung up", cause="it belongs to no call"
            )
        )
        desk.do(HangUpLeg(leg=leg, cause="belongs to no call"))
    desk.orphans = orphans


def _repair(desk: Desk, call: Call) -> None:
    desk.log(
        StateRepaired(
            what="call",
            id=call.id,
            was=call.stage.value,
            now="ended",
            cause="the caller's leg is gone",
        )
    )
    ending.end(desk, call, "failed", cause="the caller's leg is gone", by="box", caller_gone=True)


def _lost_parties(desk: Desk, call: Call, legs_alive: set[LegId]) -> None:
    if call.consult_leg is not None and call.consult_leg not in legs_alive:
        _lost_second_leg(desk, call)
    for party in list(call.parties.values()):
        if not party.up or party.leg in legs_alive or desk.now - party.since <= GRACE_S:
            continue
        if party.leg in call.parties and call.stage is not Stage.ENDED:
            desk.log(
                StateRepaired(
                    what="agent" if party.agent else "call",
                    id=party.agent or call.id,
                    was="talking",
                    now="gone",
                    cause="the party's leg is gone",
                )
            )
            if call.stage is Stage.TALK and len(call.parties) == 1 and not call.offers:
                ending.end(desk, call, "failed", cause="the agent's leg is gone", by="box")
            else:
                departures.left(desk, call, party, "the party's leg is gone")


def _lost_second_leg(desk: Desk, call: Call) -> None:
    """On which an agent's phone had begun a consultation itself."""
    desk.log(
        StateRepaired(
            what="call",
            id=call.id,
            was="consulting",
            now="talking",
            cause="the agent's second leg is gone",
        )
    )
    transfers.consult_over(desk, call, "cancelled", "the agent's second leg is gone")
