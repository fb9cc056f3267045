"""What all events share; a call from its arrival to its end, its way through the call flow.

Times inside events are durations in seconds. The moment of the event itself is not in it:
the log stamps it with a sequence number and UTC microseconds (see `Record`).
"""

from typing import Literal

import msgspec

from appliance.model.ids import CallId, FlowId, NodeId, TrunkId

Outcome = Literal[
    "answered",  # talked with an agent
    "abandoned",  # left a queue before an answer
    "abandoned_flow",  # hung up inside the call flow
    "served",  # the call flow ended the call itself, as designed
    "voicemail",  # left a message
    "forwarded",  # talked with an outside number without an agent before
    "refused",  # not taken: channel limit, blocked caller, no flow for the number
    "failed",  # the box or a line could not go on
    "interrupted",  # cut by a crash or power loss and closed at the next start
]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events."""


class CallEvent(Event, frozen=True, kw_only=True):
    """An event in the life of one call."""

    call: CallId


class CallArrived(CallEvent, frozen=True, kw_only=True, tag="call.arrived"):
    """A line delivered a call. Numbers are E.164 where the site's country lets us tell."""

    trunk: TrunkId
    caller: str = ""
    caller_name: str = ""
    anonymous: bool = False
    called: str = ""
    diverted_from: str = ""
    sip_call_id: str = ""


class CallAnswered(CallEvent, frozen=True, kw_only=True, tag="call.answered"):
    """The box picked up (SIP 200): from here the caller pays."""


class CallTagged(CallEvent, frozen=True, kw_only=True, tag="call.tagged"):
    """What the flow found out about the call; only what changed."""

    language: str | None = None
    priority: int | None = None
    skills: dict[str, int] | None = None
    data: dict[str, str] | None = None
    vip: bool | None = None


class CallSilent(CallEvent, frozen=True, kw_only=True, tag="call.silent"):
    """No RTP came from a party for `seconds`, or it came back (`back`), or the party's phone
    holds now and may be silent (`back` too)."""

    party: str
    seconds: float
    back: bool = False


class CallEnded(CallEvent, frozen=True, kw_only=True, tag="call.ended"):
    """The end, exactly once for each call. `cause` is for people, `sip_code` for engineers."""

    outcome: Outcome
    cause: str = ""
    sip_code: int = 0
    hung_up_by: Literal["caller", "agent", "box", "party", ""] = ""


class FlowEntered(CallEvent, frozen=True, kw_only=True, tag="flow.entered"):
    """The call runs `flow`; `version` is the first 12 hex digits of its SHA-256."""

    flow: FlowId
    version: str


class FlowNode(CallEvent, frozen=True, kw_only=True, tag="flow.node"):
    """The call reached a node of its flow; `cause`: the key, time-out or fact that led there."""

    flow: FlowId
    node: NodeId
    cause: str = ""


class FlowInput(CallEvent, frozen=True, kw_only=True, tag="flow.input"):
    """What the caller gave. `value` is masked with * where the node is marked secret."""

    node: NodeId
    kind: Literal["key", "digits", "speech", "nothing", "wrong"]
    value: str = ""
    choice: str = ""


class FlowLeft(CallEvent, frozen=True, kw_only=True, tag="flow.left"):
    """The flow handed the call on: to a queue, an agent, a mailbox, a number, or hung up."""

    flow: FlowId
    to: Literal["queue", "agent", "voicemail", "number", "hang_up"]
    target: str = ""
