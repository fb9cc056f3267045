"""A disk that takes no recording is told once, and so is its end."""

from pathlib import Path

import pytest

from appliance.model.events import Trouble
from appliance.recording import health
from appliance.recording.health import Health, why_not

FULL = "disk almost full: 3 MB free, 500 MB needed (recording.min_free_mb)"


def test_each_change_is_told_once_and_less_room_is_no_news() -> None:
    told: list[Trouble] = []
    state = Health(Path("/rec"), told.append)
    assert not state.found("")
    for why in (FULL, FULL.replace("3 MB", "2 MB"), "/rec cannot be written: Input/output error"):
        assert not state.found(why)
    assert state.bad
    assert state.found("")
    assert not state.found("")
    assert [(t.over, t.what[:38]) for t in told] == [
        (False, "Calls are not recorded: disk almost fu"),
        (True, "Calls are not recorded: disk almost fu"),
        (False, "Calls are not recorded: /rec cannot be"),
        (True, "Calls are not recorded: /rec cannot be"),
    ]
    assert "Free space" in told[0].remedy
    assert "right to write /rec" in told[2].remedy
    assert told[1].what == told[0].what  # the board finds the trouble by its words


def test_a_folder_is_tried_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bad = tmp_path / "file" / "recordings"
    assert why_not(bad, 0, write=False) == ""
    assert "Not a directory" in why_not(bad, 0, write=True)
    good = tmp_path / "recordings"
    assert why_not(good, 0, write=True) == ""
    assert list(good.iterdir()) == []


def test_too_little_room_is_named_with_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "room_for_recording", lambda folder, least: f"{least} MB needed")
    assert why_not(tmp_path, 7, write=True) == "7 MB needed"
