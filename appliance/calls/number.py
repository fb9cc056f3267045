"""An outside number is dialled for the caller: forward, overflow, transfer target."""

from typing import Literal

from appliance.calls import talking
from appliance.calls.desk import Desk, Why
from appliance.calls.effects import DialLeg, HangUpLeg
from appliance.calls.state import Call, Party, Role, Stage
from appliance.model.dialling import refusal
from appliance.model.ids import LegId, PartyId, TrunkId
from appliance.model.legs import Ended
from appliance.model.numbers import normalise
from appliance.model.site import Trunk

RING_S = 60.0
Purpose = Literal["forward", "transfer", "consult", "conference"]


def dial(
    desk: Desk,
    call: Call,
    number: str,
    trunk: TrunkId | None,
    ring_s: float = RING_S,
    *,
    purpose: Purpose,
) -> None:
    """The caller waits with music while the number is rung."""
    call.stage = Stage.NUMBER
    call.queue = None
    call.held = False
    desk.touch(call)
    if start(desk, call, number, trunk, ring_s, role="primary", purpose=purpose) is None:
        desk.come_back(call, "unreachable")


def start(
    desk: Desk,
    call: Call,
    number: str,
    trunk: TrunkId | None,
    ring_s: float,
    *,
    role: Role,
    purpose: Purpose,
) -> Party | None:
    """Dial; None when no line can take the call, or the number may not be dialled."""
    line = choose_line(desk, trunk)
    if line is None or refused(desk, number):
        return None
    whole = normalise(number, desk.setup.site.site.country) or number
    party = Party(
        leg=desk.seams.new_leg(),
        role=role,
        party=PartyId(desk.seams.new_id()),
        number=whole,
        purpose=purpose,
    )
    call.parties[party.leg] = party
    desk.legs[party.leg] = call.id
    desk.dialled[party.leg] = TrunkId(line.id)
    desk.do(
        DialLeg(
            leg=party.leg,
            target=whole,
            trunk=TrunkId(line.id),
            caller=line.caller_id or call.caller,
        )
    )
    desk.timer(call, f"dial:{party.leg}", ring_s)
    return party


def refused(desk: Desk, number: str) -> str:
    """'' or why [dial] in site.toml keeps this number from being dialled."""
    site = desk.setup.site
    return refusal(number, site.site.country, site.dial)


def choose_line(desk: Desk, trunk: TrunkId | None) -> Trunk | None:
    """The named line, else the first that is enabled, up and has a free channel."""
    wanted = [desk.setup.trunks.get(trunk)] if trunk else list(desk.setup.site.trunk)
    for line in wanted:
        if line and line.enabled and desk.line_up(TrunkId(line.id)) and _free(desk, line):
            return line
    return None


def _free(desk: Desk, line: Trunk) -> bool:
    return desk.channels_in_use(TrunkId(line.id)) < line.channels


def picked_up(desk: Desk, call: Call, party: Party) -> None:
    """The number answered."""
    desk.timers.cancel(call.id, f"dial:{party.leg}")
    desk.answer(call)
    talking.join(desk, call, party)


def failed(desk: Desk, call: Call, party: Party, ended: Ended) -> Why:
    """The number did not answer; the party is gone."""
    desk.timers.cancel(call.id, f"dial:{party.leg}")
    call.parties.pop(party.leg, None)
    desk.legs.pop(party.leg, None)
    desk.touch(call)
    if ended.code in (486, 600):
        return "busy"
    return "no_answer" if ended.code in (408, 480, 487) else "unreachable"


def ring_time_over(desk: Desk, call: Call, leg: str) -> Party | None:
    """Give up ringing; returns the party that was rung."""
    party = call.parties.get(LegId(leg))
    if party is None or party.up:
        return None
    call.parties.pop(party.leg)
    desk.legs.pop(party.leg, None)
    desk.do(HangUpLeg(leg=party.leg, cause="no answer"))
    desk.touch(call)
    return party
