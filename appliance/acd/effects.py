"""What the queues ask of the rest of the box, besides the events that they return.

Every method of `Floor` returns a list of effects and events in the order they happened.
An `appliance.model.events.Event` in the list is to be appended to the log; each class here
is to be carried out by the call controller.
"""

from typing import Literal

import msgspec

from appliance.model.ids import AgentId, CallId, OfferId, QueueId


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all effects."""


class Ring(Effect, frozen=True, kw_only=True):
    """Ring this agent's seat. Answer with offer_ringing, offer_accepted or offer_failed."""

    offer: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId | None
    ring_s: float


class CancelRing(Effect, frozen=True, kw_only=True):
    """Stop ringing: the caller left, somebody else answered, or the ring time is over."""

    offer: OfferId
    call: CallId
    agent: AgentId
    cause: str


class Connect(Effect, frozen=True, kw_only=True):
    """Bridge the caller with the agent who accepted. All other offers are cancelled before.
    `queue`: whose work it is from here on, also where the offer was by name."""

    offer: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId | None


class Announce(Effect, frozen=True, kw_only=True):
    """Tell the caller. The matching queue.announced event is in the list already."""

    call: CallId
    queue: QueueId
    position: int | None
    low_s: float | None
    high_s: float | None


class Comfort(Effect, frozen=True, kw_only=True):
    call: CallId
    queue: QueueId
    prompt: str


class Divert(Effect, frozen=True, kw_only=True):
    """The caller has left the queue for another place. `target` as in `Overflow.to`."""

    call: CallId
    queue: QueueId
    target: str
    reason: Literal["exit_key", "overflow_wait", "overflow_length", "overflow_unstaffed"]
