"""Shapes of what the pages and the API get and give. Moments `*_us` are UTC microseconds.

A caller's number is shown in full to supervisors, technicians and to the agent who is rung by
or talks with that caller; everybody else sees its last two digits.
"""

from typing import Annotated, Any, Literal

import msgspec

from appliance.history.boardrows import (
    AgentRow,
    CallRow,
    CoreRow,
    LineRow,
    QueueRow,
    SiteRow,
    TroubleRow,
    Waiting,
)
from appliance.history.kpi import Formula
from appliance.history.parts import Interaction
from appliance.model.events import AnyEvent, TargetKind
from appliance.web.tokens import Role

MAX_CALLERS = 20
"""Callers of a queue that are shown one by one."""


class Problem(msgspec.Struct, kw_only=True):
    """Every error: what happened, what it means, what to do."""

    error: str
    meaning: str
    remedy: str


class ServiceLevelView(msgspec.Struct, kw_only=True):
    """`percent` is null before the first call of the day."""

    percent: float | None
    formula: Formula
    seconds: float


class CallerView(Waiting, kw_only=True):
    """A waiting caller; `place` 1 is due next."""

    place: int


class QueueView(QueueRow, kw_only=True):
    """`waiting_since_us` is the longest wait's begin; `states` counts this queue's agents."""

    waiting: int
    waiting_since_us: int | None
    callers: list[CallerView]
    service_level: ServiceLevelView
    states: dict[str, int]


class LinkView(msgspec.Struct, kw_only=True):
    """Whether the office reaches the core, and since when (UTC microseconds)."""

    up: bool
    since_us: int
    reason: str = ""


class BoardView(msgspec.Struct, kw_only=True):
    seq: int
    at_us: int
    day: str
    site: SiteRow
    core: CoreRow
    queues: dict[str, QueueView]
    agents: dict[str, AgentRow]
    lines: dict[str, LineRow]
    calls: dict[str, CallRow]
    troubles: list[TroubleRow]


class Status(msgspec.Struct, kw_only=True):
    """`core` is "down" while the office does not reach it: `since_us` tells since when."""

    core: Literal["up", "down"]
    since_us: int
    reason: str
    seq: int
    version: str
    site: str
    calls: int
    waiting: int
    agents: dict[str, int]
    lines: dict[str, int]
    troubles: list[TroubleRow]


class Session(msgspec.Struct, kw_only=True):
    """Who one is."""

    role: Role
    agent: str = ""


# -- what comes over /api/v1/live ---------------------------------------------------------------


class SnapshotMessage(msgspec.Struct, kw_only=True, tag_field="type", tag="snapshot"):
    """First message after authentication: everything as of `board.seq`.

    `board` is null while the core has not been reached since the office started.
    """

    now_us: int
    link: LinkView
    session: Session
    board: BoardView | None


class PatchMessage(msgspec.Struct, kw_only=True, tag_field="type", tag="patch"):
    """Rows that changed up to `seq`, whole; null where one has gone."""

    seq: int
    now_us: int
    day: str
    queues: dict[str, QueueView | None]
    agents: dict[str, AgentRow | None]
    lines: dict[str, LineRow | None]
    calls: dict[str, CallRow | None]
    troubles: list[TroubleRow] | None
    core: CoreRow | None


class EventMessage(msgspec.Struct, kw_only=True, tag_field="type", tag="event"):
    """One record of the log, where asked for (supervisor, technician)."""

    seq: int
    at_us: int
    event: AnyEvent


class LinkMessage(msgspec.Struct, kw_only=True, tag_field="type", tag="link"):
    """The core went away or came back; what was missed follows as patches."""

    now_us: int
    link: LinkView


class BeatMessage(msgspec.Struct, kw_only=True, tag_field="type", tag="beat"):
    """Nothing new; sent every few seconds so that silence means trouble."""

    now_us: int


LiveMessage = SnapshotMessage | PatchMessage | EventMessage | LinkMessage | BeatMessage


class AuthMessage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """First message of a client. `token` may be left out with an Authorization header or a
    browser session. `events`: also every event as it is."""

    type: Literal["auth"]
    token: str = ""
    events: bool = False


# -- what is asked for ------------------------------------------------------------------------


class StateChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`ready` also logs in and ends wrap-up; `reason` goes with `paused`."""

    state: Literal["ready", "paused", "logged_out"]
    reason: Annotated[str, msgspec.Meta(max_length=80)] = ""


class Login(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Target(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Agent id, queue id, mailbox id or number, by `kind`."""

    kind: TargetKind
    target: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class RecordingChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    action: Literal["start", "stop", "pause", "resume"]


# -- replies ------------------------------------------------------------------------------------


class Done(msgspec.Struct, kw_only=True):
    """The core has done it. `seq`: the board's place in the log when the reply was made."""

    seq: int


class Queues(msgspec.Struct, kw_only=True):
    seq: int
    queues: list[QueueView]


class Agents(msgspec.Struct, kw_only=True):
    seq: int
    agents: list[AgentRow]


class Calls(msgspec.Struct, kw_only=True):
    seq: int
    calls: list[CallRow]


class InteractionPage(msgspec.Struct, kw_only=True):
    """`next` is the `after` of the next page, null on the last one."""

    interactions: list[Interaction]
    next: int | None


Plain = dict[str, Any]
