"""What must hold after every step. Slow and plain on purpose: it shares no index with routing."""

from collections.abc import Iterator

from appliance.acd.agent import WORKING, Agent
from appliance.acd.caller import NEVER
from appliance.acd.queue import QueueState
from appliance.acd.state import State


def check(state: State) -> list[str]:
    """Every broken rule in a sentence; empty is fine. O(agents + callers), and idle agents times
    kinds of open callers."""
    return [
        *_agents(state),
        *_one_place(state),
        *_offers(state),
        *_callers(state),
        *_indexes(state),
        *_stalls(state),
    ]


def _agents(state: State) -> Iterator[str]:
    entries: dict[int, Agent] = {}
    for agent in state.agents.values():
        yield from _agent(agent)
        if agent.entry is not None:
            other = entries.setdefault(id(agent.entry), agent)
            if other is not agent:
                yield f"agents {other.id} and {agent.id} are connected to caller {agent.call}"


def _agent(agent: Agent) -> Iterator[str]:
    name = f"agent {agent.id} ({agent.state})"
    if (agent.state == "ringing") != (agent.offer is not None):
        yield f"{name}: offer {agent.offer and agent.offer.id}"
    if (agent.state == "talking") != (agent.call is not None):
        yield f"{name}: call {agent.call}"
    if (agent.state == "ready" and agent.rest is None) != (agent.tok != 0):
        yield f"{name}: in idle lists {agent.tok != 0}"
    if agent.rest is not None and agent.rest[2] is None:
        yield f"{name}: rests without an end"
    if (agent.state == "not_ready") != (agent.block != ""):
        yield f"{name}: block {agent.block!r}"
    timed = agent.state == "wrap_up" or agent.block == "failing"
    if timed != (agent.timer is not None and agent.timer[2] is not None):
        yield f"{name}: limit {agent.limit_at}"
    if agent.state == "ready" and not agent.seat_ok:
        yield f"{name}: seat cannot be reached"
    if agent.removed and agent.state != "talking":
        yield f"{name}: removed and still here"


def _one_place(state: State) -> Iterator[str]:
    for call in state.direct.keys() & state.entries.keys():
        yield f"caller {call} waits in a queue and is offered by name"
    queues = [call for queue in state.queues.values() for call in queue.callers]
    if len(queues) != len(set(queues)) or set(queues) != state.entries.keys():
        yield "a caller is in two queues, or in a queue and not known to be"


def _offers(state: State) -> Iterator[str]:
    for offer in state.offers.values():
        if offer.agent.offer is not offer:
            yield f"offer {offer.id} is not the offer of agent {offer.agent.id}"
        if offer.timer is None or offer.timer[2] is None:
            yield f"offer {offer.id} rings without an end"
        if offer.entry is None:
            if state.direct.get(offer.call) is not offer:
                yield f"offer {offer.id} by name is not known"
        elif state.entries.get(offer.call) is not offer.entry or (
            offer.entry.offers.get(offer.id) is not offer
        ):
            yield f"offer {offer.id} has outlived its caller"


def _callers(state: State) -> Iterator[str]:
    for entry in state.entries.values():
        name = f"caller {entry.call} in {entry.queue.id}"
        if entry.offers and not entry.queue.ring_all and len(entry.offers) > 1:
            yield f"{name} is offered to {len(entry.offers)} agents at once"
        if not entry.offers and not entry.tok:
            yield f"{name} is neither open nor offered"
        if entry.preferred is not None and not entry.offers:
            if entry.preferred.state not in WORKING:
                yield f"{name} waits for {entry.preferred.id}, who is away"
            if entry.hold_until == NEVER:
                yield f"{name} waits for {entry.preferred.id} without an end"
        if any(offer.id not in state.offers for offer in entry.offers.values()):
            yield f"{name} has an offer that is over"
        timed = entry.timer is not None and entry.timer[2] is not None
        if timed != (entry.next_due() < NEVER):
            yield f"{name}: timer {timed}, next due {entry.next_due()}"


def _indexes(state: State) -> Iterator[str]:
    for queue in state.queues.values():
        if list(queue.order) != sorted(entry.key for entry in queue.callers.values()):
            yield f"the line of {queue.id} is not its callers"
        if queue.logged_in != sum(
            member.agent.state != "logged_out" for member in queue.members.values()
        ):
            yield f"{queue.id} counts {queue.logged_in} agents logged in"
        if queue.callers and not queue.logged_in and queue.cfg.overflow.unstaffed:
            yield f"{queue.id} keeps callers though nobody is logged in"
        if queue.offered != sum(bool(entry.offers) for entry in queue.callers.values()):
            yield f"{queue.id} counts {queue.offered} callers offered"
        for bucket in queue.buckets.values():
            if bucket.open != len(bucket.entries()):
                yield f"{queue.id} counts {bucket.open} open callers with {bucket.need}"


def _stalls(state: State) -> Iterator[str]:
    """An idle agent and an open caller who might be brought together must not both wait."""
    ready = [agent for agent in state.agents.values() if agent.state == "ready"]
    idle = [agent for agent in ready if agent.rest is None]
    if not idle:
        return
    for queue in state.queues.values():
        serving = [agent for agent in idle if queue.id in agent.memberships]
        if serving:
            yield from _stalled(state, queue, serving)


def _stalled(state: State, queue: QueueState, serving: list[Agent]) -> Iterator[str]:
    for entry in queue.callers.values():
        if entry.offers and not (queue.ring_all and entry.preferred is None):
            continue
        for agent in serving:
            if state.eligible(agent, entry):
                yield f"agent {agent.id} is idle while {entry.call} waits in {queue.id}"
                return
