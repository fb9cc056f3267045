"""The event log's file: its tables, its migrations and how it is opened."""

import sqlite3
import zlib
from pathlib import Path

from appliance.store.errors import LogMissing, LogTooNew

SCHEMA_VERSION = 1
BUSY_MS = 2000

COLUMNS = "seq, at_us, type, call, agent, body, crc"
Row = tuple[int, int, str, str | None, str | None, bytes, int]
"""One line of table `event`, in the order of COLUMNS. `body` is the event's JSON."""


def row_crc(seq: int, at_us: int, body: bytes) -> int:
    """CRC-32 over an event's place, time and body: SQLite itself has no page checksums."""
    return zlib.crc32(body, zlib.crc32(b"%d %d" % (seq, at_us)))


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
        f"{path.resolve().as_uri()}?mode=ro",
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
