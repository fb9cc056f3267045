"""Callers who are not understood, and recognisers that fail: asked again, then by keys, then a
person."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.flow.effects import SpeechBegan, SpeechOff, Spoken, ToQueue
from appliance.model.events import SpeechDeaf, SpeechHeard
from tests.flow.caller import Caller, heard
from tests.flow.texts import AGAIN, CHOICES, KEYS_ONLY, UNCLEAR, ends, flow, node, spoken_menu

QUESTION = "Orders or billing?"
ORDERS: list[tuple[str, dict[str, Any], list[list[str]]]] = [
    # what the caller does, more fields, what is heard after each before it leaves
    ("uus", {}, [[UNCLEAR, QUESTION], [UNCLEAR, KEYS_ONLY, QUESTION], []]),
    ("sss", {}, [["phrase:cf-nothing", QUESTION], ["phrase:cf-nothing-again", QUESTION], []]),
    ("sus", {}, [["phrase:cf-nothing", QUESTION], [AGAIN, QUESTION], []]),
    ("usu", {}, [[UNCLEAR, QUESTION], ["phrase:cf-nothing-again", QUESTION], []]),
    ("uku", {}, [[UNCLEAR, QUESTION], ["phrase:cf-wrong-again", QUESTION], []]),
    ("uuss", {"retries": 3},
     [[UNCLEAR, QUESTION], [UNCLEAR, KEYS_ONLY, QUESTION], ["phrase:cf-nothing-again", QUESTION],
      []]),
    ("uuu", {"speech": {"tries": 3}}, [[UNCLEAR, QUESTION], [AGAIN, QUESTION], []]),
    ("us", {"speech": {"tries": 1}, "retries": 1}, [[UNCLEAR, KEYS_ONLY, QUESTION], []]),
    ("u", {"retries": 0}, [[]]),
    ("uus", {"keys_prompt": "Press 1 or 2"},
     [[UNCLEAR, QUESTION], [UNCLEAR, "Press 1 or 2"], []]),
    ("uuu", {"unclear_prompts": ["Pardon?", "Once more"], "speech": {"tries": 9}},
     [["Pardon?", QUESTION], ["Once more", QUESTION], []]),
]  # fmt: skip


@pytest.mark.parametrize(("acts", "more", "expected"), ORDERS)
def test_the_order_of_asking_again(
    acts: str, more: dict[str, Any], expected: list[list[str]]
) -> None:
    caller = Caller(spoken_menu(on_silence="person", **more))
    for act, again in zip(acts, expected, strict=True):
        caller.hear_all()
        before = len(caller.heard)
        if act == "u":
            caller.say("blah")
        elif act == "s":
            caller.stay_silent()
        else:
            caller.press("9")
        assert caller.heard[before:] == again
    assert isinstance(caller.exit, ToQueue) and caller.exit.queue == "sales", "a person"


def test_after_keys_only_a_key_still_chooses_and_nobody_listens() -> None:
    caller = Caller(spoken_menu())
    for _ in range(2):
        caller.hear_all()
        caller.say("blah")
    assert caller.listen is not None and caller.listen.hearing is None
    old = caller.listen.id
    caller.send(SpeechBegan(id=old))
    caller.send(Spoken(id=old, done=heard(old, "billing", "2")))
    assert caller.run.node == "a" and len(caller.of(SpeechHeard)) == 2
    caller.press("1")
    assert isinstance(caller.exit, ToQueue)


def test_the_next_question_listens_again() -> None:
    second = node("b", "menu", prompt="Again?", choice={"1": {"say": ["yes"], "next": "bye"}})
    caller = Caller(spoken_menu(on_silence="b") + second)
    for _ in range(2):
        caller.hear_all()
        caller.say("blah")
    caller.stay_silent()
    assert caller.nodes[-1] == "b"
    caller.say("yes", "1")
    assert caller.nodes[-1] == "bye"


@pytest.mark.parametrize("missed", ["no_match", "low_confidence", "too_long"])
def test_every_kind_of_not_understood_counts(missed: Any) -> None:
    caller = Caller(spoken_menu(retries=0))
    caller.hear_all()
    caller.say("blah", missed=missed)
    assert caller.inputs == [("wrong", "blah", "")]
    assert caller.of(SpeechHeard)[0].missed == missed
    assert caller.exit.queue == "sales"


# -- keys win ----------------------------------------------------------------------------------


def test_a_key_while_speaking_wins_and_the_words_come_to_nothing() -> None:
    caller = Caller(spoken_menu())
    caller.begin_to_speak()
    assert caller.listen is not None
    old = caller.listen.id
    caller.press("9")
    assert caller.heard[-2:] == ["phrase:cf-wrong", QUESTION]
    assert caller.listen is not None and caller.listen.id != old
    assert caller.listen.hearing is not None, "speech may follow"
    caller.send(Spoken(id=old, done=heard(old, "billing", "2")))
    assert caller.run.node == "a" and caller.of(SpeechHeard) == []
    caller.say("billing", "2")
    assert caller.nodes[-1] == "bye"


def test_keys_typed_ahead_answer_before_anybody_listens() -> None:
    notice = node("n", "play", prompt="Notice", barge_in=False, next="a")
    caller = Caller(spoken_menu().replace('start = "a"', 'start = "n"') + notice)
    caller.press("1")
    caller.listen_out()
    assert isinstance(caller.exit, ToQueue)
    assert caller.heard == ["Notice"]


# -- recognisers that fail ---------------------------------------------------------------------


def test_nobody_listens_the_question_is_heard_and_then_that_keys_count() -> None:
    caller = Caller(spoken_menu(retries=1, on_silence="person"))
    caller.go_deaf("busy")
    assert caller.play is not None, "the question is heard to its end"
    [event] = caller.of(SpeechDeaf)
    assert (event.flow, event.node, event.why, event.detail) == ("main", "a", "busy", "for a test")
    caller.listen_out()
    assert caller.play is not None and caller.heard[1:] == [KEYS_ONLY]
    caller.listen_out()
    assert caller.timer is not None and caller.timer.seconds == 6
    assert caller.inputs == [], "no failure of the caller's"
    caller.stay_silent()
    assert caller.heard[2:] == ["phrase:cf-nothing", QUESTION], "told once"
    caller.stay_silent()
    assert caller.exit.queue == "sales"


def test_what_nobody_could_hear_once_is_told_and_the_question_goes_on() -> None:
    caller = Caller(spoken_menu())
    caller.go_deaf("busy", once=True)
    [event] = caller.of(SpeechDeaf)
    assert (event.node, event.why, event.detail) == ("a", "busy", "for a test")
    assert caller.play is not None and caller.listen is not None
    caller.listen_out()
    assert caller.heard == [QUESTION], "nothing is said of keys"
    caller.begin_to_speak()
    caller.end_speech("sales", "1")
    assert isinstance(caller.exit, ToQueue)


def test_who_speaks_while_nobody_can_hear_is_not_silent() -> None:
    caller = Caller(spoken_menu(retries=0, on_silence="person"))
    for again in ([UNCLEAR, QUESTION], [UNCLEAR, KEYS_ONLY, QUESTION]):
        caller.hear_all()
        before, timer = len(caller.heard), caller.timer
        caller.go_deaf("busy", once=True)
        assert caller.timer not in (None, timer), "it waits anew"
        caller.stay_silent()
        assert caller.heard[before:] == again
        assert caller.inputs == [], "no failure of the caller's"
    assert caller.listen is not None and caller.listen.hearing is None
    caller.stay_silent()
    assert caller.exit.queue == "sales", "this silence counts"


def test_a_room_that_is_never_quiet_does_not_keep_the_wait_from_its_end() -> None:
    caller = Caller(spoken_menu())
    caller.hear_all()
    timers = []
    for _ in range(5):
        caller.go_deaf("busy", once=True)
        timers.append(caller.timer)
    assert timers[0] != timers[1] != timers[2] == timers[3] == timers[4]


@pytest.mark.parametrize("answers", ["by key", "by speech"])
def test_who_is_heard_at_last_was_never_lost(answers: str) -> None:
    text = node("a", "collect", prompt="N?", store="n", min=2, max=4, next="bye")
    caller = Caller(flow(text, ends("bye")))
    caller.hear_all()
    caller.go_deaf("busy", once=True)
    if answers == "by key":
        caller.press("12")
    else:
        caller.say("one two", "12")
    caller.stay_silent()
    assert caller.run.data == {"n": "12"} and caller.heard == ["N?"]


def test_half_of_an_entry_is_not_taken_while_nobody_heard_the_rest() -> None:
    text = node("a", "collect", prompt="N?", store="n", min=2, max=4, next="bye")
    caller = Caller(flow(text, ends("bye")))
    caller.say("one two", "12")
    caller.go_deaf("busy", once=True)
    caller.stay_silent()
    assert caller.heard[1:] == [UNCLEAR, "phrase:you-entered", "digits:12"]
    assert caller.run.data == {}


def test_a_key_beats_the_words_about_keys() -> None:
    for heard_before in (0, 1):
        caller = Caller(spoken_menu())
        caller.go_deaf("busy")
        for _ in range(heard_before):
            caller.listen_out()
        caller.press("1")
        assert isinstance(caller.exit, ToQueue)
        assert len(caller.heard) == 1 + heard_before


def test_keys_typed_into_a_question_that_must_be_heard_need_no_words_about_keys() -> None:
    for keys_prompt in ({}, {"keys_prompt": "Press 1 or 2"}):
        caller = Caller(spoken_menu(barge_in=False, **keys_prompt))
        caller.press("1")
        caller.go_deaf("busy")
        caller.listen_out()
        assert isinstance(caller.exit, ToQueue) and caller.heard == [QUESTION]


def test_nobody_listens_any_more_while_the_box_waits() -> None:
    caller = Caller(spoken_menu(retries=0))
    caller.hear_all()
    caller.go_deaf()
    assert caller.heard[1:] == [KEYS_ONLY] and caller.timer is None
    caller.listen_out()
    assert caller.timer is not None and caller.timer.seconds == 6
    assert caller.inputs == []


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("kind", ["menu", "yes_no", "collect"])
def test_a_question_with_words_for_keys_changes_to_them_at_once(kind: str, waits: bool) -> None:
    fields: dict[str, Any] = {"collect": {"store": "n"}, "menu": {"choice": CHOICES}}.get(kind, {})
    asked = node("a", kind, prompt="Say it", keys_prompt="Type it", retries=0, **fields)
    caller = Caller(flow(asked, ends("bye")))
    if waits:
        caller.hear_all()
    caller.go_deaf("busy")
    assert caller.heard == ["Say it", "Type it"]
    caller.stay_silent()
    assert caller.heard == ["Say it", "Type it"]
    assert caller.inputs == [("nothing", "", "")], "one failure, and none before"


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("kind", ["yes_no", "collect"])
def test_a_question_whose_keys_are_plain_is_not_disturbed(kind: str, waits: bool) -> None:
    fields = {"store": "n"} if kind == "collect" else {}
    caller = Caller(flow(node("a", kind, prompt="Say it", retries=1, **fields)))
    if waits:
        caller.hear_all()
    caller.go_deaf("busy")
    assert (caller.play is None) == waits
    caller.hear_all()
    assert caller.heard == ["Say it"]
    caller.stay_silent()
    assert caller.heard[1:] == ["phrase:cf-nothing", KEYS_ONLY, "Say it"]


def test_digits_said_before_nobody_listened_any_more_stand() -> None:
    asked = node("a", "collect", prompt="Say it", keys_prompt="Type it", store="n")
    caller = Caller(flow(asked))
    caller.say("one two", "12")
    caller.go_deaf()
    caller.stay_silent()
    assert caller.run.data == {"n": "12"} and caller.heard == ["Say it"]


def test_what_is_asked_back_names_its_keys_already() -> None:
    caller = Caller(spoken_menu(keys_prompt="Press 1 or 2"))
    caller.say("order", "1", "unsure")
    before = list(caller.heard)
    caller.go_deaf()
    caller.hear_all()
    assert caller.heard == before
    caller.press("1")
    assert isinstance(caller.exit, ToQueue)


def test_who_is_cut_off_by_a_broken_recogniser_is_not_to_blame() -> None:
    caller = Caller(spoken_menu(retries=0))
    caller.begin_to_speak()
    caller.go_deaf("broken")
    assert caller.heard[1:] == [KEYS_ONLY, QUESTION]
    assert caller.inputs == []
    caller.stay_silent()
    assert caller.inputs == [("nothing", "", "")], "this one counts"


@pytest.mark.parametrize("told", [True, False])
def test_words_that_get_lost_are_asked_for_once_more_and_then_by_keys(told: bool) -> None:
    caller = Caller(spoken_menu(retries=0))
    for after in ([UNCLEAR, QUESTION], [UNCLEAR, KEYS_ONLY, QUESTION]):
        before = len(caller.heard)
        if told:
            caller.say("", missed="lost")
        else:
            caller.begin_to_speak()
            caller.stay_silent()
        assert caller.heard[before:] == after
        assert caller.inputs == [], "no failure of the caller's"
    assert caller.listen is not None and caller.listen.hearing is None


def test_the_end_of_lost_words_comes_too_late() -> None:
    caller = Caller(spoken_menu())
    caller.begin_to_speak()
    assert caller.listen is not None
    old = caller.listen.id
    caller.stay_silent()
    caller.send(Spoken(id=old, done=heard(old, "billing", "2")))
    assert caller.run.node == "a"


def test_deaf_while_it_is_asked_back_leaves_the_keys() -> None:
    caller = Caller(spoken_menu())
    caller.say("order", "1", "unsure")
    caller.begin_to_speak()
    caller.go_deaf("broken")
    assert caller.heard[-4:] == [
        KEYS_ONLY,
        "phrase:cf-did-you-say",
        "Order desk?",
        "phrase:cf-confirm",
    ]
    caller.press("1")
    assert isinstance(caller.exit, ToQueue)


NO_SUCCESS = st.sampled_from(
    ["unclear", "echo", "lost", "hung", "off", "silence", "refused", "wrong key"]
)


@given(acts=st.lists(NO_SUCCESS, min_size=8, max_size=8), retries=st.integers(0, 4),
       tries=st.integers(1, 4))  # fmt: skip
def test_a_question_that_is_never_answered_ends_soon(
    acts: list[str], retries: int, tries: int
) -> None:
    """`retries` failures of the caller, and at most three that are the box's own."""
    caller = Caller(spoken_menu(retries=retries, on_silence="person", speech={"tries": tries}))
    for asked, act in enumerate(acts):
        if caller.exit is not None:
            break
        assert asked <= retries + 3
        before = caller.play
        if act != "echo":
            caller.hear_all()
        listens = caller.listen is not None and caller.listen.hearing is not None
        if act == "silence" or (not listens and act != "wrong key"):
            caller.stay_silent()
        elif act == "wrong key":
            caller.press("9")
        elif act == "echo":
            caller.say("blah")
            if caller.play is before:
                caller.stay_silent()  # it stops nothing any more
        elif act == "unclear":
            caller.say("blah")
        elif act == "lost":
            caller.say("", missed="lost")
        elif act == "hung":
            caller.begin_to_speak()
            caller.stay_silent()
        elif act == "refused":
            caller.say("order", "1", "unsure")
            caller.hear_all()
            caller.say("no", "no")
        else:
            caller.begin_to_speak()
            caller.send(SpeechOff(id=caller.listen.id if caller.listen else 0, why="broken"))
    assert caller.exit is not None and caller.exit.queue == "sales"
