"""Reading transcripts.db: pages of recordings, and who said what. Read-only connections."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from appliance.store.errors import StoreError
from appliance.store.projected import ProjectedReader
from appliance.store.transcriptsdb import COLUMNS, ROWS, SHAPE, RecordingRow
from appliance.store.transcriptsquery import Query, spelled

PATIENCE_S = 5.0
MOST_PLACES = 20
"""Utterances of one recording that a search shows."""
_FROM, _TO = "\x02", "\x03"
_STEP = 10_000


class Place(msgspec.Struct, frozen=True):
    """One utterance that fits. `parts` make its text; every second one, from the second on, is
    what was searched for."""

    channel: str
    start_s: float
    end_s: float
    parts: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """A recording that fits; `places` in order of time, the first MOST_PLACES of `count`."""

    recording: RecordingRow
    count: int
    places: tuple[Place, ...]


class TranscriptsReader(ProjectedReader):
    """One per thread. Raises LogMissing, HistoryDamaged, StoreError (a search takes too long)."""

    shape = SHAPE

    def recording(self, id: str) -> RecordingRow | None:
        rows = self._ask(f"SELECT {COLUMNS} FROM recording WHERE id = ?", [id])
        return RecordingRow(*rows[0]) if rows else None

    def recordings(self, *, after: int | None, limit: int) -> list[RecordingRow]:
        """Newest first, from the one before number `after` on (keyset)."""
        rows = self._ask(
            f"SELECT {COLUMNS} FROM recording WHERE n < ? AND state <> 'gone' "
            "ORDER BY n DESC LIMIT ?",
            [_before(after), limit],
        )
        return [RecordingRow(*row) for row in rows]

    def search(self, query: Query, *, after: int | None, limit: int) -> list[Found]:
        """Recordings that fit, newest first; `after` as in `recordings`."""
        with self._read() as conn:
            numbers = self._numbers(conn, query, after, limit)
            found = [self._found(conn, query, n) for n in numbers]
        return [one for one in found if one is not None]

    def _numbers(
        self, conn: sqlite3.Connection, query: Query, after: int | None, limit: int
    ) -> list[int]:
        where = ["said MATCH ?", "rowid < ?"]
        given: list[object] = [query.any, _before(after) * ROWS]
        wanted = [one for one in query.wanted if spelled(one) != query.any]  # else it is asked for
        for terms, how in ((wanted, "IN"), (query.unwanted, "NOT IN")):
            for term in terms:
                inner = "SELECT rowid / ? FROM said WHERE said MATCH ?"
                where.append(f"rowid / ? {how} ({inner})")
                given += [ROWS, ROWS, spelled(term)]
        rows = conn.execute(
            f"SELECT rowid / ? FROM said WHERE {' AND '.join(where)} ORDER BY rowid DESC",
            [ROWS, *given],
        )
        numbers: dict[int, None] = {}
        for (n,) in rows:
            numbers[n] = None
            if len(numbers) >= limit:
                break
        return list(numbers)

    def _found(self, conn: sqlite3.Connection, query: Query, n: int) -> Found | None:
        row = conn.execute(f"SELECT {COLUMNS} FROM recording WHERE n = ?", [n]).fetchone()
        if row is None:
            return None
        rows = conn.execute(
            "SELECT channel, start_s, end_s, highlight(said, 0, ?, ?) FROM said "
            "WHERE said MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid",
            [_FROM, _TO, query.any, n * ROWS, n * ROWS + ROWS - 1],
        ).fetchall()
        places = tuple(Place(c, s, e, _parts(text)) for c, s, e, text in rows[:MOST_PLACES])
        return Found(RecordingRow(*row), len(rows), places)

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        end = time.monotonic() + PATIENCE_S
        with super()._read() as conn:
            conn.set_progress_handler(lambda: time.monotonic() > end, _STEP)
            try:
                yield conn
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
                raise StoreError(
                    f"This search takes more than {PATIENCE_S:.0f} s. Search for something rarer."
                ) from error
            finally:
                conn.set_progress_handler(None, 0)


def _before(after: int | None) -> int:
    return (1 << 46) if after is None else min(after, 1 << 46)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.replace(_TO, _FROM).split(_FROM))
