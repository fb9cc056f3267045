"""Everything the floor knows, and the small index keeping that all its parts share."""

from collections.abc import Iterator
from random import Random

from appliance.acd.agent import Agent, Membership
from appliance.acd.caller import Entry
from appliance.acd.effects import Effect
from appliance.acd.offer import Offer
from appliance.acd.queue import QueueState
from appliance.acd.redial import LastAgents
from appliance.acd.refused import Refused
from appliance.acd.skills import meets
from appliance.acd.timers import Timers
from appliance.model.events import Event
from appliance.model.ids import AgentId, CallId, OfferId, QueueId

Out = list[Effect | Event]
"""Effects and events in the order in which they happened."""

_ENDED_KEPT = 10_000


class State:
    """`entries`: callers in queues. `direct`: calls offered to an agent by name.

    `emptied`: queues whose last agent logged out in the step under way.
    """

    __slots__ = (
        "_ended",
        "agents",
        "direct",
        "emptied",
        "entries",
        "last_agents",
        "offers",
        "queues",
        "rng",
        "seq",
        "timers",
    )

    def __init__(self, seed: int) -> None:
        self.queues: dict[QueueId, QueueState] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.entries: dict[CallId, Entry] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.direct: dict[CallId, Offer] = {}
        self.last_agents = LastAgents()
        self.emptied: set[QueueId] = set()
        self.timers = Timers()
        self.rng = Random(seed)
        self.seq = 0
        self._ended: dict[OfferId, tuple[CallId, AgentId]] = {}

    def queue(self, queue: QueueId) -> QueueState:
        found = self.queues.get(queue)
        if found is None:
            raise Refused(f"There is no queue {queue!r}. Nothing was changed; check the name.")
        return found

    def agent(self, agent: AgentId) -> Agent:
        found = self.agents.get(agent)
        if found is None:
            raise Refused(f"There is no agent {agent!r}. Nothing was changed; check the name.")
        return found

    def close_offer(self, offer: Offer, accepted: bool) -> None:
        """The offer is over. One that was not accepted is remembered for a while, for its
        answer may be on the way."""
        del self.offers[offer.id]
        self.timers.cancel(offer.timer)
        offer.agent.offer = None
        if accepted:
            return
        ended = self._ended
        ended[offer.id] = (offer.call, offer.agent.id)
        if len(ended) > _ENDED_KEPT:
            del ended[next(iter(ended))]

    def ended_offer(self, offer: OfferId) -> tuple[CallId, AgentId] | None:
        return self._ended.get(offer)

    def reindex(self) -> "list[Agent]":
        """Rebuilds members, idle lists and buckets from the settings; O(everything).

        Returns the idle agents, longest idle first, who are in no list now: each is to be given
        to `Routing.agent_free`.
        """
        turns = {(a.id, m.queue.id): m.turn for a in self.agents.values() for m in a.members()}
        for queue in self.queues.values():
            queue.clear()
            queue.logged_in = 0
        idle = [agent for agent in self.agents.values() if agent.tok]
        for agent in self.agents.values():
            self._join(agent, turns)
        for entry in self.in_order():
            self._place(entry)
        for agent in idle:
            agent.tok = 0
        return sorted(idle, key=lambda agent: agent.idle_since)

    def in_order(self) -> Iterator[Entry]:
        """All waiting callers, queue by queue, in the order of service."""
        for queue in self.queues.values():
            yield from sorted(queue.callers.values(), key=lambda entry: entry.key)

    def eligible(self, agent: Agent, entry: Entry) -> bool:
        """Whether this agent may be offered this caller as things stand; the plain rule, for
        checks: routing gets the same from its index."""
        if entry.preferred is not None and entry.preferred is not agent:
            return False
        if entry.queue.id not in agent.memberships:
            return False
        return entry.preferred is agent or meets(agent.cfg.skills, entry.need)

    def _join(self, agent: Agent, turns: dict[tuple[AgentId, QueueId], int]) -> None:
        agent.memberships = {}
        agent.wanted.clear()
        if agent.removed:
            return
        for place in agent.cfg.queues:
            queue = self.queues.get(QueueId(place.id))
            if queue is None or queue.id in agent.memberships:
                continue
            group = queue.group(agent)
            group.members += 1
            member = Membership(agent, queue, group, place)
            member.turn = turns.get((agent.id, queue.id), 0)
            queue.members[agent.id] = agent.memberships[queue.id] = member
            queue.logged_in += agent.state != "logged_out"

    def _place(self, entry: Entry) -> None:
        """Puts a caller in want of an agent back into the bucket where he belongs now."""
        queue = entry.queue
        preferred = entry.preferred
        if preferred is not None and queue.id not in preferred.memberships:
            entry.preferred = None
        bucket = queue.bucket(entry.need) if entry.preferred is None else entry.preferred.wanted
        entry.tok = 0
        if not entry.offers or (queue.ring_all and entry.preferred is None):
            self.seq += 1
            bucket.push(entry, self.seq)
