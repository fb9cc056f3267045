"""One named agent is rung for the caller, without a queue: a flow's wish or a transfer."""

from appliance.calls.desk import Desk, Why
from appliance.calls.state import Call, Stage
from appliance.model.events import OfferEnded
from appliance.model.ids import AgentId

RING_S = 20.0


def offer(desk: Desk, call: Call, agent: AgentId, ring_s: float = RING_S) -> None:
    """Ring the agent; music meanwhile if the call is answered.

    A call may still run a flow that knows an agent whom a reload has removed.
    """
    if agent not in desk.setup.agents:
        desk.come_back(call, "unreachable")
        return
    call.stage = Stage.DIRECT
    call.queue = None
    call.held = False
    desk.touch(call)
    # Who takes over from another agent works for the same queue; a call that only waited there
    # and went elsewhere is none of its calls any more.
    queue = call.last_queue if call.reached == "answered" else None
    desk.floor_did(desk.floor.offer_agent(call.id, agent, ring_s, desk.now, queue))


_WHY: dict[str, Why] = {
    "no_answer": "no_answer",
    "busy": "busy",
    "refused": "busy",
    "unreachable": "unreachable",
}


def ended(desk: Desk, call: Call, event: OfferEnded) -> Why | None:
    """Why the direct offer failed, or None when this event is no such end."""
    if call.stage is not Stage.DIRECT or event.queue is not None:
        return None
    return _WHY.get(event.result)
