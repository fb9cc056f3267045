"""What is heard and was not said to the box: television, key tones, echo, the rest of a secret."""

from appliance.flow.effects import Spoken
from appliance.model.events import SpeechHeard
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
    assert caller.inputs[-1] == ("wrong", "hm", ""), "this one counts"


def test_a_tone_within_a_question_is_no_wrong_answer() -> None:
    caller = Caller(spoken_menu(retries=1))
    caller.press("9")
    caller.say("hm")
    assert caller.inputs == [("wrong", "9", "")] and caller.play is not None
