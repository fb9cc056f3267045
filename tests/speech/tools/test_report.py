"""What callers really do in a flow, and what the report makes of it."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.events import CallEnded, FlowInput, FlowNode, SpeechDeaf, SpeechHeard
from appliance.model.events.calls import Event
from appliance.model.ids import CallId, FlowId, NodeId
from appliance.speech.tools.cli import speech as command
from appliance.speech.tools.tally import Menu, Tally, percentile
from appliance.store.eventlog import EventLog
from tests.flow.caller import Caller

FLOW = """
[flow.main]
start = "menu"
fallback = "support"
[flow.main.node.menu]
type = "menu"
prompt = "What do you want?"
choice.1 = { next = "support", name = "Billing", say = ["billing"] }
choice.2 = { next = "number", name = "Order", say = ["order"] }
on_failed = "support"
[flow.main.node.number]
type = "collect"
prompt = "Your number?"
store = "number"
min = 2
max = 4
next = "support"
[flow.main.node.support]
type = "queue"
queue = "support"
"""


def tallied(*events: Event) -> dict[str, Menu]:
    tally = Tally()
    for event in events:
        tally.take(event)
    return {node: menu for (_, node), menu in tally.spoken().items()}


def of(caller: Caller) -> dict[str, Menu]:
    return tallied(*caller.events, CallEnded(call=CallId("c1"), outcome="served"))


def test_a_sure_word_is_a_choice_by_speech() -> None:
    caller = Caller(FLOW)
    caller.say("billing", "1", latency_s=0.25)
    menu = of(caller)["menu"]
    assert (menu.visits, menu.utterances, menu.sure, menu.chosen) == (1, 1, 1, 1)
    assert (menu.keys, menu.unanswered, menu.denied) == (0, 0, 0)
    assert menu.rate == 1.0
    assert menu.latency == [0.25]


def test_an_unsure_word_that_is_confirmed_is_one_utterance() -> None:
    caller = Caller(FLOW)
    caller.say("billing", "1", "unsure")
    caller.say("yes", "yes")
    menu = of(caller)["menu"]
    assert (menu.utterances, menu.unsure, menu.confirmed, menu.chosen) == (1, 1, 1, 1)
    assert menu.rate == 1.0
    assert not menu.texts


def test_an_unsure_word_that_is_denied_is_a_miss() -> None:
    caller = Caller(FLOW)
    caller.say("billing", "1", "unsure")
    caller.say("no", "no")
    caller.press("2")
    menu = of(caller)["menu"]
    assert (menu.utterances, menu.denied, menu.confirmed) == (1, 1, 0)
    assert (menu.keys, menu.keys_after_speech) == (1, 1)
    assert menu.texts == {"billing": 1}
    assert menu.rate == 0.0


def test_confirming_by_key_is_no_choice_by_key() -> None:
    caller = Caller(FLOW)
    caller.say("billing", "1", "unsure")
    caller.press("1")
    menu = of(caller)["menu"]
    assert (menu.confirmed, menu.keys, menu.chosen) == (1, 0, 1)


def test_who_does_not_answer_is_counted_apart() -> None:
    caller = Caller(FLOW)
    caller.say("billing", "1", "unsure")
    caller.hear_all()
    caller.say("hm what")  # no answer
    caller.say("order", "2")
    menu = of(caller)["menu"]
    assert (menu.utterances, menu.unsure, menu.unanswered) == (2, 1, 1)
    assert (menu.sure, menu.chosen) == (1, 1)
    assert menu.missed.total() == 0


def test_what_is_not_understood_is_listed_with_its_reason() -> None:
    caller = Caller(FLOW)
    caller.say("bananas")
    caller.say("bananas")
    caller.press("1")
    menu = of(caller)["menu"]
    assert menu.missed == {"no_match": 2}
    assert menu.texts == {"bananas": 2}
    assert menu.keys_after_speech == 1
    assert menu.rate == 0.0


def test_keys_and_silence_without_speech_are_not_held_against_it() -> None:
    caller = Caller(FLOW)
    caller.stay_silent()
    caller.press("1")
    assert of(caller) == {}  # nobody spoke there
    caller = Caller(FLOW)
    caller.stay_silent()
    caller.say("billing", "1")
    assert of(caller)["menu"].silence == 1


def test_a_busy_recogniser_has_its_share() -> None:
    calls = [Caller(FLOW) for _ in range(4)]
    calls[0].go_deaf("busy")
    for one in calls:
        one.press("1")
    found = tallied(*(event for one in calls for event in one.events))["menu"]
    assert found.busy_share == 0.25
    assert found.deaf == {"busy": 1}
    assert (found.keys, found.keys_after_speech) == (4, 1)


def test_digits_in_two_goes_are_two_utterances_and_reading_back_is_none() -> None:
    caller = Caller(FLOW)
    caller.say("order", "2")
    caller.say("one two", "12")
    caller.say("three four", "34", "unsure")
    caller.say("yes", "yes")
    number = of(caller)["number"]
    assert (number.utterances, number.sure, number.unsure) == (2, 1, 1)
    assert (number.confirmed, number.denied, number.chosen) == (1, 0, 1)


def test_a_sure_word_that_is_denied_shows() -> None:
    caller = Caller(
        FLOW.replace('on_failed = "support"', 'on_failed = "support"\nspeech.confirm = "always"')
    )
    caller.say("billing", "1")
    caller.say("no", "no")
    menu = of(caller)["menu"]
    assert (menu.sure, menu.false_sure, menu.denied, menu.rate) == (1, 1, 1, 0.0)


PLACE = {"flow": FlowId("main"), "node": NodeId("menu")}
HEARD = st.builds(
    SpeechHeard,
    call=st.sampled_from([CallId("a"), CallId("b")]),
    flow=st.just(FlowId("main")),
    node=st.sampled_from([NodeId("menu"), NodeId("other")]),
    text=st.sampled_from(["x", "", "[unk]"]),
    choice=st.sampled_from(["", "1", "yes", "no"]),
    confidence=st.just(0.5),
    verdict=st.sampled_from(["sure", "unsure", "none"]),
)
OTHER = st.one_of(
    st.builds(FlowNode, call=st.sampled_from([CallId("a"), CallId("b")]),
              flow=st.just(FlowId("main")), node=st.just(NodeId("menu"))),
    st.builds(FlowInput, call=st.just(CallId("a")), node=st.just(NodeId("menu")),
              kind=st.sampled_from(["key", "digits", "speech", "nothing", "wrong"]),
              choice=st.sampled_from(["", "x", "confirmed", "again"])),
    st.builds(SpeechDeaf, call=st.just(CallId("b")), flow=st.just(FlowId("main")),
              node=st.just(NodeId("menu")), why=st.sampled_from(["busy", "broken"])),
    st.builds(CallEnded, call=st.just(CallId("a")), outcome=st.just("served")),
)  # fmt: skip


@given(st.lists(st.one_of(HEARD, OTHER), max_size=40))
def test_figures_agree_with_each_other_whatever_the_log_holds(events: list[Event]) -> None:
    for menu in tallied(*events).values():
        assert menu.utterances == menu.sure + menu.unsure + menu.none == len(menu.latency)
        assert menu.confirmed + menu.unanswered <= menu.unsure
        assert menu.confirmed + menu.denied + menu.unanswered <= menu.sure + menu.unsure
        assert menu.false_sure <= min(menu.sure, menu.denied)
        assert menu.keys_after_speech <= menu.keys
        assert menu.rate is None or 0 <= menu.rate <= 1
        assert menu.busy_share is None or 0 <= menu.busy_share <= 1
        assert menu.texts.total() == menu.none + menu.denied


@pytest.mark.parametrize(
    ("values", "share", "is_"),
    [([], 0.5, None), ([3.0], 0.95, 3.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
     ([float(n) for n in range(1, 101)], 0.95, 95.0)],
)  # fmt: skip
def test_percentiles_are_values_that_were_there(
    values: list[float], share: float, is_: float | None
) -> None:
    assert percentile(reversed(values), share) == is_


# -- the command ----------------------------------------------------------------------------------


def log_of(folder: Path, events: Iterable[tuple[float, Event]]) -> None:
    now = [0]
    with EventLog.open(folder, wall=lambda: now[0], monotonic=lambda: now[0]) as log:
        for seconds, event in events:
            now[0] = int(seconds * 1e6)
            log.append(event)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    early, late = Caller(FLOW), Caller(FLOW)
    early.say("bananas")
    early.go_deaf("busy")
    early.press("1")
    late.say("order", "2", latency_s=0.2)
    late.say("one two three four", "1234", latency_s=0.4)
    day = 86_400.0
    log_of(tmp_path, [*((day, one) for one in early.events), *((3 * day, e) for e in late.events)])
    return tmp_path


def run(folder: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(command, ["report", "--data-dir", str(folder), *arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_the_report_has_a_row_for_each_menu(log: Path) -> None:
    lines = run(log).splitlines()
    assert lines[0].split()[:5] == ["MENU", "UTTERANCES", "SURE", "UNSURE", "NONE"]
    rows = {line.split()[0]: line.split() for line in lines[1:4]}
    assert rows["main.menu"][1:] == [
        *("2", "1", "0", "1", "0", "0", "50%", "1", "1", "0", "0.00", "0.20", "50%")
    ]
    assert rows["main.number"][1:5] == ["1", "1", "0", "0"]
    assert rows["all"][1] == "3"
    told = "\n".join(lines)
    assert "main.menu, not understood:" in told
    assert "1 x fits nothing that was asked for" in told
    assert "1 x keys only: all recognisers were busy" in told
    assert "1 x heard: bananas" in told


def test_since_and_menu_narrow_it(log: Path) -> None:
    assert "bananas" not in run(log, "--since", "1970-01-03")
    assert "main.number" in run(log, "--since", "1970-01-03")
    assert "main.number" not in run(log, "--menu", "menu")
    assert "main.number" in run(log, "--menu", "main.number")
    assert "Callers spoke at: main.menu, main.number." in run(log, "--menu", "mian")
    assert "\n\n\n" not in run(log, "--menu", "main.number")  # where nothing was missed


def test_for_programs(log: Path) -> None:
    found = json.loads(run(log, "--json"))
    assert found["all"]["utterances"] == 3
    assert found["menus"][0] == {**found["menus"][0], "flow": "main", "node": "menu"}
    assert found["menus"][0]["most_missed"] == [["bananas", 1]]
    assert found["menus"][1]["latency_p95_s"] == 0.4


def test_nothing_is_said_in_one_line(tmp_path: Path) -> None:
    log_of(tmp_path, [])
    told = run(tmp_path, "--since", "2026-11-01", "--menu", "main")
    assert told == (
        "Nobody has spoken at main since 2026-11-01, and nobody was kept from it: "
        "nothing to report.\n"
    )
    assert json.loads(run(tmp_path, "--json"))["all"]["rate"] is None


def test_bad_input_is_told(tmp_path: Path, log: Path) -> None:
    assert "'tomorrow' is no time" in run(log, "--since", "tomorrow", code=2)
    told = run(tmp_path / "nowhere", code=1)
    assert "nowhere" in told
    assert "Traceback" not in told
