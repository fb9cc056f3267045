"""What the board and the tests see of queues, agents and callers."""

import msgspec

from appliance.acd.announcements import hear
from appliance.acd.caller import Entry
from appliance.acd.estimate import newcomer
from appliance.acd.queue import QueueState
from appliance.acd.state import State
from appliance.model.events import AgentState
from appliance.model.ids import AgentId, CallId, QueueId


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """`longest_wait_s` of those in the queue now; `low_s`, `high_s`: wait of a newcomer, None
    while nobody works here. `agents`: members by state, logged out ones included."""

    queue: QueueId
    name: str
    waiting: int
    offered: int
    longest_wait_s: float
    low_s: float | None
    high_s: float | None
    logged_in: int
    agents: dict[AgentState, int]


class CallerView(msgspec.Struct, frozen=True, kw_only=True):
    """A caller's place (1 = next) and range as he would be told now."""

    call: CallId
    queue: QueueId
    position: int
    low_s: float | None
    high_s: float | None
    waited_s: float
    ringing: tuple[AgentId, ...]


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """`in_state_s`: since when; `left_s`: rest of the limit of wrap-up or of a pause by the box.
    `then`: the state that follows the call by own wish. `reachable`: his seat."""

    agent: AgentId
    name: str
    state: AgentState
    reason: str
    in_state_s: float
    left_s: float | None
    call: CallId | None
    queue: QueueId | None
    queues: tuple[QueueId, ...]
    calls: int
    talked_s: float
    missed: int
    then: str
    reachable: bool


def queue_view(queue: QueueState, now: float) -> QueueView:
    """O(members)."""
    agents: dict[AgentState, int] = {}
    for member in queue.members.values():
        agents[member.agent.state] = agents.get(member.agent.state, 0) + 1
    wait = newcomer(queue, now)
    # Entries are kept in the order of entering.
    oldest = next(iter(queue.callers.values()), None)
    return QueueView(
        queue=queue.id,
        name=queue.cfg.name or queue.id,
        waiting=len(queue.callers),
        offered=queue.offered,
        longest_wait_s=now - oldest.entered if oldest is not None else 0.0,
        low_s=wait[0] if wait else None,
        high_s=wait[1] if wait else None,
        logged_in=queue.logged_in,
        agents=agents,
    )


def caller_view(entry: Entry, now: float) -> CallerView:
    """Looking is not telling: what the caller has heard bounds it, but is not changed by it."""
    told = hear(entry, now, keep=False)
    assert told.position is not None
    return CallerView(
        call=entry.call,
        queue=entry.queue.id,
        position=told.position,
        low_s=told.low_s,
        high_s=told.high_s,
        waited_s=now - entry.entered,
        ringing=tuple(offer.agent.id for offer in entry.offers.values()),
    )


def agent_view(state: State, agent_id: AgentId, now: float) -> AgentView:
    agent = state.agent(agent_id)
    queue = agent.queue or (agent.offer.queue if agent.offer is not None else None)
    return AgentView(
        agent=agent.id,
        name=agent.cfg.name or agent.id,
        state=agent.state,
        reason=agent.reason,
        in_state_s=now - agent.since,
        left_s=None if agent.limit_at is None else max(0.0, agent.limit_at - now),
        call=agent.call or (agent.offer.call if agent.offer is not None else None),
        queue=None if queue is None else queue.id,
        queues=tuple(agent.memberships),
        calls=agent.calls,
        talked_s=agent.talked_s,
        missed=agent.missed,
        then=agent.pending,
        reachable=agent.seat_ok,
    )
