"""The board follows from events alone, in any cut between snapshot and replay."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.history.board import Board
from appliance.model import events as ev
from tests.history.board import NOON, SITE, S

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
