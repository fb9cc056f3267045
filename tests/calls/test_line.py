"""A trunk's state by its keep-alives: one lost packet is no alarm, silence is one soon."""

import pytest

from appliance.calls import line
from appliance.calls.setup import Setup
from appliance.flow.language import compile_flows
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.ids import TrunkId
from tests.calls.world import SITE, World, read_site

TRUNK = TrunkId("line")
EVERY_S = 30


def world() -> World:
    made = World(SITE.replace("options_s = 0", f"options_s = {EVERY_S}"))
    made.tell(answer())
    return made


def answer(code: int = 200) -> legs.LineSignal:
    return legs.LineSignal(trunk=TRUNK, code=code)


def states(world: World) -> list[str]:
    return [event.state for event in world.of(ev.LineChanged)]


def test_silence_takes_a_line_down_within_two_missed_answers() -> None:
    box = world()
    box.pass_time(EVERY_S + line.ANSWER_S + 1)
    assert states(box) == ["up"], "one lost packet is no alarm"
    box.pass_time(line.RETRY_S + line.ANSWER_S)
    assert states(box) == ["up", "down"]


def test_sips_own_late_timeout_does_not_count_again() -> None:
    box = world()
    box.pass_time(EVERY_S + line.ANSWER_S + 1)
    box.tell(answer(408))
    assert states(box) == ["up"]
    box.tell(answer(200))
    box.pass_time(line.RETRY_S - 2)
    assert states(box) == ["up"]


def test_any_answer_brings_it_up_again() -> None:
    box = world()
    box.pass_time(EVERY_S + line.RETRY_S + 2 * line.ANSWER_S + 1)
    box.tell(answer(403))
    assert states(box) == ["up", "down", "up"]


def test_a_line_that_never_answered_is_down_at_once() -> None:
    box = World(SITE.replace("options_s = 0", f"options_s = {EVERY_S}"))
    box.pass_time(line.ANSWER_S + 0.1)
    assert states(box) == ["down"]


@pytest.mark.parametrize(
    "change", ["options_s = 0", 'options_s = 30\nkind = "register"\nusername = "u"']
)
def test_a_line_that_is_not_asked_any_more_is_not_taken_down_by_the_last_question(
    change: str,
) -> None:
    box = world()
    box.pass_time(EVERY_S + line.RETRY_S + 2 * line.ANSWER_S + 1)
    assert states(box) == ["up", "down"]
    box.pass_time(line.RETRY_S - line.ANSWER_S)
    watched = box.box.desk.lines[TRUNK]
    site = read_site(SITE.replace("options_s = 0", change))
    setup = Setup(site, "v2", box.box.desk.setup.addresses)
    box.take(box.box.reconfigure(setup, compile_flows(site), box.now))
    if "register" in change:
        box.tell(legs.LineSignal(trunk=TRUNK, code=200, registered=True))
    assert states(box) == ["up", "down", "up"]
    box.pass_time(3600)
    assert states(box) == ["up", "down", "up"]
    assert (watched.state, watched.missed) == ("up", 0)
