"""Whatever the flow and whatever the caller does: no exception, no endless step, an end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.flow.effects import (
    Digit,
    HangUp,
    Input,
    Play,
    PromptDone,
    Returned,
    SpeechBegan,
    SpeechOff,
    Spoken,
    TimerFired,
)
from appliance.flow.facts import CallFacts
from appliance.flow.graph import Graph
from appliance.flow.pace import STEP_LIMIT
from appliance.flow.parts import LONGEST
from appliance.model.events import FlowNode
from appliance.model.ids import CallId
from appliance.model.site import SiteFile
from tests.flow.caller import ROOMS, Caller, heard, site_of

IDS = ["a", "b", "c", "d", "e", "f"]
KEYS = st.sampled_from("0123456789*#")
ANY_KEY = st.sampled_from("0123456789*#ABCD")
PROMPT: st.SearchStrategy[Any] = st.sampled_from(
    [
        "Hello",
        {"file": "x.wav"},
        {"say": "number", "value": "{data.n}"},
        {"say": "digits", "value": "{caller}"},
        ["One", {"en": "Two", "de": ["Zwei", {"silence_ms": 100}]}],
        {"de": {"phrase": "vm-goodbye"}},
        [],
        {"fr": "Bonjour", "de": []},
    ]
)


SAY = st.sampled_from(
    [["orders"], ["a b", "c"], [""], ["4!"], {"de": ["ja bitte"]}, {"en": [], "de": ["x"]}, []]
)
PEOPLE = """
[[agent]]
id = "agent2"
name = "Erika Mustermann"
seat = "sip:agent2@127.0.0.1"
[[agent]]
id = "agent3"
name = "Dr. Max Mustermann"
say = ["Maxi"]
seat = "sip:agent3@127.0.0.1"
"""
DOUBLING = st.just({"n": "{data.n}{data.n}1"})


def asking(edge: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "prompt": PROMPT,
        "barge_in": st.booleans(),
        "retries": st.integers(0, 3),
        "silence_prompts": st.lists(PROMPT, max_size=2),
        "wrong_prompts": st.lists(PROMPT, max_size=2),
        "on_silence": edge,
        "on_wrong": edge,
        "on_failed": edge,
        "keys_prompt": PROMPT,
        "unclear_prompts": st.lists(PROMPT, max_size=2),
        "speech": st.fixed_dictionaries(
            {},
            optional={
                "on": st.booleans(),
                "tries": st.integers(1, 3),
                "confirm": st.sampled_from(["auto", "always", "never"]),
                "barge_in": st.booleans(),
            },
        ),
    }


def node(kind: str, /, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


def choice(edge: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"next": edge}, optional={"say": SAY, "name": st.just("Name")})


def any_node(edge: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        node("play", prompt=PROMPT, barge_in=st.booleans(), next=edge),
        node("greeting", prompt=PROMPT, barge_in=st.booleans(), next=edge),
        node(
            "menu",
            choice=st.dictionaries(KEYS, choice(edge), max_size=4),
            **asking(edge),
        ),
        node(
            "collect",
            store=st.just("n"),
            kind=st.sampled_from(["digits", "digits", "number", "day"]),
            min=st.integers(0, 3),
            max=st.integers(1, 4),
            terminator=st.sampled_from(["#", "", "5"]),
            confirm=st.booleans(),
            secret=st.booleans(),
            next=edge,
            **asking(edge),
        ),
        node("yes_no", on_yes=edge, on_no=edge, **asking(edge)),
        node(
            "directory",
            agents=st.sampled_from([[], [], ["agent2", "agent3"], ["nobody"]]),
            on_no_answer=edge,
            next=edge,
            **asking(edge),
        ),
        node(
            "hours",
            week=st.sampled_from([{}, {"mon-fri": ["08:00-17:00"]}, {"sat-mon": ["00:00-24:00"]}]),
            country=st.sampled_from(["", "DE", "XX"]),
            on_open=edge,
            on_closed=edge,
            on_holiday=edge,
        ),
        node("language", language=st.sampled_from(["de", "fr"]), next=edge),
        node("set", priority=st.integers(0, 9), data=DOUBLING, next=edge),
        node("caller_list", on_vip=edge, on_blocked=edge, on_anonymous=edge, next=edge),
        node("queue", queue=st.just("support"), on_overflow=edge, on_exit_key=edge, next=edge),
        node("agent", agent=st.just("agent1"), on_no_answer=edge, next=edge),
        node("voicemail", mailbox=st.just("night"), on_failed=edge, next=edge),
        node("forward", number=st.just("+4930"), on_busy=edge, next=edge),
        node("hang_up"),
        node("goto", flow=st.sampled_from(["main", "other", "gone"]), node=edge),
    )  # fmt: skip


def any_flow(edges: list[str], fallbacks: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "start": st.sampled_from(IDS),
            "fallback": st.sampled_from(fallbacks),
            "node": st.fixed_dictionaries(dict.fromkeys(IDS, any_node(st.sampled_from(edges)))),
        }
    )


WILD = any_flow([*IDS, "", "nowhere"], [*IDS, "", "nowhere"])
SOUND = any_flow([*IDS, ""], IDS)


@dataclass(frozen=True)
class Speech:
    """What a recogniser tells; `late`: of an earlier question."""

    kind: str
    choice: str
    verdict: Any
    missed: Any
    late: bool

    def told(self, listen: int) -> Input:
        id = listen - 1 if self.late else listen
        if self.kind == "begin":
            return SpeechBegan(id=id)
        if self.kind == "off":
            return SpeechOff(id=id, why="broken")
        return Spoken(id=id, done=heard(id, "x", self.choice, self.verdict, missed=self.missed))


VALUES = st.sampled_from(
    ["", "1", "12", "123", "²", "١", "yes", "yes", "no", "2025-01-31", "2025-02-30", "agent1",
     "agent2", "agent2 agent3", "nobody"]
)  # fmt: skip
WHY = st.sampled_from(
    ["exit_key", "overflow", "unstaffed", "full", "no_answer", "busy", "unreachable", "done"]
)
ACT = st.one_of(
    KEYS.map(lambda key: Digit(key=key)),
    ANY_KEY.map(lambda key: Digit(key=key)),
    st.just("go on"),
    st.just("go on"),
    st.just("go on"),
    st.builds(Speech, kind=st.sampled_from(["begin", "begin", "end", "end", "end", "off"]),
              choice=VALUES, verdict=st.sampled_from(["sure", "sure", "unsure", "none"]),
              missed=st.sampled_from(["", "", "no_match", "too_long", "lost"]),
              late=st.booleans()),
    WHY.map(lambda why: Returned(why=why)),
    st.integers(0, 9).map(lambda id: PromptDone(id=id)),
    st.integers(0, 9).map(lambda id: TimerFired(id=id)),
)  # fmt: skip
FACTS = st.builds(
    CallFacts,
    call=st.just(CallId("c1")),
    caller=st.sampled_from(["", "+4930123"]),
    anonymous=st.booleans(),
    vip=st.booleans(),
    blocked=st.booleans(),
    known=st.booleans(),
    language=st.sampled_from(["en", "de"]),
    timezone=st.sampled_from(["Europe/Berlin", "No/Where"]),
)


class AnyCaller(Caller):
    """A caller in a flow that is given as data."""

    def __init__(self, flows: dict[str, Any], facts: CallFacts, utc: datetime) -> None:
        self.raw = flows
        super().__init__("", start=False, **vars(facts))
        self.utc = utc

    def load(self, text: str) -> SiteFile:
        return site_of(text, ROOMS + PEOPLE).model_copy(update={"flow": self.raw})

    def _take_one(self, one: Any) -> None:
        super()._take_one(one)
        if isinstance(one, Play) and self.facts.language == self.flows.language:
            texts = {(said.value, said.language) for said in one.prompts if said.kind == "text"}
            assert texts <= self.ready

    @cached_property
    def ready(self) -> set[tuple[str, str]]:
        """Texts that are rendered before the call."""
        return {(w.prompt.value, code) for w in self.flows.wanted() for code in w.languages}

    def go_on(self) -> None:
        """The next thing that happens by itself: a prompt ends, a time-out, a way back."""
        if self.play is not None:
            self.listen_out()
        elif self.timer is not None:
            self.send(TimerFired(id=self.timer.id), self.timer.seconds)
        elif self.exit is not None and not isinstance(self.exit, HangUp):
            self.come_back("overflow")


def check_state(caller: AnyCaller, before: int) -> None:
    """Always: over, or handed on, or something plays or a time-out runs."""
    steps = len([one for one in caller.events if isinstance(one, FlowNode)]) - before
    assert steps <= 2 * STEP_LIMIT + 5
    waits = caller.play is not None or caller.timer is not None
    hearing = caller.listen.hearing if caller.listen is not None else None
    assert hearing is None or hearing.kind != "choices" or any(hearing.choices.values())
    assert (caller.exit is not None) != waits
    assert (caller.run.state == "ended") == isinstance(caller.exit, HangUp)
    assert (caller.run.state == "away") == (
        caller.exit is not None and not isinstance(caller.exit, HangUp)
    )
    assert caller.answered == caller.run.answered
    assert caller.run.state != "away" or not caller.facts.blocked or caller.run.excused
    assert all(len(value) <= LONGEST for value in caller.run.data.values())


@settings(max_examples=150)
@given(
    flows=st.fixed_dictionaries({"main": WILD, "other": WILD}),
    facts=FACTS,
    acts=st.lists(ACT, max_size=25),
    days=st.integers(0, 400),
)
def test_any_caller_in_any_flow(
    flows: dict[str, Any], facts: CallFacts, acts: list[Input | Speech | str], days: int
) -> None:
    utc = datetime(2025, 1, 1, 9, tzinfo=UTC) + timedelta(days=days)
    caller = AnyCaller(flows, facts, utc)
    caller.begin()
    check_state(caller, 0)
    for act in acts:
        before = len(caller.nodes)
        if isinstance(act, str):
            caller.go_on()
        elif isinstance(act, Speech):
            caller.send(act.told(caller.listen.id if caller.listen else 0), 0.5)
        else:
            caller.send(act)
        check_state(caller, before)


@settings(max_examples=150)
@given(
    flows=st.fixed_dictionaries({"main": SOUND, "other": SOUND})
    | st.fixed_dictionaries({"main": WILD, "other": WILD}),
    facts=FACTS,
)
def test_who_does_nothing_gets_out_unless_the_checker_sees_a_circle(
    flows: dict[str, Any], facts: CallFacts
) -> None:
    caller = AnyCaller(flows, facts, datetime(2025, 1, 2, 9, tzinfo=UTC))
    circles = Graph(caller.flows).idle_circles()
    caller.begin()
    for _ in range(200):
        if caller.exit is not None:
            return
        caller.go_on()
    spots = {spot for circle in circles for spot in circle}
    assert (caller.run.flow.id, caller.run.node) in spots
