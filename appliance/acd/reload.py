"""Live changes of queues and agents: nobody waiting, talking or wrapping up notices."""

from collections.abc import Iterable, Mapping

import msgspec
from sortedcontainers import SortedList

from appliance.acd.agent import Agent
from appliance.acd.offers import Offers
from appliance.acd.queue import QueueState
from appliance.acd.routing import Routing
from appliance.acd.staff import PROBE_S, Staff
from appliance.acd.state import Out, State
from appliance.acd.waiting import Waiting
from appliance.model import site
from appliance.model.events import AgentState, StateRepaired
from appliance.model.ids import AgentId, QueueId


class AgentMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What the event log says of an agent at the end of the last run. `left_s`: rest of the
    limit of wrap-up (or of a failing seat's pause), seconds; time while the box was off counts
    or not as the reader of the log decides."""

    state: AgentState
    reason: str = ""
    left_s: float = 0.0
    queue: QueueId | None = None


class Reload:
    __slots__ = ("offers", "routing", "staff", "state", "waiting")

    def __init__(
        self, state: State, routing: Routing, staff: Staff, offers: Offers, waiting: Waiting
    ) -> None:
        self.state = state
        self.routing = routing
        self.staff = staff
        self.offers = offers
        self.waiting = waiting

    def load(self, queues: Iterable[site.Queue], agents: Iterable[site.Agent]) -> None:
        """The first settings; everybody is logged out until `restore`."""
        for queue in queues:
            self.state.queues[QueueId(queue.id)] = QueueState(queue)
        for agent in agents:
            self.state.agents[AgentId(agent.id)] = Agent(agent)
        self.state.reindex()

    def restore(self, memory: Mapping[AgentId, AgentMemory], now: float, out: Out) -> None:
        """Agents as they were; those never seen before log in where their setting says so."""
        for agent in list(self.state.agents.values()):
            known = memory.get(agent.id)
            if known is not None:
                self._recall(agent, known, now, out)
            elif agent.cfg.login and agent.state == "logged_out":
                self.staff.log_in(agent, "first seen", now, out)

    def reconfigure(
        self, queues: Iterable[site.Queue], agents: Iterable[site.Agent], now: float, out: Out
    ) -> None:
        """New settings. Ids are what counts: a new name, skill or limit changes no state.

        Callers of a removed queue go elsewhere; a removed agent is logged out, after the call
        he is in. Running wrap-up keeps its limit.
        """
        new_queues = {QueueId(queue.id): queue for queue in queues}
        new_agents = {AgentId(agent.id): agent for agent in agents}
        fresh = self._take_agents(new_agents)
        gone = self._take_queues(new_queues)
        for entry in self.state.entries.values():
            self.waiting.review(entry, now)
        for queue in self.state.queues.values():
            queue.order = SortedList(entry.key for entry in queue.callers.values())
        idle = self.state.reindex()
        # Indexes are whole again; now what the changes mean for people.
        self._send_away(gone, now, out)
        self._log_out_removed(now, out)
        for agent in idle:
            if agent.state == "ready" and not agent.tok:
                self.routing.agent_free(agent, now, out)
        for agent in fresh:
            if agent.cfg.login:
                self.staff.log_in(agent, "first seen", now, out)
        self._ring_one(now, out)
        self.state.emptied.update(q.id for q in self.state.queues.values() if not q.logged_in)

    def _take_agents(self, new: Mapping[AgentId, site.Agent]) -> list[Agent]:
        agents = self.state.agents
        for agent in agents.values():
            agent.removed = agent.id not in new
        fresh = []
        for agent_id, cfg in new.items():
            known = agents.get(agent_id)
            if known is None:
                known = agents[agent_id] = Agent(cfg)
                fresh.append(known)
            known.cfg = cfg
        return fresh

    def _take_queues(self, new: Mapping[QueueId, site.Queue]) -> list[QueueState]:
        queues = self.state.queues
        gone = [queue for queue in queues.values() if queue.id not in new]
        for queue_id, cfg in new.items():
            if queue_id in queues:
                queues[queue_id].configure(cfg)
            else:
                queues[queue_id] = QueueState(cfg)
        return gone

    def _send_away(self, gone: list[QueueState], now: float, out: Out) -> None:
        for queue in gone:
            # Nobody serves it from here on, so that no caller is offered on the way out.
            for member in queue.members.values():
                del member.agent.memberships[queue.id]
            for group in queue.groups.values():
                group.buckets = []
            for bucket in queue.buckets.values():
                bucket.groups = []
            for entry in list(queue.callers.values()):
                self.waiting.divert(entry, "overflow_unstaffed", now, out)
            del self.state.queues[queue.id]

    def _ring_one(self, now: float, out: Out) -> None:
        """Where a queue no longer rings all, the agent rung first stays."""
        for entry in list(self.state.entries.values()):
            if len(entry.offers) > 1 and not entry.queue.ring_all:
                for offer in list(entry.offers.values())[1:]:
                    self.offers.withdraw(offer, "one agent at a time", now, out)

    def _log_out_removed(self, now: float, out: Out) -> None:
        for agent in [agent for agent in self.state.agents.values() if agent.removed]:
            if agent.offer is not None:
                self.offers.stop(agent.offer, "refused", "agent removed", now, out)
            elif agent.state != "talking":
                self.staff.log_out(agent, "removed from the settings", now, out)

    def _recall(self, agent: Agent, known: AgentMemory, now: float, out: Out) -> None:
        staff = self.staff
        if known.state == "logged_out":
            return
        staff.count(agent, 1)
        agent.state, agent.reason, agent.since = known.state, known.reason, now
        if known.state in ("ringing", "talking"):
            out.append(
                StateRepaired(
                    what="agent",
                    id=agent.id,
                    was=known.state,
                    now="ready",
                    cause="the call did not survive the restart",
                )
            )
            staff.rested(agent, "restart", now, out)
        elif known.state == "wrap_up":
            agent.queue = self.state.queues.get(known.queue) if known.queue else None
            agent.offered_at = now
            staff.limit(agent, now + max(0.0, known.left_s))
        elif known.state == "ready":
            agent.idle_since = now
            self.routing.agent_free(agent, now, out)
        elif known.state == "not_ready":
            self._recall_block(agent, known, now)

    def _recall_block(self, agent: Agent, known: AgentMemory, now: float) -> None:
        """Seats are taken as reachable until the registry says otherwise, so a seat's block is
        tried again soon; missed offers stay until he acts."""
        if known.reason.startswith("seat"):
            agent.block = "failing"
            self.staff.limit(agent, now + (known.left_s or PROBE_S))
        else:
            agent.block = "missed"
