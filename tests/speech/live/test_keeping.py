"""Sound of what was not understood: on disk, by day, never too much of it."""

import asyncio
import threading
import wave
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from appliance.model.ids import LegId
from appliance.speech.live import keeping
from appliance.speech.live.keeping import Keeper, prune
from appliance.speech.live.service import SpeechService, SpeechSettings

TODAY = date(2026, 11, 23)


async def test_a_file_with_what_was_heard(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, tmp_path / "failed", 14)
    names = [keeper.keep(bytes([n]) * 3200, LegId("x/../../y"), 3) for n in (1, 1)]
    await keeper.close()
    assert len(set(names)) == 2
    for name in names:
        file = tmp_path / name
        assert file.parent.parent == tmp_path / "failed"
        assert date.fromisoformat(file.parent.name)
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        with wave.open(str(file)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (
                8000,
                1,
                2,
            )
            assert sound.readframes(9999) == bytes([1]) * 3200


async def test_nothing_is_kept_of_nothing(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, tmp_path / "failed", 14)
    assert keeper.keep(b"", LegId("a"), 1) == ""
    await keeper.close()
    assert list(tmp_path.iterdir()) == []


async def test_a_disk_that_takes_nothing_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "failed").write_text("a file in the way")
    keeper = Keeper(tmp_path, tmp_path / "failed", 14)
    for _ in range(3):
        keeper.keep(bytes(320), LegId("a"), 1)
    await keeper.close()
    assert (tmp_path / "failed").read_text() == "a file in the way"
    assert [one.levelname for one in caplog.records] == ["WARNING"] * 3


async def test_a_slow_disk_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_BACKLOG", 0)
    keeper = Keeper(tmp_path, tmp_path / "failed", 14)
    assert keeper.keep(bytes(320), LegId("a"), 1) == ""
    await keeper.close()


def day(folder: Path, ago: int, size: int = 100) -> Path:
    one = folder / (TODAY - timedelta(days=ago)).isoformat()
    one.mkdir()
    (one / "a.wav").write_bytes(bytes(size))
    return one


def test_old_days_go(tmp_path: Path) -> None:
    days = [day(tmp_path, ago) for ago in (0, 13, 14, 100)]
    other = tmp_path / "notes"
    other.mkdir()
    prune(tmp_path, TODAY, 14)
    assert [one.exists() for one in days] == [True, True, False, False]
    assert other.exists()


def test_when_it_is_too_much_the_oldest_days_go(tmp_path: Path) -> None:
    days = [day(tmp_path, ago, 400) for ago in (3, 2, 1)]
    prune(tmp_path, TODAY, 14, largest=1000)
    assert [one.exists() for one in days] == [False, True, True]


async def test_days_are_pruned_by_writing(tmp_path: Path) -> None:
    folder = tmp_path / "failed"
    folder.mkdir()
    old = folder / "2020-01-01"
    old.mkdir()
    keeper = Keeper(tmp_path, folder, 14)
    keeper.keep(bytes(320), LegId("a"), 1)
    await keeper.close()
    assert not old.exists()


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not found():  # noqa: ASYNC110 - only the disk tells
            await asyncio.sleep(0.005)


def settings(data: Path, **changes: object) -> SpeechSettings:
    return SpeechSettings(models={}, recognisers=1, data_dir=data, **changes)


def service(one: SpeechSettings) -> SpeechService:
    return SpeechService(one, lambda report: None, lambda trouble: None)


@pytest.mark.parametrize("on", [True, False])
async def test_voices_go_in_time_also_when_nothing_is_kept_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on: bool
) -> None:
    monkeypatch.setattr(keeping, "PRUNE_S", 0.01)
    folder = tmp_path / "speech"
    old, young = folder / "2020-01-01", folder / date.today().isoformat()
    for one in (old, young):
        one.mkdir(parents=True)
    speech = service(settings(tmp_path, keep_failed=folder if on else None))
    await speech.start()
    await until(lambda: not old.exists())
    old.mkdir()  # a day later, in a core that goes on
    await until(lambda: not old.exists())
    await speech.close()
    assert young.exists()


async def test_where_nothing_was_ever_kept_no_folder_is_made(tmp_path: Path) -> None:
    speech = service(settings(tmp_path))
    await speech.start()
    await asyncio.to_thread(keeping._pruned, tmp_path / "speech", 14)
    await speech.close()
    assert list(tmp_path.iterdir()) == []


async def test_a_reload_leaves_no_thread_behind(tmp_path: Path) -> None:
    def threads() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name.startswith("speech-kept")]

    one = settings(tmp_path, keep_failed=tmp_path / "speech")
    speech = service(one)
    await speech.start()
    for number in range(3):
        assert speech._keep(bytes(320), LegId("a"), number)
        await speech.configure(one)
    await until(lambda: threads() == [])
    assert len(list(tmp_path.glob("speech/*/*.wav"))) == 3
    await speech.configure(settings(tmp_path))
    assert speech._keep(bytes(320), LegId("a"), 9) == ""  # a question of before
    await speech.close()
