"""Agents between calls: ready, held back by an own wish or by the box, logged in and out."""

from typing import Literal

from appliance.acd.agent import Agent, Block
from appliance.acd.routing import Routing
from appliance.acd.state import Out, State
from appliance.acd.timers import Due

SEAT_GONE = "seat unreachable"
Off = Literal["paused", "not_ready", "logged_out"]
PROBE_S = 30.0
"""An agent taken out because offers failed at his seat is tried again after this, seconds."""


class Staff:
    __slots__ = ("routing", "state")

    def __init__(self, state: State, routing: Routing) -> None:
        self.state = state
        self.routing = routing

    def available(self, agent: Agent, cause: str, now: float, out: Out) -> None:
        """Nothing is in the agent's hands any more: what he or the box wished meanwhile
        happens now, else he is ready and the next caller is looked for."""
        if agent.removed or agent.pending == "logged_out":
            self.log_out(agent, cause, now, out)
        elif agent.pending == "paused":
            reason, agent.pending, agent.pending_reason = agent.pending_reason, "", ""
            self.off(agent, "paused", cause, now, out, reason)
        elif not agent.seat_ok:
            self.block(agent, "seat", SEAT_GONE, cause, now, out)
        else:
            agent.become("ready", cause, now, out)
            self.routing.agent_free(agent, now, out)

    def rested(self, agent: Agent, cause: str, now: float, out: Out) -> None:
        """As `available`, and his idle time begins now."""
        agent.idle_since = now
        self.available(agent, cause, now, out)

    def rest(self, agent: Agent, seconds: float, now: float) -> None:
        """No caller of any queue is offered to him for so long, whatever he does meanwhile: the
        one whom he missed is not overtaken by others at his phone."""
        until = now + seconds
        if seconds > 0 and (agent.rest is None or agent.rest[0] < until):
            self.state.timers.cancel(agent.rest)
            agent.rest = self.state.timers.at(until, Due.REST, agent)

    def block(
        self, agent: Agent, block: Block, reason: str, cause: str, now: float, out: Out
    ) -> None:
        """Not ready by the box."""
        agent.block = block
        limit = PROBE_S if block == "failing" else None
        self.off(agent, "not_ready", cause, now, out, reason, limit)

    def off(
        self,
        agent: Agent,
        state: Off,
        cause: str,
        now: float,
        out: Out,
        reason: str = "",
        limit_s: float | None = None,
    ) -> None:
        """Takes the agent out of work; who waited for him alone waits for everybody now."""
        agent.tok = 0
        self.end_limit(agent)
        if state != "not_ready":
            agent.block = ""
        agent.become(state, cause, now, out, reason=reason, limit_s=limit_s)
        if limit_s is not None:
            self.limit(agent, now + limit_s)
        self.release(agent, now, out)

    def log_in(self, agent: Agent, cause: str, now: float, out: Out) -> None:
        """Counts of the shift begin anew."""
        agent.forget_shift()
        agent.missed = 0
        self.count(agent, 1)
        self.rested(agent, cause, now, out)

    def log_out(self, agent: Agent, cause: str, now: float, out: Out) -> None:
        """A removed agent is forgotten with it."""
        agent.pending, agent.pending_reason = "", ""
        if agent.state != "logged_out":
            self.count(agent, -1)
            self.off(agent, "logged_out", cause, now, out)
        if agent.removed:
            del self.state.agents[agent.id]

    def count(self, agent: Agent, by: int) -> None:
        for member in agent.memberships.values():
            queue = member.queue
            queue.logged_in += by
            if not queue.logged_in:
                self.state.emptied.add(queue.id)

    def limit(self, agent: Agent, when: float) -> None:
        """The agent's present state ends by itself then."""
        agent.limit_at = when
        agent.timer = self.state.timers.at(when, Due.AGENT, agent)

    def end_limit(self, agent: Agent) -> None:
        self.state.timers.cancel(agent.timer)
        agent.timer = agent.limit_at = None

    def release(self, agent: Agent, now: float, out: Out) -> None:
        if not agent.wanted.open:
            return
        waiting = agent.wanted.entries()
        for entry in waiting:
            agent.wanted.close(entry)
            entry.preferred = None
        for entry in waiting:
            self.routing.caller_open(entry, now, out)
