"""The cost of a routing decision does not grow with the floor: work is counted, not timed."""

import sys
from typing import Any

from appliance.acd.effects import Ring
from tests.bench.acd_decisions import build, rounds


def calls_made(agents: int, waiting: int, count: int = 400, **settings: object) -> float:
    """Function calls, Python's and C's, per round of the benchmark."""
    floor, people = build(agents, waiting, **settings)
    rounds(floor, people, count)  # past whatever is made at the first use
    seen = 0

    def counting(frame: Any, event: str, arg: Any) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    sys.setprofile(counting)
    try:
        rounds(floor, people, count, 101.0)
    finally:
        sys.setprofile(None)
    return seen / count


SILENT = {"announce": {"position": False, "estimate": False}}


def test_ten_thousand_waiting_cost_hardly_more_than_ten() -> None:
    few, many = calls_made(100, 10, **SILENT), calls_made(100, 10_000, **SILENT)
    assert many < 1.3 * few


def test_a_thousand_agents_cost_hardly_more_than_ten() -> None:
    few, many = calls_made(10, 1_000, **SILENT), calls_made(1_000, 1_000, **SILENT)
    assert many < 1.3 * few


def test_the_heaps_hold_what_is_alive_and_not_the_past() -> None:
    floor, people = build(50, 200, **SILENT)
    rounds(floor, people, 20_000)
    (queue,) = floor._state.queues.values()
    assert len(queue.plain.heap) < 2 * 200 + 100
    assert len(floor._state.timers._heap) < 2 * 250 + 600
    assert len(floor._state.offers) == 0


def test_an_idle_list_holds_each_agent_about_once() -> None:
    """Agents of two queues go stale in one list when the other rings them."""
    floor, people = build(50, 0, **SILENT)
    for name in people:
        floor.talk_ended(floor.agent_view(name, 9.0).call or "", name, 9.0, talk_s=9)
    for i in range(5_000):
        (ring,) = [e for e in floor.enter(f"x{i}", "sales", now=10.0) if isinstance(e, Ring)]
        floor.abandon(ring.call, 10.0)
    (group,) = floor._state.queues["sales"].groups.values()
    assert len(group.heap) <= 2 * 50 + 17
