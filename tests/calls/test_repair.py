"""A leg that the engine lost without a word: everybody else goes on as after a hang-up."""

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.ids import LegId
from tests.calls.test_walk import talk
from tests.calls.world import SITE, World


@pytest.fixture
def world() -> World:
    return World()


def lose(world: World, *lost: LegId) -> None:
    """The engine knows these legs no more; the audit finds out, and finds nothing after it."""
    world.pass_time(6)
    world.up -= set(lost)
    world.plays = {play: leg for play, leg in world.plays.items() if leg not in lost}
    audit(world)
    repaired = len(world.of(ev.StateRepaired))
    assert repaired
    audit(world)
    assert len(world.of(ev.StateRepaired)) == repaired


def audit(world: World) -> None:
    alive = world.up | world.waiting | set(world.dialled)
    world.take(world.box.audit(alive, world.now))


def consult(world: World, number: str = "") -> LegId:
    """a1 consults a2, or a number, who answers; the consulted leg."""
    kind, target = ("number", number) if number else ("agent", "a2")
    assert world.command(c.CallConsult(agent="a1", target_kind=kind, target=target)).ok
    (leg,) = world.dialled
    world.pick_up(leg)
    return leg


def test_in_the_whisper_the_caller_goes_to_the_next_agent(world: World) -> None:
    caller = world.arrive("+49306000")
    seat = world.seat_leg("a3")
    world.pick_up(seat)
    lose(world, seat)
    assert world.state("a3") == "ready"
    other = world.seat_leg("a1")
    world.pick_up(other)
    world.play_out()
    assert world.heard_by(caller) == {f"leg:{other}"}


def test_the_consulted_one_gives_the_caller_back(world: World) -> None:
    caller, seat = talk(world)
    lose(world, consult(world))
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert world.of(ev.TransferEnded)[0].result == "failed"
    assert world.state("a2") == "ready"


def test_the_consulting_one_leaves_the_caller_to_the_consulted(world: World) -> None:
    caller, seat = talk(world)
    other = consult(world)
    lose(world, seat)
    assert world.heard_by(caller) == {f"leg:{other}"}


def test_the_others_of_a_conference_go_on(world: World) -> None:
    caller, seat = talk(world)
    outside = consult(world, "+4989123")
    assert world.command(c.ConsultConference(agent="a1")).ok
    lose(world, seat)
    assert world.heard_by(caller) == {f"leg:{outside}"}
    assert len(world.of(ev.ConferenceEnded)) == 1


def test_the_second_leg_of_a_phones_own_consultation_ends_it(world: World) -> None:
    caller, seat = talk(world)
    second = world.call_from_seat("a1", "a2")
    world.pick_up(world.seat_leg("a2"))
    assert second in world.up
    lose(world, second)
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert world.state("a2") == "ready"


def test_the_only_agent_ends_the_call(world: World) -> None:
    caller, seat = talk(world)
    lose(world, seat)
    assert caller not in world.up
    assert len(world.of(ev.CallEnded)) == 1
    assert world.state("a1") == "wrap_up"


def test_the_silence_of_who_left_does_not_end_the_call_of_those_who_stay() -> None:
    world = World(SITE + "[sip]\nsilence_hangup_s = 60\n")
    caller, seat = talk(world)
    world.tell(legs.Silence(leg=seat, seconds=20.0))
    world.command(c.CallTransfer(agent="a1", target_kind="agent", target="a2"))
    target = world.seat_leg("a2")
    world.pick_up(target)
    world.pass_time(120)
    assert world.heard_by(caller) == {f"leg:{target}"}


def test_the_silence_of_a_second_leg_ends_with_it() -> None:
    world = World(SITE + "[sip]\nsilence_hangup_s = 60\n")
    caller, seat = talk(world)
    second = world.call_from_seat("a1", "a2")
    world.pick_up(world.seat_leg("a2"))
    world.tell(legs.Silence(leg=second, seconds=20.0))
    world.hang_up(second)
    world.pass_time(120)
    assert world.heard_by(caller) == {f"leg:{seat}"}
