"""Collecting digits: their end, what is wrong with them, reading them back, secrets."""

from typing import Any

import pytest

from appliance.flow.effects import ToQueue
from appliance.model.events import CallTagged
from tests.flow.caller import Caller
from tests.flow.texts import flow, node


def collect(**more: Any) -> str:
    told = ["You have", {"say": "digits", "value": "{data.order}"}]
    fields = {"prompt": "Your number", "store": "order", "min": 3, "max": 5, "inter_digit_s": 2}
    return flow(
        node("a", "collect", **fields, **more, next="told"),
        node("told", "play", prompt=told, next="support"),
    )


def test_digits_end_with_the_terminator_and_are_stored() -> None:
    caller = Caller(collect())
    caller.press("123#")
    assert caller.run.data == {"order": "123"}
    assert caller.inputs == [("digits", "123", "")]
    assert caller.of(CallTagged)[0].data == {"order": "123"}
    assert caller.heard == ["Your number", "You have", "digits:123"]


def test_digits_end_with_a_pause() -> None:
    caller = Caller(collect())
    caller.press("1234")
    assert caller.timer is not None and caller.timer.seconds == 2
    caller.stay_silent()
    assert caller.run.data == {"order": "1234"}


def test_the_most_digits_go_on_at_once_and_a_late_terminator_is_ignored() -> None:
    ways = {"1": {"next": "support"}, "#": {"next": "a"}}
    caller = Caller(
        flow(
            node("a", "collect", prompt="Number", store="n", max=2, next="menu"),
            node("menu", "menu", prompt="Press 1", choice=ways),
        )
    )
    caller.press("12#")
    assert caller.nodes == ["a", "menu"]
    caller.press("#")
    assert caller.nodes == ["a", "menu", "a"], "the second # is meant for the menu"


def test_too_few_digits_and_wrong_keys_are_asked_again() -> None:
    caller = Caller(collect(terminator="#"))
    caller.press("12#")
    assert caller.inputs == [("wrong", "12", "")]
    assert caller.heard[-2:] == ["phrase:cf-invalid", "Your number"]
    caller.press("1*")
    assert caller.heard[-2:] == ["phrase:cf-invalid-again", "Your number"]
    caller.press("1")
    caller.stay_silent()
    assert isinstance(caller.exit, ToQueue), "third failure: the fallback"


def test_confirmation_reads_back_and_2_starts_again() -> None:
    caller = Caller(collect(confirm=True))
    caller.press("123#")
    assert caller.heard[1:] == ["phrase:you-entered", "digits:123", "phrase:cf-confirm"]
    caller.press("2")
    assert caller.heard[-1] == "Your number"
    caller.press("456#1")
    assert caller.run.data == {"order": "456"}
    assert caller.nodes[-1] == "told"


def test_confirmation_can_be_typed_ahead_and_silence_reads_back_again() -> None:
    caller = Caller(collect(confirm=True))
    caller.press("123#")
    caller.stay_silent()
    assert caller.heard[-4:] == [
        "phrase:cf-nothing", "phrase:you-entered", "digits:123", "phrase:cf-confirm",
    ]  # fmt: skip
    caller.press("1")
    assert caller.nodes[-1] == "told"


def test_secret_digits_are_masked_everywhere_and_never_said() -> None:
    caller = Caller(collect(secret=True))
    caller.press("987#")
    assert caller.run.data == {"order": "987"}, "the run itself has them"
    assert "987" not in repr(caller.events)
    assert caller.inputs == [("digits", "***", "")]
    assert caller.heard == ["Your number", "You have"]


def test_wrong_secret_digits_are_masked_too() -> None:
    caller = Caller(collect(secret=True))
    caller.press("98#")
    assert caller.inputs == [("wrong", "**", "")]


def test_digits_spoken() -> None:
    caller = Caller(collect())
    caller.say("one two three four five", "12345")
    assert caller.run.data == {"order": "12345"}


@pytest.mark.parametrize("heard", ["١ ٢ ٣", "1²3", "１２３"])
def test_digits_of_no_keypad_are_no_digits(heard: str) -> None:
    caller = Caller(collect())
    caller.say(heard, heard)
    assert caller.run.data == {} and caller.inputs[-1][0] == "wrong"


def test_of_too_many_keys_typed_ahead_the_first_count() -> None:
    """What came first was meant; the rest is a child or an attack."""
    notice = node("a", "play", prompt="Notice", barge_in=False, next="b")
    ask = node("b", "collect", prompt="Number", store="n", max=5, next="support")
    caller = Caller(flow(notice, ask))
    caller.press("12345" + "9" * 200)
    caller.listen_out()
    assert caller.run.data == {"n": "12345"}
    assert isinstance(caller.exit, ToQueue)


def test_what_the_caller_calls_wrong_reaches_nobody() -> None:
    caller = Caller(collect(confirm=True))
    caller.press("123#2")
    for _ in range(2):
        caller.stay_silent()
    assert isinstance(caller.exit, ToQueue), "nothing better came"
    assert caller.run.data == {"order": ""}
    assert caller.of(CallTagged)[-1].data == {"order": ""}


def pin(start: str = "a") -> str:
    """A secret of four digits and a menu behind it."""
    choice = {"1": {"next": "support"}}
    four = {"store": "pin", "min": 4, "max": 4, "secret": True, "inter_digit_s": 2}
    return flow(
        node("hello", "play", prompt="Hello", barge_in=False, next="a"),
        node("a", "collect", prompt="PIN", **four, retries=0, next="menu", on_failed="menu"),
        node("menu", "menu", prompt="One", on_failed="support", retries=5, choice=choice),
        start=start,
    )


@pytest.mark.parametrize("pause_s", [0, 1.6])
@pytest.mark.parametrize("typed", ["98765432", "98*7654", "9876#", "9876543#"])
def test_what_is_typed_beyond_a_secret_reaches_nobody(typed: str, pause_s: float) -> None:
    caller = Caller(pin())
    for key in typed:
        caller.now += pause_s
        caller.press(key)
    assert caller.nodes[-1] == "menu"
    assert all(set(value) <= {"*"} for _, value, _ in caller.inputs)
    assert len(caller.inputs) == 1
    if not typed.endswith("#"):
        caller.now += 2
    caller.press("1")
    assert caller.inputs[-1][:2] == ("key", "1")


@pytest.mark.parametrize(("typed", "left"), [("98765#1", ["1"]), ("987651", [])])
def test_what_was_typed_ahead_beyond_a_secret_is_dropped(typed: str, left: list[str]) -> None:
    caller = Caller(pin(start="hello"))
    caller.press(typed)
    caller.listen_out()
    assert [value for kind, value, _ in caller.inputs if kind != "digits"] == left
