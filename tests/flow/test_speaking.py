"""A menu by speech: what is listened for, what chooses, what is asked back."""

import inspect
from typing import Any

import pytest

from appliance.flow.asking import Question
from appliance.flow.choosing import AskingBack, Choosing, Deciding
from appliance.flow.collecting import Collecting
from appliance.flow.effects import ToQueue
from appliance.flow.naming import Naming
from appliance.model.events import SpeechHeard
from tests.flow.caller import Caller
from tests.flow.texts import KEYS_ONLY, UNCLEAR, flow, node, spoken_menu

ASKED_BACK = ["phrase:cf-did-you-say", "Order desk?", "phrase:cf-yes-no"]


def test_what_is_listened_for() -> None:
    asked = Caller(
        spoken_menu(speech={"trailing_s": 1.0, "longest_s": 5.0, "barge_in": False})
    ).listen
    assert asked is not None and asked.hearing is not None
    hearing = asked.hearing
    assert (hearing.kind, hearing.language) == ("choices", "en")
    assert hearing.choices == {"1": ("orders", "my order"), "2": ("billing",)}
    assert (hearing.trailing_s, hearing.longest_s, hearing.barge_in) == (1.0, 5.0, False)


@pytest.mark.parametrize(
    "text",
    [
        spoken_menu(speech={"on": False}),
        "[speech]\nenabled = false\n" + spoken_menu(),
        flow(node("a", "menu", prompt="1", choice={"1": {"next": "support"}})),
    ],
)
def test_only_keys_where_nobody_is_to_listen_or_there_is_nothing_to_say(text: str) -> None:
    caller = Caller(text)
    assert caller.listen is not None and caller.listen.hearing is None
    caller.stay_silent()
    assert KEYS_ONLY not in caller.heard, "nobody was ever invited to speak"


def test_sure_words_choose_and_history_has_them() -> None:
    caller = Caller(spoken_menu())
    caller.say("i want to talk about my order", "1")
    assert isinstance(caller.exit, ToQueue)
    assert caller.inputs == [("speech", "i want to talk about my order", "Order desk")]
    [event] = caller.of(SpeechHeard)
    assert (event.flow, event.node, event.choice) == ("main", "a", "Order desk")
    assert (event.text, event.verdict) == ("i want to talk about my order", "sure")


def test_speech_stops_the_prompt_and_waits_for_no_key() -> None:
    caller = Caller(spoken_menu())
    assert caller.play is not None
    caller.begin_to_speak()
    assert caller.play is None
    assert caller.timer is not None and caller.timer.seconds == 8 + 3, "in case nobody tells of it"


def test_speech_after_the_prompt_is_no_silence() -> None:
    caller = Caller(spoken_menu())
    caller.hear_all()
    assert caller.timer is not None and caller.timer.seconds == 6
    caller.begin_to_speak()
    assert caller.timer is not None and caller.timer.seconds == 11


def test_a_prompt_that_must_be_heard_is_not_stopped_by_speech() -> None:
    caller = Caller(spoken_menu(barge_in=False))
    caller.say("billing", "2")
    assert caller.play is not None and caller.exit is None, "it may be the prompt's own echo"
    caller.begin_to_speak()
    caller.listen_out()
    assert caller.timer is not None and caller.timer.seconds == 11, "still speaking"
    caller.end_speech("billing", "2")
    assert caller.nodes[-1] == "bye"


def test_a_prompt_may_be_stopped_by_keys_and_not_by_speech() -> None:
    caller = Caller(spoken_menu(speech={"barge_in": False}))
    caller.begin_to_speak()
    assert caller.play is not None
    caller.press("1")
    assert isinstance(caller.exit, ToQueue)


# -- asking back -------------------------------------------------------------------------------


def test_what_is_not_sure_is_asked_back() -> None:
    caller = Caller(spoken_menu())
    caller.say("order", "1", "unsure")
    assert caller.exit is None
    assert caller.heard[1:] == ASKED_BACK
    assert caller.listen is not None and caller.listen.hearing is not None
    assert caller.listen.hearing.kind == "yes_no"
    caller.say("yes", "yes")
    assert isinstance(caller.exit, ToQueue)
    assert caller.inputs == [("speech", "yes", "confirmed"), ("speech", "order", "Order desk")]


@pytest.mark.parametrize(
    ("confirm", "verdict", "asks"),
    [("auto", "sure", False), ("auto", "unsure", True), ("always", "sure", True),
     ("always", "unsure", True), ("never", "sure", False), ("never", "unsure", False)],
)  # fmt: skip
def test_when_it_is_asked_back(confirm: str, verdict: Any, asks: bool) -> None:
    caller = Caller(spoken_menu(speech={"confirm": confirm}))
    caller.say("order", "1", verdict)
    assert (caller.exit is None) == asks


def test_a_key_answers_what_is_asked_back() -> None:
    caller = Caller(spoken_menu())
    caller.say("order", "1", "unsure")
    caller.press("1")
    assert isinstance(caller.exit, ToQueue)
    assert caller.inputs[0] == ("key", "1", "confirmed")


def test_the_key_of_what_was_meant_corrects_what_is_asked_back() -> None:
    caller = Caller(spoken_menu())
    caller.say("order", "1", "unsure")
    caller.press("3")
    assert caller.nodes[-1] == "bye"


@pytest.mark.parametrize("by_key", [True, False])
def test_no_asks_again_and_counts_once(by_key: bool) -> None:
    caller = Caller(spoken_menu())
    caller.say("order", "1", "unsure")
    if by_key:
        caller.press("2")
    else:
        caller.say("no", "no")
    assert caller.heard[-1] == "Orders or billing?"
    assert UNCLEAR not in caller.heard, "the caller is not to blame"
    assert caller.run.state == "running"
    caller.say("order", "1", "unsure")
    caller.say("no", "no")
    assert caller.heard[-2:] == [KEYS_ONLY, "Orders or billing?"], "twice misheard: only keys now"
    assert caller.listen is not None and caller.listen.hearing is None


@pytest.mark.parametrize(
    ("happens", "excuse"),
    [("silence", "phrase:cf-nothing"), ("nonsense", UNCLEAR), ("key", "phrase:cf-wrong")],
)
def test_who_does_not_say_whether_it_is_right_is_asked_the_menu_again(
    happens: str, excuse: str
) -> None:
    caller = Caller(spoken_menu())
    caller.say("order", "1", "unsure")
    if happens == "silence":
        caller.stay_silent()
    elif happens == "nonsense":
        caller.hear_all()
        caller.say("well")
    else:
        caller.press("9")
    assert caller.heard[-2:] == [excuse, "Orders or billing?"]
    caller.press("2")
    assert caller.nodes[-1] == "bye", "2 is the choice again, not no"


def test_it_is_asked_back_in_the_calls_language_with_a_word_of_it() -> None:
    german = node("de", "language", language="de", next="a")
    caller = Caller(spoken_menu().replace('start = "a"', 'start = "de"') + german)
    assert caller.listen is not None and caller.listen.hearing is not None
    assert caller.listen.hearing.choices["2"] == ("rechnung",)
    caller.say("rechnung", "2", "unsure")
    assert caller.play is not None
    assert [(p.value, p.language) for p in caller.play.prompts] == [
        ("cf-did-you-say", "de"), ("rechnung?", "de"), ("cf-yes-no", "de"),
    ]  # fmt: skip


@pytest.mark.parametrize("verdict", ["sure", "unsure"])
def test_all_that_is_asked_back_is_rendered_ahead(verdict: Any) -> None:
    caller = Caller(spoken_menu(speech={"confirm": "always"}))
    ready = {(one.prompt.value, code) for one in caller.flows.wanted() for code in one.languages}
    for key in ("1", "2"):
        caller = Caller(spoken_menu(speech={"confirm": "always"}))
        caller.say("x", key, verdict)
        assert caller.play is not None
        said = [p for p in caller.play.prompts if p.kind == "text"]
        assert len(said) == 1 and (said[0].value, said[0].language) in ready


def test_a_kind_of_question_that_lacks_a_part_cannot_even_begin() -> None:
    """Not first when a caller comes to the part that is missing."""
    assert inspect.isabstract(Question) and inspect.isabstract(AskingBack)
    assert not any(map(inspect.isabstract, (Choosing, Deciding, Naming, Collecting)))
