"""Digits, numbers and days that are said, and yes or no."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.flow.days import day_prompts, next_day
from appliance.flow.effects import ToQueue
from appliance.model.events import CallTagged, SpeechHeard
from appliance.model.hearing import Hearing
from appliance.speech.languages import LANGUAGES
from tests.flow.caller import Caller
from tests.flow.texts import UNCLEAR, ends, flow, node

YES_NO = "phrase:cf-yes-no"


def collect(**more: Any) -> str:
    fields = {"prompt": "Your number", "store": "n", "min": 3, "max": 5, "inter_digit_s": 2}
    return flow(node("a", "collect", **{**fields, **more}, next="told"),
                node("told", "play", prompt="Thanks", next="support"))  # fmt: skip


def hearing(caller: Caller) -> Hearing:
    assert caller.listen is not None and caller.listen.hearing is not None
    return caller.listen.hearing


# -- digits ------------------------------------------------------------------------------------


def test_digits_of_several_utterances_add_up() -> None:
    caller = Caller(collect())
    assert (hearing(caller).kind, hearing(caller).least, hearing(caller).most) == ("digits", 1, 5)
    caller.say("four nine", "49")
    assert caller.timer is not None and caller.timer.seconds == 2
    caller.say("three one", "31")
    caller.stay_silent()
    assert caller.run.data == {"n": "4931"}
    assert caller.inputs == [("speech", "4931", "")]
    assert [one.text for one in caller.of(SpeechHeard)] == ["four nine", "three one"]


def test_the_last_digit_goes_on_at_once() -> None:
    caller = Caller(collect())
    caller.say("one two three four five", "12345")
    assert caller.heard[-1] == "Thanks"


def test_digits_said_and_typed_add_up_and_keys_finish_what_they_began() -> None:
    caller = Caller(collect())
    caller.say("four nine", "49")
    caller.press("3")
    assert caller.listen is not None and caller.listen.hearing is None, "no voice adds a digit"
    caller.press("1#")
    assert caller.run.data == {"n": "4931"}


@pytest.mark.parametrize(("said", "shown"), [(["123", "456"], "four five six"), (["12"], "12")])
def test_too_many_and_too_few_spoken_digits(said: list[str], shown: str) -> None:
    caller = Caller(collect())
    for digits in said:
        caller.say("four five six", digits)
    if caller.play is None:
        caller.stay_silent()
    assert caller.inputs == [("wrong", shown, "")]
    excuse = UNCLEAR if len(said) > 1 else "phrase:cf-invalid"
    assert caller.heard[-2:] == [excuse, "Your number"]
    caller.say("one two three four five", "12345")
    assert caller.run.data == {"n": "12345"}, "it starts over"


def test_a_cough_takes_no_digit_away() -> None:
    caller = Caller(collect(min=4, max=10))
    caller.say("one two three four five six", "123456")
    caller.say("hm")
    assert caller.play is None and caller.timer is not None and caller.timer.seconds == 2
    caller.stay_silent()
    assert caller.run.data == {"n": "123456"} and caller.heard[-1] == "Thanks"
    assert caller.inputs == [("speech", "123456", "")]


def test_a_room_full_of_coughs_does_not_hold_the_entry_up() -> None:
    caller = Caller(collect(speech={"tries": 3}))
    caller.say("one two three", "123")
    for _ in range(3):
        assert hearing(caller).kind == "digits"
        caller.say("hm")
    assert caller.listen is not None and caller.listen.hearing is None
    caller.stay_silent()
    assert caller.run.data == {"n": "123"}


def test_a_cough_amid_a_number_asks_for_the_rest() -> None:
    caller = Caller(collect())
    caller.say("one two", "12")
    caller.say("hm")
    assert caller.heard[1:] == [UNCLEAR, "phrase:you-entered", "digits:12"]
    caller.hear_all()
    caller.say("hm")
    assert caller.heard[4:] == [UNCLEAR, "phrase:cf-use-keys", "phrase:you-entered", "digits:12"]
    caller.press("3#")
    assert caller.run.data == {"n": "123"}


@pytest.mark.parametrize(("rest", "digits"), [("one two three four", "1234"), ("three", "3")])
def test_what_was_said_in_parts_with_a_cough_between_is_read_back(rest: str, digits: str) -> None:
    """Asked to go on, some say the rest, others begin anew."""
    caller = Caller(collect(max=10))
    caller.say("one two", "12")
    caller.say("hm")
    caller.say(rest, digits)
    caller.stay_silent()
    whole = {"1234": "1234", "3": "123"}[digits]
    assert caller.heard[4:] == ["phrase:you-entered", f"digits:{whole}", YES_NO]
    caller.say("yes", "yes")
    assert caller.run.data == {"n": whole}


def test_the_same_digits_twice_are_two_where_nobody_asked_between() -> None:
    caller = Caller(collect(max=10))
    caller.say("one two", "12")
    caller.say("one two three", "123")
    caller.stay_silent()
    assert caller.run.data == {"n": "12123"} and caller.heard[-1] == "Thanks"


def test_a_secret_with_a_cough_in_it_is_asked_for_whole() -> None:
    caller = Caller(collect(secret=True, speech={"on": True}))
    caller.say("one two", "12")
    caller.say("hm")
    assert caller.heard[1:] == [UNCLEAR, "Your number"]
    caller.say("one two three four five", "12345")
    assert caller.run.data == {"n": "12345"} and caller.heard[-1] == "Thanks"


@pytest.mark.parametrize("happens", ["lost", "deaf"])
def test_a_recogniser_that_fails_takes_no_digit_away(happens: str) -> None:
    caller = Caller(collect())
    caller.say("one two", "12")
    caller.begin_to_speak()
    if happens == "lost":
        caller.end_speech("", missed="lost")
    else:
        caller.go_deaf()
    assert caller.heard[-2:] == ["phrase:you-entered", "digits:12"]
    caller.press("3#")
    assert caller.run.data == {"n": "123"}


def test_words_for_keys_ask_for_the_whole_entry() -> None:
    caller = Caller(collect(keys_prompt="Type it", speech={"tries": 1}))
    caller.say("one two", "12")
    caller.say("hm")
    assert caller.heard[1:] == [UNCLEAR, "Type it"]
    caller.press("987#")
    assert caller.run.data == {"n": "987"}


def test_doubtful_digits_are_read_back() -> None:
    caller = Caller(collect())
    caller.say("one two", "12")
    caller.say("three", "3", "unsure")
    caller.stay_silent()
    assert caller.heard[1:] == ["phrase:you-entered", "digits:123", YES_NO]
    assert hearing(caller).kind == "yes_no"
    caller.say("no", "no")
    assert caller.run.data == {"n": ""} and caller.heard[-1] == "Your number"
    assert hearing(caller).kind == "digits"
    caller.say("one two three four five", "12345", "unsure")
    caller.say("yes", "yes")
    assert caller.run.data == {"n": "12345"} and caller.heard[-1] == "Thanks"


@pytest.mark.parametrize("answer", ["", "well"])
@pytest.mark.parametrize(("verdict", "kept"), [("unsure", ""), ("sure", "123")])
def test_a_guess_that_nobody_confirms_reaches_nobody(answer: str, verdict: Any, kept: str) -> None:
    caller = Caller(collect(max=3, retries=1, confirm=True))
    caller.say("one two three", "123", verdict)
    for _ in range(2):
        if answer:
            caller.hear_all()
            caller.say(answer)
        else:
            caller.stay_silent()
    assert isinstance(caller.exit, ToQueue) and caller.run.data == {"n": kept}


@pytest.mark.parametrize(
    ("confirm", "verdict", "asks"),
    [("never", "unsure", False), ("always", "sure", True), ("auto", "sure", False)],
)
def test_when_spoken_digits_are_read_back(confirm: str, verdict: Any, asks: bool) -> None:
    caller = Caller(collect(speech={"confirm": confirm}))
    caller.say("one two three four five", "12345", verdict)
    assert (YES_NO in caller.heard) == asks


def test_nonsense_at_the_read_back_is_read_back_again() -> None:
    caller = Caller(collect(confirm=True))
    caller.say("one two three four five", "12345")
    caller.hear_all()
    caller.say("well")
    assert caller.heard[-4:] == [UNCLEAR, "phrase:you-entered", "digits:12345", YES_NO]
    caller.hear_all()
    caller.say("well")
    assert caller.heard[-1] == "phrase:cf-confirm", "by keys only now"
    caller.press("1")
    assert caller.heard[-1] == "Thanks"


def test_what_was_typed_is_confirmed_as_ever_and_yes_is_heard_too() -> None:
    caller = Caller(collect(confirm=True))
    caller.press("123#")
    assert caller.heard[-1] == "phrase:cf-confirm"
    caller.say("yes", "yes")
    assert caller.heard[-1] == "Thanks"


# -- secrets -----------------------------------------------------------------------------------


def test_nobody_listens_to_a_secret() -> None:
    caller = Caller(collect(secret=True))
    assert caller.listen is not None and caller.listen.hearing is None
    assert list(caller.flows.hearings()) == []


def test_a_secret_that_may_be_spoken_is_masked_everywhere() -> None:
    caller = Caller(collect(secret=True, retries=5, speech={"on": True, "tries": 9}))
    assert caller.listen is not None and caller.listen.hearing is not None
    assert caller.listen.hearing.secret
    caller.say("nine eight", "98")
    caller.say("hundred", "", "none")
    caller.say("nine eight seven six five", "98765", "unsure")
    caller.say("nine eight seven six five", "98765")
    assert caller.run.data == {"n": "98765"}
    shown = repr(caller.events) + repr(caller.heard)
    for word in ("nine", "98", "hundred"):
        assert word not in shown
    assert "cf-did-you-say" not in shown and "you-entered" not in shown


@pytest.mark.parametrize("confirm", ["auto", "always", "never"])
def test_a_secret_is_never_read_back(confirm: str) -> None:
    caller = Caller(collect(secret=True, speech={"on": True, "confirm": confirm}))
    caller.say("nine eight seven six five", "98765")
    assert caller.heard[-1] == "Thanks"


# -- numbers -----------------------------------------------------------------------------------


def test_a_number_is_said_whole_and_read_back_as_one() -> None:
    caller = Caller(collect(kind="number", min=1, confirm=True))
    assert hearing(caller).kind == "number"
    caller.say("twenty three", "23")
    assert caller.heard[1:] == ["phrase:you-entered", "number:23", YES_NO]
    caller.say("yes", "yes")
    assert caller.run.data == {"n": "23"}


@pytest.mark.parametrize(("min_", "number"), [(3, "23"), (1, "123456"), (1, "x")])
def test_a_number_of_the_wrong_length_is_none(min_: int, number: str) -> None:
    caller = Caller(collect(kind="number", min=min_))
    caller.say("that", number)
    assert caller.inputs[0][0] == "wrong" and caller.run.data == {}


# -- days --------------------------------------------------------------------------------------


def test_a_day_by_speech() -> None:
    caller = Caller(collect(kind="day"))
    assert (hearing(caller).kind, hearing(caller).today) == ("day", "2025-06-02")
    caller.say("the third of may", "2026-05-03", "unsure")
    assert caller.heard[1:] == [
        "phrase:you-entered", "phrase:weekday/7", "phrase:monthday/3", "phrase:month/5",
        "number:2026", YES_NO,
    ]  # fmt: skip
    caller.say("yes", "yes")
    assert caller.run.data == {"n": "2026-05-03"}


def test_a_day_of_this_year_is_read_back_without_the_year() -> None:
    caller = Caller(collect(kind="day", confirm=True))
    caller.press("1")
    assert caller.heard[1:5] == [
        "phrase:you-entered", "phrase:weekday/1", "phrase:monthday/9", "phrase:month/6",
    ]  # fmt: skip
    assert caller.heard[5] == "phrase:cf-confirm"


@pytest.mark.parametrize(("key", "day"), [("1", "2025-06-09"), ("2", "2025-06-03")])
def test_a_day_by_key_is_the_next_one_of_that_name(key: str, day: str) -> None:
    caller = Caller(collect(kind="day"))
    caller.press(key)
    assert caller.run.data == {"n": day}
    assert caller.of(CallTagged)[0].data == {"n": day}


@pytest.mark.parametrize("key", ["8", "0", "#", "*"])
def test_a_key_of_no_weekday_is_wrong(key: str) -> None:
    caller = Caller(collect(kind="day"))
    caller.press(key)
    assert caller.inputs == [("wrong", key, "")]


@pytest.mark.parametrize("day", ["2026-02-30", "20260228", "monday", "2026-W01-1"])
def test_a_day_that_is_none_is_not_understood(day: str) -> None:
    caller = Caller(collect(kind="day"))
    caller.say("that", day)
    assert caller.inputs == [("wrong", "that", "")]


def test_today_is_the_sites_day() -> None:
    caller = Caller(collect(kind="day"), timezone="Pacific/Kiritimati")  # UTC+14
    assert hearing(caller).today == "2025-06-03"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from("1234567"))
def test_the_next_day_is_one_to_seven_days_ahead(today: date, key: str) -> None:
    found = date.fromisoformat(next_day(key, today.isoformat()))
    assert found.isoweekday() == int(key)
    assert 1 <= (found - today).days <= 7


@pytest.mark.parametrize(
    ("code", "words"),
    [("en", "Wednesday, the thirty-first of December."),
     ("de", "Mittwoch, der einunddreißigste Dezember.")],
)  # fmt: skip
def test_a_day_in_words(code: str, words: str) -> None:
    said = [LANGUAGES[code].text(one.value) or "?" for one in day_prompts("2025-12-31", code)]
    assert " ".join(said) == words


def test_a_stored_day_can_be_said() -> None:
    told = ["For", {"say": "day", "value": "{data.n}"}]
    text = flow(
        node("a", "collect", prompt="When?", store="n", kind="day", next="told"),
        node("told", "play", prompt=told, next="support"),
    )
    caller = Caller(text)
    caller.press("5")
    assert caller.heard[1:] == ["For", "phrase:weekday/5", "phrase:monthday/6", "phrase:month/6"]


# -- yes or no ---------------------------------------------------------------------------------


def yes_no(**more: Any) -> str:
    return flow(node("a", "yes_no", prompt="Shall we?", on_yes="yes", on_no="no", **more),
                ends("yes", "no"))  # fmt: skip


@pytest.mark.parametrize(("answer", "key"), [("yes", "1"), ("no", "2")])
def test_yes_or_no(answer: str, key: str) -> None:
    by_key, by_speech = Caller(yes_no()), Caller(yes_no())
    by_key.press(key)
    by_speech.say("well then", answer)
    assert by_key.nodes[-1] == by_speech.nodes[-1] == answer
    assert by_key.inputs == [("key", key, answer)]
    assert by_speech.inputs == [("speech", "well then", answer)]


def test_an_unsure_yes_is_asked_again_and_not_back() -> None:
    caller = Caller(yes_no())
    caller.say("yes", "yes", "unsure")
    assert caller.heard[1:] == [UNCLEAR, "Shall we?"]
    caller.press("3")
    assert caller.heard[-2:] == ["phrase:cf-wrong-again", "Shall we?"]
    caller.stay_silent()
    assert isinstance(caller.exit, ToQueue)


def test_an_unsure_yes_is_taken_where_nothing_is_to_be_confirmed() -> None:
    caller = Caller(yes_no(speech={"confirm": "never"}))
    caller.say("yes", "yes", "unsure")
    assert caller.nodes[-1] == "yes"
