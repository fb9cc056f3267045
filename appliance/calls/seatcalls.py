"""An agent's phone calls the box during a call: a consultation begun on the phone itself.

The phone holds the caller, calls a second party through the box, and completes with REFER and
Replaces (RFC 3891, RFC 5589), with its conference key, or by hanging up the second call.
"""

from appliance.calls import targets, transfers
from appliance.calls.desk import Desk
from appliance.calls.effects import AnswerLeg, RejectLeg, SendRinging
from appliance.calls.state import Call
from appliance.model.ids import AgentId
from appliance.model.legs import Invited


def take(desk: Desk, agent: AgentId, invite: Invited) -> None:
    """Begin the consultation, or refuse the phone's call with the reason."""
    call = desk.call_with(agent)
    party = call.agent_party(agent) if call else None
    if call is None or party is None or not party.joined:
        desk.do(RejectLeg(leg=invite.leg, code=403, reason="No call to consult about"))
        return
    kind, target = targets.parse(desk, f"sip:{invite.user}@")
    desk.legs[invite.leg] = call.id
    problem = transfers.consult(desk, call, party, kind, target, second_leg=invite.leg)
    if problem:
        desk.legs.pop(invite.leg)
        desk.do(RejectLeg(leg=invite.leg, code=480, reason=problem))
        return
    desk.do(SendRinging(leg=invite.leg))


def consulted_answered(desk: Desk, call: Call) -> None:
    """The second party is there: pick up the agent's second leg."""
    if call.consult_leg is not None and call.consult is not None:
        desk.do(AnswerLeg(leg=call.consult_leg))
