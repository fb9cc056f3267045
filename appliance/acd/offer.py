"""One agent being rung for one caller."""

from typing import TYPE_CHECKING

from appliance.acd.timers import Timer
from appliance.model.ids import CallId, OfferId

if TYPE_CHECKING:
    from appliance.acd.agent import Agent
    from appliance.acd.caller import Entry
    from appliance.acd.queue import QueueState


class Offer:
    """Lives from offer.made to offer.ended. `entry` and `queue` are None for a call offered by
    name; `work_of` is then the queue whose call it is, if it is a queue's."""

    __slots__ = ("agent", "call", "entry", "id", "made", "queue", "ring_s", "timer", "work_of")

    def __init__(
        self,
        id: OfferId,
        call: CallId,
        agent: "Agent",
        entry: "Entry | None",
        queue: "QueueState | None",
        ring_s: float,
        made: float,
    ) -> None:
        self.id = id
        self.call = call
        self.agent = agent
        self.entry = entry
        self.queue = queue
        self.ring_s = ring_s
        self.made = made
        self.timer: Timer | None = None
        self.work_of = queue
