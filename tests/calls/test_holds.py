"""A phone that holds before its agent has the caller: the caller hears music, not nothing."""

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.ids import LegId
from tests.calls.test_walk import talk
from tests.calls.world import World

MUSIC = {"music:music"}


@pytest.fixture
def world() -> World:
    return World()


def holds(world: World, leg: LegId, held: bool = True) -> None:
    world.tell(legs.PeerHeld(leg=leg, held=held))


def test_in_the_whisper(world: World) -> None:
    caller = world.arrive("+49306000")
    seat = world.seat_leg("a3")
    world.pick_up(seat)
    holds(world, seat)
    world.play_out()
    assert world.heard_by(caller) == MUSIC
    world.pass_time(7)
    holds(world, seat, False)
    assert world.heard_by(caller) == {f"leg:{seat}"}
    world.hang_up(caller)
    assert [(e.talk_s, e.hold_s) for e in world.of(ev.TalkEnded)] == [(0.0, 7.0)]


def test_while_consulted(world: World) -> None:
    caller, _ = talk(world)
    world.command(c.CallConsult(agent="a1", target_kind="agent", target="a2"))  # type: ignore[arg-type]
    other = world.seat_leg("a2")
    world.pick_up(other)
    holds(world, other)
    world.command(c.ConsultComplete(agent="a1"))  # type: ignore[arg-type]
    assert world.heard_by(caller) == MUSIC
    holds(world, other, False)
    assert world.heard_by(caller) == {f"leg:{other}"}


def test_while_in_a_conference_that_the_first_agent_leaves(world: World) -> None:
    caller, seat = talk(world)
    world.command(c.CallConsult(agent="a1", target_kind="agent", target="a2"))  # type: ignore[arg-type]
    other = world.seat_leg("a2")
    world.pick_up(other)
    world.command(c.ConsultConference(agent="a1"))  # type: ignore[arg-type]
    holds(world, other)
    assert f"leg:{seat}" in world.heard_by(caller)
    world.hang_up(seat)
    assert world.heard_by(caller) == MUSIC
    holds(world, other, False)
    assert world.heard_by(caller) == {f"leg:{other}"}


def test_a_hold_that_is_over_before_the_talk_is_none(world: World) -> None:
    caller = world.arrive("+49306000")
    seat = world.seat_leg("a3")
    world.pick_up(seat)
    holds(world, seat)
    holds(world, seat, False)
    world.play_out()
    assert world.heard_by(caller) == {f"leg:{seat}"}
    assert not world.of(ev.HoldStarted)
