"""The SQL of transcripts.db: what recordings there are, which wait for their text, and the
full-text index of those that have it (SQLite FTS5).

All of it follows from the event log and the transcripts beside the recordings, so there are no
migrations: another SCHEMA means that it is made anew.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from appliance.store.errors import HistoryDamaged, StoreError
from appliance.store.eventlog import FILE as EVENTS_FILE
from appliance.store.historydb import Progress
from appliance.store.inspect import is_damage
from appliance.store.schema import BUSY_MS, connect_writer, file_id

SCHEMA = 4
FILE = "transcripts.db"
ROWS = 1 << 16
"""A recording's utterances have the row numbers n * ROWS to n * ROWS + ROWS - 1, so that the index
is in the order of the recordings and finds and forgets one without looking at others."""

State = Literal["waiting", "done", "failed", "gone"]

_TABLES = (
    "CREATE TABLE recording ("
    "n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, call TEXT NOT NULL, kind TEXT NOT NULL, "
    "started_us INTEGER NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, "
    "duration_s REAL NOT NULL, bytes INTEGER NOT NULL, spoken TEXT NOT NULL, "
    "state TEXT NOT NULL, tried TEXT NOT NULL, cause TEXT NOT NULL, model TEXT NOT NULL, "
    "language TEXT NOT NULL, transcript TEXT NOT NULL, "
    "words INTEGER NOT NULL)",
    "CREATE INDEX recording_state ON recording(state, kind, spoken, n)",
    "CREATE INDEX recording_model ON recording(model, kind, n)",
    "CREATE VIRTUAL TABLE said USING fts5("
    "text, channel UNINDEXED, start_s UNINDEXED, end_s UNINDEXED, "
    "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
    "CREATE TABLE progress ("
    "id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, at_us INTEGER NOT NULL, "
    "generation TEXT NOT NULL)",
    "CREATE TABLE look (id INTEGER PRIMARY KEY CHECK (id = 1), folder TEXT NOT NULL)",
)
_NAMES = ("recording", "said", "progress", "look")

COLUMNS = (
    "n, id, call, kind, started_us, path, sha256, duration_s, bytes, spoken, state, tried, cause, "
    "model, language, transcript, words"
)


class RecordingRow(msgspec.Struct, array_like=True):
    """`n`: the log's number of recording.finished. `spoken`: language of the caller, as the flow
    found it out; `language` and `model`: of the text. `tried`: the model that failed last, with
    the `cause`. `path` and `transcript` are relative to the recordings folder."""

    n: int
    id: str
    call: str
    kind: str
    started_us: int
    path: str
    sha256: str
    duration_s: float
    bytes: int
    spoken: str = ""
    state: State = "waiting"
    tried: str = ""
    cause: str = ""
    model: str = ""
    language: str = ""
    transcript: str = ""
    words: int = 0


class SaidRow(msgspec.Struct, array_like=True):
    """One utterance; seconds from the recording's begin."""

    text: str
    channel: str
    start_s: float
    end_s: float


class TranscriptsDb:
    """The writing side; several processes may take turns (each batch is one transaction).

    A file that is damaged or of another schema is emptied: all of it can be made again.
    """

    def __init__(self, path: Path, *, busy_ms: int = BUSY_MS * 5) -> None:
        self.path = path
        self._busy_ms = busy_ms
        self._conn = self._open()

    def _open(self) -> sqlite3.Connection:
        """Raises StoreError where it is not the file that is at fault."""
        try:
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                if not is_damage(error):
                    raise
            except sqlite3.DatabaseError:
                pass
            self._remove()
            return self._connect()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{self.path} cannot be opened: {error}. Calls go on; nothing new is found in "
                "transcripts. Check the disk and the rights of the folder."
            ) from error

    def _connect(self) -> sqlite3.Connection:
        _belongs_to_the_box(self.path)
        conn = connect_writer(self.path, busy_ms=self._busy_ms)
        try:
            conn.execute("PRAGMA secure_delete=ON")  # what is deleted was said in confidence
            version = conn.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA):
                raise sqlite3.DatabaseError("another schema")
            if version == 0:
                _new_schema(conn)
            self._file = file_id(self.path)
            self.path.chmod(0o600)
        except BaseException:
            conn.close()
            raise
        return conn

    def _remove(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    def start_over(self) -> None:
        """An empty file in place of this one."""
        self._conn.close()
        self._remove()
        self._conn = self._open()

    def follow(self) -> None:
        """Open the file again when another one is in its place."""
        if file_id(self.path) != self._file:
            self._conn.close()
            self._conn = self._open()

    def close(self) -> None:
        self._conn.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Raises HistoryDamaged, StoreError (locked, disk full)."""
        try:
            self._conn.execute("BEGIN IMMEDIATE")
            yield
            self._conn.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._in_words(error) from error
        finally:
            with contextlib.suppress(sqlite3.Error):
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")

    def _in_words(self, error: sqlite3.Error) -> StoreError:
        if is_damage(error) or not isinstance(error, sqlite3.OperationalError):
            return HistoryDamaged(f"{self.path}: {error}")
        return StoreError(
            f"{self.path} cannot be read or written: {error}. Calls go on; transcripts are found "
            "later. Free the disk or close the program that has the database open."
        )

    def _do(self, statement: str, given: Sequence[object] = ()) -> list[Any]:
        """All rows. Raises HistoryDamaged, StoreError."""
        try:
            return self._conn.execute(statement, given).fetchall()
        except sqlite3.Error as error:
            raise self._in_words(error) from error

    def clear(self) -> None:
        """Forget everything, within a transaction."""
        for name in _NAMES:
            self._do(f"DELETE FROM {name}")

    def progress(self) -> Progress | None:
        rows = self._do("SELECT seq, at_us, generation FROM progress")
        return Progress(*rows[0]) if rows else None

    def set_progress(self, progress: Progress) -> None:
        self._do(
            "INSERT OR REPLACE INTO progress(id, seq, at_us, generation) VALUES (1, ?, ?, ?)",
            msgspec.to_builtins(progress),
        )

    def look(self) -> str | None:
        """The folder of recordings as it was known when it was last looked through."""
        rows = self._do("SELECT folder FROM look")
        return str(rows[0][0]) if rows else None

    def set_look(self, folder: str) -> None:
        self._do("INSERT OR REPLACE INTO look(id, folder) VALUES (1, ?)", [folder])

    # -- recordings ---------------------------------------------------------------------------

    def find(self, recording: str) -> RecordingRow | None:
        rows = self._do(f"SELECT {COLUMNS} FROM recording WHERE id = ?", [recording])
        return RecordingRow(*rows[0]) if rows else None

    def put(self, row: RecordingRow) -> None:
        self._do(
            f"INSERT OR REPLACE INTO recording({COLUMNS}) VALUES ({','.join('?' * 17)})",
            msgspec.to_builtins(row),
        )

    def index(self, n: int, said: Iterable[SaidRow]) -> None:
        """The utterances of recording `n` in place of those that were there."""
        self.forget(n)
        for at, one in zip(range(ROWS), said, strict=False):
            self._do(
                "INSERT INTO said(rowid, text, channel, start_s, end_s) VALUES (?,?,?,?,?)",
                [n * ROWS + at, *msgspec.to_builtins(one)],
            )

    def forget(self, n: int) -> bool:
        """What was said in recording `n`; was there anything?"""
        span = [n * ROWS, n * ROWS + ROWS - 1]
        had = self._do("SELECT 1 FROM said WHERE rowid BETWEEN ? AND ? LIMIT 1", span)
        if had:
            self._do("DELETE FROM said WHERE rowid BETWEEN ? AND ?", span)
        return bool(had)

    def scrub(self) -> None:
        """Merge the index: until then it still holds the words that were forgotten."""
        self._do("INSERT INTO said(said) VALUES ('optimize')")

    def waiting(
        self, kind: str, spoken: Sequence[str], model: str, limit: int
    ) -> list[RecordingRow]:
        """Newest first: no text yet, and not failed with `model`. `spoken`: languages."""
        return self._rows(
            f"state IN ('waiting', 'failed') AND kind = ? AND spoken IN ({_marks(spoken)})",
            [kind, *spoken, model],
            limit,
        )

    def made_by(
        self, models: Sequence[str], kind: str, spoken: Sequence[str], model: str, limit: int
    ) -> list[RecordingRow]:
        """Newest first: a text by one of `models`, and `model` has not failed at it."""
        # The plus keeps SQLite to the index on models: there are many done, and few by them.
        return self._rows(
            f"model IN ({_marks(models)}) AND kind = ? AND +state = 'done' "
            f"AND +spoken IN ({_marks(spoken)})",
            [*models, kind, *spoken, model],
            limit,
        )

    def _rows(self, where: str, given: Sequence[object], limit: int) -> list[RecordingRow]:
        rows = self._do(
            f"SELECT {COLUMNS} FROM recording WHERE {where} AND tried <> ? ORDER BY n DESC LIMIT ?",
            [*given, limit],
        )
        return [RecordingRow(*row) for row in rows]

    def each(self, states: Sequence[State], after: int, limit: int) -> list[RecordingRow]:
        """In the order of the log, from the one after number `after` on."""
        rows = self._do(
            f"SELECT {COLUMNS} FROM recording WHERE n > ? "
            f"AND state IN ({_marks(states)}) ORDER BY n LIMIT ?",
            [after, *states, limit],
        )
        return [RecordingRow(*row) for row in rows]


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _belongs_to_the_box(path: Path) -> None:
    """A command that root types must not shut out the office. SQLite gives the files that it puts
    beside this one the same owner. Raises OSError."""
    log = path.with_name(EVENTS_FILE)
    if os.geteuid() != 0 or not log.exists():
        return
    owner = log.stat()
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        os.fchown(handle, owner.st_uid, owner.st_gid)
    finally:
        os.close(handle)


def _new_schema(conn: sqlite3.Connection) -> None:
    conn.execute("BEGIN IMMEDIATE")
    for name in _NAMES:
        conn.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _TABLES:
        conn.execute(statement)
    conn.execute(f"PRAGMA user_version={SCHEMA}")
    conn.execute("COMMIT")
