"""Every event of the log. One class is one kind of fact; the tag is its name in the log.

Times inside events are durations in seconds. The moment of the event itself is not in it:
the log stamps it with a sequence number and UTC microseconds (see `Record`).
`docs/events.md` lists all of them; a test compares the two.
"""

from typing import Literal

import msgspec

from appliance.model.ids import (
    AgentId,
    CallId,
    FlowId,
    MailboxId,
    NodeId,
    OfferId,
    PartyId,
    QueueId,
    RecordingId,
    TransferId,
    TrunkId,
)

AgentState = Literal[
    "logged_out",  # no calls until login
    "ready",  # available, waiting for an offer
    "ringing",  # has an offer
    "talking",  # connected to a caller or to another party, also while that is on hold
    "wrap_up",  # after-call work
    "paused",  # by own act, with a reason
    "not_ready",  # by the box: missed offers or an unreachable seat, with the reason
]

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

TransferKind = Literal["blind", "attended"]
TargetKind = Literal["agent", "queue", "number", "mailbox"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events."""


class CallEvent(Event, frozen=True, kw_only=True):
    """An event in the life of one call."""

    call: CallId


# -- the call -------------------------------------------------------------------------------


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
    """No RTP came from a party for `seconds`, or it came back (`back`)."""

    party: str
    seconds: float
    back: bool = False


class CallEnded(CallEvent, frozen=True, kw_only=True, tag="call.ended"):
    """The end, exactly once for each call. `cause` is for people, `sip_code` for engineers."""

    outcome: Outcome
    cause: str = ""
    sip_code: int = 0
    hung_up_by: Literal["caller", "agent", "box", "party", ""] = ""


# -- the call flow --------------------------------------------------------------------------


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


# -- the queue ------------------------------------------------------------------------------


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
    nobody works there. Told while callers wait and only where it changed, every 10 s at most; it
    is over when the last caller has left."""

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


# -- talking --------------------------------------------------------------------------------


class TalkStarted(CallEvent, frozen=True, kw_only=True, tag="talk.started"):
    """An agent is connected to the caller (`role` consult: to another agent about the call)."""

    agent: AgentId
    queue: QueueId | None = None
    role: Literal["primary", "consult", "conference"] = "primary"


class TalkEnded(CallEvent, frozen=True, kw_only=True, tag="talk.ended"):
    """`talk_s` without hold; `hold_s` is the time this agent kept the caller on hold."""

    agent: AgentId
    talk_s: float
    hold_s: float = 0.0
    queue: QueueId | None = None
    role: Literal["primary", "consult", "conference"] = "primary"
    cause: str = ""


class HoldStarted(CallEvent, frozen=True, kw_only=True, tag="hold.started"):
    """The agent put the caller on hold; the caller hears music."""

    agent: AgentId


class HoldEnded(CallEvent, frozen=True, kw_only=True, tag="hold.ended"):
    """The caller is off hold after `hold_s`."""

    agent: AgentId
    hold_s: float


class PartyJoined(CallEvent, frozen=True, kw_only=True, tag="party.joined"):
    """An outside number joined: forward, transfer target or conference member."""

    party: PartyId
    number: str
    role: Literal["forward", "transfer", "consult", "conference"]


class PartyLeft(CallEvent, frozen=True, kw_only=True, tag="party.left"):
    """An outside number left after `talk_s` with the caller."""

    party: PartyId
    number: str
    talk_s: float
    cause: str = ""


class TransferStarted(CallEvent, frozen=True, kw_only=True, tag="transfer.started"):
    """An agent began to hand the caller on."""

    transfer: TransferId
    kind: TransferKind
    agent: AgentId
    target_kind: TargetKind
    target: str


class TransferEnded(CallEvent, frozen=True, kw_only=True, tag="transfer.ended"):
    """How the handing on ended; after failed and cancelled the agent has the caller again."""

    transfer: TransferId
    result: Literal["completed", "failed", "cancelled"]
    cause: str = ""


class ConferenceStarted(CallEvent, frozen=True, kw_only=True, tag="conference.started"):
    """Caller, agent and a third party talk together."""

    agent: AgentId


class ConferenceEnded(CallEvent, frozen=True, kw_only=True, tag="conference.ended"):
    """The conference is over; who is left talks on."""

    cause: str = ""


# -- recording ------------------------------------------------------------------------------


class RecordingStarted(CallEvent, frozen=True, kw_only=True, tag="recording.started"):
    """`path` is relative to the recordings folder. `cause`: queue rule, agent, voicemail."""

    recording: RecordingId
    path: str
    kind: Literal["call", "voicemail"] = "call"
    cause: str = ""


class RecordingPaused(CallEvent, frozen=True, kw_only=True, tag="recording.paused"):
    """`at_s`: position in the file, seconds."""

    recording: RecordingId
    at_s: float
    cause: str = ""


class RecordingResumed(CallEvent, frozen=True, kw_only=True, tag="recording.resumed"):
    """Recording goes on; the pause is silent in the file."""

    recording: RecordingId
    at_s: float


class RecordingStopped(CallEvent, frozen=True, kw_only=True, tag="recording.stopped"):
    """The raw file is closed; finishing (compression, checksum) follows in the background."""

    recording: RecordingId
    duration_s: float
    dropped: int = 0


class RecordingFinished(CallEvent, frozen=True, kw_only=True, tag="recording.finished"):
    """`recovered`: closed after a crash. `sha256` is of the finished file, hex."""

    recording: RecordingId
    path: str
    sha256: str
    duration_s: float
    bytes: int
    recovered: bool = False


class RecordingFailed(CallEvent, frozen=True, kw_only=True, tag="recording.failed"):
    """Nothing more is recorded from `lost_from_s` on; the call goes on."""

    recording: RecordingId
    cause: str
    lost_from_s: float = 0.0


class VoicemailLeft(CallEvent, frozen=True, kw_only=True, tag="voicemail.left"):
    """A caller left a message."""

    mailbox: MailboxId
    recording: RecordingId
    duration_s: float


# -- agents ---------------------------------------------------------------------------------


class AgentChanged(Event, frozen=True, kw_only=True, tag="agent.changed"):
    """One line for each transition: `was` -> `state` because `cause`."""

    agent: AgentId
    was: AgentState
    state: AgentState
    cause: str
    reason: str = ""
    call: CallId | None = None
    queue: QueueId | None = None
    limit_s: float | None = None


# -- lines, the box -------------------------------------------------------------------------


class LineChanged(Event, frozen=True, kw_only=True, tag="line.changed"):
    """A line went up or down (registration or keep-alive), or was switched off."""

    trunk: TrunkId
    state: Literal["up", "down", "disabled"]
    cause: str = ""


class CoreStarted(Event, frozen=True, kw_only=True, tag="core.started"):
    """The core takes calls from here. `after`: how it ended before; `config`: version of the
    settings."""

    version: str
    after: Literal["clean stop", "crash", "first start"]
    config: str = ""


class CoreStopped(Event, frozen=True, kw_only=True, tag="core.stopped"):
    """The core ended in order; without this, the next start is after a crash."""

    cause: str = ""


class ConfigApplied(Event, frozen=True, kw_only=True, tag="config.applied"):
    """`version`: first 12 hex digits of the SHA-256 of site.toml."""

    version: str
    by: str = ""
    changed: list[str] = msgspec.field(default_factory=list)


class StateRepaired(Event, frozen=True, kw_only=True, tag="state.repaired"):
    """A state had outlived its cause and was put right."""

    what: Literal["call", "agent", "offer", "queue_entry", "recording", "line"]
    id: str
    was: str
    now: str
    cause: str


class EventLost(Event, frozen=True, kw_only=True, tag="event.lost"):
    """Stands in the place of an event that could not be read back after damage to the log."""

    cause: str


class Trouble(Event, frozen=True, kw_only=True, tag="trouble"):
    """Something a person should know: what happened, what it means for calls, what to do."""

    where: Literal[
        "disk", "database", "recording", "sip", "prompts", "clock", "config", "office", "calls"
    ]
    what: str
    meaning: str
    remedy: str
    over: bool = False


AnyEvent = (
    CallArrived
    | CallAnswered
    | CallTagged
    | CallSilent
    | CallEnded
    | FlowEntered
    | FlowNode
    | FlowInput
    | FlowLeft
    | QueueEntered
    | QueueAnnounced
    | QueueEstimate
    | QueueLeft
    | OfferMade
    | OfferRinging
    | OfferEnded
    | TalkStarted
    | TalkEnded
    | HoldStarted
    | HoldEnded
    | PartyJoined
    | PartyLeft
    | TransferStarted
    | TransferEnded
    | ConferenceStarted
    | ConferenceEnded
    | RecordingStarted
    | RecordingPaused
    | RecordingResumed
    | RecordingStopped
    | RecordingFinished
    | RecordingFailed
    | VoicemailLeft
    | AgentChanged
    | LineChanged
    | CoreStarted
    | CoreStopped
    | ConfigApplied
    | StateRepaired
    | EventLost
    | Trouble
)


class Record(msgspec.Struct, frozen=True):
    """An event as it stands in the log: `seq` has no gaps, `at_us` is UTC in microseconds."""

    seq: int
    at_us: int
    event: AnyEvent


def event_type(event: Event) -> str:
    """The event's name in the log, e.g. ``call.arrived``."""
    tag = type(event).__struct_config__.tag
    assert isinstance(tag, str)
    return tag
