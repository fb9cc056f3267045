"""The SQL of history.db: rows of finished projections. What they mean is `history/`'s.

Everything that stands in it follows from the event log alone, so that two files made from the
same log are equal after `export`.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from appliance.store.projected import PROGRESS, ProjectedDb, Shape

SCHEMA = 2
"""Counts on when a table changes, and when the same log gives other bodies: a file that grew is
then made anew, as a rebuild makes it."""
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
    PROGRESS,
)
_NAMES = ("interaction", "visit", "talk", "stretch", "progress")
SHAPE = Shape(
    schema=SCHEMA,
    names=_NAMES,
    tables=_TABLES,
    lacks="pages and reports show nothing new",
    remedy="callfloor history rebuild",
)


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


class HistoryDb(ProjectedDb):
    """The writing side."""

    shape = SHAPE

    def latest_stretches(self) -> list[StretchRow]:
        """Each agent's newest state."""
        rows = self._conn.execute(
            "SELECT agent, max(seq), state, reason, call, queue, started_us, ended_us "
            "FROM stretch GROUP BY agent ORDER BY agent"
        )
        return [StretchRow(*row) for row in rows]

    def knows(self, call: str) -> bool:
        """Whether any event of the call was projected before."""
        row = self._conn.execute("SELECT 1 FROM interaction WHERE call = ?", [call]).fetchone()
        return row is not None

    def wrap_ups(self, call: str) -> list[tuple[str, int, int | None]]:
        """(agent, started_us, ended_us) of after-call work for a call, in order."""
        rows = self._conn.execute(
            "SELECT agent, started_us, ended_us FROM stretch "
            "WHERE call = ? AND call <> '' AND state = 'wrap_up' ORDER BY seq, agent",
            [call],
        )
        return rows.fetchall()

    def put_stretches(self, rows: Iterable[StretchRow]) -> None:
        self._conn.executemany(
            "INSERT OR REPLACE INTO stretch VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (msgspec.to_builtins(row) for row in rows),
        )

    def put_interaction(self, row: InteractionRow) -> None:
        """Write or replace it with all its parts."""
        given: Sequence[object] = (
            *(row.seq, row.call, row.started_us, row.ended_us),
            *(row.trunk, row.caller, row.called, row.outcome, row.body),
        )
        run = self._conn
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
        self._conn.execute("ATTACH ? AS made", [str(made)])
        try:
            with self.transaction():
                for name in _NAMES:
                    self._conn.execute(f"DELETE FROM main.{name}")
                    self._conn.execute(f"INSERT INTO main.{name} SELECT * FROM made.{name}")
        finally:
            self._conn.execute("DETACH made")

    def _sound(self) -> bool:
        try:
            return bool(self._conn.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError:
            return False


def export(path: Path, target: Path) -> None:
    """Write the canonical file: equal content gives equal bytes (VACUUM INTO)."""
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        conn.execute("VACUUM INTO ?", [str(target)])
    finally:
        conn.close()
