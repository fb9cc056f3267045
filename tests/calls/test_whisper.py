"""An agent who hangs up in the whisper has refused the caller, who waits on where he was."""

import pytest

from appliance.calls.setup import Setup
from appliance.flow.language import compile_flows
from appliance.history.interactions import interaction
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model.ids import AgentId, CallId
from tests.calls.world import SITE, World

ONE_BY_ONE = SITE.replace('strategy = "ring_all"', 'strategy = "ordered"\nmax_no_answer = 2')
ONLY_A3 = ONE_BY_ONE.replace("login = true", "login = false", 2)


@pytest.fixture
def world() -> World:
    return World(ONE_BY_ONE)


def missed(world: World, agent: str) -> int:
    return world.box.desk.floor.agent_view(agent, world.now).missed


def rung(world: World) -> list[str]:
    """The agents whose seats ring."""
    calls = world.box.desk.calls.values()
    return sorted(offered.agent for call in calls for offered in call.offers.values())


def taken(world: World) -> tuple[str, str]:
    """A caller whom the first agent has taken and not heard yet; caller's and agent's leg."""
    caller = world.arrive("+49306000")
    seat = world.seat_leg("a1")
    world.pick_up(seat)
    world.pass_time(1)
    return caller, seat


def test_the_next_agent_is_rung_and_the_first_has_missed_one(world: World) -> None:
    caller, seat = taken(world)
    world.hang_up(seat)
    assert rung(world) == ["a2"]
    assert (world.state("a1"), missed(world, "a1")) == ("ready", 1)
    assert world.heard_by(caller) == {"music:music"}
    assert not world.plays
    other = world.seat_leg("a2")
    world.pick_up(other)
    world.play_out()
    assert world.heard_by(caller) == {f"leg:{other}"}
    assert [e.agent for e in world.of(ev.TalkStarted)] == ["a2"]


def test_too_many_in_a_row_make_him_not_ready_with_the_reason(world: World) -> None:
    for _ in range(2):
        _, seat = taken(world)
        world.hang_up(seat)
        for agent in ("a2", "a3"):
            world.command(c.AgentPause(agent=agent))
        for leg in list(world.callers):
            if leg in world.up:
                world.hang_up(leg)
        world.pass_time(30)
    assert world.state("a1") == "not_ready"
    view = world.box.desk.floor.agent_view(AgentId("a1"), world.now)
    assert view.reason == "2 offers in a row refused"


def test_he_rests_and_then_the_same_caller_goes_first() -> None:
    world = World(ONLY_A3)
    world.arrive("+49306000")
    seat = world.seat_leg("a3")
    world.pick_up(seat)
    world.arrive("+49306000", "+4930556")
    world.pass_time(3)
    world.hang_up(seat)
    first, second = list(world.box.desk.calls)
    places = [world.box.desk.floor.position(CallId(call), world.now) for call in (first, second)]
    assert [place.position for place in places if place is not None] == [1, 2]
    assert places[0] is not None and places[0].waited_s == 3
    assert not world.dialled
    world.pass_time(1.9)
    assert not world.dialled
    world.pass_time(0.2)
    assert rung(world) == ["a3"]
    assert world.box.desk.call_of(next(iter(world.dialled))).id == first


def test_a_queue_removed_in_the_whisper_is_left_once() -> None:
    world = World(ONE_BY_ONE)
    caller, seat = taken(world)
    kept = [queue for queue in world.site.queue if queue.id != "all"]
    site = world.site.model_copy(update={"queue": kept})
    setup = Setup(site, "v2", world.box.desk.setup.addresses)
    world.take(world.box.reconfigure(setup, compile_flows(world.site), world.now))
    world.hang_up(seat)
    assert [(e.queue, e.reason) for e in world.of(ev.QueueLeft)] == [("all", "overflow_unstaffed")]
    world.play_out()
    assert caller not in world.up
    assert len(world.of(ev.CallEnded)) == 1


def test_history_and_board_count_it_as_refused_and_not_as_taken(world: World) -> None:
    caller, seat = taken(world)
    world.hang_up(seat)
    assert world.board.agents["a1"].missed == 1
    world.pick_up(world.seat_leg("a2"))
    world.play_out()
    world.pass_time(5)
    world.hang_up(caller)
    told = [event for event in world.events if isinstance(event, ev.CallEvent)]
    made = interaction(ev.Record(n, n, event) for n, event in enumerate(told, 1))
    assert made is not None
    assert [(offer.agent, offer.result, offer.cause) for offer in made.offers] == [
        ("a1", "refused", "agent hung up in the whisper"),
        ("a2", "accepted", ""),
    ]
    answered = {id: (row.answered, row.missed) for id, row in world.board.agents.items()}
    assert answered == {"a1": (0, 1), "a2": (1, 0), "a3": (0, 0)}
