"""Rows of the wallboard: what is shown of a queue, an agent, a line, a call, a trouble.

Moments are UTC in microseconds (`*_us`), durations in seconds (`*_s`). 0 as a moment means
never seen yet.
"""

from typing import TYPE_CHECKING, Literal

import msgspec

from appliance.history.kpi import Formula
from appliance.model.events import AgentState
from appliance.model.ids import AgentId, CallId, QueueId

if TYPE_CHECKING:  # the office shows a board and never reads site.toml itself
    from appliance.model.site import SiteFile

Stage = Literal[
    "arriving",  # delivered by a line, no flow yet
    "flow",
    "queue",
    "ringing",  # at least one seat or outside party is being rung
    "talking",  # with an agent
    "conference",
    "outside",  # with an outside number, no agent
    "voicemail",
    "leaving",  # the flow is about to hang up
]


class Row(msgspec.Struct, kw_only=True):
    """Base of all rows."""


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller was told: position (1 = next) and wait range."""

    position: int
    low_s: float | None
    high_s: float | None
    at_us: int


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """Wait range of one who would enter the queue now."""

    low_s: float
    high_s: float
    at_us: int


class Waiting(Row, kw_only=True):
    """A caller in a queue. `since_us` includes seconds kept from an earlier try."""

    call: CallId
    since_us: int
    entered_us: int
    priority: int = 0
    caller: str = ""
    caller_name: str = ""
    announced: Announced | None = None


class Today(Row, kw_only=True):
    """Counts since midnight. `answered_in` and `abandoned_in` are within the service level's
    seconds; `short_abandoned` within its short-abandon threshold."""

    offered: int = 0
    answered: int = 0
    answered_in: int = 0
    abandoned: int = 0
    abandoned_in: int = 0
    short_abandoned: int = 0
    overflowed: int = 0
    failed: int = 0
    waited_s: float = 0.0
    longest_s: float = 0.0


class QueueRow(Row, kw_only=True):
    id: QueueId
    name: str = ""
    formula: Formula = "all_offered"
    level_s: float = 20.0
    short_s: float = 5.0
    priority_s: float = 60.0
    estimate: Expected | None = None
    today: Today = msgspec.field(default_factory=Today)


class AgentRow(Row, kw_only=True):
    """`limit_s`: length of wrap-up, where it has one. `held`: keeps the caller on hold."""

    id: AgentId
    name: str = ""
    queues: list[QueueId] = msgspec.field(default_factory=list)
    state: AgentState = "logged_out"
    since_us: int = 0
    reason: str = ""
    cause: str = ""
    call: CallId | None = None
    queue: QueueId | None = None
    limit_s: float | None = None
    held: bool = False
    answered: int = 0
    missed: int = 0


class LineRow(Row, kw_only=True):
    id: str
    name: str = ""
    state: Literal["up", "down", "disabled", "unknown"] = "unknown"
    since_us: int = 0
    cause: str = ""
    calls: int = 0


class Party(Row, kw_only=True):
    """Who talks with the caller: an agent (`id`) or an outside party (`id`, `number`)."""

    kind: Literal["agent", "number"]
    id: str
    number: str = ""
    role: str = "primary"
    since_us: int = 0


class CallRow(Row, kw_only=True):
    id: CallId
    since_us: int
    line: str = ""
    caller: str = ""
    caller_name: str = ""
    anonymous: bool = False
    called: str = ""
    answered_us: int = 0
    stage: Stage = "arriving"
    stage_since_us: int = 0
    base: Stage = "arriving"
    flow: str = ""
    node: str = ""
    queue: QueueId | None = None
    language: str = ""
    priority: int = 0
    vip: bool = False
    offers: dict[str, AgentId] = msgspec.field(default_factory=dict)
    parties: list[Party] = msgspec.field(default_factory=list)
    held: bool = False
    conference: bool = False
    recording: Literal["off", "on", "paused"] = "off"
    silent: list[str] = msgspec.field(default_factory=list)
    keys_only: str = ""
    """Why nobody listens to what the caller says at this node, as in speech.deaf; '' where
    somebody does, or nothing is to be said."""

    def current_stage(self) -> Stage:
        """The stage that follows from who is connected, rung or waited for."""
        joined = [party for party in self.parties if party.role != "consult"]
        if self.conference:
            return "conference"
        if any(party.kind == "agent" for party in joined):
            return "talking"
        if joined:
            return "outside"
        if self.offers:
            return "ringing"
        return "queue" if self.queue else self.base


class TroubleRow(Row, kw_only=True):
    where: str
    what: str
    meaning: str
    remedy: str
    since_us: int
    times: int = 1


class CoreRow(Row, kw_only=True):
    """`running` is what the log says; whether the core answers is the link's matter."""

    running: bool = False
    since_us: int = 0
    version: str = ""
    after: str = ""
    config: str = ""


class SiteRow(Row, kw_only=True):
    name: str = "Callfloor"
    language: str = "en"
    timezone: str = "UTC"
    pause_reasons: dict[str, str] = msgspec.field(default_factory=dict)


class BoardSite(Row, kw_only=True):
    """Names and settings that the events do not carry, fresh rows without any state."""

    site: SiteRow = msgspec.field(default_factory=SiteRow)
    queues: list[QueueRow] = msgspec.field(default_factory=list)
    agents: list[AgentRow] = msgspec.field(default_factory=list)
    lines: list[LineRow] = msgspec.field(default_factory=list)

    @classmethod
    def of(cls, file: "SiteFile") -> "BoardSite":
        return cls(
            site=SiteRow(
                name=file.site.name,
                language=file.site.language,
                timezone=file.site.timezone,
                pause_reasons={reason.id: reason.name or reason.id for reason in file.pause_reason},
            ),
            queues=[
                QueueRow(
                    id=QueueId(queue.id),
                    name=queue.name or queue.id,
                    formula=queue.service_level.formula,
                    level_s=queue.service_level.seconds,
                    short_s=queue.service_level.short_abandon_s,
                    priority_s=queue.priority_s,
                )
                for queue in file.queue
            ],
            agents=[
                AgentRow(
                    id=AgentId(agent.id),
                    name=agent.name or agent.id,
                    queues=[QueueId(queue.id) for queue in agent.queues],
                )
                for agent in file.agent
            ],
            lines=[
                LineRow(
                    id=trunk.id,
                    name=trunk.name or trunk.id,
                    state="unknown" if trunk.enabled else "disabled",
                )
                for trunk in file.trunk
            ],
        )
