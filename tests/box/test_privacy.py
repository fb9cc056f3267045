"""What is kept about callers can be read by the box's own user and by nobody else."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import core, office
from appliance.box.check import load_checked
from appliance.recording.health import why_not
from appliance.store.eventlog import EventLog


@pytest.fixture
def open_mask() -> Iterator[None]:
    """The widest mask there is, so that each bit that is missing was taken away by the box."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_core_and_office_take_the_rights_of_others_away_first(
    open_mask: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = str(tmp_path / "no.toml")
    monkeypatch.setattr(sys, "argv", ["core", "--site", nowhere])
    with pytest.raises(SystemExit):
        core.main()
    assert os.umask(0) == 0o077
    with pytest.raises(SystemExit) as ended:
        office.main()
    assert ended.value.code == 2
    assert os.umask(0) == 0o077


def test_nothing_that_the_box_keeps_is_for_others(open_mask: None, tmp_path: Path) -> None:
    os.umask(0o077)
    data = tmp_path / "var"
    log = EventLog.open(data)
    try:
        assert why_not(data / "recordings", 0, write=True) == ""
        kept = [data, *data.rglob("*")]
        assert {one.name for one in kept} >= {"var", "events.db", "core.lock", "recordings"}
        assert [one for one in kept if one.stat().st_mode & 0o077] == []
    finally:
        log.close()


def test_the_data_folder_is_private_whatever_the_mask(open_mask: None, tmp_path: Path) -> None:
    EventLog.open(tmp_path / "var").close()
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_look_into_is_a_warning(site_file: Path) -> None:
    folder = site_file.parent / "var"
    folder.mkdir()
    folder.chmod(0o755)
    _, (found,) = load_checked(site_file)
    assert (found.severity, found.path) == ("warning", ("site", "data_dir"))
    assert found.to_do == f"Run: chmod o-rwx {folder}"
    folder.chmod(0o750)
    assert load_checked(site_file)[1] == []
