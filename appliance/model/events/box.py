"""Agents' states, lines, the box itself."""

from typing import Literal

import msgspec

from appliance.model.events.calls import Event
from appliance.model.ids import AgentId, CallId, QueueId, TrunkId

AgentState = Literal[
    "logged_out",  # no calls until login
    "ready",  # available, waiting for an offer
    "ringing",  # has an offer
    "talking",  # connected to a caller or to another party, also while that is on hold
    "wrap_up",  # after-call work
    "paused",  # by own act, with a reason
    "not_ready",  # by the box: missed offers or an unreachable seat, with the reason
]


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
        "disk",
        "database",
        "recording",
        "sip",
        "prompts",
        "speech",
        "clock",
        "config",
        "office",
        "calls",
    ]
    what: str
    meaning: str
    remedy: str
    over: bool = False
