"""The SQL of transcripts.db: what recordings there are, which wait for their text, and the
full-text index of those that have it (SQLite FTS5).

All of it follows from the event log and the transcripts beside the recordings.
"""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from appliance.store.eventlog import FILE as EVENTS_FILE
from appliance.store.projected import PROGRESS, ProjectedDb, Shape

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
    PROGRESS,
    "CREATE TABLE look (id INTEGER PRIMARY KEY CHECK (id = 1), folder TEXT NOT NULL)",
)
_NAMES = ("recording", "said", "progress", "look")
SHAPE = Shape(
    schema=SCHEMA,
    names=_NAMES,
    tables=_TABLES,
    lacks="nothing new is found in transcripts",
    remedy="callfloor recordings index",
)

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


class TranscriptsDb(ProjectedDb):
    """The writing side."""

    shape = SHAPE

    def _before(self) -> None:
        _belongs_to_the_box(self.path)

    def _set_up(self, conn: sqlite3.Connection) -> None:
        conn.execute("PRAGMA secure_delete=ON")  # what is deleted was said in confidence
        self.path.chmod(0o600)

    def clear(self) -> None:
        """Forget everything, within a transaction."""
        for name in _NAMES:
            self._do(f"DELETE FROM {name}")

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
