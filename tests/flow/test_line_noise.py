"""What is heard and was not said to the box: television, key tones, echo, the rest of a secret."""

import pytest

from appliance.flow.effects import Spoken
from appliance.model.events import SpeechHeard
from appliance.model.hearing import Hearing
from tests.flow.caller import Caller, heard
from tests.flow.texts import KEYS_ONLY, UNCLEAR, node, spoken_menu

QUESTION = "Orders or billing?"


# -- a television ------------------------------------------------------------------------------


def test_speech_without_an_end_counts_once_then_only_keys() -> None:
    caller = Caller(spoken_menu(retries=9, speech={"tries": 9}))
    for again in ([UNCLEAR, QUESTION], [UNCLEAR, KEYS_ONLY, QUESTION]):
        caller.hear_all()
        before = len(caller.heard)
        caller.say("and now the weather", missed="too_long")
        assert caller.heard[before:] == again
    assert caller.listen is not None and caller.listen.hearing is None
    caller.stay_silent()
    assert caller.heard[-2:] == ["phrase:cf-nothing-again", QUESTION], "told once"


# -- the tone of a key -------------------------------------------------------------------------


def after_a_key() -> Caller:
    """A key has led from one menu to the next, whose question plays."""
    first = node("m", "menu", prompt="Press 1", choice={"1": {"next": "a"}})
    caller = Caller(spoken_menu(retries=0).replace('start = "a"', 'start = "m"') + first)
    caller.press("1")
    assert caller.run.node == "a" and caller.play is not None
    return caller


def test_a_tone_taken_for_speech_does_not_stop_the_next_question() -> None:
    caller = after_a_key()
    caller.begin_to_speak()
    assert caller.play is not None
    caller.end_speech("hm")
    assert caller.play is not None and caller.inputs[1:] == []
    assert caller.of(SpeechHeard) == []
    caller.hear_all()
    assert caller.timer is not None and caller.timer.seconds == 6
    caller.say("billing", "2")
    assert caller.nodes[-1] == "bye"


def test_a_tone_whose_beginning_nobody_told_of() -> None:
    caller = after_a_key()
    assert caller.listen is not None
    id = caller.listen.id
    caller.send(Spoken(id=id, done=heard(id, "hm")), 0.2)
    assert caller.play is not None and caller.of(SpeechHeard) == []


def test_words_right_after_a_key_count_if_they_mean_something() -> None:
    caller = after_a_key()
    caller.say("billing", "2")
    assert caller.nodes[-1] == "bye"


def test_speech_long_after_a_key_stops_the_question() -> None:
    caller = after_a_key()
    caller.now += 0.3
    caller.begin_to_speak()
    assert caller.play is None
    caller.end_speech("hm")
    assert [one.text for one in caller.of(SpeechHeard)] == ["hm"], "this one is told of"


def test_a_tone_within_a_question_is_no_wrong_answer() -> None:
    caller = Caller(spoken_menu(retries=1))
    caller.press("9")
    caller.say("hm")
    assert caller.inputs == [("wrong", "9", "")] and caller.play is not None


# -- the rest of a secret ----------------------------------------------------------------------


def after_a_secret() -> Caller:
    """A secret of four digits was said; the menu that follows plays."""
    secret = node("s", "collect", prompt="PIN", store="pin", min=4, max=4, secret=True,
                  speech={"on": True}, next="a")  # fmt: skip
    caller = Caller(spoken_menu().replace('start = "a"', 'start = "s"') + secret)
    caller.say("nine eight seven six", "9876")
    assert caller.run.node == "a" and caller.play is not None
    return caller


@pytest.mark.parametrize("choice", ["", "2"])
@pytest.mark.parametrize("begins", [True, False])
def test_the_rest_of_a_secret_reaches_no_other_question(choice: str, begins: bool) -> None:
    caller = after_a_secret()
    assert caller.listen is not None
    if begins:
        caller.begin_to_speak()
        caller.end_speech("five four", choice)
    else:
        id = caller.listen.id
        caller.send(Spoken(id=id, done=heard(id, "five four", choice)), 0.9)
    assert caller.run.node == "a" and caller.play is not None
    assert "five" not in repr(caller.events)
    caller.say("billing", "2")
    assert caller.nodes[-1] == "bye"


def test_no_sound_is_kept_of_what_is_heard_as_the_rest_of_a_secret() -> None:
    caller = after_a_secret()
    assert hears(caller).secret
    caller.now += 1.0
    caller.say("sales", "1", "unsure")
    assert caller.heard[-1] == "phrase:cf-yes-no" and not hears(caller).secret


def test_speech_a_second_after_a_secret_is_an_answer() -> None:
    caller = after_a_secret()
    caller.now += 1.0
    caller.begin_to_speak()
    assert caller.play is None


# -- echo of our own prompts -------------------------------------------------------------------


def test_a_line_that_echoes_hears_its_questions_whole() -> None:
    caller = Caller(spoken_menu(retries=0, speech={"tries": 1}))
    caller.say("hm")
    assert caller.heard[1:] == [UNCLEAR, QUESTION] and caller.inputs == [], "it counts not"
    for _ in range(3):
        caller.say("hm")
        assert caller.play is not None and caller.inputs == [], "nothing stops it any more"
    assert not hears(caller).barge_in
    caller.listen_out()
    assert caller.timer is not None and caller.timer.seconds == 6
    caller.say("billing", "2")
    assert caller.nodes[-1] == "bye"


def test_an_echo_that_outlasts_the_prompt_is_no_answer() -> None:
    caller = Caller(spoken_menu(retries=0))
    caller.say("hm")
    caller.begin_to_speak()
    caller.listen_out()
    caller.end_speech("hm")
    assert caller.inputs == []
    assert caller.timer is not None and caller.timer.seconds == 6, "as after any prompt"
    caller.say("hm")
    assert caller.inputs == [("wrong", "hm", "")], "this one counts"
    assert caller.exit is not None


def test_an_answer_that_outlasts_the_prompt_counts() -> None:
    caller = Caller(spoken_menu())
    caller.say("hm")
    caller.begin_to_speak()
    caller.listen_out()
    caller.end_speech("billing", "2")
    assert caller.nodes[-1] == "bye"


def test_it_holds_for_the_rest_of_the_call_and_keys_stop_prompts_as_ever() -> None:
    second = node("b", "menu", prompt="Again?", choice={"1": {"say": ["yes"], "next": "bye"}})
    caller = Caller(spoken_menu(on_silence="b", retries=0) + second)
    caller.say("hm")
    caller.stay_silent()
    caller.say("yes", "1")
    assert caller.heard[-1] == "Again?" and caller.play is not None
    caller.press("1")
    assert caller.nodes[-1] == "bye"


def test_the_echo_of_what_is_asked_back_has_it_asked_back_again() -> None:
    caller = Caller(spoken_menu())
    caller.say("order", "1", "unsure")
    asked_back = caller.heard[1:]
    caller.say("hm")
    assert caller.heard[1:] == [*asked_back, UNCLEAR, *asked_back]
    caller.press("1")
    assert caller.exit.queue == "support"


def hears(caller: Caller) -> Hearing:
    assert caller.listen is not None and caller.listen.hearing is not None
    return caller.listen.hearing
