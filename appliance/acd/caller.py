"""A caller in a queue, from entering to leaving."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from appliance.acd.order import Key
from appliance.acd.skills import Profile
from appliance.acd.timers import Timer
from appliance.model.ids import CallId, OfferId

if TYPE_CHECKING:
    from appliance.acd.agent import Agent
    from appliance.acd.line import Bucket
    from appliance.acd.offer import Offer
    from appliance.acd.queue import QueueState

NO_OFFERS: "dict[OfferId, Offer]" = {}
"""Shared and never written to: most callers wait without an offer."""
NEVER = float("inf")


class Told:
    """What the caller has heard so far; nothing said later is above it."""

    __slots__ = ("high_s", "low_s", "position")

    def __init__(self) -> None:
        self.position: int | None = None
        self.low_s: float | None = None
        self.high_s: float | None = None


class Entry:
    """Times are seconds of the floor's clock.

    `joined` is when the place in the line was taken: `entered`, or earlier for a redialler.
    `tok` is not 0 exactly while the caller is open, that is in `bucket` and in want of an agent.
    `offered_at`: when the first agent was rung for him, 0 before that.
    `overdue`: his time to overflow came while an agent was rung for him.
    `offers` are those ringing now. `preferred` is set while the caller waits for that agent alone.
    """

    __slots__ = (
        "announce_at",
        "bucket",
        "call",
        "caller",
        "comfort_at",
        "comfort_next",
        "entered",
        "hold_until",
        "joined",
        "key",
        "need",
        "offered_at",
        "offers",
        "overdue",
        "overflow_at",
        "preferred",
        "priority",
        "queue",
        "relax_at",
        "relaxed",
        "skills",
        "timer",
        "tok",
        "told",
    )

    def __init__(
        self,
        call: CallId,
        queue: "QueueState",
        caller: str,
        priority: int,
        skills: Mapping[str, int],
        joined: float,
        entered: float,
    ) -> None:
        self.call = call
        self.queue = queue
        self.caller = caller
        self.priority = priority
        self.skills = skills
        self.joined = joined
        self.entered = entered
        self.key: Key = (joined, 0)
        self.tok = 0
        self.bucket: Bucket = queue.plain
        self.need: Profile = ()
        self.offers: dict[OfferId, Offer] = NO_OFFERS
        self.preferred: Agent | None = None
        self.timer: Timer | None = None
        self.told: Told | None = None
        self.offered_at = 0.0
        self.overdue = False
        self.overflow_at = NEVER
        self.relaxed = 0
        self.relax_at = NEVER
        self.hold_until = NEVER
        self.announce_at = NEVER
        self.comfort_at = NEVER
        self.comfort_next = 0

    def next_due(self) -> float:
        """When something is to be done with this caller, if he is still waiting then."""
        return min(
            self.announce_at, self.overflow_at, self.relax_at, self.hold_until, self.comfort_at
        )
