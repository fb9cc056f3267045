"""The SQL of history.db: rows of finished projections. What they mean is `history/`'s.

The file holds nothing that is not in the event log. Its schema has no migrations: another
SCHEMA means that it is made anew. Everything that stands in it follows from the log alone,
so that two files made from the same log are equal after `export`.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from appliance.store.errors import HistoryDamaged, StoreError
from appliance.store.inspect import is_damage
from appliance.store.schema import BUSY_MS, connect_writer, file_id

SCHEMA = 1
FILE = "history.db"

_TABLES = (
    "CREATE TABLE interaction ("
    "seq INTEGER PRIMARY KEY, call TEXT NOT NULL, started_us INTEGER NOT NULL, "
    "ended_us INTEGER, trunk TEXT NOT NULL, caller TEXT NOT NULL, called TEXT NOT NULL, "
    "outcome TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE UNIQUE INDEX interaction_call ON interaction(call)",
    "CREATE INDEX interaction_started ON interaction(started_us)",
    "CREATE INDEX interaction_caller ON interaction(caller)",
    "CREATE TABLE visit ("
    "seq INTEGER NOT NULL, n INTEGER NOT NULL, queue TEXT NOT NULL, "
    "entered_us INTEGER NOT NULL, left_us INTEGER, waited_s REAL NOT NULL, "
    "reason TEXT NOT NULL, PRIMARY KEY (seq, n)) WITHOUT ROWID",
    "CREATE INDEX visit_queue ON visit(queue, entered_us)",
    "CREATE TABLE talk ("
    "seq INTEGER NOT NULL, n INTEGER NOT NULL, agent TEXT NOT NULL, queue TEXT NOT NULL, "
    "role TEXT NOT NULL, started_us INTEGER NOT NULL, ended_us INTEGER, "
    "talk_s REAL NOT NULL, hold_s REAL NOT NULL, wrap_up_s REAL NOT NULL, "
    "PRIMARY KEY (seq, n)) WITHOUT ROWID",
    "CREATE INDEX talk_agent ON talk(agent, started_us)",
    "CREATE INDEX talk_queue ON talk(queue, started_us)",
    "CREATE TABLE stretch ("
    "agent TEXT NOT NULL, seq INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, "
    "call TEXT NOT NULL, queue TEXT NOT NULL, started_us INTEGER NOT NULL, ended_us INTEGER, "
    "PRIMARY KEY (agent, seq)) WITHOUT ROWID",
    "CREATE INDEX stretch_call ON stretch(call) WHERE call <> ''",
    "CREATE INDEX stretch_started ON stretch(started_us)",
    "CREATE TABLE progress ("
    "id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, at_us INTEGER NOT NULL, "
    "generation TEXT NOT NULL)",
)
_NAMES = ("interaction", "visit", "talk", "stretch", "progress")


class VisitRow(msgspec.Struct, array_like=True):
    queue: str
    entered_us: int
    left_us: int | None
    waited_s: float
    reason: str


class TalkRow(msgspec.Struct, array_like=True):
    agent: str
    queue: str
    role: str
    started_us: int
    ended_us: int | None
    talk_s: float
    hold_s: float
    wrap_up_s: float


class InteractionRow(msgspec.Struct):
    """`body` is the whole interaction as JSON; the other fields are for finding it."""

    seq: int
    call: str
    started_us: int
    ended_us: int | None
    trunk: str
    caller: str
    called: str
    outcome: str
    body: bytes
    visits: list[VisitRow]
    talks: list[TalkRow]


class StretchRow(msgspec.Struct, array_like=True):
    agent: str
    seq: int
    state: str
    reason: str
    call: str
    queue: str
    started_us: int
    ended_us: int | None


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """How far the log is projected: its last event and the log's generation."""

    seq: int
    at_us: int
    generation: str


class HistoryDb:
    """The writing side; several processes may take turns (each batch is one transaction).

    A file that is damaged or of another schema is emptied: all of it can be made again.
    """

    def __init__(self, path: Path, *, busy_ms: int = BUSY_MS * 5) -> None:
        self.path = path
        self._busy_ms = busy_ms
        try:
            self.conn = self._open()
            self._file = file_id(path)
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{path} cannot be opened: {error}. Calls go on; pages and reports show nothing "
                "new. Check the disk and the rights of the folder."
            ) from error
        except sqlite3.DatabaseError:
            self._remove()
            self.conn = self._open()
            self._file = file_id(path)

    def _open(self) -> sqlite3.Connection:
        conn = connect_writer(self.path, busy_ms=self._busy_ms)
        try:
            version = conn.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA):
                raise sqlite3.DatabaseError("another schema")
            if version == 0:
                _new_schema(conn)
        except BaseException:
            conn.close()
            raise
        return conn

    def _remove(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    def start_over(self) -> None:
        """An empty file in place of this one."""
        self.conn.close()
        self._remove()
        self.reopen()

    def reopen(self) -> None:
        self.conn.close()
        self.conn = self._open()
        self._file = file_id(self.path)

    def follow(self) -> None:
        """Open the file again when another process has put a new one in its place."""
        if file_id(self.path) != self._file:
            self.reopen()

    def close(self) -> None:
        self.conn.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Raises HistoryDamaged, StoreError (locked, disk full)."""
        try:
            self.conn.execute("BEGIN IMMEDIATE")
            yield
            self.conn.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if is_damage(error):
                raise HistoryDamaged(f"{self.path}: {error}") from error
            raise StoreError(
                f"{self.path} cannot be written: {error}. Calls go on; history waits. Free the "
                "disk or close the program that has the database open."
            ) from error
        except sqlite3.DatabaseError as error:
            raise HistoryDamaged(f"{self.path}: {error}") from error
        finally:
            with contextlib.suppress(sqlite3.Error):
                if self.conn.in_transaction:
                    self.conn.execute("ROLLBACK")

    def progress(self) -> Progress | None:
        row = self.conn.execute("SELECT seq, at_us, generation FROM progress").fetchone()
        return None if row is None else Progress(*row)

    def set_progress(self, progress: Progress) -> None:
        self.conn.execute(
            "INSERT OR REPLACE INTO progress(id, seq, at_us, generation) VALUES (1, ?, ?, ?)",
            msgspec.to_builtins(progress),
        )

    def latest_stretches(self) -> list[StretchRow]:
        """Each agent's newest state."""
        rows = self.conn.execute(
            "SELECT agent, max(seq), state, reason, call, queue, started_us, ended_us "
            "FROM stretch GROUP BY agent ORDER BY agent"
        )
        return [StretchRow(*row) for row in rows]

    def knows(self, call: str) -> bool:
        """Whether any event of the call was projected before."""
        row = self.conn.execute("SELECT 1 FROM interaction WHERE call = ?", [call]).fetchone()
        return row is not None

    def wrap_ups(self, call: str) -> list[tuple[str, int, int | None]]:
        """(agent, started_us, ended_us) of after-call work for a call, in order."""
        rows = self.conn.execute(
            "SELECT agent, started_us, ended_us FROM stretch "
            "WHERE call = ? AND call <> '' AND state = 'wrap_up' ORDER BY seq, agent",
            [call],
        )
        return rows.fetchall()

    def put_stretches(self, rows: Iterable[StretchRow]) -> None:
        self.conn.executemany(
            "INSERT OR REPLACE INTO stretch VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (msgspec.to_builtins(row) for row in rows),
        )

    def put_interaction(self, row: InteractionRow) -> None:
        """Write or replace it with all its parts."""
        given: Sequence[object] = (
            *(row.seq, row.call, row.started_us, row.ended_us),
            *(row.trunk, row.caller, row.called, row.outcome, row.body),
        )
        run = self.conn
        run.execute("INSERT OR REPLACE INTO interaction VALUES (?,?,?,?,?,?,?,?,?)", given)
        run.execute("DELETE FROM visit WHERE seq = ?", [row.seq])
        run.executemany(
            "INSERT INTO visit VALUES (?,?,?,?,?,?,?)",
            ([row.seq, n, *msgspec.to_builtins(visit)] for n, visit in enumerate(row.visits)),
        )
        run.execute("DELETE FROM talk WHERE seq = ?", [row.seq])
        run.executemany(
            "INSERT INTO talk VALUES (?,?,?,?,?,?,?,?,?,?)",
            ([row.seq, n, *msgspec.to_builtins(talk)] for n, talk in enumerate(row.talks)),
        )

    def replace_by(self, made: Path) -> None:
        """Take over another history file whole, in one transaction that readers never see half.

        Copied row by row: the schema stays as it is, and with it what the file's bytes are
        after `export`.
        """
        if not self._sound():
            self.start_over()
        self.conn.execute("ATTACH ? AS made", [str(made)])
        try:
            with self.transaction():
                for name in _NAMES:
                    self.conn.execute(f"DELETE FROM main.{name}")
                    self.conn.execute(f"INSERT INTO main.{name} SELECT * FROM made.{name}")
        finally:
            self.conn.execute("DETACH made")

    def _sound(self) -> bool:
        try:
            return bool(self.conn.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError:
            return False


def _new_schema(conn: sqlite3.Connection) -> None:
    conn.execute("BEGIN IMMEDIATE")
    for name in _NAMES:
        conn.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _TABLES:
        conn.execute(statement)
    conn.execute(f"PRAGMA user_version={SCHEMA}")
    conn.execute("COMMIT")


def export(path: Path, target: Path) -> None:
    """Write the canonical file: equal content gives equal bytes (VACUUM INTO)."""
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        conn.execute("VACUUM INTO ?", [str(target)])
    finally:
        conn.close()
