"""What a caller said and what the flow made of it read as one step."""

import pytest

from appliance.history.interactions import interaction
from appliance.model import events as ev
from appliance.model.ids import CallId, TrunkId
from tests.flow.caller import Caller
from tests.flow.texts import flow, node

ARRIVED = ev.CallArrived(
    call=CallId("c1"), trunk=TrunkId("t"), caller="+493012345", called="+49309999"
)


def collect(**more: object) -> Caller:
    fields = {"prompt": "Your number", "store": "n", "min": 3, "max": 6, **more}
    return Caller(flow(node("a", "collect", **fields, next="support")))


def steps(caller: Caller) -> list[tuple[str, str, str, float | None]]:
    """Those of the caller, from the events that the flow wrote."""
    told = [ARRIVED, *caller.events]
    records = [ev.Record(n + 1, 1_000_000 * n, one) for n, one in enumerate(told)]
    made = interaction(records)
    assert made is not None
    return [(s.kind, s.value, s.choice, s.confidence) for s in made.steps if s.kind]


def test_spoken_digits_are_one_step_with_the_words_and_the_entry() -> None:
    caller = collect()
    caller.say("one two three four five six", "123456")
    assert steps(caller) == [("speech", "one two three four five six", "123456", 0.95)]


def test_digits_in_several_goes_are_one_step_as_sure_as_the_least_of_them() -> None:
    caller = collect(speech={"confirm": "never"})
    caller.say("four nine", "49")
    caller.say("hm")
    caller.say("three one", "31", "unsure")
    caller.stay_silent()
    assert steps(caller) == [
        ("heard", "hm", "", 0.1),
        ("wrong", "hm", "", None),
        ("speech", "four nine three one", "4931", 0.6),
    ]


def test_digits_of_which_the_last_were_typed() -> None:
    caller = collect()
    caller.say("four nine", "49")
    caller.press("31#")
    assert steps(caller) == [("speech", "four nine", "4931", 0.95)]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("number", "twenty three hundred", "2300"), ("day", "tomorrow", "2025-06-03")],
)
def test_a_number_and_a_day(kind: str, text: str, value: str) -> None:
    caller = collect(kind=kind)
    caller.say(text, value)
    assert steps(caller) == [("speech", text, value, 0.95)]


def test_what_was_read_back_and_what_was_said_to_it() -> None:
    caller = collect()
    caller.say("one two three four five six", "123456", "unsure")
    caller.say("no", "no")
    caller.say("one two three four five seven", "123457")
    assert steps(caller) == [
        ("speech", "one two three four five six", "123456", 0.6),
        ("speech", "no", "again", 0.95),
        ("speech", "one two three four five seven", "123457", 0.95),
    ]


def test_what_was_too_much_is_no_part_of_the_entry_that_followed() -> None:
    caller = collect()
    caller.say("one two three", "123")
    caller.say("four five six seven", "4567")
    caller.say("one two three four five six", "123456")
    assert steps(caller)[-1] == ("speech", "one two three four five six", "123456", 0.95)
    assert ("heard", "one two three", "123", 0.95) in steps(caller)


def test_what_was_too_short_is_no_part_of_the_entry_that_followed() -> None:
    caller = collect(min=2)
    caller.say("one", "1")
    caller.stay_silent()
    caller.say("one", "1")
    caller.press("1#")
    assert caller.run.data == {"n": "11"}
    assert steps(caller) == [
        ("heard", "one", "1", 0.95),
        ("wrong", "1", "", None),
        ("speech", "one", "11", 0.95),
    ]


def test_a_secret_is_masked_in_both() -> None:
    caller = collect(secret=True, speech={"on": True})
    caller.say("one two three four five six", "123456")
    [(kind, value, choice, _)] = steps(caller)
    assert kind == "speech" and {*value, *choice} == {"*"}
