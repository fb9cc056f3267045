"""The wallboard's figures follow from events: callers, queues, calls, agents."""

from typing import Any

import pytest

from appliance.history.board import BoardSite
from appliance.history.boardrows import QueueRow
from appliance.model import events as ev
from tests.history.board import NOON, Floor, S


def test_a_caller_counts_as_waiting_from_entry_to_leaving() -> None:
    floor = Floor().enter(0, "c1").enter(5, "c2")
    assert floor.queue()["waiting"] == 2
    assert floor.queue()["waiting_since_us"] == NOON
    floor.leave(9, "c1", "answered", 9)
    assert floor.queue()["waiting"] == 1
    assert floor.queue()["waiting_since_us"] == NOON + 5 * S
    assert floor.queue()["today"]["offered"] == 2
    assert floor.queue()["today"]["answered"] == 1


def test_place_follows_priority_and_wait() -> None:
    floor = Floor().enter(0, "old").enter(10, "vip", priority=1).enter(70, "late", priority=1)
    assert [row["call"] for row in floor.queue()["callers"]] == ["vip", "old", "late"]
    assert [row["place"] for row in floor.queue()["callers"]] == [1, 2, 3]


def test_kept_seconds_count_as_waited() -> None:
    floor = Floor().enter(0, "c1").enter(10, "again", kept_s=40)
    assert floor.queue()["waiting_since_us"] == NOON - 30 * S
    assert floor.queue()["callers"][0]["call"] == "again"


def test_a_caller_shows_what_he_was_told() -> None:
    floor = Floor().enter(0, "c1")
    floor.at(15, ev.QueueAnnounced(call="c1", queue="sales", position=1, low_s=60, high_s=120))
    assert floor.queue()["callers"][0]["announced"]["position"] == 1
    assert floor.queue()["estimate"] is None


def test_estimate_is_the_queues_own_until_nobody_waits() -> None:
    """What one caller was told long ago is not the wait of the queue."""
    floor = Floor().enter(0, "c1").enter(1, "c2")
    floor.at(10, ev.QueueEstimate(queue="sales", low_s=60, high_s=180))
    floor.at(15, ev.QueueAnnounced(call="c1", queue="sales", position=1, low_s=0, high_s=30))
    assert floor.queue()["estimate"] == {"low_s": 60, "high_s": 180, "at_us": NOON + 10 * S}
    floor.leave(16, "c1", "abandoned", 16)
    floor.at(20, ev.QueueEstimate(queue="sales", low_s=0, high_s=60))
    assert floor.queue()["estimate"]["high_s"] == 60
    floor.at(30, ev.QueueEstimate(queue="sales"))  # nobody works here any more
    assert floor.queue()["estimate"] is None
    floor.at(40, ev.QueueEstimate(queue="sales", low_s=60, high_s=120))
    floor.leave(41, "c2", "answered", 40)
    assert floor.queue()["estimate"] is None


def test_estimate_ends_with_calls_that_did_not_survive_a_restart() -> None:
    floor = Floor().enter(0, "c1")
    floor.at(10, ev.QueueEstimate(queue="sales", low_s=60, high_s=180))
    floor.at(20, ev.CallEnded(call="c1", outcome="interrupted"))
    assert floor.queue()["estimate"] is None


@pytest.mark.parametrize(
    ("formula", "percent"),
    [
        ("answered_and_abandoned", 83.0),
        ("answered_only", 86.0),
        ("all_offered", 81.1),
        ("late_abandons", 82.7),
        ("short_abandons", 82.1),
    ],
)
def test_service_level_of_the_published_data_set(formula: Any, percent: float) -> None:
    """1,000 answered, 860 of them in time; 60 abandoned, 20 in time, 10 of those short."""
    site = BoardSite(queues=[QueueRow(id="sales", formula=formula, level_s=20, short_s=5)])
    floor = Floor(site)
    ends = [("answered", 20.0)] * 860 + [("answered", 21.0)] * 140
    ends += [("abandoned", 4.0)] * 10 + [("abandoned", 20.0)] * 10 + [("abandoned", 30.0)] * 40
    for number, (reason, waited) in enumerate(ends):
        floor.leave(1, f"c{number}", reason, waited)
    assert floor.queue()["service_level"] == {
        "percent": percent,
        "formula": formula,
        "seconds": 20.0,
    }
    assert floor.queue()["today"]["short_abandoned"] == 10


def test_ringing_and_wrap_up_are_states_of_their_own() -> None:
    floor = Floor()
    for second, was, state in [
        (0, "logged_out", "ready"),
        (1, "ready", "ringing"),
        (3, "ringing", "talking"),
        (60, "talking", "wrap_up"),
    ]:
        floor.at(second, ev.AgentChanged(agent="a2", was=was, state=state, cause="test"))
        assert floor.board.agent("a2")["state"] == state
        assert floor.board.agent("a2")["since_us"] == NOON + second * S
        assert floor.queue("support")["states"] == {state: 1}


def test_stages_of_a_call_from_line_to_end() -> None:
    floor = Floor()

    def stage() -> str:
        return str(floor.board.call("c1")["stage"])

    floor.at(0, ev.CallArrived(call="c1", trunk="t1"))
    assert stage() == "arriving"
    floor.at(0, ev.FlowEntered(call="c1", flow="main", version="0"))
    assert stage() == "flow"
    floor.at(5, ev.QueueEntered(call="c1", queue="sales"))
    assert stage() == "queue"
    floor.at(6, ev.OfferMade(call="c1", offer="o1", agent="a1", queue="sales"))
    assert stage() == "ringing"
    floor.at(7, ev.OfferEnded(call="c1", offer="o1", agent="a1", result="no_answer"))
    assert stage() == "queue"
    assert floor.board.agent("a1")["missed"] == 1
    floor.at(8, ev.OfferMade(call="c1", offer="o2", agent="a2", queue="sales"))
    floor.at(9, ev.OfferEnded(call="c1", offer="o2", agent="a2", result="accepted"))
    floor.leave(9, "c1", "answered", 4)
    floor.at(9, ev.TalkStarted(call="c1", agent="a2", queue="sales"))
    assert stage() == "talking"
    assert floor.board.call("c1")["stage_since_us"] == NOON + 9 * S
    floor.at(20, ev.CallEnded(call="c1", outcome="answered"))
    assert floor.board.calls == {}
    assert floor.board.lines["t1"].calls == 0


def test_a_caller_who_can_choose_by_keys_only_shows_it_until_the_next_node() -> None:
    floor, menu, ask = Floor(), "menu", "ask"

    def shown() -> str:
        return str(floor.board.snapshot()["calls"]["c1"]["keys_only"])

    floor.at(0, ev.CallArrived(call="c1", trunk="t1", caller="", called=""))
    floor.at(1, ev.FlowNode(call="c1", flow="main", node=menu))
    assert shown() == ""
    floor.at(2, ev.SpeechDeaf(call="c1", flow="main", node=menu, why="busy"))
    assert shown() == "busy"
    floor.at(3, ev.FlowNode(call="c1", flow="main", node=ask))
    assert shown() == ""
    floor.at(4, ev.SpeechDeaf(call="c1", flow="main", node=ask, why="broken"))
    floor.at(5, ev.FlowLeft(call="c1", flow="main", to="queue", target="sales"))
    assert shown() == ""


def test_hold_recording_and_parties_show_on_the_call() -> None:
    floor = Floor().at(0, ev.CallArrived(call="c1", trunk="t1"))
    floor.at(1, ev.TalkStarted(call="c1", agent="a1"), ev.HoldStarted(call="c1", agent="a1"))
    floor.at(1, ev.RecordingStarted(call="c1", recording="r1", path="x"))
    assert floor.board.call("c1")["held"]
    assert floor.board.call("c1")["recording"] == "on"
    assert floor.board.agent("a1")["held"]
    floor.at(2, ev.RecordingPaused(call="c1", recording="r1", at_s=1))
    floor.at(3, ev.HoldEnded(call="c1", agent="a1", hold_s=2))
    floor.at(3, ev.PartyJoined(call="c1", party="p1", number="+49301", role="consult"))
    assert [party["id"] for party in floor.board.call("c1")["parties"]] == ["a1", "p1"]
    assert floor.board.call("c1")["recording"] == "paused"
    floor.at(4, ev.TalkEnded(call="c1", agent="a1", talk_s=1, hold_s=2))
    floor.at(4, ev.TransferEnded(call="c1", transfer="x1", result="completed"))
    assert floor.board.call("c1")["stage"] == "outside"


def test_what_comes_after_the_end_of_a_call_does_not_bring_it_back() -> None:
    floor = Floor().enter(0, "c1")
    floor.at(1, ev.CallEnded(call="c1", outcome="abandoned"))
    floor.at(2, ev.OfferEnded(call="c1", offer="o1", agent="a1", result="withdrawn"))
    floor.at(
        9,
        ev.RecordingFinished(call="c1", recording="r1", path="x", sha256="", duration_s=1, bytes=1),
    )
    assert floor.board.calls == {}
    assert floor.queue()["waiting"] == 0
