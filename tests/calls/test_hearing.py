"""Callers who speak: who is listened to and until when, and which reports reach the flow."""

import msgspec
import pytest

from appliance.calls import effects as fx
from appliance.calls import hearing
from appliance.calls.state import Call, Stage
from appliance.flow import effects as flow
from appliance.model.hearing import (
    Hearing,
    SpeechBegan,
    SpeechDone,
    SpeechOff,
    SpeechReport,
)
from appliance.model.ids import LegId
from appliance.model.legs import Digit, PeerHeld
from tests.calls.world import SITE, World

WORDS = Hearing(kind="choices", language="en", choices={"1": ("support",)})


def listening(world: World, leg: LegId, listen: int = 7, wanted: Hearing | None = WORDS) -> Call:
    """As if the flow had asked for it just now."""
    call = world.box.desk.call_of(leg)
    assert call is not None
    hearing.start(world.box.desk, call, flow.Listen(id=listen, hearing=wanted))
    world.take(world.box.desk.end_turn())
    return call


def reports(leg: LegId, listen: int) -> list[tuple[SpeechReport, flow.Input]]:
    done = SpeechDone(
        leg=leg, listen=listen, text="support", choice="1", confidence=0.9, verdict="sure"
    )
    off = SpeechOff(leg=leg, listen=listen, why="busy", detail="2 of 2 are busy")
    return [
        (SpeechBegan(leg=leg, listen=listen), flow.SpeechBegan(id=listen)),
        (done, flow.Spoken(id=listen, done=done)),
        (off, flow.SpeechOff(id=listen, why="busy", detail="2 of 2 are busy")),
    ]


def test_each_report_becomes_the_flows_input() -> None:
    world = World()
    leg = world.arrive()
    call = listening(world, leg)
    assert world.hearings == {leg: fx.HearSpeech(leg=leg, listen=7, hearing=WORDS)}
    for report, told in reports(leg, 7):
        assert hearing.told(call, report) == told


def test_reports_of_another_question_leg_or_stage_are_late() -> None:
    world = World()
    leg = world.arrive()
    call = listening(world, leg)
    for report, _ in reports(leg, 6) + reports(LegId("another"), 7):
        assert hearing.told(call, report) is None
    call.stage = Stage.QUEUE
    for report, _ in reports(leg, 7):
        assert hearing.told(call, report) is None


def test_the_next_question_ends_what_was_listened_for_once() -> None:
    world = World()
    leg = world.arrive()
    call = listening(world, leg)
    listening(world, leg, 8)
    assert world.hearings[leg].listen == 8
    listening(world, leg, 9, None)
    assert world.hearings == {}
    hearing.stop(world.box.desk, call)
    assert world.box.desk.end_turn() == []


@pytest.mark.parametrize("key", ["1", "2"])
def test_nobody_listens_in_the_queue(key: str) -> None:

    world = World()
    leg = world.arrive()
    listening(world, leg)
    world.tell(Digit(leg=leg, key=key))
    call = world.box.desk.call_of(leg)
    assert call is not None and call.stage is Stage.QUEUE
    assert world.hearings == {}


def test_a_caller_who_hangs_up_is_not_listened_to() -> None:
    world = World()
    leg = world.arrive()
    listening(world, leg)
    world.hang_up(leg)
    assert world.hearings == {}


def test_where_speech_is_switched_off_the_flow_of_an_older_call_learns_it() -> None:
    """Its flow still asks to listen; the ears answer, so that the caller is told of the keys."""
    world = World(SITE + "\n[speech]\nenabled = false\n")
    leg = world.arrive()
    listening(world, leg)
    assert set(world.hearings) == {leg}


def test_a_caller_who_puts_us_on_hold_is_listened_to_on() -> None:

    world = World()
    leg = world.arrive()
    listening(world, leg)
    heard = msgspec.structs.replace(world.hearings[leg])
    for held in (True, False):
        world.tell(PeerHeld(leg=leg, held=held))
        assert world.hearings == {leg: heard}
