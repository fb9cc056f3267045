"""Callers who say anything to questions of any kind: no exception, no endless step, an end."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.flow.effects import Digit, Input
from appliance.model.events import SpeechHeard
from tests.flow.test_any_flow import AnyCaller, CallFacts, CallId, Speech, check_state

IDS = ["menu", "plain", "digits", "secret", "number", "day", "yes_no", "names", "hello"]
EDGE = st.sampled_from(IDS)
SPEECH = st.fixed_dictionaries(
    {
        "tries": st.integers(1, 3),
        "confirm": st.sampled_from(["auto", "always", "never"]),
        "barge_in": st.booleans(),
    }
)
PROMPT: st.SearchStrategy[Any] = st.sampled_from(["Say it", [], {"de": "Bitte"}])


def asked(kind: str, /, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just(kind), "prompt": PROMPT, "speech": SPEECH, "barge_in": st.booleans(),
         "retries": st.integers(0, 3), "on_failed": EDGE, **fields},
        optional={"keys_prompt": PROMPT},
    )  # fmt: skip


def collected(kind: str, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    sizes = {"min": st.integers(0, 3), "max": st.integers(1, 4), "confirm": st.booleans()}
    return asked("collect", store=st.just("n"), kind=st.just(kind), next=EDGE, **sizes, **fields)


def choice(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"next": EDGE, **fields})


SECRET = st.fixed_dictionaries({"on": st.just(True), "confirm": st.sampled_from(["auto", "never"])})
QUESTIONS = st.fixed_dictionaries(
    {
        "menu": asked(
            "menu",
            choice=st.fixed_dictionaries(
                {"1": choice(say=st.just(["one way"])), "2": choice(say=st.just({"de": ["zwei"]}))}
            ),
        ),
        "plain": asked("menu", choice=st.fixed_dictionaries({"1": choice()})),
        "digits": collected("digits"),
        "secret": collected("digits", secret=st.just(True), speech=SECRET),
        "number": collected("number"),
        "day": collected("day"),
        "yes_no": asked("yes_no", on_yes=EDGE, on_no=EDGE),
        "names": asked("directory", next=EDGE, on_no_answer=EDGE),
        "hello": st.fixed_dictionaries(
            {"type": st.just("play"), "prompt": PROMPT, "barge_in": st.booleans(), "next": EDGE}
        ),
    }
)
MEANT = {
    "yes_no": ["yes", "no", "maybe"],
    "digits": ["1", "12", "98765", "²"],
    "number": ["12", "123456", "x"],
    "day": ["2025-01-31", "2025-02-30"],
}
TALK = st.tuples(
    st.sampled_from([*["begin"] * 2, *["end"] * 7, *["key"] * 2, "go on", "off"]),
    st.integers(0, 5),
    st.sampled_from(["sure", "sure", "unsure", "unsure", "none"]),
    st.sampled_from([*[""] * 8, "too_long", "lost"]),
    st.integers(0, 9).map(lambda n: n == 0),
)


def act(caller: AnyCaller, talk: Any) -> Input | None:
    """What the caller does that makes some sense where he is; None: nothing."""
    kind, which, verdict, missed, late = talk
    hearing = caller.listen.hearing if caller.listen is not None else None
    if kind == "key" or (hearing is None and kind != "go on"):
        return Digit(key="1268#*"[which])
    if kind == "go on" or hearing is None:
        return None
    assert caller.listen is not None
    values = MEANT.get(hearing.kind) or [*hearing.choices, "2", "nobody"]
    value = "" if verdict == "none" else values[which % len(values)]
    return Speech(kind, value, verdict, missed, late).told(caller.listen.id)


@settings(max_examples=200)
@given(
    nodes=QUESTIONS,
    start=EDGE,
    talk=st.lists(TALK, min_size=12, max_size=40),
    language=st.sampled_from(["en", "de"]),
)
def test_any_talk_in_any_question(
    nodes: dict[str, Any], start: str, talk: list[Any], language: str
) -> None:
    flow = {"start": start, "fallback": "names", "node": nodes}
    facts = CallFacts(call=CallId("c1"), language=language)
    caller = AnyCaller({"main": flow}, facts, datetime(2025, 1, 1, 9, tzinfo=UTC))
    caller.begin()
    for one in talk:
        before = len(caller.nodes)
        given = act(caller, one)
        if given is None:
            caller.go_on()
        else:
            caller.send(given, 0.5)
        check_state(caller, before)
    spoken_secrets = [one for one in caller.of(SpeechHeard) if one.node == "secret"]
    assert all(set(one.text + one.choice) <= {"*"} for one in spoken_secrets)
