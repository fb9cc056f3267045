"""When a caller leaves for another place instead of waiting, and to which."""

from typing import TYPE_CHECKING, Literal

from appliance.acd.effects import Divert
from appliance.model.ids import CallId, QueueId

if TYPE_CHECKING:
    from appliance.acd.queue import QueueState

Reason = Literal["exit_key", "overflow_wait", "overflow_length", "overflow_unstaffed"]

BACK_TO_FLOW = "flow"
"""Target where none is set: the call flow goes on at its edge."""


def on_entering(queue: "QueueState") -> Reason | None:
    """For a newcomer who cannot be offered to anybody at once; he is not in the line yet."""
    cfg = queue.cfg.overflow
    if cfg.unstaffed and queue.logged_in == 0:
        return "overflow_unstaffed"
    waiting = len(queue.callers)
    if (cfg.length and waiting >= cfg.length) or waiting >= queue.cfg.max_waiting:
        return "overflow_length"
    return None


def nobody_here(call: CallId, queue: QueueId) -> Divert:
    """A caller of a queue that a reload has removed: the flow goes on at its edge."""
    return Divert(call=call, queue=queue, target=BACK_TO_FLOW, reason="overflow_unstaffed")


def target(queue: "QueueState", reason: Reason) -> str:
    """As in `site.Overflow.to`. Who presses the exit key goes on in the flow."""
    if reason == "exit_key":
        return BACK_TO_FLOW
    return queue.cfg.overflow.to or BACK_TO_FLOW
