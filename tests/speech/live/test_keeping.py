"""Sound of what was not understood: on disk, by day, never too much of it."""

import wave
from datetime import date, timedelta
from pathlib import Path

import pytest

from appliance.model.ids import LegId
from appliance.speech.live import keeping
from appliance.speech.live.keeping import Keeper, prune

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


async def test_a_disk_that_takes_nothing_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "failed").write_text("a file in the way")
    keeper = Keeper(tmp_path, tmp_path / "failed", 14)
    for _ in range(3):
        keeper.keep(bytes(320), LegId("a"), 1)
    await keeper.close()


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
