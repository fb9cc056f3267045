"""The file of the index: its rights, damage, other versions, others who hold it."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from appliance.store.errors import HistoryDamaged, LogMissing, StoreError
from appliance.store.transcriptsdb import FILE, TranscriptsDb
from appliance.store.transcriptsread import TranscriptsReader
from tests.store.said import fill, numbers


def test_it_is_its_owners_only(tmp_path: Path) -> None:
    """With what SQLite puts beside it, also where everybody else's files are for all to read."""
    before = os.umask(0o022)
    try:
        db = TranscriptsDb(tmp_path / FILE)
        fill(db, {1: ["in confidence"]})
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        db.close()
    finally:
        os.umask(before)
    assert modes == {FILE + end: 0o600 for end in ("", "-wal", "-shm")}


def test_a_damaged_or_older_file_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"this is no database, " * 500)
    db = TranscriptsDb(path)
    fill(db, {1: ["yes"]})
    db.close()
    with TranscriptsReader(path) as reader:
        assert numbers(reader, "yes") == [1]
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA user_version=99")
    conn.close()
    with pytest.raises(HistoryDamaged, match="recordings index"):
        TranscriptsReader(path)
    TranscriptsDb(path).close()
    with TranscriptsReader(path) as reader:
        assert numbers(reader, "yes") == []


def test_without_a_file_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(LogMissing):
        TranscriptsReader(tmp_path / FILE)


def test_a_file_that_others_hold_is_said(db: TranscriptsDb, tmp_path: Path) -> None:
    second = TranscriptsDb(tmp_path / FILE, busy_ms=50)
    with db.transaction(), pytest.raises(StoreError, match="Calls go on"), second.transaction():
        pass
    second.close()


def test_a_reader_follows_to_the_new_file(db: TranscriptsDb, reader: TranscriptsReader) -> None:
    fill(db, {1: ["yes"]})
    assert numbers(reader, "yes") == [1]
    db.start_over()
    fill(db, {2: ["yes"]})
    assert numbers(reader, "yes") == [2]


def test_a_reader_that_comes_before_the_new_file_is_whole_reads_it_later(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    fill(db, {1: ["yes"]})
    db.close()
    for file in db.path.parent.glob(FILE + "*"):
        file.unlink()
    db.path.touch()
    for _ in range(2):
        with pytest.raises(HistoryDamaged, match="another version"):
            numbers(reader, "yes")
    anew = TranscriptsDb(db.path)
    fill(anew, {2: ["yes"]})
    assert numbers(reader, "yes") == [2]
    anew.close()
