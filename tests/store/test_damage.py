"""The log survives damage: rotten bytes, cut and deleted files, rotten backups."""

import random
import sqlite3
import struct
from pathlib import Path

import pytest

from appliance.model.events import (
    AgentChanged,
    EventLost,
    Record,
    Trouble,
)
from appliance.model.ids import AgentId
from appliance.store.backup import make_backup
from appliance.store.errors import LogDamaged, LogLocked, LogTooNew
from appliance.store.eventlog import EventLog
from appliance.store.inspect import damage_of
from appliance.store.reader import EventReader
from appliance.store.salvage import salvage
from appliance.store.schema import COLUMNS, connect_writer
from tests.store.faultlog import ended, event, everything


def make(folder: Path, before: int, after: int) -> list[Record]:
    """A log with a backup after `before` events and `after` more; all its records."""
    with EventLog.open(folder) as log:
        for number in range(before):
            log.append(event(number))
        log.flush_now()
        if before:
            make_backup(folder / "events.db", folder / "backups", 3)
        for number in range(before, before + after):
            log.append(event(number))
    return everything(folder)


def check_recovered(folder: Path, truth: list[Record], backed_up: int, kept: bytes) -> int:
    """Open after damage: what the backup had is there, the rest is as it was or named as lost.

    Returns how many were lost.
    """
    with EventLog.open(folder) as log:
        last = log.append(ended(), durable=True)
        log.flush_now()
        records = list(log.read())
    assert [r.seq for r in records] == list(range(1, last.seq + 1))
    old = [r for r in records[:-1] if not isinstance(r.event, Trouble)]
    troubles = [r.event for r in records if isinstance(r.event, Trouble)]
    assert old[:backed_up] == truth[:backed_up]
    lost = len(truth) - len(old)
    for record in old[backed_up:]:
        if isinstance(record.event, EventLost):
            lost += 1
        else:
            assert record == truth[record.seq - 1]
    damaged = [p for p in folder.glob("events.db.damaged-*") if p.name[-4:] not in ("-wal", "-shm")]
    if damaged:
        assert len(damaged) == len(troubles) == 1
        assert damaged[0].name in troubles[0].remedy
        assert damaged[0].read_bytes() == kept
    else:
        assert lost == 0
        assert troubles == []
    assert damage_of(folder / "events.db", budget_s=None) == ""
    return lost


@pytest.mark.parametrize("seed", range(40))
def test_rotten_bytes_anywhere_never_stop_the_start(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    backed_up = dice.choice([0, 300, 700])
    truth = make(tmp_path, backed_up, 500)
    path = tmp_path / "events.db"
    data = bytearray(path.read_bytes())
    for _ in range(dice.choice([1, 1, 3, 20])):
        size = dice.choice([1, 16, 512, 4096])
        at = dice.randrange(max(1, len(data) - size))
        data[at : at + size] = dice.choice([bytes(size), dice.randbytes(size)])
    path.write_bytes(data)
    lost = check_recovered(tmp_path, truth, backed_up, bytes(data))
    assert lost < 500  # something newer is always saved here


def cell_of(path: Path, seq: int) -> tuple[bytearray, range]:
    """The file's bytes, and where in them the row of an event is, with its length and key."""
    with sqlite3.connect(path) as conn:
        number, start, size = conn.execute(
            "SELECT pageno, pgoffset, pgsize FROM dbstat WHERE name='event' AND pagetype='leaf' "
            "ORDER BY pageno LIMIT 1"
        ).fetchone()
    conn.close()
    data = bytearray(path.read_bytes())
    assert start == (number - 1) * size
    at = start + struct.unpack_from(">H", data, start + 8 + 2 * (seq - 1))[0]
    before = start + struct.unpack_from(">H", data, start + 8 + 2 * (seq - 2))[0]
    return data, range(at, before)  # SQLite fills a page from its end


@pytest.mark.parametrize("seq", [5, 6])
def test_no_bit_of_a_row_can_change_unseen(tmp_path: Path, seq: int) -> None:
    """One after the other, in every column: the event is lost then, and never another one."""
    changed = AgentChanged(agent=AgentId("anna"), was="ready", state="paused", cause="agent")
    with EventLog.open(tmp_path) as log:
        for number in range(5):
            log.append(event(number))
        log.append(changed)
    path, copy = tmp_path / "events.db", tmp_path / "copy.db"
    truth, columns = everything(tmp_path), all_columns(path)
    data, cell = cell_of(path, seq)
    assert len(cell) > 50
    for at in cell:
        for bit in range(8):
            data[at] ^= 1 << bit
            copy.write_bytes(data)
            for record in salvage(copy):
                assert record == truth[record.seq - 1], (at - cell.start, bit)
            if not damage_of(copy, budget_s=None):
                assert all_columns(copy) == columns, (at - cell.start, bit)
            data[at] ^= 1 << bit


def all_columns(path: Path) -> list[tuple[object, ...]]:
    conn = sqlite3.connect(path)
    try:
        return conn.execute(f"SELECT {COLUMNS} FROM event ORDER BY seq").fetchall()
    finally:
        conn.close()


def test_a_text_that_is_none_any_more_is_damage_and_not_the_end(tmp_path: Path) -> None:
    truth = make(tmp_path, 0, 30)
    path = tmp_path / "events.db"
    conn = sqlite3.connect(path)
    conn.execute("UPDATE event SET call=CAST(x'ff80' AS TEXT) WHERE seq=10")
    conn.execute("UPDATE event SET body=CAST(x'ff80' AS TEXT) WHERE seq=11")
    conn.execute("UPDATE event SET at_us=CAST(x'ff80' AS TEXT) WHERE seq=12")
    conn.commit()
    conn.execute("PRAGMA journal_mode=DELETE")
    conn.close()
    assert damage_of(path) == "event 12 is not what was written"
    with EventReader(path) as reader, pytest.raises(LogDamaged, match="Event 10"):
        list(reader.read())
    assert check_recovered(tmp_path, truth, 0, path.read_bytes()) == 3


@pytest.mark.parametrize("pages", [0, 1, 5, 20])
def test_a_file_cut_short_gives_what_is_left(tmp_path: Path, pages: int) -> None:
    truth = make(tmp_path, 100, 500)
    path = tmp_path / "events.db"
    data = path.read_bytes()[: pages * 4096 + 100 * (pages > 0)]
    path.write_bytes(data)
    check_recovered(tmp_path, truth, 100, data)


def test_a_wiped_header_costs_nothing(tmp_path: Path) -> None:
    truth = make(tmp_path, 0, 800)
    path = tmp_path / "events.db"
    data = bytes(4096) + path.read_bytes()[4096:]
    path.write_bytes(data)
    assert check_recovered(tmp_path, truth, 0, data) == 0


def test_a_damaged_index_costs_nothing(tmp_path: Path) -> None:
    truth = make(tmp_path, 0, 800)
    path = tmp_path / "events.db"
    conn = sqlite3.connect(path)
    root = conn.execute("SELECT rootpage FROM sqlite_master WHERE name='event_call'").fetchone()[0]
    conn.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = random.Random(0).randbytes(4096)
    path.write_bytes(data)
    assert check_recovered(tmp_path, truth, 0, bytes(data)) == 0


def test_an_index_that_leads_elsewhere_is_seen_at_the_start(tmp_path: Path) -> None:
    """Or the events of a call would be read without one of them."""
    truth = make(tmp_path, 0, 300)
    path = tmp_path / "events.db"
    conn = sqlite3.connect(path)
    (page,) = conn.execute(
        "SELECT max(pageno) FROM dbstat WHERE name='event_call' AND pagetype='leaf'"
    ).fetchone()
    conn.close()
    data = bytearray(path.read_bytes())
    at = data.index(b"c3", (page - 1) * 4096, page * 4096)
    data[at : at + 2] = b"c9"
    path.write_bytes(data)
    assert check_recovered(tmp_path, truth, 0, bytes(data)) == 0


def test_a_deleted_file_is_restored_from_the_backup(tmp_path: Path) -> None:
    truth = make(tmp_path, 200, 0)
    (tmp_path / "events.db").unlink()
    with EventLog.open(tmp_path) as log:
        log.flush_now()
        records = list(log.read())
    assert records[:200] == truth
    assert isinstance(records[200].event, Trouble)
    assert "file is gone" in records[200].event.what


def test_a_rotten_backup_is_passed_over_for_an_older_good_one(tmp_path: Path) -> None:
    truth = make(tmp_path, 300, 300)
    from datetime import UTC, datetime, timedelta

    later = datetime.now(UTC) + timedelta(hours=1)
    bad = make_backup(tmp_path / "events.db", tmp_path / "backups", 3, now=later)
    data = bytearray(bad.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 600] = bytes(600)
    bad.write_bytes(data)
    (tmp_path / "events.db").write_bytes(b"no database at all")
    with EventLog.open(tmp_path) as log:
        log.flush_now()
        records = list(log.read())
    assert records[:300] == truth[:300]
    assert "restored from events-" in records[300].event.what
    assert bad.name not in records[300].event.what


@pytest.mark.parametrize("seed", range(8))
def test_a_rotten_write_ahead_log_loses_nothing_silently(tmp_path: Path, seed: int) -> None:
    """SQLite stops reading it at the first bad frame and says nothing."""
    live, dead = tmp_path / "live", tmp_path / "dead"
    dead.mkdir()
    with EventLog.open(live) as log:
        for number in range(400):
            log.append(event(number))
            if number % 20 == 0:
                log.flush_now()
        log.flush_now()
        truth = list(log.read())
        for end in ("", "-wal"):  # as the power cut leaves them: nothing checkpointed
            (dead / f"events.db{end}").write_bytes((live / f"events.db{end}").read_bytes())
    dice = random.Random(seed)
    wal = dead / "events.db-wal"
    data = bytearray(wal.read_bytes())
    at = dice.randrange(32 + 4120, len(data) - 8)
    data[at : at + 8] = dice.randbytes(8)
    wal.write_bytes(data)
    with EventLog.open(dead) as log:
        log.flush_now()
        records = list(log.read())
    assert len(records) >= len(truth) - 30  # a last page may be the bad one
    lost = 0
    for record, want in zip(records, truth, strict=False):
        if isinstance(record.event, EventLost | Trouble):
            lost += 1
        else:
            assert record == want
    assert (lost > 0) == any(isinstance(r.event, Trouble) for r in records)


def test_a_crash_in_the_middle_of_a_recovery_is_made_good(tmp_path: Path) -> None:
    truth = make(tmp_path, 100, 50)
    good = (tmp_path / "events.db").read_bytes()
    (tmp_path / "events.db.restored").write_bytes(good)
    (tmp_path / "events.db.restoring").write_bytes(b"half")
    (tmp_path / "events.db").write_bytes(b"damaged")
    with EventLog.open(tmp_path) as log:
        log.flush_now()
        assert list(log.read())[:150] == truth
    kept = min(tmp_path.glob("events.db.damaged-*"), key=lambda p: len(p.name))
    assert kept.read_bytes() == b"damaged"


def test_a_lock_or_a_newer_version_is_never_taken_for_damage(tmp_path: Path) -> None:
    make(tmp_path, 10, 10)
    with EventLog.open(tmp_path), pytest.raises(LogLocked):
        EventLog.open(tmp_path)
    conn = connect_writer(tmp_path / "events.db")
    conn.execute("PRAGMA user_version=99")
    conn.execute("INSERT INTO _sqlite_migrations(migration_set, name) VALUES ('events', '0002')")
    conn.close()
    with pytest.raises(LogTooNew):
        EventLog.open(tmp_path)
    assert not list(tmp_path.glob("*damaged*"))


def test_the_generation_changes_only_when_the_log_was_restored(tmp_path: Path) -> None:
    make(tmp_path, 10, 10)
    with EventLog.open(tmp_path) as log:
        first = log.generation
    with EventLog.open(tmp_path) as log:
        assert log.generation == first
    (tmp_path / "events.db").write_bytes(b"rot" * 5000)
    with EventLog.open(tmp_path) as log:
        assert log.generation != first
