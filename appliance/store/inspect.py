"""Is the event log's file what was written? A quick look at start, a full one for backups."""

import sqlite3
import time
from pathlib import Path

from appliance.store.schema import COLUMNS, SCHEMA_VERSION, Text, connect_reader, is_intact

BUDGET_S = 1.0
_STEP = 2000
_MISSING = "the file is missing, but backups of it are there"
_DAMAGE_CODES = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_TOOBIG,  # a rotten length
)


def is_damage(error: sqlite3.Error) -> bool:
    """Damage, and not a lock, a full disk or missing rights."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return code in _DAMAGE_CODES or "no such table" in str(error)


def is_from_damage(error: BaseException) -> bool:
    """Was it raised because SQLite found damage?"""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and is_damage(cause)


def damage_of(path: Path, *, budget_s: float | None = BUDGET_S) -> str:
    """'' when all that was looked at is sound, else what is wrong.

    With a budget the newest events come first and the rest as far as the time goes: a power
    cut harms what was written last, and the nightly backup looks at everything. Raises
    sqlite3.Error for what is no damage (locked, no rights).
    """
    end = None if budget_s is None else time.monotonic() + budget_s
    try:
        conn = connect_reader(path)
        conn.text_factory = Text
        try:
            return _events(conn, end) or _structure(conn, end)
        finally:
            conn.close()
    except sqlite3.Error as error:
        if is_damage(error):
            return str(error)
        raise


def written_by_newer(path: Path) -> bool:
    """True only when the migrations say so as well: a damaged header may name any version."""
    try:
        conn = connect_reader(path)
        try:
            version = conn.execute("PRAGMA user_version").fetchone()[0]
            if version <= SCHEMA_VERSION:
                return False
            row = conn.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()
            return bool(row[0] > SCHEMA_VERSION)
        finally:
            conn.close()
    except sqlite3.Error:
        return False


def _events(conn: sqlite3.Connection, end: float | None) -> str:
    """Every event is there once and as it was written, newest first."""
    high = conn.execute("SELECT max(seq) FROM event").fetchone()[0] or 0
    while high > 0 and (end is None or time.monotonic() < end):
        rows = conn.execute(
            f"SELECT {COLUMNS} FROM event WHERE seq <= ? ORDER BY seq DESC LIMIT ?",
            [high, _STEP],
        ).fetchall()
        for expected, row in zip(range(high, 0, -1), rows, strict=False):
            if row[0] != expected:
                return f"event {expected} is missing"
            if not is_intact(row):
                return f"event {expected} is not what was written"
        if len(rows) < min(_STEP, high):
            return f"event {high - len(rows)} is missing"
        high -= len(rows)
    return ""


def _structure(conn: sqlite3.Connection, end: float | None) -> str:
    if end is not None:
        conn.set_progress_handler(lambda: time.monotonic() > end, 20_000)
    try:
        row = conn.execute(
            "PRAGMA integrity_check(1)"
        ).fetchone()  # a quick one passes over indexes
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return ""
        raise
    return "" if row[0] == b"ok" else str(row[0], "utf-8", "replace").replace("\n", " ")
