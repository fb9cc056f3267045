"""An INVITE arrives: whose line, which caller, which flow; or a refusal with its reason."""

from appliance.calls import seatcalls
from appliance.calls.desk import Desk
from appliance.calls.effects import ListenInband, RejectLeg
from appliance.calls.inflow import start_flow
from appliance.calls.state import Call, Stage
from appliance.flow.facts import caller_entry
from appliance.model.events import CallArrived, CallEnded
from appliance.model.ids import AgentId, CallId, FlowId, TrunkId
from appliance.model.legs import Invited
from appliance.model.numbers import hidden, normalise
from appliance.model.site import Trunk


def take(desk: Desk, invite: Invited) -> None:
    """Open a call for the INVITE. Strangers get 403 and leave no call behind."""
    agent = desk.setup.agent_calling(invite.source, invite.source_port, invite.from_uri)
    if agent is not None:
        seatcalls.take(desk, agent, invite)
        return
    trunk = desk.setup.trunk_of(invite.source, invite.source_port)
    if trunk is None:
        desk.do(RejectLeg(leg=invite.leg, code=403, reason="Unknown source"))
        if trouble := desk.strangers.refused(invite.source, desk.now):
            desk.log(trouble)
        return
    call = _open(desk, invite, trunk)
    refusal = _refusal(desk, call, trunk)
    if refusal:
        code, cause = refusal
        desk.do(RejectLeg(leg=call.leg, code=code, reason=cause))
        desk.log(
            CallEnded(call=call.id, outcome="refused", cause=cause, sip_code=code, hung_up_by="box")
        )
        call.stage = Stage.ENDED
        desk.touch(call)
        return
    desk.legs[call.leg] = call.id
    if trunk.dtmf != "rfc4733":
        desk.do(ListenInband(leg=call.leg))
    start_flow(desk, call, FlowId(_flow_of(trunk, call.called) or ""))


def _open(desk: Desk, invite: Invited, trunk: Trunk) -> Call:
    country = desk.setup.site.site.country
    asserted = invite.pai or invite.from_uri
    withheld = hidden(asserted, "" if invite.pai else invite.from_name, invite.privacy)
    caller = "" if withheld else normalise(asserted, country)
    called = normalise(_dialled(invite, trunk), country)
    call = Call(
        id=CallId(desk.seams.new_id()),
        trunk=TrunkId(trunk.id),
        leg=invite.leg,
        caller=caller,
        caller_name="" if withheld else invite.from_name,
        anonymous=not caller,
        called=called,
        language=desk.setup.site.site.language,
        arrived=desk.now,
    )
    _look_up_caller(desk, call)
    desk.calls[call.id] = call
    desk.log(
        CallArrived(
            call=call.id,
            trunk=call.trunk,
            caller=call.caller,
            caller_name=call.caller_name,
            anonymous=call.anonymous,
            called=called,
            diverted_from=normalise(invite.diversion, country),
            sip_call_id=invite.sip_call_id,
        )
    )
    return call


def _dialled(invite: Invited, trunk: Trunk) -> str:
    """A registered line's calls come to our own contact: the number is in To then."""
    if trunk.username and invite.user in ("", trunk.username) and invite.to_user:
        return invite.to_user
    return invite.user


def _look_up_caller(desk: Desk, call: Call) -> None:
    entry = caller_entry(desk.setup.site, call.caller)
    if entry is None:
        return
    call.vip = entry.vip
    call.priority = max(entry.priority, desk.setup.site.vip_priority if entry.vip else 0)
    call.preferred = AgentId(entry.agent) if entry.agent else None
    call.data = dict(entry.data)


def _refusal(desk: Desk, call: Call, trunk: Trunk) -> tuple[int, str] | None:
    """SIP code and reason, or None when the call is to be taken."""
    if not trunk.enabled:
        return 503, f"line {trunk.id} is switched off"
    if desk.channels_in_use(call.trunk) > trunk.channels:
        return 486, f"all {trunk.channels} channels of line {trunk.id} are in use"
    if len(desk.calls) > desk.setup.site.sip.max_calls:
        return 486, f"all {desk.setup.site.sip.max_calls} calls of the box are in use"
    flow = _flow_of(trunk, call.called)
    if flow is None or desk.flows.get(flow) is None:
        return 404, f"no call flow for number {call.called or '(empty)'} on line {trunk.id}"
    return None


def _flow_of(trunk: Trunk, called: str) -> str | None:
    bare = called.lstrip("+")
    for number, flow in trunk.numbers.items():
        if number.lstrip("+") == bare:
            return flow
    return trunk.flow
