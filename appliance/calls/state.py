"""The state of one call and of the parties in it. Shapes and their own arithmetic only."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from appliance.calls.effects import Links
from appliance.model.events import Outcome, QueueLeft, TargetKind, TransferKind
from appliance.model.ids import (
    AgentId,
    CallId,
    FlowId,
    LegId,
    MailboxId,
    OfferId,
    PartyId,
    QueueId,
    RecordingId,
    TransferId,
    TrunkId,
)

if TYPE_CHECKING:
    from appliance.flow.interpreter import FlowRun

Role = Literal["primary", "consult", "conference"]


class Stage(StrEnum):
    """Where the caller is. A call has exactly one stage at a time."""

    FLOW = "flow"
    QUEUE = "queue"
    DIRECT = "direct"  # one named agent is rung, no queue
    NUMBER = "number"  # an outside number is dialled
    VOICEMAIL = "voicemail"
    TALK = "talk"
    ENDED = "ended"


@dataclass(slots=True)
class Party:
    """Somebody other than the caller: an agent or an outside number. Times in seconds.

    `up` once answered; `joined` once heard by others (after the whisper); `peer_held` while
    its own phone keeps us on hold.
    """

    leg: LegId
    role: Role
    agent: AgentId | None = None
    party: PartyId | None = None
    number: str = ""
    purpose: Literal["forward", "transfer", "consult", "conference"] = "forward"
    queue: QueueId | None = None
    offer: OfferId | None = None
    up: bool = False
    joined: bool = False
    peer_held: bool = False
    since: float = 0.0
    held_since: float | None = None
    held_s: float = 0.0

    def start_hold(self, now: float) -> None:
        if self.held_since is None:
            self.held_since = now

    def end_hold(self, now: float) -> float:
        """Seconds of the hold that ends now; 0.0 when there was none."""
        if self.held_since is None:
            return 0.0
        held = now - self.held_since
        self.held_since = None
        self.held_s += held
        return held

    def talked(self, now: float) -> float:
        return max(0.0, now - self.since - self.held_s) if self.joined else 0.0


@dataclass(slots=True)
class OfferLeg:
    """A seat being rung. `consult`: for the consulting agent, not for the caller."""

    offer: OfferId
    agent: AgentId
    queue: QueueId | None
    leg: LegId
    reached: bool = False
    accepted: bool = False


@dataclass(slots=True)
class Transfer:
    """A transfer on its way. `back_to` is the queue the caller falls back to."""

    transfer: TransferId
    kind: TransferKind
    agent: AgentId
    target_kind: TargetKind
    target: str
    refer_leg: LegId | None = None
    back_to: QueueId | None = None
    back_agent: AgentId | None = None


@dataclass(slots=True)
class Taping:
    """The running recording of a call."""

    recording: RecordingId
    path: str
    started: float
    kind: Literal["call", "voicemail"] = "call"
    paused: bool = False
    failed: bool = False


@dataclass(slots=True)
class Voicemail:
    mailbox: MailboxId
    greeting: bool = True
    play: int | None = None


@dataclass(slots=True)
class Call:
    """One interaction. `parties` holds legs that are dialled or up, keyed by leg."""

    id: CallId
    trunk: TrunkId
    leg: LegId
    caller: str
    caller_name: str
    anonymous: bool
    called: str
    language: str
    arrived: float
    stage: Stage = Stage.FLOW
    answered: bool = False
    priority: int = 0
    skills: dict[str, int] = field(default_factory=dict)
    vip: bool = False
    preferred: AgentId | None = None
    data: dict[str, str] = field(default_factory=dict)
    flow_id: FlowId | None = None
    flow: "FlowRun | None" = None
    flow_plays: dict[int, int] = field(default_factory=dict)
    heard_for: int | None = None
    """The flow's `Listen` that a recogniser works for."""
    queue: QueueId | None = None
    last_queue: QueueId | None = None
    queue_play: int | None = None
    offers: dict[OfferId, OfferLeg] = field(default_factory=dict)
    parties: dict[LegId, Party] = field(default_factory=dict)
    held: bool = False
    conference: bool = False
    caller_holds: bool = False
    """The caller's own phone keeps us on hold."""
    silent: dict[LegId, bool] = field(default_factory=dict)
    """Legs that no audio comes from; True where the log says so, False while it is a hold."""
    consult_by: LegId | None = None
    consult_leg: LegId | None = None
    """The consulting agent's second leg, when the phone made the consultation call itself."""
    transfer: Transfer | None = None
    taping: Taping | None = None
    tapes: int = 0
    voicemail: Voicemail | None = None
    links: Links = frozenset()
    unheard: "tuple[QueueLeft, float] | None" = None
    """Answered by a seat that still hears its whisper, and since when."""
    left_by: str = ""
    """Who ended the talk, when the flow goes on after it."""
    reached: Outcome | None = None
    """The best outcome so far: answered, forwarded or voicemail."""

    @property
    def primary(self) -> Party | None:
        return self._with_role("primary")

    @property
    def consult(self) -> Party | None:
        return self._with_role("consult")

    def _with_role(self, role: Role) -> Party | None:
        for party in self.parties.values():
            if party.role == role:
                return party
        return None

    def agent_party(self, agent: AgentId) -> Party | None:
        for party in self.parties.values():
            if party.agent == agent:
                return party
        return None
