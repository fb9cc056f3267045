"""Each strategy rings the agent it names."""

from collections import Counter

import pytest

from appliance.model.site import AgentQueue
from tests.acd.floors import Desk, agent, queue, rings

THREE = ("ann", "bob", "cat")


def floor(strategy: str, *agents: object, **settings: object) -> Desk:
    people = agents or tuple(agent(name) for name in THREE)
    return Desk([queue(strategy=strategy, **settings)], people)


def served(desk: Desk, *talks: float) -> list[str]:
    """Who got the callers that came one after the other, each served before the next."""
    order = []
    for talk_s in talks:
        (name,) = desk.ringing(desk.enter())
        desk.serve(name, talk_s)
        desk.go(1)
        order.append(name)
    return order


def test_longest_idle_rings_who_waited_longest() -> None:
    desk = floor("longest_idle")
    assert served(desk, 5, 5, 5, 5) == ["ann", "bob", "cat", "ann"]
    # Two talk at once; the one who is done first is idle longer.
    desk.accept(desk.ringing(desk.enter())[0])  # bob
    desk.accept(desk.ringing(desk.enter())[0])  # cat
    desk.serve(desk.ringing(desk.enter())[0])  # ann
    desk.end("cat")
    desk.go(1)
    desk.end("bob")
    assert served(desk, 5, 5, 5) == ["ann", "cat", "bob"]


def test_a_withdrawn_offer_does_not_cost_the_place_among_the_idle() -> None:
    desk = floor("longest_idle")
    assert served(desk, 5, 5, 5) == ["ann", "bob", "cat"]
    call = desk.enter()
    assert desk.ringing(call) == ["ann"]
    desk.go(3)
    desk.do(desk.floor.abandon(call, desk.now))
    assert desk.ringing(desk.enter()) == ["ann"]


def test_round_robin_remembers_its_place_over_pauses() -> None:
    desk = floor("round_robin")
    assert served(desk, 9, 1, 1) == ["ann", "bob", "cat"]
    desk.do(desk.floor.pause("ann", desk.now))
    desk.go(5)
    desk.do(desk.floor.ready("ann", desk.now))
    assert served(desk, 1, 1, 1, 1) == ["ann", "bob", "cat", "ann"]


def test_fewest_calls() -> None:
    desk = floor("fewest_calls")
    assert served(desk, 1, 100, 1) == ["ann", "bob", "cat"]
    desk.do(desk.floor.pause("ann", desk.now))
    assert served(desk, 1, 1) == ["bob", "cat"]
    desk.do(desk.floor.ready("ann", desk.now))
    assert served(desk, 1) == ["ann"]


def test_least_talk_time() -> None:
    desk = floor("least_talk")
    assert served(desk, 100, 10, 50) == ["ann", "bob", "cat"]
    assert served(desk, 30, 5) == ["bob", "bob"]
    assert served(desk, 1) == ["bob"]
    assert served(desk, 10) == ["bob"]
    assert served(desk, 1) == ["cat"]


def test_ordered_prefers_the_first_and_goes_on_when_he_is_taken() -> None:
    people = [
        agent(name, AgentQueue(id="sales", order=order))
        for name, order in (("ann", 3), ("bob", 1), ("cat", 2))
    ]
    desk = floor("ordered", *people)
    assert served(desk, 1, 1, 1) == ["bob", "bob", "bob"]
    desk.accept("bob" if desk.ringing(desk.enter()) == ["bob"] else "")
    assert [desk.ringing(desk.enter()) for _ in range(2)] == [["cat"], ["ann"]]


def test_ring_all_rings_everybody_and_the_first_to_accept_wins() -> None:
    desk = floor("ring_all")
    call = desk.enter()
    assert sorted(desk.ringing(call)) == ["ann", "bob", "cat"]
    desk.accept("bob")
    assert [desk.state(name) for name in THREE] == ["ready", "talking", "ready"]
    assert [desk.floor.agent_view(name, desk.now).missed for name in THREE] == [0, 0, 0]


def test_ring_all_an_agent_who_comes_free_joins_the_ringing() -> None:
    desk = floor("ring_all")
    desk.do(desk.floor.pause("cat", desk.now))
    first, second = desk.enter(), desk.enter()
    assert sorted(desk.ringing(first)) == ["ann", "bob"]
    assert rings(desk.do(desk.floor.ready("cat", desk.now))) == [(first, "cat")]
    out = desk.accept("ann")
    assert sorted(rings(out)) == [(second, "bob"), (second, "cat")]


def test_ring_all_one_busy_seat_does_not_stop_the_others() -> None:
    desk = floor("ring_all")
    call = desk.enter()
    desk.fail("ann", "busy")
    assert sorted(desk.ringing(call)) == ["bob", "cat"]
    desk.go(2)  # retry_s
    assert sorted(desk.ringing(call)) == ["ann", "bob", "cat"]


def chi_square(counts: Counter[str], weights: dict[str, float]) -> float:
    total, weight = sum(counts.values()), sum(weights.values())
    return sum(
        (counts[name] - total * w / weight) ** 2 / (total * w / weight)
        for name, w in weights.items()
    )


@pytest.mark.parametrize("talk_s", [0.0, 3.0], ids=["all idle", "others busy at times"])
def test_weighted_random_follows_the_weights(talk_s: float) -> None:
    """13.8 is the 0.1 % point of chi square with two degrees of freedom; the seed is fixed."""
    weights = {"ann": 1.0, "bob": 2.0, "cat": 5.0}
    people = [agent(n, AgentQueue(id="sales", weight=w)) for n, w in weights.items()]
    desk = floor("weighted_random", *people)
    counts: Counter[str] = Counter()
    for _ in range(1500):
        (name,) = desk.ringing(desk.enter())
        desk.accept(name)
        if talk_s:
            # The next is picked among the two others; that race is not counted.
            (other,) = desk.ringing(desk.enter())
            desk.accept(other)
            desk.go(talk_s)
            desk.end(other, talk_s)
        desk.end(name, talk_s)
        counts[name] += 1
    assert chi_square(counts, weights) < 13.8


def test_weighted_random_stays_fair_for_those_whom_skills_keep_out_of_a_race() -> None:
    """Callers for French only race the French speakers; the other's alarm must not run down
    meanwhile, or he would win every general race after it."""
    people = [
        agent("ann", skills={"fr": 5}),
        agent("bob", skills={"fr": 5}),
        agent("cat"),
    ]
    desk = floor("weighted_random", *people)
    counts: Counter[str] = Counter()
    for _ in range(1500):
        for _ in range(3):
            (name,) = desk.ringing(desk.enter(skills={"fr": 1}))
            assert name != "cat"
            desk.accept(name)
            desk.end(name, 0)
        (name,) = desk.ringing(desk.enter())
        desk.accept(name)
        desk.end(name, 0)
        counts[name] += 1
    assert chi_square(counts, {"ann": 1, "bob": 1, "cat": 1}) < 13.8
