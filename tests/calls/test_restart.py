"""A crash at any moment: what the log left open is closed, once, and nobody's time is invented."""

import copy

import pytest

from appliance.calls.restart import Leftovers
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from tests.calls.test_walk import talk
from tests.calls.world import World


def crash(world: World, later_s: float = 3600.0) -> list[ev.AnyEvent]:
    """The closing events of a start `later_s` after the last event; checks that they close."""
    left = copy.deepcopy(world.left)
    closing = left.closing()
    after = copy.deepcopy(left)
    for event in closing:
        after.fold(ev.Record(1, int((world.now + later_s) * 1e6), event))
    assert not after.calls, "the closing events leave nothing open"
    assert not [e for e in after.closing() if not isinstance(e, ev.LineChanged)]
    return closing


def of(events: list[ev.AnyEvent], kind: type) -> list[ev.AnyEvent]:
    return [event for event in events if isinstance(event, kind)]


def test_talk_is_closed_with_the_time_up_to_the_last_event() -> None:
    world = World()
    talk(world)
    world.pass_time(40)
    world.command(c.RecordingControl(call=next(iter(world.box.desk.calls)), action="pause"))
    closing = crash(world)
    talked = of(closing, ev.TalkEnded)[0]
    assert isinstance(talked, ev.TalkEnded)
    assert talked.talk_s == pytest.approx(40), "not the hour that the box was off"
    assert [e.outcome for e in of(closing, ev.CallEnded)] == ["interrupted"]


def test_hold_is_no_talk() -> None:
    world = World()
    talk(world)
    world.pass_time(10)
    world.command(c.CallHold(agent="a1"))
    world.pass_time(5)
    world.command(c.RecordingControl(call=next(iter(world.box.desk.calls)), action="pause"))
    closing = crash(world)
    talked = of(closing, ev.TalkEnded)[0]
    assert isinstance(talked, ev.TalkEnded)
    assert (talked.talk_s, talked.hold_s) == (10.0, 5.0)
    assert len(of(closing, ev.HoldEnded)) == 1


def test_waiting_caller_and_rung_agent_are_closed() -> None:
    world = World()
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    closing = crash(world)
    assert [e.reason for e in of(closing, ev.QueueLeft)] == ["interrupted"]
    assert [e.result for e in of(closing, ev.OfferEnded)] == ["withdrawn"]


def test_consultation_and_transfer_are_closed() -> None:
    world = World()
    talk(world)
    world.command(c.CallConsult(agent="a1", target_kind="number", target="+4989"))
    outside = next(leg for leg, dial in world.dialled.items() if dial.trunk)
    world.pick_up(outside)
    closing = crash(world)
    assert len(of(closing, ev.PartyLeft)) == len(of(closing, ev.TransferEnded)) == 1


def test_agents_come_back_as_they_were() -> None:
    world = World()
    talk(world)
    world.command(c.AgentPause(agent="a2", reason="lunch"))
    world.hang_up(world.seat_leg("a1"))
    assert world.state("a1") == "wrap_up"
    world.pass_time(2)
    memories = world.left.memories(world.now)
    assert memories["a1"].state == "wrap_up"
    assert memories["a1"].left_s == pytest.approx(3)
    assert memories["a2"].reason == "lunch"


def test_nothing_is_closed_after_a_clean_day() -> None:
    world = World()
    caller, _ = talk(world)
    world.hang_up(caller)
    assert [e for e in crash(world) if not isinstance(e, ev.LineChanged)] == []
    assert Leftovers().after == "first start"


def test_troubles_that_are_open_are_told_apart_by_place_and_words() -> None:
    def told(what: str, *, over: bool = False) -> ev.Trouble:
        return ev.Trouble(where="prompts", what=what, meaning="m", remedy="r", over=over)

    left = Leftovers()
    for seq, event in enumerate((told("one"), told("two"), told("one", over=True)), 1):
        left.fold(ev.Record(seq, seq, event))
    assert [trouble.what for trouble in left.troubles.values()] == ["two"]
    left.fold(ev.Record(4, 4, told("all is well", over=True)))  # reworded: all of that place
    assert left.troubles == {}
