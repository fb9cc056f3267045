"""The whisper: the agent has picked up, but caller and agent have not heard each other yet.

The queues count the caller as answered when the seat picks up. History counts him when he hears
somebody: the queue.left event waits for that, and an agent who hangs up in the whisper leaves
no trace of a second visit to the queue, whose wait goes on.
"""

import msgspec

from appliance.calls.desk import Desk
from appliance.calls.state import Call
from appliance.model.events import Event, QueueEntered, QueueLeft, QueueLeftReason


def holds_back(desk: Desk, event: Event) -> bool:
    """True when this event of the queues must not stand in the log (yet)."""
    if isinstance(event, QueueLeft):
        return _answered(desk, event)
    if isinstance(event, QueueEntered):
        call = desk.live(event.call)
        if call is not None and call.unheard is not None and call.unheard[0].queue == event.queue:
            call.unheard = None
            return True
    return False


def _answered(desk: Desk, event: QueueLeft) -> bool:
    call = desk.live(event.call)
    queue = desk.setup.queues.get(event.queue)
    if call is None or event.reason != "answered" or queue is None or not queue.whisper:
        return False
    call.unheard = (event, desk.now)
    return True


def heard(desk: Desk, call: Call) -> None:
    """Caller and agent are joined: now he is answered; the whisper was part of the wait."""
    _tell(desk, call, "answered")


def gave_up(desk: Desk, call: Call) -> None:
    """The call ends before that: he has abandoned the queue."""
    _tell(desk, call, "abandoned")


def sent_on(desk: Desk, call: Call, reason: QueueLeftReason) -> None:
    """The agent hung up, and the queue is not there any more to wait on."""
    _tell(desk, call, reason)


def _tell(desk: Desk, call: Call, reason: QueueLeftReason) -> None:
    if call.unheard is None:
        return
    event, since = call.unheard
    waited = round(event.waited_s + desk.now - since, 3)
    call.unheard = None
    desk.log(msgspec.structs.replace(event, reason=reason, waited_s=waited))
