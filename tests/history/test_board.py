"""The wallboard's figures follow from events alone, in any cut between snapshot and replay."""

import json
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.history.board import Board, BoardSite
from appliance.history.boardrows import AgentRow, LineRow, QueueRow, SiteRow
from appliance.model import events as ev
from appliance.model.site import SiteFile

ZONE = ZoneInfo("Europe/Berlin")
NOON = int(datetime(2026, 3, 10, 12, tzinfo=ZONE).timestamp() * 1e6)
S = 1_000_000

SITE = BoardSite(
    site=SiteRow(name="Test", language="de", timezone="Europe/Berlin"),
    queues=[
        QueueRow(id="sales", name="Sales", priority_s=60),
        QueueRow(id="support", name="Support", formula="answered_and_abandoned"),
    ],
    agents=[
        AgentRow(id="a1", name="Agent 1", queues=["sales"]),
        AgentRow(id="a2", name="Agent 2", queues=["sales", "support"]),
    ],
    lines=[LineRow(id="t1", name="Trunk 1")],
)


class Floor:
    """Feeds events with a running number and a moment in seconds after noon."""

    def __init__(self, site: BoardSite = SITE) -> None:
        self.board = Board(site)
        self.records: list[ev.Record] = []

    def at(self, second: float, *events: Any) -> "Floor":
        for event in events:
            record = ev.Record(len(self.records) + 1, NOON + int(second * S), event)
            self.records.append(record)
            self.board.apply(record)
        return self

    def queue(self, id: str = "sales") -> dict[str, Any]:
        return self.board.queue(id)

    def enter(self, second: float, call: str, queue: str = "sales", **given: Any) -> "Floor":
        arrived = ev.CallArrived(call=call, trunk="t1", caller="+4930123456")
        return self.at(second, arrived, ev.QueueEntered(call=call, queue=queue, **given))

    def leave(self, second: float, call: str, reason: Any, waited: float) -> "Floor":
        return self.at(
            second, ev.QueueLeft(call=call, queue="sales", reason=reason, waited_s=waited)
        )


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


def test_counts_start_anew_at_local_midnight_and_not_at_utc_midnight() -> None:
    floor = Floor().enter(0, "c1").leave(5, "c1", "answered", 5)
    utc_midnight = NOON + 13 * 3600 * S
    local_midnight = NOON + 12 * 3600 * S
    assert not floor.board.roll(local_midnight - 1)
    assert floor.queue()["today"]["answered"] == 1
    assert floor.board.roll(local_midnight)
    assert floor.queue()["today"]["answered"] == 0
    assert floor.board.day == "2026-03-11"
    assert not floor.board.roll(utc_midnight)


def test_a_clock_set_back_over_midnight_does_not_bring_yesterday_back() -> None:
    floor = Floor()
    floor.board.roll(NOON + 12 * 3600 * S)
    assert not floor.board.roll(NOON + 12 * 3600 * S - S)
    assert floor.board.roll(NOON - 400 * 24 * 3600 * S)  # but a clock that was far ahead does


def test_the_day_of_the_time_change_has_25_hours() -> None:
    start = int(datetime(2026, 10, 25, tzinfo=ZONE).timestamp() * 1e6)
    board = Board(SITE)
    board.roll(start)
    assert not board.roll(start + 25 * 3600 * S - 1)
    assert board.roll(start + 25 * 3600 * S)


def test_troubles_end_by_name_or_by_place() -> None:
    def trouble(where: Any, what: str, over: bool = False) -> ev.Trouble:
        return ev.Trouble(where=where, what=what, meaning="m", remedy="r", over=over)

    floor = Floor().at(0, trouble("disk", "300 MB left"), trouble("clock", "set back"))
    floor.at(5, trouble("disk", "300 MB left"))
    assert [(row.what, row.times) for row in floor.board.troubles.values()] == [
        ("300 MB left", 2),
        ("set back", 1),
    ]
    floor.at(6, trouble("disk", "space again", over=True))
    assert [row.where for row in floor.board.troubles.values()] == ["clock"]
    floor.at(7, trouble("clock", "set back", over=True))
    assert not floor.board.troubles


def test_a_new_run_of_the_core_forgets_old_troubles_but_not_those_of_its_start() -> None:
    def trouble(what: str) -> ev.Trouble:
        return ev.Trouble(where="sip", what=what, meaning="m", remedy="r")

    floor = Floor().at(0, trouble("old")).at(100, trouble("database restored"))
    floor.at(101, ev.CoreStarted(version="1", after="crash"))
    assert [row.what for row in floor.board.troubles.values()] == ["database restored"]
    assert floor.board.core.running


def test_renaming_keeps_state_and_figures() -> None:
    floor = Floor().enter(0, "c1")
    floor.at(0, ev.AgentChanged(agent="a1", was="logged_out", state="ready", cause="login"))
    renamed = BoardSite(
        site=SITE.site,
        queues=[QueueRow(id="sales", name="New name")],
        agents=[AgentRow(id="a1", name="Renamed", queues=["sales"])],
    )
    floor.board.configure(renamed)
    assert floor.queue()["name"] == "New name"
    assert floor.queue()["waiting"] == 1
    assert floor.queue()["today"]["offered"] == 1
    assert floor.board.agent("a1")["state"] == "ready"
    assert "support" not in floor.board.queues


def test_restoring_keeps_the_names_of_a_site_that_changed_meanwhile() -> None:
    floor = Floor().enter(0, "c1")
    renamed = BoardSite(queues=[QueueRow(id="sales", name="New name")])
    board = Board(renamed).restore(floor.board.snapshot())
    assert board.queue("sales")["name"] == "New name"
    assert board.queue("sales")["waiting"] == 1
    assert board.day == floor.board.day


def test_a_broken_snapshot_changes_nothing() -> None:
    floor = Floor().enter(0, "c1")
    before = floor.board.snapshot()
    for broken in ({}, {**before, "calls": 7}, {**before, "day": None, "agents": {"a": 1}}):
        with pytest.raises((KeyError, msgspec.ValidationError)):
            floor.board.restore(broken)
        assert floor.board.snapshot() == before


def test_touched_names_what_a_page_has_to_draw_again() -> None:
    floor = Floor().at(0, ev.CoreStarted(version="1", after="first start"))
    record = ev.Record(
        2, NOON, ev.AgentChanged(agent="a2", was="logged_out", state="ready", cause="")
    )
    assert floor.board.apply(record) == {
        ("agent", "a2"),
        ("queue", "sales"),
        ("queue", "support"),
    }
    assert floor.board.apply(record) == set()  # once only


def test_a_site_file_gives_its_names() -> None:
    file = SiteFile.model_validate(
        {
            "queue": [{"id": "sales", "name": "Verkauf"}],
            "agent": [{"id": "a1", "seat": "sip:a1@127.0.0.1", "queues": [{"id": "sales"}]}],
            "trunk": [{"id": "t1", "host": "127.0.0.1", "enabled": False}],
        }
    )
    board = Board(BoardSite.of(file))
    assert board.queue("sales")["name"] == "Verkauf"
    assert board.agent("a1")["name"] == "a1"
    assert board.lines["t1"].state == "disabled"


# -- any history ----------------------------------------------------------------------------

calls = st.sampled_from(["c1", "c2", "c3", "c4"])
agents = st.sampled_from(["a1", "a2", "unknown"])
queues = st.sampled_from(["sales", "support", "gone"])
seconds = st.floats(0, 3000, allow_nan=False)
EVENTS = st.one_of(
    *(
        st.builds(kind, **given)
        for kind, given in [
            (ev.CallArrived, {"call": calls, "trunk": st.sampled_from(["t1", "t2"])}),
            (ev.CallTagged, {"call": calls, "priority": st.integers(0, 9)}),
            (ev.FlowEntered, {"call": calls, "flow": st.just("f"), "version": st.just("1")}),
            (ev.FlowLeft, {"call": calls}),
            (ev.QueueEntered, {"call": calls, "queue": queues, "kept_s": seconds}),
            (ev.QueueAnnounced, {"call": calls, "queue": queues, "low_s": seconds}),
            (ev.QueueEstimate, {"queue": queues, "low_s": seconds, "high_s": seconds}),
            (ev.QueueLeft, {"call": calls, "queue": queues, "waited_s": seconds}),
            (ev.OfferMade, {"call": calls, "agent": agents}),
            (ev.OfferEnded, {"call": calls, "agent": agents}),
            (ev.TalkStarted, {"call": calls, "agent": agents}),
            (ev.TalkEnded, {"call": calls, "agent": agents}),
            (ev.HoldStarted, {"call": calls, "agent": agents}),
            (ev.HoldEnded, {"call": calls, "agent": agents}),
            (ev.PartyJoined, {"call": calls}),
            (ev.TransferEnded, {"call": calls}),
            (ev.ConferenceStarted, {"call": calls}),
            (ev.FlowNode, {"call": calls}),
            (ev.FlowLeft, {"call": calls}),
            (ev.SpeechDeaf, {"call": calls}),
            (ev.RecordingStarted, {"call": calls}),
            (ev.RecordingStopped, {"call": calls}),
            (ev.AgentChanged, {"agent": agents}),
            (ev.LineChanged, {"trunk": st.sampled_from(["t1", "t2"])}),
            (ev.CallEnded, {"call": calls}),
            (ev.Trouble, {"what": st.sampled_from(["x", "y"])}),
            (ev.CoreStarted, {}),
            (ev.CoreStopped, {}),
        ]
    )
)
STEPS = st.lists(st.tuples(st.integers(0, 8 * 3600), EVENTS), max_size=60)


def records(steps: list[tuple[int, Any]]) -> list[ev.Record]:
    now, out = NOON, []
    for seq, (pause, event) in enumerate(steps, 1):
        now += pause * S
        out.append(ev.Record(seq, now, event))
    return out


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, cut=st.integers(0, 60))
def test_replay_from_zero_equals_snapshot_and_later_events(steps: Any, cut: int) -> None:
    history = records(steps)
    whole, first = Board(SITE), Board(SITE)
    for record in history:
        whole.apply(record)
    for record in history[:cut]:
        first.apply(record)
    wire = json.loads(json.dumps(first.snapshot()))
    second = Board().restore(wire)
    assert second.snapshot() == first.snapshot()
    for record in history:  # the overlap is ignored
        second.apply(record)
    assert second.snapshot() == whole.snapshot()


@settings(max_examples=100, deadline=None)
@given(steps=STEPS)
def test_touched_rows_are_enough_to_follow(steps: Any) -> None:
    """A reader that takes only the touched rows has the same board in the end."""
    board = Board(SITE)
    mirror = board.snapshot()
    for record in records(steps):
        for kind, id in board.apply(record):
            if kind in ("queue", "agent", "call", "line"):
                rows = mirror[kind + "s"]
                now = board.snapshot()[kind + "s"]
                rows.pop(id, None)
                if id in now:
                    rows[id] = now[id]
            elif kind != "day":
                mirror[kind] = board.snapshot()[kind]
    final = board.snapshot()
    for part in ("queues", "agents", "calls", "lines", "troubles", "core"):
        assert mirror[part] == final[part]


@settings(max_examples=100, deadline=None)
@given(steps=STEPS)
def test_callers_are_listed_once_and_in_due_order(steps: Any) -> None:
    board = Board(SITE)
    for record in records(steps):
        board.apply(record)
        for id in board.queues:
            row = board.queue(id)
            names = [caller["call"] for caller in row["callers"]]
            assert len(names) == len(set(names)) == row["waiting"]
            step = row["priority_s"] * S
            due = [caller["since_us"] - caller["priority"] * step for caller in row["callers"]]
            assert all(a <= b for a, b in pairwise(due))
