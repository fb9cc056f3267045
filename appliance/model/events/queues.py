"""A caller in a queue, and the offers to agents."""

from typing import Literal

import msgspec

from appliance.model.events.calls import CallEvent, Event
from appliance.model.ids import AgentId, OfferId, QueueId

QueueLeftReason = Literal[
    "answered",
    "abandoned",
    "exit_key",
    "overflow_wait",
    "overflow_length",
    "overflow_unstaffed",
    "moved",
    "failed",
    "interrupted",
]

OfferResult = Literal[
    "accepted",
    "no_answer",
    "busy",
    "refused",
    "unreachable",
    "withdrawn",
]


class QueueEntered(CallEvent, frozen=True, kw_only=True, tag="queue.entered"):
    """Offered to a queue. `kept_s` > 0: a redialler got the place of that many seconds back."""

    queue: QueueId
    priority: int = 0
    skills: dict[str, int] = msgspec.field(default_factory=dict)
    preferred_agent: AgentId | None = None
    kept_s: float = 0.0


class QueueAnnounced(CallEvent, frozen=True, kw_only=True, tag="queue.announced"):
    """Position (1 = next) and wait range told to the caller; None where nothing was said."""

    queue: QueueId
    position: int
    low_s: float | None = None
    high_s: float | None = None


class QueueEstimate(Event, frozen=True, kw_only=True, tag="queue.estimate"):
    """Wait range of one who would enter the queue now, in steps that people would say; None while
    nobody works there. Told where it changed: when a caller begins to wait, and every 10 s while
    callers wait; it is over when the last one has left."""

    queue: QueueId
    low_s: float | None = None
    high_s: float | None = None


class QueueLeft(CallEvent, frozen=True, kw_only=True, tag="queue.left"):
    """`waited_s` counts from queue.entered of this entry, kept seconds not included."""

    queue: QueueId
    reason: QueueLeftReason
    waited_s: float
    target: str = ""


class OfferMade(CallEvent, frozen=True, kw_only=True, tag="offer.made"):
    """An agent was chosen for a caller and their seat is called. `ring_s`: for how long at most."""

    offer: OfferId
    agent: AgentId
    queue: QueueId | None = None
    ring_s: float = 0.0


class OfferRinging(CallEvent, frozen=True, kw_only=True, tag="offer.ringing"):
    """The agent's phone rings (SIP 180)."""

    offer: OfferId
    agent: AgentId


class OfferEnded(CallEvent, frozen=True, kw_only=True, tag="offer.ended"):
    """What became of an offer. `withdrawn`: the caller left, or somebody else was faster."""

    offer: OfferId
    agent: AgentId
    result: OfferResult
    queue: QueueId | None = None
    cause: str = ""


class OfferRefused(CallEvent, frozen=True, kw_only=True, tag="offer.refused"):
    """The agent picked up (offer.ended said `accepted`) and hung up before caller and agent heard
    each other: the offer counts as refused after all, and the caller waits on."""

    offer: OfferId
    agent: AgentId
    queue: QueueId | None = None
    cause: str = ""
