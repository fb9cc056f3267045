"""A fault of our own costs one call at most, and strangers and holds are told for what they are."""

from typing import Any

import pytest

from appliance.acd.floor import Floor
from appliance.calls import inqueue, parties, recording, unheard
from appliance.calls.strangers import AGAIN_S, MOST
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.ids import LegId
from tests.calls.test_walk import talk
from tests.calls.world import World


@pytest.fixture
def world() -> World:
    return World()


def fails(*_args: Any, **_more: Any) -> None:
    raise RuntimeError("a defect")


def test_a_fault_ends_its_call_and_tells_the_board(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, _ = talk(world)
    broken = world.arrive()
    with monkeypatch.context() as patch:
        patch.setattr(inqueue, "enter", fails)
        world.tell(legs.Digit(leg=broken, key="1"))
    assert broken not in world.up
    assert world.of(ev.CallEnded)[0].outcome == "failed"
    assert "a defect" in world.of(ev.Trouble)[0].what
    assert other in world.up, "everybody else goes on"
    world.hang_up(other)
    assert not world.box.desk.calls


def test_a_fault_in_a_command_is_its_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(world)
    with monkeypatch.context() as patch:
        patch.setattr(world.box.desk.floor, "pause", fails)
        reply = world.command(c.AgentPause(agent="a2"))
    assert not reply.ok
    assert "a defect" in reply.error


def test_a_leg_that_no_call_knows_is_hung_up_at_the_second_audit(world: World) -> None:
    lost = LegId("lost")
    world.up.add(lost)
    world.take(world.box.audit({lost}, world.now))
    assert lost in world.up, "it may be on its way"
    world.take(world.box.audit({lost}, world.now + 10))
    assert lost not in world.up
    assert world.of(ev.StateRepaired)[0].id == lost


def test_a_stranger_is_told_once_and_forgotten_after_an_hour(world: World) -> None:
    for _ in range(3):
        world.arrive(source="198.51.100.7")
    told = world.of(ev.Trouble)
    assert len(told) == 1
    assert "198.51.100.7" in told[0].what
    world.pass_time(AGAIN_S + 1)
    world.take(world.box.audit(set(), world.now))
    assert [t.over for t in world.of(ev.Trouble)] == [False, True]


def test_a_scan_does_not_fill_the_log(world: World) -> None:
    for n in range(50):
        world.arrive(source=f"198.51.100.{n}")
    assert len(world.of(ev.Trouble)) == MOST


def test_a_phone_on_hold_may_be_silent(world: World) -> None:
    _, seat = talk(world)
    world.tell(legs.PeerHeld(leg=seat, held=True))
    world.tell(legs.Silence(leg=seat, seconds=20.0))
    assert not world.of(ev.CallSilent)
    world.tell(legs.PeerHeld(leg=seat, held=False))
    world.tell(legs.Silence(leg=seat, seconds=20.0))
    assert world.of(ev.CallSilent)


def whispering(world: World) -> tuple[LegId, LegId]:
    """A caller of the queue with a whisper, and the seat that hears it."""
    caller = world.arrive("+49306000")
    seat = world.seat_leg("a3")
    world.pick_up(seat)
    world.pass_time(3)
    return caller, seat


def test_whisper_is_part_of_the_wait(world: World) -> None:
    caller, _ = whispering(world)
    assert not world.of(ev.QueueLeft)
    world.play_out()
    left = world.of(ev.QueueLeft)
    assert [(e.reason, e.waited_s) for e in left] == [("answered", 3.0)]
    world.hang_up(caller)


def test_who_hangs_up_in_the_whisper_has_abandoned(world: World) -> None:
    caller, _ = whispering(world)
    world.hang_up(caller)
    assert [e.reason for e in world.of(ev.QueueLeft)] == ["abandoned"]
    assert world.of(ev.CallEnded)[0].outcome == "abandoned"


def test_agents_who_hang_up_in_the_whisper_make_no_second_visit(world: World) -> None:
    caller, seat = whispering(world)
    world.hang_up(seat)
    other = next(iter(world.dialled))
    world.pick_up(other)
    world.pass_time(2)
    world.play_out()
    assert len(world.of(ev.QueueEntered)) == 1
    left = world.of(ev.QueueLeft)
    assert [(e.reason, e.waited_s) for e in left] == [("answered", 5.0)]
    assert caller in world.up


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (parties, "leave"),
        (recording, "stop"),
        (unheard, "gave_up"),
        (Floor, "talk_ended"),
    ],
)
def test_a_fault_while_a_call_ends_does_not_keep_it_open(
    world: World, monkeypatch: pytest.MonkeyPatch, where: Any, what: str
) -> None:
    caller, _ = talk(world)
    with monkeypatch.context() as patch:
        patch.setattr(where, what, fails)
        world.hang_up(caller)
    assert [e.outcome for e in world.of(ev.CallEnded)] == ["answered"]
    assert not world.box.desk.calls
    assert not world.board.calls
    assert "a defect" in world.of(ev.Trouble)[0].what


def test_a_fault_while_the_box_stops_leaves_no_other_call_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(world)
    talk(world, "a2")
    with monkeypatch.context() as patch:
        patch.setattr(recording, "stop", fails)
        world.take(world.box.close("reboot", world.now))
    assert [e.cause for e in world.of(ev.CallEnded)] == ["the box stops: reboot"] * 2
    assert not world.up
