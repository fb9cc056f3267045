"""An interaction tells a caller's whole walk, each agent with the own times."""

import itertools
from typing import Any

import pytest

from appliance.history.agents import Timeline
from appliance.history.interactions import WrapUp, interaction
from appliance.history.parts import Interaction
from appliance.model import events as ev
from appliance.model.ids import (
    AgentId,
    CallId,
    FlowId,
    NodeId,
    QueueId,
    RecordingId,
    TransferId,
    TrunkId,
)

C = CallId("c1")
A, B = AgentId("a"), AgentId("b")
SALES, HELP = QueueId("sales"), QueueId("help")


def fold(*steps: tuple[float, ev.AnyEvent], wrap_ups: tuple[WrapUp, ...] = ()) -> Interaction:
    """Steps are (second, event)."""
    made = interaction(
        [ev.Record(i + 1, int(at * 1e6), event) for i, (at, event) in enumerate(steps)], wrap_ups
    )
    assert made is not None
    return made


ARRIVED = ev.CallArrived(call=C, trunk=TrunkId("t"), caller="+4930", called="+49")


def test_nothing_is_no_interaction() -> None:
    assert interaction([]) is None


def test_a_transfer_between_queues_credits_each_agent_with_the_own_talk() -> None:
    made = fold(
        (0, ARRIVED),
        (1, ev.CallAnswered(call=C)),
        (2, ev.QueueEntered(call=C, queue=SALES)),
        (12, ev.QueueLeft(call=C, queue=SALES, reason="answered", waited_s=10)),
        (12, ev.TalkStarted(call=C, agent=A, queue=SALES)),
        (20, ev.HoldStarted(call=C, agent=A)),
        (25, ev.HoldEnded(call=C, agent=A, hold_s=5)),
        (
            40,
            ev.TransferStarted(
                call=C,
                transfer=TransferId("x"),
                kind="blind",
                agent=A,
                target_kind="queue",
                target="help",
            ),
        ),
        (40, ev.TalkEnded(call=C, agent=A, talk_s=23, hold_s=5, queue=SALES, cause="transfer")),
        (40, ev.QueueEntered(call=C, queue=HELP)),
        (50, ev.QueueLeft(call=C, queue=HELP, reason="answered", waited_s=10)),
        (50, ev.TransferEnded(call=C, transfer=TransferId("x"), result="completed")),
        (50, ev.TalkStarted(call=C, agent=B, queue=HELP)),
        (3650, ev.TalkEnded(call=C, agent=B, talk_s=3600, queue=HELP)),
        (3650, ev.CallEnded(call=C, outcome="answered", hung_up_by="caller")),
        wrap_ups=(
            WrapUp("a", 40_000_000, 55_000_000),
            WrapUp("b", 3650_000_000, 3660_000_000),
            WrapUp("b", 4000_000_000, None),
        ),
    )
    assert [(v.queue, v.waited_s, v.reason) for v in made.visits] == [
        ("sales", 10, "answered"),
        ("help", 10, "answered"),
    ]
    assert [(t.agent, t.talk_s, t.hold_s, t.wrap_up_s) for t in made.talks] == [
        ("a", 23, 5, 15),
        ("b", 3600, 0, 10),
    ]
    assert (made.wait_s, made.talk_s, made.hold_s, made.wrap_up_s) == (20, 3623, 5, 25)
    assert made.transfers[0].result == "completed"
    assert (made.answered_us, made.ended_us) == (1_000_000, 3650_000_000)


def test_consultation_and_conference_keep_the_roles_apart() -> None:
    made = fold(
        (0, ARRIVED),
        (1, ev.TalkStarted(call=C, agent=A, queue=SALES)),
        (10, ev.TalkStarted(call=C, agent=B, role="consult")),
        (20, ev.TalkEnded(call=C, agent=B, talk_s=10, role="consult")),
        (20, ev.TalkStarted(call=C, agent=B, role="conference")),
        (30, ev.TalkEnded(call=C, agent=B, talk_s=10, role="conference")),
        (40, ev.TalkEnded(call=C, agent=A, talk_s=29, hold_s=10)),
        (40, ev.CallEnded(call=C, outcome="answered")),
    )
    assert [(t.agent, t.role, t.talk_s) for t in made.talks] == [
        ("a", "primary", 29),
        ("b", "consult", 10),
        ("b", "conference", 10),
    ]
    assert made.talk_s == 39  # what the caller heard of agents, consultation not included
    assert made.talks[0].queue == "sales"


def test_a_second_talk_of_the_same_agent_gets_its_own_wrap_up() -> None:
    made = fold(
        (0, ARRIVED),
        (1, ev.TalkStarted(call=C, agent=A)),
        (10, ev.TalkEnded(call=C, agent=A, talk_s=9)),
        (20, ev.TalkStarted(call=C, agent=A)),
        (30, ev.TalkEnded(call=C, agent=A, talk_s=10)),
        (30, ev.CallEnded(call=C, outcome="answered")),
        wrap_ups=(WrapUp("a", 10_000_000, 13_000_000), WrapUp("a", 30_000_000, 37_000_000)),
    )
    assert [t.wrap_up_s for t in made.talks] == [3, 7]


def test_a_power_cut_ends_the_parts_at_the_last_sign_of_life() -> None:
    made = fold(
        (0, ARRIVED),
        (1, ev.QueueEntered(call=C, queue=SALES)),
        (5, ev.QueueLeft(call=C, queue=SALES, reason="answered", waited_s=4)),
        (5, ev.TalkStarted(call=C, agent=A)),
        (15, ev.HoldStarted(call=C, agent=A)),
        (17, ev.HoldEnded(call=C, agent=A, hold_s=2)),
        (9000, ev.CallEnded(call=C, outcome="interrupted", cause="power cut")),
    )
    assert (made.talks[0].talk_s, made.talks[0].hold_s) == (10, 2)
    waiting = fold(
        (0, ARRIVED),
        (1, ev.QueueEntered(call=C, queue=SALES)),
        (8, ev.QueueAnnounced(call=C, queue=SALES, position=1)),
        (9000, ev.CallEnded(call=C, outcome="interrupted")),
    )
    assert (waiting.visits[0].reason, waiting.visits[0].waited_s) == ("interrupted", 7)


def test_the_first_end_counts_and_late_facts_are_added() -> None:
    r = RecordingId("r")
    made = fold(
        (0, ARRIVED),
        (1, ev.RecordingStarted(call=C, recording=r, path="r.part.wav")),
        (2, ev.RecordingPaused(call=C, recording=r, at_s=1)),
        (3, ev.RecordingResumed(call=C, recording=r, at_s=2)),
        (4, ev.CallEnded(call=C, outcome="answered")),
        (5, ev.CallEnded(call=C, outcome="failed")),
        (6, ev.RecordingFailed(call=C, recording=r, cause="worker died")),
        (
            7,
            ev.RecordingFinished(
                call=C, recording=r, path="r.flac", sha256="ab", duration_s=3, bytes=7
            ),
        ),
    )
    assert (made.outcome, made.ended_us) == ("answered", 4_000_000)
    part = made.recordings[0]
    assert (part.path, part.sha256, part.pauses, part.failed) == ("r.flac", "ab", [(1, 2)], "")


def test_the_time_when_the_box_was_off_belongs_to_no_state() -> None:
    events: list[tuple[float, ev.AnyEvent]] = [
        (0, ev.CoreStarted(version="1", after="first start")),
        (1, ev.AgentChanged(agent=A, was="logged_out", state="ready", cause="login")),
        (10, ev.CallAnswered(call=C)),
        (5000, ev.CoreStarted(version="1", after="crash")),
        (5010, ev.AgentChanged(agent=A, was="ready", state="paused", cause="pause", reason="x")),
        (5020, ev.CoreStopped()),
        (9000, ev.CoreStarted(version="1", after="clean stop")),
        (9001, ev.AgentChanged(agent=A, was="paused", state="ready", cause="back")),
    ]
    records = [ev.Record(i + 1, int(at * 1e6), event) for i, (at, event) in enumerate(events)]
    for cut in range(len(records)):  # in two batches, cut anywhere
        found = {}
        first = Timeline([], 0)
        for record in records[:cut]:
            first.take(record)
        for stretch in first.changed:
            found[stretch.seq] = stretch
        latest = sorted(found.values(), key=lambda s: s.seq)[-1:]
        second = Timeline(latest, records[cut - 1].at_us if cut else 0)
        for record in records[cut:]:
            second.take(record)
        for stretch in second.changed:
            found[stretch.seq] = stretch
        assert [
            (s.state, s.started_us / 1e6, None if s.ended_us is None else s.ended_us / 1e6)
            for _, s in sorted(found.items())
        ] == [
            ("ready", 1, 10),
            ("ready", 5000, 5010),
            ("paused", 5010, 5020),
            ("paused", 9000, 9001),
            ("ready", 9001, None),
        ]


def test_wrap_up_without_a_named_call_belongs_to_the_call_before() -> None:
    changes: list[ev.AgentChanged] = [
        ev.AgentChanged(agent=A, was="ringing", state="talking", cause="x", call=C),
        ev.AgentChanged(agent=A, was="talking", state="wrap_up", cause="x"),
        ev.AgentChanged(agent=A, was="wrap_up", state="ready", cause="x"),
    ]
    line = Timeline([])
    for number, event in zip(itertools.count(1), changes, strict=False):
        line.take(ev.Record(number, number, event))
    assert {s.seq: (s.state, s.call) for s in line.changed} == {
        1: ("talking", "c1"),
        2: ("wrap_up", "c1"),
        3: ("ready", ""),
    }


MENU = NodeId("menu")
MAIN = FlowId("main")


def heard(text: str, choice: str, confidence: float, **more: Any) -> ev.SpeechHeard:
    verdict = "none" if not choice else more.pop("verdict", "sure")
    return ev.SpeechHeard(
        call=C,
        flow=MAIN,
        node=MENU,
        text=text,
        choice=choice,
        confidence=confidence,
        verdict=verdict,
        **more,
    )


def test_a_spoken_choice_stands_where_a_key_would_with_its_confidence() -> None:
    made = fold(
        (0, ARRIVED),
        (1, ev.FlowNode(call=C, flow=MAIN, node=MENU)),
        (3, heard("", "", 0.1, missed="no_match")),
        (3, ev.FlowInput(call=C, node=MENU, kind="wrong")),
        (6, heard("i want to talk to sales", "2", 0.93)),
        (6, spoken("i want to talk to sales", "Sales")),
        (9, ev.SpeechDeaf(call=C, flow=MAIN, node=MENU, why="busy", detail="3 of 3 in use")),
        (9, ev.FlowInput(call=C, node=MENU, kind="key", value="2", choice="Sales")),
    )
    assert [(s.kind, s.value, s.choice, s.confidence, s.missed) for s in made.steps[1:]] == [
        ("heard", "", "", 0.1, "no_match"),
        ("wrong", "", "", None, ""),
        ("speech", "i want to talk to sales", "Sales", 0.93, ""),
        ("deaf", "busy: 3 of 3 in use", "", None, ""),
        ("key", "2", "Sales", None, ""),
    ]


def spoken(text: str, choice: str) -> ev.FlowInput:
    return ev.FlowInput(call=C, node=MENU, kind="speech", value=text, choice=choice)


@pytest.mark.parametrize("by", ["speech", "key"])
def test_what_was_asked_back_keeps_the_confidence_it_was_heard_with(by: str) -> None:
    if by == "speech":
        answer = [(5, heard("yes", "yes", 0.97)), (5, spoken("yes", "confirmed"))]
        shown = ("speech", "yes", "confirmed", 0.97)
    else:
        key = ev.FlowInput(call=C, node=MENU, kind="key", value="1", choice="confirmed")
        answer, shown = [(5, key)], ("key", "1", "confirmed", None)
    made = fold(
        (0, ARRIVED),
        (3, heard("sales", "2", 0.6, verdict="unsure")),
        *answer,
        (5, spoken("sales", "Sales")),
    )
    assert [(s.kind, s.value, s.choice, s.confidence) for s in made.steps] == [
        ("heard", "sales", "2", 0.6),
        shown,
        ("speech", "sales", "Sales", 0.6),
    ]


def test_a_recording_knows_its_text_or_why_there_is_none() -> None:
    tape, other = RecordingId("c1-1"), RecordingId("c1-2")
    made = fold(
        (0, ARRIVED),
        (1, ev.RecordingStarted(call=C, recording=tape, path="a.wav")),
        (2, ev.RecordingStarted(call=C, recording=other, path="b.wav")),
        (9, ev.TranscriptFailed(call=C, recording=tape, model="m", cause="no model")),
        (9, ev.TranscriptFailed(call=C, recording=other, model="m", cause="no model")),
        (
            10,
            ev.RecordingTranscribed(
                call=C, recording=tape, path="a.json", sha256="0", language="en", model="m", words=3
            ),
        ),
    )
    assert [(r.transcript, r.transcript_failed) for r in made.recordings] == [
        ("a.json", ""),
        ("", "no model"),
    ]
