"""The event log's file: its tables, its migrations and how it is opened."""

import sqlite3
import zlib
from pathlib import Path

from appliance.store.errors import LogMissing, LogTooNew

SCHEMA_VERSION = 1
BUSY_MS = 2000
_NULL = b"\xff"  # in no text

COLUMNS = "seq, at_us, type, call, agent, body, crc"
Row = tuple[int, int, str, str | None, str | None, bytes, int]
"""One line of table `event`, in the order of COLUMNS. `body` is the event's JSON."""


class Text(bytes):
    """A text column as it is read: rotten text need not be text, and is not the same as a blob."""


Stored = tuple[int, int, Text, Text | None, Text | None, bytes, int]
"""A Row as it is read, by a connection whose `text_factory` is Text."""
_MAY_BE = (Text, type(None))


def row_crc(seq: int, at_us: int, body: bytes, *others: bytes | None) -> int:
    """CRC-32 over every column of a row: SQLite itself has no page checksums."""
    start = zlib.crc32(b"%d %d" % (seq, at_us))
    for column in others:
        start = zlib.crc32(_NULL if column is None else b"\0" + column, start)
    return zlib.crc32(body, start)


def is_intact(row: Stored) -> bool:
    """Whether a row of table `event` is what was written, in all of its columns."""
    seq, at_us, kind, call, agent, body, crc = row
    fits = type(at_us) is int and type(kind) is Text and type(body) is bytes
    fits &= type(call) in _MAY_BE and type(agent) in _MAY_BE
    return fits and row_crc(seq, at_us, body, kind, call, agent) == crc


def connect_writer(path: Path, *, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """Read-write, WAL, explicit transactions. Raises sqlite3.Error."""
    conn = sqlite3.connect(
        path, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=NORMAL")
        conn.execute("PRAGMA journal_size_limit=33554432")
    except BaseException:
        conn.close()
        raise
    return conn


def connect_reader(path: Path, *, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """Read-only; never waits for the writer (WAL). Raises LogMissing, sqlite3.Error."""
    if not path.exists():
        raise LogMissing(f"There is no {path} yet. It comes with the first start of the box.")
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=busy_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
    )


def file_id(path: Path) -> int:
    """Differs when a new file took the place of this one; 0 when there is none."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def refuse_newer(conn: sqlite3.Connection, path: Path) -> int:
    """The file's schema version; raises LogTooNew when this program cannot know it."""
    version = int(conn.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise LogTooNew(
            f"{path} was written by a newer Callfloor (schema {version}, this one knows "
            f"{SCHEMA_VERSION}). No calls are taken. Install that version again, or restore "
            "a backup of the older version."
        )
    return version


def migrate(conn: sqlite3.Connection, path: Path) -> None:
    """Bring the file to SCHEMA_VERSION, each step in a transaction of its own."""
    if refuse_newer(conn, path) == SCHEMA_VERSION:
        return
    from appliance.store.migrations import apply  # loads sqlite-utils, only needed here

    apply(conn)
    conn.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
