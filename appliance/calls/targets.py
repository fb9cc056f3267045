"""What a phone means by the address that it dials or refers to."""

from appliance.calls.desk import Desk
from appliance.model.events import TargetKind
from appliance.model.ids import AgentId, QueueId


def parse(desk: Desk, uri: str) -> tuple[TargetKind, str]:
    """A seat, queue, agent or mailbox of ours by its id, else an outside number."""
    seat = desk.setup.agent_by_seat(uri)
    if seat is not None:
        return "agent", seat
    user = uri.split(":", 1)[-1].split("@", 1)[0]
    if QueueId(user) in desk.setup.queues:
        return "queue", user
    if AgentId(user) in desk.setup.agents:
        return "agent", user
    if user in desk.setup.mailboxes:
        return "mailbox", user
    return "number", user
