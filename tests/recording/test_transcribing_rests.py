"""What the office does with a recording whose text cannot be made or reported now."""

import asyncio
import itertools
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import pytest

from appliance.officetranscripts import REFUSALS, Transcribing
from appliance.speech.transcribe.jobs import Result, TranscribeJob
from appliance.speech.transcribe.wanted import Model, Wanted
from appliance.store.transcriptsdb import RecordingRow

WANTED = Wanted(kinds=("call",), models={"en": Model("m", "/m")})


class Index:
    """Recordings that wait, newest first."""

    folder = "/recordings"
    seq = 1

    def __init__(self, *names: str) -> None:
        self.waiting = list(names)

    def configure(self, *_: object) -> None: ...

    def language_of(self, row: RecordingRow) -> str:
        return "en"

    async def next(self, but: Collection[str], aside: Collection[str]) -> RecordingRow | None:
        name = next((each for each in self.waiting if each not in aside), None)
        return name and RecordingRow(1, name, "c", "call", 0, f"{name}.flac", "", 1.0, 1)

    async def grown(self, seq: int) -> None:
        if seq > self.seq:
            await asyncio.Event().wait()


class Runner:
    """Ends for lack of memory as often as told."""

    def __init__(self, ends: dict[str, int]) -> None:
        self.ends = ends
        self.asked = list[str]()

    async def may(self) -> None: ...

    async def rest(self) -> None: ...

    async def close(self) -> None: ...

    async def run(self, job: TranscribeJob) -> Result:
        self.asked.append(job.recording)
        if self.ends.get(job.recording, 0) > 0:
            self.ends[job.recording] -= 1
            return Result(recording=job.recording, fault="box", cause="ended by signal 9")
        return Result(recording=job.recording, words=1)


class Away(Runner):
    """Cannot have some."""

    def __init__(self, causes: dict[str, str]) -> None:
        super().__init__({})
        self.causes = causes

    async def run(self, job: TranscribeJob) -> Result:
        done = await super().run(job)
        cause = self.causes.get(job.recording)
        return (
            done if cause is None else Result(recording=done.recording, fault="away", cause=cause)
        )


class Core:
    """Does not take the reports of some."""

    def __init__(self, index: Index, refused: dict[str, int]) -> None:
        self.index, self.refused = index, refused
        self.taken = list[str]()
        self.failed = list[str]()

    async def ask(self, report: Any) -> Any:
        if self.refused.get(report.recording, 0) > 0:
            self.refused[report.recording] -= 1
            return SimpleNamespace(ok=False, error="no", data=None)
        (self.failed if report.failed else self.taken).append(report.recording)
        self.index.waiting.remove(report.recording)
        return SimpleNamespace(ok=True, error="", data={"seq": 1})


@pytest.mark.parametrize(
    ("ends", "refused"),
    [({"big": 3}, {}), ({}, {"big": REFUSALS + 1})],
    ids=["no memory", "the core refuses"],
)
async def test_one_that_cannot_be_done_now_holds_up_nobody_and_comes_again(
    ends: dict[str, int], refused: dict[str, int]
) -> None:
    index = Index("big", "small", "other")
    core, runner = Core(index, refused), Runner(ends)
    hours = itertools.count(1)

    def clock() -> float:
        """No pause ends before the others are done."""
        return next(hours) * 1e5 if len(core.taken) >= 2 else 0.0

    work = Transcribing(index, core, WANTED, runner=runner, clock=clock, retry_s=0.02)
    work.start()
    try:
        async with asyncio.timeout(15):
            while index.waiting:  # noqa: ASYNC110 - a state, not an event
                await asyncio.sleep(0.005)
    finally:
        await work.stop()
    assert core.taken == ["small", "other", "big"]
    assert core.failed == []
    assert runner.asked[:3] == ["big", "small", "other"]


async def test_a_recording_that_vanishes_is_dropped_and_one_that_cannot_be_read_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No report of either, and what comes after them is made at once."""
    index = Index("deleted", "unread", "small")
    causes = {"deleted": "", "unread": "unread.flac cannot be read: Input/output error"}
    core, runner = Core(index, {}), Away(causes)
    work = Transcribing(index, core, WANTED, runner=runner, clock=lambda: 0.0)
    work.start()
    try:
        async with asyncio.timeout(15):
            while "small" in index.waiting:  # noqa: ASYNC110 - a state, not an event
                await asyncio.sleep(0.005)
    finally:
        await work.stop()
    assert runner.asked == ["deleted", "unread", "small"]
    assert (core.taken, core.failed) == (["small"], [])
    assert [one.message for one in caplog.records] == [
        "unread.flac cannot be read: Input/output error. It is tried again in 120 s."
    ]
