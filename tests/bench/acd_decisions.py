"""Routing decisions per second, and how the time of one grows with the line.

A decision is made when a caller enters (whom to ring?) and when an agent comes free (whom to
serve?). One round of the steady state, with every agent busy and the line full: a caller enters,
an agent's talk ends and he is offered the first in line, he accepts. That is two decisions and
the whole bookkeeping around them: events, position, timers, estimate's pace.
"""

import time
from collections.abc import Callable

from appliance.acd.effects import Ring
from appliance.acd.floor import Floor
from appliance.model.ids import AgentId, CallId, QueueId
from appliance.model.site import Agent, AgentQueue, Queue
from tests.bench.figures import Figure

AGENTS = 1_000
WAITING = 10_000
STEP_S = 0.001
"""Simulated time between rounds: 1,000 calls a second, with the announcements that fall due."""
_QUEUE = QueueId("sales")


def build(agents: int, waiting: int, **settings: object) -> tuple[Floor, list[AgentId]]:
    """A floor with everybody talking and `waiting` callers in line."""
    queue = Queue.model_validate({"id": _QUEUE, "max_waiting": 100_000, "ring_s": 15, **settings})
    people = [
        Agent(id=f"agent{i}", seat=f"sip:{i}@127.0.0.1", login=True, queues=[AgentQueue(id=_QUEUE)])
        for i in range(agents)
    ]
    floor = Floor([queue], people, seed=1)
    floor.restore({}, 0.0)
    for i in range(agents):
        for effect in floor.enter(CallId(f"first{i}"), _QUEUE, now=0.0):
            if isinstance(effect, Ring):
                floor.offer_accepted(effect.offer, 0.0)
    for i in range(waiting):
        floor.enter(CallId(f"waiting{i}"), _QUEUE, now=1.0 + i * 1e-3)
    return floor, [AgentId(agent.id) for agent in people]


def rounds(floor: Floor, agents: list[AgentId], count: int, start: float = 100.0) -> float:
    """CPU seconds for `count` rounds of the steady state, on one core."""
    calls = {a: CallId(floor.agent_view(a, start).call or "") for a in agents}
    names = [CallId(f"next{start}-{i}") for i in range(count)]
    now = start
    began = time.process_time()
    for i in range(count):
        now += STEP_S
        floor.enter(names[i], _QUEUE, now=now)
        agent = agents[i % len(agents)]
        ring = floor.talk_ended(calls[agent], agent, now, talk_s=90.0)[-1]
        assert isinstance(ring, Ring)
        calls[agent] = ring.call
        floor.offer_accepted(ring.offer, now)
        deadline = floor.next_deadline()
        if deadline is not None and deadline <= now:
            floor.tick(now)
    return time.process_time() - began


def best(run: Callable[[int], float], times: int = 5) -> float:
    return min(run(i) for i in range(times))


def decisions_per_s(waiting: int, count: int = 20_000, **settings: object) -> float:
    floor, agents = build(AGENTS, waiting, **settings)
    return 2 * count / best(lambda i: rounds(floor, agents, count, 100.0 + i * count * STEP_S))


def measure() -> list[Figure]:
    """Decisions per second at 10 to 10,000 waiting: at most logarithmic growth of the cost."""
    figures = []
    for waiting in (10, 100, 1_000, WAITING):
        key = "acd.decisions_per_s" + ("" if waiting == WAITING else f"_at_{waiting}_waiting")
        figures.append(Figure(key, round(decisions_per_s(waiting)), "1/s"))
    return figures


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure.key:45} {figure.value:>10} {figure.unit}")
