"""A phone that holds before its agent has the caller: the caller hears music, not nothing."""

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.ids import LegId
from tests.calls.test_walk import talk
from tests.calls.world import SITE, World

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
    world.command(c.CallConsult(agent="a1", target_kind="agent", target="a2"))
    other = world.seat_leg("a2")
    world.pick_up(other)
    holds(world, other)
    world.command(c.ConsultComplete(agent="a1"))
    assert world.heard_by(caller) == MUSIC
    holds(world, other, False)
    assert world.heard_by(caller) == {f"leg:{other}"}


def test_while_in_a_conference_that_the_first_agent_leaves(world: World) -> None:
    caller, seat = talk(world)
    world.command(c.CallConsult(agent="a1", target_kind="agent", target="a2"))
    other = world.seat_leg("a2")
    world.pick_up(other)
    world.command(c.ConsultConference(agent="a1"))
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


@pytest.mark.parametrize("who", ["caller", "a1"])
def test_a_party_that_fell_silent_before_it_held_may_be_silent(who: str) -> None:
    world = World(SITE + "[sip]\nsilence_hangup_s = 60\n")
    caller, seat = talk(world)
    leg = LegId(caller if who == "caller" else seat)
    world.tell(legs.Silence(leg=leg, seconds=20.0))
    holds(world, leg)
    assert [(e.party, e.back) for e in world.of(ev.CallSilent)] == [(who, False), (who, True)]
    world.pass_time(3600)
    assert caller in world.up
    holds(world, leg, False)
    world.tell(legs.Silence(leg=leg, seconds=0.0))
    world.pass_time(3600)
    assert caller in world.up
    assert len(world.of(ev.CallSilent)) == 2


def test_who_stays_silent_after_the_hold_ends_the_call() -> None:
    world = World(SITE + "[sip]\nsilence_hangup_s = 60\n")
    caller, seat = talk(world)
    holds(world, LegId(seat))
    world.tell(legs.Silence(leg=LegId(seat), seconds=20.0))
    holds(world, LegId(seat), False)
    world.pass_time(59)
    assert caller in world.up
    world.pass_time(2)
    assert caller not in world.up


def test_the_end_of_a_silent_hold_is_not_the_end_of_a_told_silence(world: World) -> None:
    _, seat = talk(world)
    holds(world, LegId(seat))
    world.tell(legs.Silence(leg=LegId(seat), seconds=20.0))
    holds(world, LegId(seat), False)
    world.tell(legs.Silence(leg=LegId(seat), seconds=0.0))
    assert not world.of(ev.CallSilent)
