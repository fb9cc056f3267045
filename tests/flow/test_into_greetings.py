"""Callers who answer before they are asked: by voice into a greeting, as by a key."""

from datetime import timedelta
from typing import Any

import pytest

from appliance.flow.effects import ToQueue
from appliance.model.events import SpeechDeaf, SpeechHeard
from tests.flow.caller import Caller
from tests.flow.texts import CHOICES, ends, flow, node

QUESTION = "Orders or billing?"


def site(*before: str, kind: str = "menu", **fields: Any) -> str:
    """A greeting, or `before`, and a question."""
    of_kind: dict[str, dict[str, Any]] = {
        "menu": {"choice": CHOICES},
        "collect": {"store": "n", "min": 4, "max": 6, "next": "support"},
        "yes_no": {"on_yes": "support", "on_no": "bye"},
    }
    question = node("ask", kind, prompt=QUESTION, **{**of_kind[kind], **fields})
    hello = node("a", "greeting", prompt="Welcome", next="ask")
    return flow(*(before or (hello,)), question, ends("bye"))


def test_a_choice_said_into_the_greeting_stops_it_and_counts() -> None:
    caller = Caller(site())
    caller.begin_to_speak()
    assert caller.play is not None, "it may be a cough"
    caller.end_speech("orders", "1")
    assert caller.heard == ["Welcome"]
    assert isinstance(caller.exit, ToQueue)
    [heard] = caller.of(SpeechHeard)
    assert (heard.node, heard.choice) == ("ask", "Order desk")
    assert caller.inputs == [("speech", "orders", "Order desk")]


def test_what_is_not_sure_is_asked_back() -> None:
    caller = Caller(site())
    caller.say("orders", "1", "unsure")
    assert caller.heard[1:] == ["phrase:cf-did-you-say", "Order desk?", "phrase:cf-yes-no"]


@pytest.mark.parametrize("told", [{}, {"missed": "too_long"}, {"missed": "lost"}])
def test_what_means_nothing_takes_nothing_of_the_greeting_away(told: dict[str, Any]) -> None:
    """ "Hello?", a cough: that calls are recorded has to be heard all the same."""
    caller = Caller(site())
    for _ in range(2):
        caller.say("hello", **told)
        assert caller.play is not None
    caller.listen_out()
    assert caller.heard == ["Welcome", QUESTION]
    assert caller.inputs == []
    assert [(one.node, one.text) for one in caller.of(SpeechHeard)] == [("a", "hello")] * 2
    caller.begin_to_speak()
    assert caller.play is None, "speech stops the question as ever"


@pytest.mark.parametrize("choice", ["1", ""])
def test_who_still_speaks_when_the_greeting_is_over_is_heard_out(choice: str) -> None:
    caller = Caller(site())
    caller.begin_to_speak()
    caller.listen_out()
    assert caller.play is None, "nobody talks over the caller"
    caller.end_speech("orders", choice)
    assert caller.nodes == (["a", "ask", "support"] if choice else ["a", "ask"])
    assert caller.heard == (["Welcome"] if choice else ["Welcome", QUESTION])


@pytest.mark.parametrize(
    "question",
    [
        node("ask", "yes_no", prompt=QUESTION),
        *(node("ask", "collect", prompt=QUESTION, store="n", kind=kind)
          for kind in ("digits", "number", "day")),
    ],
    ids=["yes_no", "digits", "number", "day"],
)  # fmt: skip
def test_what_anybody_may_say_to_anything_is_no_answer(question: str) -> None:
    """ "Okay", "good morning" (German for tomorrow), "one moment": nothing was asked yet."""
    tells = node("a", "play", prompt="It comes on Tuesday", next="ask")
    caller = Caller(flow(tells, question))
    assert caller.listen is not None and caller.listen.hearing is None
    caller.listen_out()
    assert caller.heard == ["It comes on Tuesday", QUESTION]
    caller.begin_to_speak()
    assert caller.play is None, "the question listens"


def test_it_is_for_the_question_behind_several_prompts() -> None:
    hello = node("a", "play", prompt="Welcome", next="news")
    caller = Caller(site(hello, node("news", "greeting", prompt="News", next="ask")))
    caller.say("orders", "1")
    assert caller.heard == ["Welcome"] and caller.nodes == ["a", "news", "ask", "support"]


WEEK = {"mon-sun": ["08:00-18:00"]}
HOURS = node("open", "hours", week=WEEK, holidays=False, on_open="who", on_closed="closed")
WHO = node("who", "caller_list", on_vip="support", next="notes")
NOTES = node("notes", "set", data={"topic": "x"}, next="ask")
CLOSED = node("closed", "play", prompt="We are closed", next="bye")
HELLO = node("a", "greeting", prompt="Welcome", next="open")


def test_what_decides_by_itself_may_stand_between() -> None:
    caller = Caller(site(HELLO, HOURS, WHO, NOTES, CLOSED))
    caller.say("orders", "1")
    assert caller.heard == ["Welcome"] and isinstance(caller.exit, ToQueue)
    assert caller.nodes == ["a", "open", "who", "notes", "ask", "support"]


@pytest.mark.parametrize("facts", [{"vip": True}, {"blocked": True}])
def test_a_caller_whom_it_leads_elsewhere_is_not_listened_to(facts: dict[str, Any]) -> None:
    who = node("who", "caller_list", on_vip="support", on_blocked="ask", next="notes")
    caller = Caller(site(HELLO, HOURS, who, NOTES, CLOSED), **facts)
    assert caller.listen is not None and caller.listen.hearing is None


def test_who_is_led_elsewhere_while_he_speaks_hears_what_is_said_there() -> None:
    """The office closes in this very moment."""
    caller = Caller(site(HELLO, HOURS, WHO, NOTES, CLOSED))
    caller.begin_to_speak()
    caller.utc += timedelta(hours=8)
    caller.end_speech("orders", "1")
    assert caller.heard == ["Welcome", "We are closed"] and caller.inputs == []


def test_another_question_than_it_was_said_for_is_asked() -> None:
    other = node("other", "menu", prompt="Else?", choice={"1": {"say": ["x"], "next": "bye"}})
    closed = node("closed", "play", prompt="We are closed", next="other")
    caller = Caller(site(HELLO, HOURS, WHO, NOTES, closed, other))
    caller.begin_to_speak()
    caller.utc += timedelta(hours=8)
    caller.end_speech("orders", "1")
    caller.hear_all()
    assert caller.heard == ["Welcome", "We are closed", "Else?"]
    assert caller.nodes[-1] == "other"


def test_who_comes_back_to_a_greeting_that_he_has_heard() -> None:
    again = {"1": {"say": ["again"], "next": "other"}}
    hello = node("a", "greeting", prompt="Welcome", next="ask")
    other = node("other", "play", prompt="Other", next="a")
    caller = Caller(site(hello, other, choice=again))
    caller.say("again", "1")
    assert caller.heard == ["Welcome", "Other"]
    caller.say("again", "1")
    assert caller.heard == ["Welcome", "Other", "Other"]


@pytest.mark.parametrize(
    ("greeting", "question"),
    [
        ({"barge_in": False}, {}),
        ({}, {"barge_in": False}),
        ({}, {"speech": {"barge_in": False}}),
        ({}, {"speech": {"on": False}}),
        ({"next": "support"}, {}),
        ({"next": "a"}, {}),
        ({}, {"kind": "collect", "secret": True, "speech": {"on": True}}),
    ],
)
def test_where_nobody_listens_during_a_prompt(
    greeting: dict[str, Any], question: dict[str, Any]
) -> None:
    """It must be heard out, the question's own must, or nothing that is said could count."""
    fields = {"prompt": "Welcome", "next": "ask", **greeting}
    caller = Caller(site(node("a", "play", **fields), **question))
    assert caller.listen is not None and caller.listen.hearing is None


def test_a_key_while_the_caller_speaks_wins() -> None:
    caller = Caller(site())
    caller.begin_to_speak()
    caller.press("2")
    assert caller.nodes[-1] == "bye" and caller.of(SpeechHeard) == []


def test_the_end_of_what_was_said_never_comes() -> None:
    caller = Caller(site())
    caller.begin_to_speak()
    caller.listen_out()
    caller.stay_silent()
    assert caller.heard == ["Welcome", QUESTION]


@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("once", [True, False])
def test_nobody_can_listen_any_more(over: bool, once: bool) -> None:
    caller = Caller(site())
    caller.begin_to_speak()
    if over:
        caller.listen_out()
    caller.go_deaf("busy", once=once)
    assert caller.heard == (["Welcome", QUESTION] if over else ["Welcome"])
    told = [(one.node, one.why) for one in caller.of(SpeechDeaf)]
    assert told == ([("a", "busy")] if once else []), "else the question tells of it"
    if not over:
        caller.listen_out()
        assert caller.heard == ["Welcome", QUESTION]


def test_the_tone_of_a_key_stops_no_prompt() -> None:
    hello = node("a", "greeting", prompt="Welcome", next="ask")
    first = node("first", "menu", prompt="1?", choice={"1": {"next": "a"}})
    caller = Caller(site(hello, first).replace('start = "a"', 'start = "first"'))
    caller.press("1")
    caller.begin_to_speak()
    assert caller.play is not None
    caller.end_speech("hm")
    assert caller.play is not None and caller.heard == ["1?", "Welcome"]


def test_a_site_that_does_not_listen() -> None:
    caller = Caller("[speech]\nenabled = false\n" + site())
    assert caller.listen is not None and caller.listen.hearing is None
