"""What the core knows of open recordings is in its checkpoint: a start does not read the log."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.box.config import load_site
from appliance.box.kept import Settings
from appliance.core import Core
from appliance.coreparts import Recordings
from appliance.model import events as ev
from appliance.model.ids import CallId, RecordingId
from appliance.store.eventlog import FILE, EventLog
from appliance.store.reader import EventReader
from tests.recording.audio import tones, write_raw

DAY = "2026/11/22"


def started(name: str) -> ev.RecordingStarted:
    return ev.RecordingStarted(
        call=CallId(f"c-{name}"), recording=RecordingId(name), path=f"{DAY}/{name}.part.wav"
    )


def ended(name: str) -> ev.RecordingFinished:
    return ev.RecordingFinished(
        call=CallId(f"c-{name}"),
        recording=RecordingId(name),
        path=f"{DAY}/{name}.flac",
        sha256="0",
        duration_s=1,
        bytes=1,
    )


def refused(name: str) -> ev.RecordingFailed:
    return ev.RecordingFailed(call=CallId(f"c-{name}"), recording=RecordingId(name), cause="full")


def opened(site: Path) -> Core:
    core = Core(Settings(load_site(site)))
    core.log = EventLog.open(core.folder)
    core.past.follow(core.log)
    return core


async def crashed(site: Path) -> int:
    """A core that dies with two recordings open, one of them begun after the checkpoint."""
    core = opened(site)
    for number in range(20):
        core.log.append(started(f"old{number}"))
        core.log.append(ended(f"old{number}"))
        core.log.append(refused(f"none{number}"))
    core.log.append(started("cut"))
    core.log.append(ev.RecordingPaused(call=CallId("c"), recording=RecordingId("cut"), at_s=0.5))
    await core.log.flush()  # by then all of it was delivered
    core.past.save()
    known = core.log.last_seq
    core.log.append(started("late"))
    await core.log.flush()
    core.log.close()
    return known


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text("")
    return path


def taken(core: Core) -> list[Any]:
    """The jobs of recovering what is open."""
    recordings = Recordings(core.loaded, core.past.taped, lambda event: None, lambda trouble: None)
    jobs: list[Any] = []
    recordings._finisher.put = jobs.append
    recordings.recover()
    return jobs


async def test_a_start_reads_no_event_before_the_checkpoint(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await crashed(site)
    for name in ("cut", "late"):
        write_raw(site.parent / "var/recordings" / DAY / f"{name}.part.wav", tones(1), stale=True)
    seen: list[int] = []
    read = EventReader.read

    def counted(self: EventReader, *given: Any, **more: Any) -> Iterator[ev.Record]:
        for record in read(self, *given, **more):
            seen.append(record.seq)
            yield record

    core = Core(Settings(load_site(site)))
    core.log = EventLog.open(core.folder)
    monkeypatch.setattr(EventReader, "read", counted)
    core.past.follow(core.log)
    jobs = taken(core)
    core.log.close()
    assert seen == [known + 1]
    assert [job.recording for job in jobs] == ["cut", "late"]
    assert jobs[0].pauses == ((0.5, 1.0),)
    assert not core.past.taped.failed  # what never began is not carried along for ever


async def test_a_log_without_a_checkpoint_tells_the_same(site: Path) -> None:
    await crashed(site)
    core = opened(site)
    with_it = core.past.taped
    core.log.close()
    conn = sqlite3.connect(site.parent / "var" / FILE)
    with conn:
        assert conn.execute("DELETE FROM checkpoint").rowcount > 0
    conn.close()
    core = opened(site)
    core.log.close()
    assert core.past.taped == with_it
    assert list(core.past.taped.open) == ["cut", "late"]
