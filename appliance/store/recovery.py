"""A damaged event log: the last good backup, what is newer and readable, nothing silently."""

import logging
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from appliance.model.events import EventLost, Record, Trouble
from appliance.store.backup import backups, sync
from appliance.store.codec import encode, row_of
from appliance.store.errors import LogDamaged, LogTooNew, LogUnwritable, StoreError
from appliance.store.inspect import damage_of, written_by_newer
from appliance.store.reader import EventReader
from appliance.store.salvage import salvage
from appliance.store.schema import COLUMNS, SCHEMA_VERSION, migrate

log = logging.getLogger(__name__)

_SIDES = ("", "-wal", "-shm")
# A damaged tree may name any number; more than this is not believed.
_MOST_AT_END = 100_000
_INSERT = f"INSERT OR IGNORE INTO event({COLUMNS}) VALUES (?,?,?,?,?,?,?)"


class Restored(msgspec.Struct, frozen=True):
    """What was done; `backup` is '' when there was no good one."""

    damage: str
    kept: str
    backup: str
    from_backup: int
    saved: int
    lost: int

    def trouble(self) -> Trouble:
        start = (
            f"restored from {self.backup} ({self.from_backup} events)"
            if self.backup
            else "made anew, as there was no good backup"
        )
        return Trouble(
            where="database",
            what=f"The event log was damaged ({self.damage}). It was {start}; {self.saved} newer "
            f"events were saved from the damaged file and {self.lost} are lost.",
            meaning="Calls are taken as always."
            + (" History has a gap where events are lost." if self.lost else ""),
            remedy=f"The damaged file is kept as {self.kept}. Check the disk (and the power "
            "supply); delete the file when nobody needs it.",
        )


def end_lost(lost: int) -> Trouble:
    """Events were lost between the last commit that SQLite could read and later ones."""
    return Trouble(
        where="database",
        what=f"The event log's newest part was damaged; {lost} events of it are lost.",
        meaning="Calls are taken as always. History has a gap where events are lost.",
        remedy="Check the disk and the power supply.",
    )


def ensure_sound(path: Path, backup_folder: Path) -> Restored | None:
    """Look at the file before it is opened; put a damaged one right.

    A crash in here is made good by the next call. None when there was nothing to do. Raises
    LogTooNew, LogUnwritable (no room for the restored file: the damaged one stays in place),
    sqlite3.OperationalError (locked).
    """
    restored = path.with_name(path.name + ".restored")
    if restored.exists():  # a crash between the last steps of an earlier recovery
        kept = _put_in_place(path, restored)
        with EventReader(path) as reader:
            made = reader.last_seq()
        return Restored("putting it right was cut short", kept, "what was ready", made, 0, 0)
    damage = _damage(path, backup_folder)
    if not damage:
        return None
    log.error("the event log is damaged: %s", damage)
    try:
        return _restore(path, backup_folder, damage, restored)
    except OSError as error:
        raise _no_room(path, damage, str(error)) from error
    except sqlite3.Error as error:
        raise _no_room(path, damage, str(error)) from error


def _damage(path: Path, backup_folder: Path) -> str:
    size = path.stat().st_size if path.exists() else 0
    if not size:
        return "the file is gone" if backups(backup_folder, path.stem) else ""
    if written_by_newer(path):
        raise LogTooNew(
            f"{path} was written by a newer Callfloor. No calls are taken. Install that version "
            "again, or restore a backup of the older version."
        )
    return damage_of(path)


def take_unread(conn: sqlite3.Connection, found: list[Record]) -> int:
    """Add events of the write-ahead log that SQLite did not read; how many are lost between.

    SQLite stops at the first frame that is torn or damaged, and says nothing. Behind a torn
    end there is nothing more; behind a damaged frame there are events.
    """
    last = _last(conn)
    newer = sorted((r for r in found if r.seq > last), key=lambda r: r.seq)
    if not newer:
        return 0
    conn.execute("BEGIN IMMEDIATE")
    for record in newer:
        _put(conn, record)
    high, lost = newer[-1].seq, 0
    known = {record.seq for record in newer}
    for seq in range(last + 1, high):
        if seq not in known:
            lost_event = EventLost(cause="damaged write-ahead log")
            _put(conn, Record(seq, _time_of(conn, seq), lost_event))
            lost += 1
    conn.execute("COMMIT")
    return lost


def _time_of(conn: sqlite3.Connection, seq: int) -> int:
    """When the event before `seq` happened."""
    row = conn.execute("SELECT at_us FROM event WHERE seq < ? ORDER BY seq DESC", [seq]).fetchone()
    return int(row[0]) if row else 0


def _restore(path: Path, backup_folder: Path, damage: str, restored: Path) -> Restored:
    making = path.with_name(path.name + ".restoring")
    for side in ("", "-journal"):
        making.with_name(making.name + side).unlink(missing_ok=True)
    backup = _last_good(backup_folder, path.stem)
    if backup is not None:
        shutil.copyfile(backup, making)
    conn = sqlite3.connect(making, isolation_level=None)
    try:
        migrate(conn, making)
        conn.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        base = _last(conn)
        if path.exists():
            _take_newer(conn, path, base)
        lost = _fill_gaps(conn, path, damage, _highest(path))
        last = _last(conn)
        conn.execute("UPDATE meta SET value=? WHERE name='generation'", [secrets.token_hex(8)])
    finally:
        conn.close()
    sync(making)
    making.replace(restored)
    kept = _put_in_place(path, restored)
    name = "" if backup is None else backup.name
    return Restored(damage, kept, name, base, last - base - lost, lost)


def _last_good(folder: Path, stem: str) -> Path | None:
    for backup in backups(folder, stem):
        try:
            bad = damage_of(backup, budget_s=None)
        except sqlite3.Error as error:
            bad = str(error)
        if not bad:
            return backup
        log.error("backup %s is not good: %s", backup, bad)
    return None


def _last(conn: sqlite3.Connection) -> int:
    return int(conn.execute("SELECT max(seq) FROM event").fetchone()[0] or 0)


def _take_newer(conn: sqlite3.Connection, path: Path, base: int) -> None:
    conn.execute("BEGIN")
    for record in salvage(path):
        if record.seq > base:
            _put(conn, record)
    for record in _by_sql(path, base):
        _put(conn, record)
    conn.execute("COMMIT")


def _put(conn: sqlite3.Connection, record: Record) -> None:
    conn.execute(_INSERT, row_of(record.seq, record.at_us, encode(record.event)))


def _by_sql(path: Path, base: int) -> Iterator[Record]:
    """What SQLite itself can still read in order, up to the first damage."""
    try:
        with EventReader(path) as reader:
            yield from reader.read(base)
    except (sqlite3.Error, StoreError):
        return


def _fill_gaps(conn: sqlite3.Connection, path: Path, damage: str, high: int) -> int:
    """An event.lost for each number that could not be read; how many."""
    gaps = conn.execute(
        "SELECT seq, next, at_us FROM (SELECT seq, at_us, lead(seq) OVER (ORDER BY seq) AS next "
        "FROM event) WHERE next > seq + 1"
    ).fetchall()
    first = conn.execute("SELECT min(seq), at_us FROM event").fetchone()
    if first[0] is not None and first[0] > 1:
        gaps.insert(0, (0, first[0], first[1]))
    last = conn.execute("SELECT max(seq), at_us FROM event").fetchone()
    if last[0] is not None and last[0] < high <= last[0] + _MOST_AT_END:
        gaps.append((last[0], high + 1, last[1]))
    conn.execute("BEGIN")
    lost, reader = 0, _reader(path)
    for before, after, at_us in gaps:
        for seq in range(before + 1, after):
            found = _one(reader, seq)
            lost += found is None
            _put(conn, found or Record(seq, at_us, EventLost(cause=damage)))
    conn.execute("COMMIT")
    if reader is not None:
        reader.close()
    return lost


def _reader(path: Path) -> EventReader | None:
    try:
        return EventReader(path)
    except (sqlite3.Error, StoreError):
        return None


def _highest(path: Path) -> int:
    """The last number that the damaged tree names, when it can still be asked."""
    reader = _reader(path) if path.exists() else None
    if reader is None:
        return 0
    try:
        return reader.last_seq()
    except sqlite3.Error:
        return 0
    finally:
        reader.close()


def _one(reader: EventReader | None, seq: int) -> Record | None:
    """A last try at one event by its place in the tree."""
    if reader is None:
        return None
    try:
        return next(iter(reader.read(seq - 1, limit=1, until_seq=seq)), None)
    except (sqlite3.Error, LogDamaged):
        return None


def _put_in_place(path: Path, restored: Path) -> str:
    """The damaged file aside, the restored one in its place; returns the kept file's name."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    kept = f"{path.name}.damaged-{stamp}"
    number = 1
    while path.with_name(kept).exists():
        number += 1
        kept = f"{path.name}.damaged-{stamp}-{number}"
    for side in reversed(_SIDES):
        found = path.with_name(path.name + side)
        if found.exists():
            found.rename(path.with_name(kept + side))
    restored.rename(path)
    sync(path.parent)
    return kept


def _no_room(path: Path, damage: str, why: str) -> LogUnwritable:
    return LogUnwritable(
        f"{path} is damaged ({damage}) and could not be restored: {why}. No calls are taken; the "
        "damaged file is where it was. Free space on the disk and start again."
    )
