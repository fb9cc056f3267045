"""After a crash every recording that the log knows is finished or named."""

import asyncio
from pathlib import Path

from appliance.model.events import (
    AnyEvent,
    Record,
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from appliance.model.ids import CallId, RecordingId
from appliance.recording.finish import finish
from appliance.recording.finisher import Finisher
from appliance.recording.recover import OpenRecordings, recover
from tests.recording.audio import assert_tones, tones, write_raw

DAY = "2026/11/22"


def started(name: str) -> RecordingStarted:
    return RecordingStarted(
        call=CallId(f"c-{name}"), recording=RecordingId(name), path=f"{DAY}/{name}.part.wav"
    )


def finished(name: str) -> RecordingFinished:
    return RecordingFinished(
        call=CallId(f"c-{name}"),
        recording=RecordingId(name),
        path=f"{DAY}/{name}.flac",
        sha256="0",
        duration_s=1,
        bytes=1,
    )


def seen(*events: AnyEvent) -> OpenRecordings:
    fold = OpenRecordings()
    for i, event in enumerate(events):
        fold.fold(Record(i + 1, 1_000_000 * i, event))
    return fold


async def test_cut_off_files_are_finished_as_recovered(tmp_path: Path) -> None:
    write_raw(tmp_path / DAY / "cut.part.wav", tones(4)[:-3], stale=True)
    (tmp_path / DAY / "old.flac.tmp").write_bytes(b"half")
    paused = RecordingPaused(call=CallId("c-cut"), recording=RecordingId("cut"), at_s=1.0)
    resumed = RecordingResumed(call=CallId("c-cut"), recording=RecordingId("cut"), at_s=2.0)
    again = RecordingPaused(call=CallId("c-cut"), recording=RecordingId("cut"), at_s=3.5)
    log = seen(started("cut"), started("done"), finished("done"), paused, resumed, again)
    plan = recover(tmp_path, log)
    assert (plan.failed, plan.unknown) == ([], [])
    assert plan.jobs[0].pauses == ((1.0, 2.0), (3.5, 4.0 - 1 / 8000))
    results: list[RecordingFinished | RecordingFailed] = []
    finisher = Finisher(results.append)
    for job in plan.jobs:
        finisher.put(job)
    await asyncio.wait_for(finisher.drained(), 30)
    await finisher.close()
    assert isinstance(results[0], RecordingFinished)
    assert (results[0].recovered, results[0].call) == (True, "c-cut")
    assert_tones(tmp_path / DAY / "cut.flac")
    assert sorted(p.name for p in (tmp_path / DAY).iterdir()) == ["cut.flac"]


def test_empty_unreadable_and_missing_files_are_named_once(tmp_path: Path) -> None:
    folder = tmp_path / DAY
    folder.mkdir(parents=True)
    (folder / "empty.part.wav").write_bytes(b"")
    (folder / "rot.part.wav").write_bytes(b"\x00" * 1000)
    write_raw(folder / "header.part.wav", b"")
    names = ["empty", "rot", "header", "gone"]
    log = seen(*(started(name) for name in names))
    plan = recover(tmp_path, log)
    assert plan.jobs == []
    why = {event.recording: event.cause for event in plan.failed}
    assert "empty" in why[RecordingId("empty")]
    assert "no WAV header" in why[RecordingId("rot")]
    assert "no sample" in why[RecordingId("header")]
    assert "missing" in why[RecordingId("gone")]
    assert sorted(p.name for p in folder.iterdir()) == [
        "empty.part.wav.broken",
        "header.part.wav.broken",
        "rot.part.wav.broken",
    ]
    again = recover(tmp_path, seen(*(started(name) for name in names), *plan.failed))
    assert (again.jobs, again.failed, again.unknown) == ([], [], [])


def test_a_finished_file_whose_news_was_lost_is_reported(tmp_path: Path) -> None:
    write_raw(tmp_path / DAY / "r.part.wav", tones(1))
    log = seen(started("r"))
    first = finish(recover(tmp_path, log).jobs[0])
    plan = recover(tmp_path, log)  # the event of `first` never reached the log
    assert finish(plan.jobs[0]) == first


def test_a_raw_file_that_no_event_names_is_repaired_and_left_to_a_person(tmp_path: Path) -> None:
    write_raw(tmp_path / DAY / "stray.part.wav", tones(1), stale=True)
    write_raw(tmp_path / DAY / "nothing.part.wav", b"")  # begun in the moment of the crash
    plan = recover(tmp_path, seen())
    assert plan.unknown == [f"{DAY}/stray.part.wav"]
    assert [p.name for p in (tmp_path / DAY).iterdir()] == ["stray.part.wav"]


def test_a_file_that_failed_before_is_tried_again(tmp_path: Path) -> None:
    write_raw(tmp_path / DAY / "r.part.wav", tones(1))
    failed = RecordingFailed(call=CallId("c-r"), recording=RecordingId("r"), cause="disk full")
    log = seen(started("r"), failed)
    assert [job.recording for job in recover(tmp_path, log).jobs] == ["r"]


def test_a_file_that_was_closed_in_order_is_only_finished_late(tmp_path: Path) -> None:
    """A box that was stopped with work left has lost nothing, so nothing was recovered."""
    for name, stale in (("whole", False), ("cut", True)):
        write_raw(tmp_path / DAY / f"{name}.part.wav", tones(1), stale=stale)
    ends = [
        RecordingStopped(call=CallId(f"c-{name}"), recording=RecordingId(name), duration_s=1)
        for name in ("whole", "cut")
    ]
    plan = recover(tmp_path, seen(started("whole"), started("cut"), *ends))
    assert {job.recording: job.recovered for job in plan.jobs} == {"whole": False, "cut": True}
