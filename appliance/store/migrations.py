"""Numbered steps of the event log's schema. A released step is never changed."""

import secrets
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Modules that are not loaded yet cannot be imported meanwhile."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment] # how import is told so
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


# For data frames that we do not have it would load numpy, which costs the core 14 MB.
with _hidden("numpy", "pandas"):
    from sqlite_utils.db import Database
    from sqlite_utils.migrations import Migrations

events = Migrations("events")


@events(name="0001-event-log")
def _event_log(db: Database) -> None:
    db.execute(
        "CREATE TABLE event ("
        "seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, type TEXT NOT NULL, "
        "call TEXT, agent TEXT, body BLOB NOT NULL, crc INTEGER NOT NULL)"
    )
    db.execute("CREATE INDEX event_call ON event(call) WHERE call IS NOT NULL")
    db.execute("CREATE INDEX event_agent ON event(agent) WHERE agent IS NOT NULL")
    db.execute(
        "CREATE TABLE checkpoint ("
        "kind TEXT NOT NULL, seq INTEGER NOT NULL, at_us INTEGER NOT NULL, "
        "crc INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, seq)) WITHOUT ROWID"
    )
    db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    db.execute("INSERT INTO meta VALUES ('generation', ?)", [secrets.token_hex(8)])
    db.execute("INSERT INTO meta VALUES ('synced', '0')")


def apply(conn: sqlite3.Connection) -> None:
    """Apply what is missing. Raises sqlite3.Error; a failed step leaves no trace."""
    events.apply(Database(conn, execute_plugins=False, recursive_triggers=False))
