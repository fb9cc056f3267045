"""A database that follows from the event log: how it is opened, made anew, written and read.

It holds nothing that is not in the log, so there are no migrations: a file that is damaged or of
another schema is emptied, and its owner fills it again.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from appliance.store.errors import HistoryDamaged, StoreError
from appliance.store.inspect import is_damage
from appliance.store.reader import EventReader
from appliance.store.schema import BUSY_MS, connect_reader, connect_writer, file_id

PROGRESS = (
    "CREATE TABLE progress ("
    "id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, at_us INTEGER NOT NULL, "
    "generation TEXT NOT NULL)"
)
_PROGRESS = "SELECT seq, at_us, generation FROM progress"

Given = Sequence[object] | dict[str, object]
"""Values of a statement, in order or by name."""


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """How far the log is projected: its last event and the log's generation."""

    seq: int
    at_us: int
    generation: str


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """`tables` by name, with the statements that make them, PROGRESS among them. `lacks`: what
    people miss while it cannot be opened or written; `remedy`: how it is made anew."""

    schema: int
    names: tuple[str, ...]
    tables: tuple[str, ...]
    lacks: str
    remedy: str

    def make(self, conn: sqlite3.Connection) -> None:
        conn.execute("BEGIN IMMEDIATE")
        for name in self.names:
            conn.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in self.tables:
            conn.execute(statement)
        conn.execute(f"PRAGMA user_version={self.schema}")
        conn.execute("COMMIT")


class ProjectedDb:
    """The writing side; several processes may take turns (each batch is one transaction).

    A file that is damaged or of another schema is emptied: all of it can be made again.
    """

    shape: Shape

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
                f"{self.path} cannot be opened: {error}. Calls go on; {self.shape.lacks}. "
                "Check the disk and the rights of the folder."
            ) from error

    def _connect(self) -> sqlite3.Connection:
        self._before()
        conn = connect_writer(self.path, busy_ms=self._busy_ms)
        try:
            self._set_up(conn)
            version = conn.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, self.shape.schema):
                raise sqlite3.DatabaseError("another schema")
            if version == 0:
                self.shape.make(conn)
            self._file = file_id(self.path)
        except BaseException:
            conn.close()
            raise
        return conn

    def _before(self) -> None:
        """Whatever must be so before the file is opened. Raises OSError."""

    def _set_up(self, conn: sqlite3.Connection) -> None:
        """What a connection needs beside the usual. Raises sqlite3.Error, OSError."""

    def _remove(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    def start_over(self) -> None:
        """An empty file in place of this one."""
        self._conn.close()
        self._remove()
        self._conn = self._open()

    def follow(self) -> None:
        """Open the file again when another process has put a new one in its place."""
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
            f"{self.path} cannot be read or written: {error}. Calls go on; {self.shape.lacks}. "
            "Free the disk or close the program that has the database open."
        )

    def _do(self, statement: str, given: Sequence[object] = ()) -> list[Any]:
        """All rows. Raises HistoryDamaged, StoreError."""
        try:
            return self._conn.execute(statement, given).fetchall()
        except sqlite3.Error as error:
            raise self._in_words(error) from error

    def progress(self) -> Progress | None:
        rows = self._do(_PROGRESS)
        return Progress(*rows[0]) if rows else None

    def set_progress(self, progress: Progress) -> None:
        self._do(
            "INSERT OR REPLACE INTO progress(id, seq, at_us, generation) VALUES (1, ?, ?, ?)",
            msgspec.to_builtins(progress),
        )


class Projecting:
    """Who keeps a database in step with the log; closes it at the end of a with."""

    def __init__(self, log: EventReader, db: ProjectedDb) -> None:
        self._log, self.__db = log, db

    def close(self) -> None:
        self.__db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def seq(self) -> int:
        """Last event that is in it."""
        found = self.__db.progress()
        return 0 if found is None else found.seq

    def _same_log(self) -> bool:
        """Was it made from this log, and not from one that was before?"""
        progress = self.__db.progress()
        return progress is None or (
            progress.generation == self._log.generation()
            and progress.at_us == self._log.at(progress.seq)
        )


class ProjectedReader:
    """The reading side; one per thread. Raises LogMissing, HistoryDamaged.

    Follows when a damaged file was made anew meanwhile.
    """

    shape: Shape

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = self._connect()

    @property
    def _conn(self) -> sqlite3.Connection:
        if file_id(self._path) != self._file:
            fresh = self._connect()  # may be refused: who makes it anew is in the middle of it
            self._open.close()
            self._open = fresh
        return self._open

    def _connect(self) -> sqlite3.Connection:
        file = file_id(self._path)
        conn = connect_reader(self._path)
        try:
            version = conn.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            conn.close()
            raise self._damaged(error) from error
        if version != self.shape.schema:
            conn.close()
            raise HistoryDamaged(f"{self._path} is of another version. {self._remedy}")
        self._file = file
        return conn

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def progress(self) -> Progress | None:
        rows = self._ask(_PROGRESS)
        return Progress(*rows[0]) if rows else None

    def _ask(self, statement: str, given: Given = ()) -> list[Any]:
        """All rows."""
        with self._read() as conn:
            return conn.execute(statement, given).fetchall()

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._conn
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> HistoryDamaged:
        return HistoryDamaged(f"{self._path} cannot be read: {error}. {self._remedy}")

    @property
    def _remedy(self) -> str:
        return f"No call is touched. Run: {self.shape.remedy}"
