"""The match of callers and agents: O(log n) in both, whoever of the two comes free.

Two rules keep the queue from stalling: whenever a caller opens, the idle agents are looked
through; whenever an agent comes free, the open callers are. So at rest no idle agent and open
caller are left who may be brought together, whoever else is busy, absent or failing.
"""

from appliance.acd import strategies
from appliance.acd.agent import Agent
from appliance.acd.caller import Entry
from appliance.acd.effects import Ring
from appliance.acd.line import Bucket, Place
from appliance.acd.offer import Offer
from appliance.acd.queue import QueueState
from appliance.acd.state import Out, State
from appliance.acd.timers import Due
from appliance.model.events import AgentChanged, OfferMade
from appliance.model.ids import CallId, OfferId


class Routing:
    __slots__ = ("state",)

    def __init__(self, state: State) -> None:
        self.state = state

    def agent_free(self, agent: Agent, now: float, out: Out) -> None:
        """The agent is ready: he gets the first caller whom he may serve, else he is idle. While
        he rests he is neither; `rest_over` follows."""
        if agent.rest is not None:
            return
        best: Place | None = None
        for member in agent.memberships.values():
            for bucket in member.group.buckets:
                if bucket.open:
                    best = _earlier(best, bucket)
        if agent.wanted.open:
            best = _earlier(best, agent.wanted)
        if best is not None:
            self.offer(agent, best[3], now, out)
        else:
            self._rest(agent)

    def caller_open(self, entry: Entry, now: float, out: Out) -> None:
        """The caller wants an agent: the idle one whom the strategy names is rung (in ring_all
        every one), else the caller waits in his bucket."""
        state = self.state
        queue = entry.queue
        preferred = entry.preferred
        if preferred is not None:
            if preferred.tok:
                self.offer(preferred, entry, now, out)
            else:
                state.seq += 1
                preferred.wanted.push(entry, state.seq)
            return
        bucket = queue.bucket(entry.need)
        if queue.ring_all:
            state.seq += 1
            bucket.push(entry, state.seq)
            self._ring_everybody(bucket, entry, now, out)
            return
        pick = strategies.race if queue.weighted else strategies.first
        agent = pick(bucket.groups)
        if agent is not None:
            self.offer(agent, entry, now, out)
        else:
            state.seq += 1
            bucket.push(entry, state.seq)

    def rest_over(self, agent: Agent, now: float, out: Out) -> None:
        """He may be offered callers again, if he is still ready."""
        agent.rest = None
        if agent.state == "ready":
            self.agent_free(agent, now, out)

    def offer(self, agent: Agent, entry: Entry, now: float, out: Out) -> None:
        """An idle or just ready agent is rung for an open or just entered caller."""
        queue = entry.queue
        alone = entry.preferred is not None or not queue.ring_all
        if alone and entry.tok:
            entry.bucket.close(entry)
        member = agent.memberships.get(queue.id)
        offer = self.ring(agent, entry.call, entry, queue, queue.cfg.ring_s, now, out)
        if member is not None:
            member.turn = self.state.seq
        if entry.offers:
            entry.offers[offer.id] = offer
        else:
            entry.offers = {offer.id: offer}
            queue.offered += 1
            if not entry.offered_at:
                entry.offered_at = now

    def ring(
        self,
        agent: Agent,
        call: CallId,
        entry: Entry | None,
        queue: QueueState | None,
        ring_s: float,
        now: float,
        out: Out,
    ) -> Offer:
        """Makes the offer and rings the seat."""
        state = self.state
        state.seq = seq = state.seq + 1
        offer = Offer(OfferId(f"{call}-{seq}"), call, agent, entry, queue, ring_s, now)
        offer.timer = state.timers.at(now + ring_s, Due.RING, offer)
        state.offers[offer.id] = agent.offer = offer
        agent.tok = 0
        queue_id = None if queue is None else queue.id
        out.append(
            OfferMade(call=call, offer=offer.id, agent=agent.id, queue=queue_id, ring_s=ring_s)
        )
        # Agent.become, written out: this is the busiest line of the floor.
        out.append(
            AgentChanged(
                agent=agent.id,
                was=agent.state,
                state="ringing",
                cause="offer",
                call=call,
                queue=queue_id,
            )
        )
        agent.state = "ringing"
        agent.reason = ""
        agent.since = now
        out.append(Ring(offer=offer.id, call=call, agent=agent.id, queue=queue_id, ring_s=ring_s))
        return offer

    def _rest(self, agent: Agent) -> None:
        state = self.state
        state.seq = tok = state.seq + 1
        agent.tok = tok
        rng = state.rng
        for member in agent.memberships.values():
            member.group.push(member.queue.key_of(member, rng), tok, agent)

    def _ring_everybody(self, bucket: Bucket, entry: Entry, now: float, out: Out) -> None:
        for group in bucket.groups:
            for agent in group.idle():
                self.offer(agent, entry, now, out)


def _earlier(best: Place | None, bucket: Bucket) -> Place | None:
    place = bucket.first()
    if place is None or (best is not None and best < place):
        return best
    return place
