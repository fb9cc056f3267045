"""An interaction and its parts: one caller's whole walk, as people read it afterwards.

Moments are UTC microseconds (`*_us`), durations seconds (`*_s`). A moment is None while the
part goes on.
"""

import msgspec


class Part(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Base of all parts."""


class FlowStep(Part, kw_only=True):
    """A node of the call flow, or what the caller gave there (`kind` as in flow.input).

    Of ``speech``, `value` is what was heard and `choice` what it meant: a menu's choice, or the
    whole entry of digits, a number or a day. An utterance that did not decide by itself is of kind
    ``heard``: nothing was understood (`missed` says why), or it was asked back. ``deaf``: speech
    could not be heard, `value` says why. `confidence` of speech: 0 to 1; of an entry in several
    goes the lowest.
    """

    at_us: int
    flow: str = ""
    node: str = ""
    kind: str = ""
    value: str = ""
    choice: str = ""
    confidence: float | None = None
    missed: str = ""


class QueueVisit(Part, kw_only=True):
    """One place in one queue. `reason` as in queue.left; `kept_s` > 0 for a redialler."""

    queue: str
    entered_us: int
    left_us: int | None = None
    waited_s: float = 0.0
    kept_s: float = 0.0
    priority: int = 0
    reason: str = ""
    target: str = ""


class OfferPart(Part, kw_only=True):
    offer: str
    agent: str
    queue: str = ""
    made_us: int
    ended_us: int | None = None
    result: str = ""
    cause: str = ""


class TalkPart(Part, kw_only=True):
    """One agent's own share: `talk_s` without hold, `wrap_up_s` after it."""

    agent: str
    role: str = "primary"
    queue: str = ""
    started_us: int
    ended_us: int | None = None
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    cause: str = ""


class PartyPart(Part, kw_only=True):
    party: str
    number: str
    role: str
    joined_us: int
    left_us: int | None = None
    talk_s: float = 0.0
    cause: str = ""


class TransferPart(Part, kw_only=True):
    transfer: str
    kind: str
    agent: str
    target_kind: str
    target: str
    started_us: int
    ended_us: int | None = None
    result: str = ""
    cause: str = ""


class RecordingPart(Part, kw_only=True):
    """`path` is of the raw file until it is finished; `pauses` are (from, to) in the file.

    With `lost_from_s` the file is good up to there; `failed` says what happened then.
    `transcript`: path of what became text of it, or '' and perhaps why not.
    """

    recording: str
    kind: str = "call"
    cause: str = ""
    path: str = ""
    sha256: str = ""
    started_us: int | None = None
    duration_s: float = 0.0
    bytes: int = 0
    pauses: list[tuple[float, float | None]] = msgspec.field(default_factory=list)
    recovered: bool = False
    failed: str = ""
    lost_from_s: float = 0.0
    transcript: str = ""
    transcript_failed: str = ""


class VoicemailPart(Part, kw_only=True):
    mailbox: str
    recording: str
    at_us: int
    duration_s: float


class Interaction(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`seq` is the log's number of its first event: interactions are ordered by it."""

    call: str
    seq: int
    started_us: int
    answered_us: int | None = None
    ended_us: int | None = None
    trunk: str = ""
    caller: str = ""
    caller_name: str = ""
    anonymous: bool = False
    called: str = ""
    diverted_from: str = ""
    language: str = ""
    priority: int = 0
    vip: bool = False
    data: dict[str, str] = msgspec.field(default_factory=dict)
    outcome: str = ""
    cause: str = ""
    sip_code: int = 0
    hung_up_by: str = ""
    steps: list[FlowStep] = msgspec.field(default_factory=list)
    visits: list[QueueVisit] = msgspec.field(default_factory=list)
    offers: list[OfferPart] = msgspec.field(default_factory=list)
    talks: list[TalkPart] = msgspec.field(default_factory=list)
    parties: list[PartyPart] = msgspec.field(default_factory=list)
    transfers: list[TransferPart] = msgspec.field(default_factory=list)
    recordings: list[RecordingPart] = msgspec.field(default_factory=list)
    voicemails: list[VoicemailPart] = msgspec.field(default_factory=list)

    @property
    def wait_s(self) -> float:
        """All its waits in queues together."""
        return sum(visit.waited_s for visit in self.visits)

    @property
    def talk_s(self) -> float:
        """Agents' talk with the caller; consultations between agents are not in it."""
        return sum(talk.talk_s for talk in self.talks if talk.role != "consult")

    @property
    def hold_s(self) -> float:
        return sum(talk.hold_s for talk in self.talks if talk.role != "consult")

    @property
    def wrap_up_s(self) -> float:
        return sum(talk.wrap_up_s for talk in self.talks)
