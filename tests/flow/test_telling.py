"""Nodes that say or set something and go on: play, greeting, language, set, hang_up, goto."""

import pytest

from appliance.flow.effects import HangUp, ToQueue
from appliance.flow.interpreter import FlowRun
from appliance.flow.parts import LONGEST
from appliance.model.events import CallTagged, FlowEntered, FlowLeft
from tests.flow.caller import Caller, flows_of
from tests.flow.texts import MENU, PRESS_1, flow, node


def test_play_is_heard_and_leads_on() -> None:
    caller = Caller(flow(node("a", "play", prompt="Hello", next="support")))
    assert caller.heard == ["Hello"]
    caller.listen_out()
    assert isinstance(caller.exit, ToQueue)
    assert caller.nodes == ["a", "support"]


def test_a_greeting_is_heard_once_per_call() -> None:
    menu = node("menu", "menu", prompt="Press 1", choice={"1": {"next": "a"}})
    caller = Caller(flow(node("a", "greeting", prompt="Welcome", next="menu"), menu))
    caller.listen_out()
    caller.press("1")
    assert caller.heard == ["Welcome", "Press 1", "Press 1"]


def test_barge_in_false_plays_to_the_end_and_keeps_the_key() -> None:
    notice = node("a", "play", prompt="This call is recorded", barge_in=False, next="menu")
    caller = Caller(flow(notice, PRESS_1))
    caller.press("1")
    assert caller.play is not None and caller.exit is None
    caller.listen_out()
    assert isinstance(caller.exit, ToQueue)
    assert caller.heard == ["This call is recorded"]


def test_language_changes_prompts_and_the_queue() -> None:
    words = [{"en": "Hello", "de": "Guten Tag"}, {"phrase": "vm-goodbye"}]
    caller = Caller(
        flow(
            node("a", "language", language="de", next="b"),
            node("b", "play", prompt=words, next="support"),
        )
    )
    assert caller.heard == ["Guten Tag", "phrase:vm-goodbye"]
    assert caller.play is not None and {p.language for p in caller.play.prompts} == {"de"}
    caller.listen_out()
    assert caller.exit.language == "de"
    assert caller.of(CallTagged)[0].language == "de"


def test_set_gives_priority_skills_and_data() -> None:
    data = {"topic": "orders", "from": "{caller}"}
    caller = Caller(
        flow(
            node("a", "set", priority=7, skills={"french": 3}, data=data, next="q"),
            node("q", "queue", queue="sales", skills={"orders": 1}),
        )
    )
    assert caller.exit == ToQueue(
        queue="sales", priority=7, skills={"french": 3, "orders": 1}, language="en"
    )
    tagged = caller.of(CallTagged)[0]
    assert tagged.priority == 7 and tagged.data == {"topic": "orders", "from": "+493012345"}


def test_hang_up_with_and_without_last_words() -> None:
    silent = Caller(flow(node("a", "hang_up", cause="closed", code=486)))
    assert silent.exit == HangUp(cause="closed", code=486, served=False)
    assert not silent.answered
    goodbye = flow(node("a", "hang_up", cause="closed", code=486, prompt="Goodbye"))
    spoken = Caller(goodbye)
    assert spoken.heard == ["Goodbye"]
    spoken.listen_out()
    assert spoken.exit == HangUp(cause="closed", code=603, served=True)
    hasty = Caller(goodbye)
    hasty.press("1")
    assert isinstance(hasty.exit, HangUp)


def test_goto_goes_on_in_another_flow() -> None:
    other = """
[flow.other]
start = "x"
fallback = "y"
[flow.other.node.x]
type = "hang_up"
[flow.other.node.y]
type = "hang_up"
"""
    caller = Caller(flow(node("a", "goto", flow="other")) + other)
    assert [one.flow for one in caller.of(FlowEntered)] == ["main", "other"]
    assert caller.nodes == ["a", "x"]
    assert caller.of(FlowLeft)[0].flow == "other"
    text = flow(node("a", "goto", flow="other", node="y")) + other
    assert Caller(text).nodes == ["a", "y"]


def test_an_unknown_flow_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'nowhere'"):
        FlowRun(flows_of(MENU), "nowhere", Caller(MENU).facts, 0.0)


def test_who_has_no_words_of_his_own_hears_those_of_another_language_in_its_voice() -> None:
    """The voice that they were prepared with: in any other they would not be there."""
    words = {"fr": ["Bonjour", {"say": "digits", "value": "12"}]}
    text = flow(node("a", "play", prompt=[words, "Hello"], next="support"))
    caller = Caller(text, language="de")
    assert caller.play is not None
    heard = [(one.value, one.language) for one in caller.play.prompts]
    assert heard == [("Bonjour", "fr"), ("12", "fr"), ("Hello", "de")]
    ready = {(one.prompt.value, code) for one in caller.flows.wanted() for code in one.languages}
    assert ("Bonjour", "fr") in ready and ("Bonjour", "de") not in ready


@pytest.mark.parametrize("empty", [[], {"de": [], "en": "Hello"}])
def test_what_is_empty_in_one_language_is_taken_from_another(empty: object) -> None:
    caller = Caller(flow(node("a", "play", prompt=empty, next="support")), language="de")
    assert caller.heard == (["Hello"] if empty else [])
    if empty:
        caller.listen_out()
    assert isinstance(caller.exit, ToQueue)


def test_data_that_doubles_at_each_visit_stays_small() -> None:
    doubled = node("a", "set", data={"n": "{data.n}{data.n}x"}, next="menu")
    again = node("menu", "menu", prompt="1", choice={"1": {"next": "a"}})
    caller = Caller(flow(doubled, again))
    caller.press("1" * 60)
    assert 1000 < len(caller.run.data["n"]) <= LONGEST
    assert all(len(one.data["n"]) <= LONGEST for one in caller.of(CallTagged) if one.data)
