"""A backup counts only when every event in it is known to be good."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.model.events import CallEnded
from appliance.model.ids import CallId
from appliance.store.backup import BackupFailed, backups, make_backup, next_backup
from appliance.store.eventlog import EventLog
from appliance.store.reader import EventReader

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def append(log: EventLog, count: int) -> None:
    for number in range(count):
        log.append(CallEnded(call=CallId(f"c{number}"), outcome="answered", cause="x" * 100))
    log.flush_now()


def test_a_running_log_is_copied_and_only_the_newest_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with EventLog.open(tmp_path) as log:
        for day in range(5):
            append(log, 100)
            made = make_backup(log.path, folder, 3, now=NOW + timedelta(days=day))
            with EventReader(made) as reader:
                assert reader.last_seq() == 100 * (day + 1)
                assert list(reader.read()) == list(log.read())
                assert reader.generation() == log.generation
    assert [p.name for p in backups(folder)] == [
        "events-20261126T030000Z.db",
        "events-20261125T030000Z.db",
        "events-20261124T030000Z.db",
    ]
    assert len(list(folder.iterdir())) == 3


def test_a_half_backup_of_a_crash_counts_for_nothing_and_is_cleared(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "events-20261121T030000Z.db.tmp").write_bytes(b"half")
    (folder / "events-20261121T030000Z.db.tmp-journal").write_bytes(b"half")
    assert backups(folder) == []
    with EventLog.open(tmp_path) as log:
        append(log, 10)
        made = make_backup(log.path, folder, 1, now=NOW)
    assert list(folder.iterdir()) == [made]


def test_a_damaged_log_gives_no_backup_and_spares_the_earlier_ones(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with EventLog.open(tmp_path) as log:
        append(log, 500)
        good = make_backup(log.path, folder, 1, now=NOW)
    conn = sqlite3.connect(tmp_path / "events.db")
    conn.execute("UPDATE event SET body=CAST(replace(body, 'c250', 'c999') AS BLOB) WHERE seq=251")
    conn.commit()
    conn.close()
    with pytest.raises(BackupFailed, match="event 251 is not what was written") as error:
        make_backup(tmp_path / "events.db", folder, 1, now=NOW + timedelta(days=1))
    assert error.value.damaged
    assert list(folder.iterdir()) == [good]


def test_a_folder_that_refuses_is_named(tmp_path: Path) -> None:
    with EventLog.open(tmp_path) as log:
        append(log, 1)
        (tmp_path / "file").write_text("")
        with pytest.raises(BackupFailed, match="file"):
            make_backup(log.path, tmp_path / "file" / "backups", 1)


def test_the_nightly_time_is_the_local_one() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(2026, 11, 22, 18, 0, tzinfo=berlin)
    assert next_backup(evening, "03:00") == datetime(2026, 11, 23, 3, 0, tzinfo=berlin)
    night = datetime(2026, 11, 22, 1, 0, tzinfo=berlin)
    assert next_backup(night, "03:00") == datetime(2026, 11, 22, 3, 0, tzinfo=berlin)
    exactly = datetime(2026, 11, 22, 3, 0, tzinfo=berlin)
    assert next_backup(exactly, "03:00").day == 23
