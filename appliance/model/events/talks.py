"""Talking: agents, outside numbers, hold, transfer, conference; what is recorded of it."""

from typing import Literal

from appliance.model.events.calls import CallEvent
from appliance.model.ids import AgentId, MailboxId, PartyId, QueueId, RecordingId, TransferId

TransferKind = Literal["blind", "attended"]

TargetKind = Literal["agent", "queue", "number", "mailbox"]


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
    """The raw file is closed; finishing (compression, checksum) follows in the background.
    `cause`: who asked for it, or what ended: the call, the message, the longest time."""

    recording: RecordingId
    duration_s: float
    dropped: int = 0
    cause: str = ""


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
