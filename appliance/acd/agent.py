"""An agent: one state at a time, each change one event with its cause."""

from typing import TYPE_CHECKING, Literal

from appliance.acd.line import Bucket
from appliance.acd.timers import Timer
from appliance.model import site
from appliance.model.events import AgentChanged, AgentState
from appliance.model.ids import AgentId, CallId, QueueId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.acd.caller import Entry
    from appliance.acd.idle import Group
    from appliance.acd.offer import Offer
    from appliance.acd.queue import QueueState
    from appliance.acd.state import Out

Block = Literal["", "missed", "failing", "seat"]
"""Why not_ready: offers missed (ends by his own act), offers that failed at his seat (ends by
itself after a while), or the seat known to be unreachable (ends when it is back)."""

WORKING: frozenset[AgentState] = frozenset({"ready", "ringing", "talking", "wrap_up"})
"""States in which the agent takes calls now or as soon as the one in hand is done."""


class Membership:
    """An agent in a queue. `turn` is the number of the last offer, for round robin."""

    __slots__ = ("agent", "group", "order", "queue", "turn", "weight")

    def __init__(
        self, agent: "Agent", queue: "QueueState", group: "Group", place: site.AgentQueue
    ) -> None:
        self.agent = agent
        self.queue = queue
        self.group = group
        self.order = place.order
        self.weight = place.weight
        self.turn = 0


class Agent:
    """Times are seconds of the floor's clock, durations seconds.

    `tok` is not 0 exactly while he is idle: ready, not resting, in the idle lists of his queues.
    `rest`: the end of his rest after an offer that he did not take; None while he has none.
    `calls`, `talked_s` and `handled_s` (per queue, from offer to the end of wrap-up) count
    since his login. `missed`: offers in a row that failed; `missed_before`: those before the call
    in hand, should it turn out that he did not take it.
    """

    __slots__ = (
        "block",
        "call",
        "calls",
        "cfg",
        "entry",
        "handled_s",
        "id",
        "idle_since",
        "limit_at",
        "memberships",
        "missed",
        "missed_before",
        "offer",
        "offered_at",
        "pending",
        "pending_reason",
        "queue",
        "reason",
        "removed",
        "rest",
        "seat_ok",
        "since",
        "state",
        "talked_s",
        "timer",
        "tok",
        "wanted",
    )

    def __init__(self, cfg: site.Agent) -> None:
        self.id = AgentId(cfg.id)
        self.cfg = cfg
        self.state: AgentState = "logged_out"
        self.reason = ""
        self.since = 0.0
        self.memberships: dict[QueueId, Membership] = {}
        self.wanted = Bucket((), ())
        self.offer: Offer | None = None
        self.call: CallId | None = None
        self.entry: Entry | None = None
        self.queue: QueueState | None = None
        self.offered_at = 0.0
        self.pending: Literal["", "paused", "logged_out"] = ""
        self.pending_reason = ""
        self.seat_ok = True
        self.block: Block = ""
        self.removed = False
        self.missed = self.missed_before = 0
        self.timer: Timer | None = None
        self.rest: Timer | None = None
        self.limit_at: float | None = None
        self.tok = 0
        self.idle_since = 0.0
        self.forget_shift()

    def members(self) -> "Iterable[Membership]":
        """His places in queues."""
        return self.memberships.values()

    def forget_shift(self) -> None:
        """Counts begin anew, at login."""
        self.calls = 0
        self.talked_s = 0.0
        self.handled_s: dict[QueueId, float] = {}

    def become(
        self,
        state: AgentState,
        cause: str,
        now: float,
        out: "Out",
        *,
        reason: str = "",
        call: CallId | None = None,
        queue: QueueId | None = None,
        limit_s: float | None = None,
    ) -> None:
        """The only place where the state changes."""
        out.append(
            AgentChanged(
                agent=self.id,
                was=self.state,
                state=state,
                cause=cause,
                reason=reason,
                call=call,
                queue=queue,
                limit_s=limit_s,
            )
        )
        self.state = state
        self.reason = reason
        self.since = now

    def wrap_up_s(self) -> float:
        """Limit of after-call work of the call in hand: his own setting, else the queue's."""
        if self.cfg.wrap_up_s is not None:
            return self.cfg.wrap_up_s
        return self.queue.cfg.wrap_up_s if self.queue is not None else 0.0
