"""Every talk second has a recording or a reason, and every file is what the log says."""

import hashlib
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.model import events as ev
from appliance.model.ids import AgentId, CallId, QueueId, RecordingId, TrunkId
from appliance.model.transcript import transcript_path
from appliance.recording.accounts import LATE, NOT_DUE, PAUSED, STOPPED
from appliance.recording.cli import recordings
from appliance.recording.finish import finish
from appliance.recording.finisher import as_event
from appliance.recording.jobs import FinishJob
from appliance.recording.verify import Report, verify
from appliance.store.eventlog import EventLog
from tests.recording.audio import tones, write_raw

C, R, A, B = CallId("c1"), RecordingId("r1"), AgentId("a"), AgentId("b")
SALES = QueueId("sales")
START = 1_700_000_000.0
DAY = "2023/11/14"
RAW = f"{DAY}/r1.part.wav"

Step = tuple[float, ev.AnyEvent]


def records(steps: list[Step]) -> list[ev.Record]:
    return [ev.Record(i + 1, int((START + at) * 1e6), e) for i, (at, e) in enumerate(steps)]


ARRIVED = ev.CallArrived(call=C, trunk=TrunkId("t"))
STARTED = ev.RecordingStarted(call=C, recording=R, path=RAW, cause="queue sales")


def talk(agent: AgentId, start: float, end: float) -> list[Step]:
    return [
        (start, ev.TalkStarted(call=C, agent=agent, queue=SALES)),
        (end, ev.TalkEnded(call=C, agent=agent, talk_s=end - start, queue=SALES)),
    ]


def recorded(folder: Path, seconds: float) -> ev.RecordingFinished | ev.RecordingFailed:
    """A real finished file of that length."""
    write_raw(folder / RAW, tones(seconds))
    return as_event(finish(FinishJob(folder=str(folder), raw=RAW, call=C, recording=R)))


def stopped(seconds: float) -> ev.RecordingStopped:
    return ev.RecordingStopped(call=C, recording=R, duration_s=seconds)


def ended(outcome: ev.Outcome = "answered") -> ev.CallEnded:
    return ev.CallEnded(call=C, outcome=outcome)


def check(folder: Path, steps: list[Step], due: bool = True) -> Report:
    ordered = sorted(steps, key=lambda step: step[0])
    return verify(records(ordered), folder, lambda queue: due and queue == "sales")


def test_a_call_recorded_through_a_transfer_is_sound(tmp_path: Path) -> None:
    steps = [
        (0.0, ARRIVED),
        (10.0, STARTED),
        *talk(A, 10.0, 15.0),
        *talk(B, 15.0, 20.0),
        (20.0, stopped(10)),
        (20.0, ended()),
        (21.0, recorded(tmp_path, 10)),
    ]
    report = check(tmp_path, steps)
    assert report.sound
    assert (report.talk_s, report.recorded_s) == (10, 10)
    assert (report.named_s, report.files, report.calls) == ({}, 1, 1)


def test_a_recording_that_lost_the_second_voice_is_found(tmp_path: Path) -> None:
    """The classic gap: recording ends with the first agent."""
    steps = [
        (0.0, ARRIVED),
        (10.0, STARTED),
        *talk(A, 10.0, 15.0),
        *talk(B, 15.0, 20.0),
        (20.0, ended()),
        (21.0, recorded(tmp_path, 5)),
    ]
    report = check(tmp_path, steps)
    assert [(gap.agent, gap.seconds) for gap in report.unexplained] == [("b", 5.0)]
    assert not report.sound


def test_a_call_without_any_recording_where_one_was_due_is_found(tmp_path: Path) -> None:
    steps = [(0.0, ARRIVED), *talk(A, 10.0, 20.0), (20.0, ended())]
    assert check(tmp_path, steps).unexplained[0].seconds == 10
    report = check(tmp_path, steps, due=False)
    assert report.sound
    assert report.named_s == {NOT_DUE: 10}


def test_pauses_are_named(tmp_path: Path) -> None:
    steps = [
        (0.0, ARRIVED),
        (10.0, STARTED),
        *talk(A, 10.0, 20.0),
        (12.0, ev.RecordingPaused(call=C, recording=R, at_s=2)),
        (15.0, ev.RecordingResumed(call=C, recording=R, at_s=5)),
        (18.0, ev.RecordingPaused(call=C, recording=R, at_s=8)),
        (20.0, stopped(10)),
        (20.0, ended()),
        (21.0, recorded(tmp_path, 10)),
    ]
    report = check(tmp_path, steps)
    assert report.sound
    assert report.recorded_s == pytest.approx(5)
    assert report.named_s == {PAUSED: pytest.approx(5)}


def test_a_full_disk_and_a_refused_start_are_named(tmp_path: Path) -> None:
    full = ev.RecordingFailed(call=C, recording=R, cause="the disk is full", lost_from_s=4)
    steps = [
        (0.0, ARRIVED),
        (10.0, STARTED),
        *talk(A, 10.0, 20.0),
        (14.0, full),
        (20.0, stopped(10)),
        (20.0, ended()),
        (21.0, recorded(tmp_path, 4)),
    ]
    report = check(tmp_path, steps)
    assert report.sound
    assert report.recorded_s == pytest.approx(4)
    assert report.named_s == {"the disk is full": pytest.approx(6)}
    refused = ev.RecordingFailed(call=C, recording=R, cause="disk almost full")
    (tmp_path / DAY / "r1.flac").unlink()
    report = check(
        tmp_path, [(0.0, ARRIVED), (10.0, refused), *talk(A, 10.0, 20.0), (20.0, ended())]
    )
    assert report.sound
    assert report.named_s == {"disk almost full": 10}
    assert [wrong.what for wrong in report.failed] == ["disk almost full"]


def test_on_demand_recording_is_named_before_and_after(tmp_path: Path) -> None:
    steps = [
        (0.0, ARRIVED),
        *talk(A, 10.0, 30.0),
        (15.0, STARTED),
        (25.0, stopped(10)),
        (30.0, ended()),
        (31.0, recorded(tmp_path, 10)),
    ]
    report = check(tmp_path, steps, due=False)
    assert report.sound
    assert report.recorded_s == pytest.approx(10)
    assert report.named_s == {LATE: pytest.approx(5), STOPPED: pytest.approx(5)}


def test_a_power_cut_may_take_the_last_second_and_no_more(tmp_path: Path) -> None:
    def steps(seconds: float) -> list[Step]:
        return [
            (0.0, ARRIVED),
            (10.0, STARTED),
            (10.0, ev.TalkStarted(call=C, agent=A, queue=SALES)),
            (20.0, ev.HoldStarted(call=C, agent=A)),
            (900.0, ended("interrupted")),
            (901.0, recorded(tmp_path, seconds)),
        ]

    assert check(tmp_path, steps(9.2)).sound
    report = check(tmp_path, steps(6))
    assert [gap.seconds for gap in report.unexplained] == [4]


def test_a_clock_that_jumped_during_the_call_is_no_gap(tmp_path: Path) -> None:
    steps: list[Step] = [
        (0.0, ARRIVED),
        (10.0, STARTED),
        (10.0, ev.TalkStarted(call=C, agent=A, queue=SALES)),
        (7210.0, ev.TalkEnded(call=C, agent=A, talk_s=10, queue=SALES)),
        (7210.0, stopped(10)),
        (7210.0, ended()),
        (7211.0, recorded(tmp_path, 10)),
    ]
    report = check(tmp_path, steps)
    assert report.sound
    assert report.talk_s == pytest.approx(10)


def whole(folder: Path) -> list[Step]:
    return [
        (0.0, ARRIVED),
        (10.0, STARTED),
        *talk(A, 10.0, 12.0),
        (12.0, stopped(2)),
        (12.0, ended()),
        (13.0, recorded(folder, 2)),
    ]


def test_missing_changed_and_orphan_files_are_found(tmp_path: Path) -> None:
    steps = whole(tmp_path)
    done = tmp_path / DAY / "r1.flac"
    good = done.read_bytes()
    assert check(tmp_path, steps).sound
    data = bytearray(good)
    data[random.Random(3).randrange(len(data))] ^= 1
    done.write_bytes(data)
    assert "SHA-256" in check(tmp_path, steps).mismatched[0].what
    done.write_bytes(good[:-1])
    assert "bytes instead of" in check(tmp_path, steps).mismatched[0].what
    done.unlink()
    assert check(tmp_path, steps).missing[0].path == f"{DAY}/r1.flac"
    done.write_bytes(good)
    (tmp_path / DAY / "stray.flac").write_bytes(b"x")
    report = check(tmp_path, steps)
    assert report.orphans == [f"{DAY}/stray.flac"]
    assert not report.sound


def test_a_raw_file_to_be_finished_is_waiting_and_a_lost_one_is_missing(tmp_path: Path) -> None:
    steps = whole(tmp_path)[:-1]
    (tmp_path / DAY / "r1.flac").unlink()
    report = check(tmp_path, steps)
    assert [wrong.recording for wrong in report.missing] == ["r1"]
    write_raw(tmp_path / RAW, tones(2))
    report = check(tmp_path, steps)
    assert (report.waiting, report.missing, report.orphans) == ([RAW], [], [])


def test_the_command_exits_by_what_it_found(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[site]\ndata_dir = "data"\n[[queue]]\nid = "sales"\nrecord = true\n')
    clock = [0.0]
    steps = sorted(whole(tmp_path / "data" / "recordings"), key=lambda step: step[0])

    def us() -> int:
        return int((START + clock[0]) * 1e6)

    with EventLog.open(tmp_path / "data", wall=us, monotonic=us) as log:
        for at, event in steps:
            clock[0] = at
            log.append(event)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(recordings, ["verify", "--site", str(site), *arguments])

    result = run()
    assert result.exit_code == 0, result.output
    assert "All accounted for." in result.output
    found = json.loads(run("--json", "--since", "2023-11-14").output)
    assert (found["sound"], found["recorded_s"]) == (True, 2.0)
    assert json.loads(run("--json", "--since", "2024-01-01").output)["calls"] == 0
    (tmp_path / "data" / "recordings" / DAY / "r1.flac").unlink()
    result = run("--no-checksums")
    assert result.exit_code == 1
    assert "MISSING" in result.output
    assert run("--since", "yesterday").exit_code == 2


# -- texts ------------------------------------------------------------------------------------


def transcribed(folder: Path) -> list[Step]:
    """A sound recording with its text, in the log and beside it."""
    finished = recorded(folder, 10)
    assert isinstance(finished, ev.RecordingFinished)
    path = folder / transcript_path(finished.path)
    path.write_text("{}")
    told = ev.RecordingTranscribed(
        call=C,
        recording=R,
        path=transcript_path(finished.path),
        sha256=hashlib.sha256(b"{}").hexdigest(),
        language="en",
        model="m",
        words=0,
    )
    return [
        (0.0, ARRIVED),
        (10.0, STARTED),
        *talk(A, 10.0, 20.0),
        (20.0, stopped(10)),
        (21.0, ended()),
        (22.0, finished),
        (30.0, told),
    ]


def test_a_text_belongs_to_its_recording(tmp_path: Path) -> None:
    steps = transcribed(tmp_path)
    report = check(tmp_path, steps)
    assert report.sound
    assert report.texts == 1
    assert check(tmp_path, steps[:-1]).sound  # its news is on the way with the next start
    half = tmp_path / DAY / "r1.transcript.json.tmp"
    half.write_text("")  # as a killed process leaves it
    assert check(tmp_path, steps).sound
    stray = tmp_path / DAY / "r2.transcript.json"
    stray.write_text("{}")
    assert check(tmp_path, steps).orphans == [f"{DAY}/r2.transcript.json"]


def test_a_text_that_is_gone_or_changed_is_wrong(tmp_path: Path) -> None:
    steps = transcribed(tmp_path)
    path = tmp_path / DAY / "r1.transcript.json"
    path.write_text('{"another": 1}')
    (wrong,) = check(tmp_path, steps).mismatched
    assert wrong.path == f"{DAY}/r1.transcript.json"
    path.unlink()
    (wrong,) = check(tmp_path, steps).missing
    assert "the text of the recording is missing" in wrong.what
