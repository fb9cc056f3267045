"""The index that pages read: it follows a log that was restored, and heals."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from appliance.model import events as ev
from appliance.model.ids import CallId, RecordingId, TrunkId
from appliance.recording.files import FOLDER
from appliance.store.errors import StoreError
from appliance.store.eventlog import EventLog
from appliance.store.transcriptsdb import FILE
from appliance.web.past import PastAway
from appliance.web.said import Said


@pytest.fixture
async def said(tmp_path: Path) -> AsyncIterator[Said]:
    made = Said(tmp_path)
    made.configure(("call",), {"en": "m"}, "en")
    write(tmp_path, "a", "b", "c")
    made.start()
    yield made
    await made.stop()


def write(folder: Path, *names: str) -> None:
    """A log of these recordings."""
    log = EventLog.open(folder)
    for name in names:
        path = folder / FOLDER / f"{name}.flac"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound")
        call = CallId(f"c-{name}")
        log.append(ev.CallArrived(call=call, trunk=TrunkId("t")))
        log.append(
            ev.RecordingFinished(
                call=call,
                recording=RecordingId(name),
                path=f"{name}.flac",
                sha256="",
                duration_s=1.0,
                bytes=5,
            )
        )
    log.flush_now()
    log.close()


async def within(work: Awaitable[object], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        await work


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - a state, not an event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("told", [True, False])
async def test_nobody_waits_for_a_number_of_a_log_that_was(
    said: Said, tmp_path: Path, told: bool
) -> None:
    await within(said.grown(6))
    waits = asyncio.create_task(said.grown(7))
    await asyncio.sleep(0)
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"events.db{end}").unlink(missing_ok=True)
    write(tmp_path, "z")
    if told:
        said.restart()
    said.news(2)
    await within(waits)
    await until(lambda: has(said, "z"))
    await within(said.grown(2))  # it is told after it is in the index
    assert said.seq == 2


async def has(said: Said, name: str) -> bool:
    row = await said.next()
    return row is not None and row.id == name


async def test_damage_that_a_reader_meets_is_healed(said: Said, tmp_path: Path) -> None:
    await within(said.grown(6))
    rows, _ = await said.recordings(None, 9)
    assert len(rows) == 3
    assert said._index is not None
    said._index._db._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = tmp_path / FILE
    with path.open("r+b") as file:
        size = path.stat().st_size
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    said._reader = None

    async def whole() -> bool:
        try:
            return len((await said.recordings(None, 9))[0]) == 3
        except PastAway:
            return False

    assert not await whole()
    await until(whole)


async def test_a_lost_text_is_told_also_while_the_index_cannot_be_written(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    await within(said.grown(6))
    row = await said.recording("a")
    assert row is not None

    def refuse(_: str) -> None:
        raise StoreError("transcripts.db cannot be written: the disk is full")

    assert said._index is not None
    monkeypatch.setattr(said._index, "again", refuse)
    lost = msgspec.structs.replace(row, state="done", transcript="a.transcript.json")
    assert await said.utterances(lost) is None


async def test_a_disk_that_comes_back_is_looked_at_without_being_told(
    said: Said, tmp_path: Path
) -> None:
    await within(said.grown(6))
    shutil.move(tmp_path / FOLDER, tmp_path / "away")
    assert await said.next() is None
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "lost+found").mkdir()
    said.news(7)
    await asyncio.to_thread(lambda: None)
    shutil.rmtree(tmp_path / FOLDER)
    shutil.move(tmp_path / "away", tmp_path / FOLDER)
    said.news(8)
    await until(lambda: has(said, "c"))
