"""Reading the event log from any process, without ever holding the writer up."""

import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path

from appliance.model.events import Record
from appliance.store.codec import decode
from appliance.store.errors import LogDamaged
from appliance.store.schema import COLUMNS, Text, connect_reader, file_id, refuse_newer, row_crc

PAGE = 1000


class EventReader:
    """Read-only view of what is committed; one per thread. Raises LogMissing, LogTooNew.

    Follows when the core puts a restored log in the place of a damaged one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open = self._connect()

    @property
    def _conn(self) -> sqlite3.Connection:
        if self._file != (file := file_id(self.path)) and file:
            fresh = self._connect()  # may be refused: then it is asked again
            self._open.close()
            self._open = fresh
        return self._open

    def _connect(self) -> sqlite3.Connection:
        file = file_id(self.path)
        conn = connect_reader(self.path)
        conn.text_factory = Text
        try:
            refuse_newer(conn, self.path)
        except sqlite3.DatabaseError as error:
            conn.close()
            raise LogDamaged(f"{self.path} cannot be read: {error}.") from error
        except BaseException:
            conn.close()
            raise
        self._file = file
        return conn

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> "EventReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def last_seq(self) -> int:
        """Sequence number of the newest committed event, 0 when empty."""
        row = self._conn.execute("SELECT max(seq) FROM event").fetchone()
        return int(row[0] or 0)

    def generation(self) -> str:
        """Changes when the log was restored after damage: projections start anew then."""
        row = self._conn.execute("SELECT value FROM meta WHERE name='generation'").fetchone()
        return str(row[0], "utf-8")

    def read(
        self,
        after_seq: int = 0,
        *,
        types: Collection[str] | None = None,
        call: str | None = None,
        agent: str | None = None,
        limit: int | None = None,
        until_seq: int | None = None,
    ) -> Iterator[Record]:
        """Records with seq > after_seq (and <= until_seq) in order, as far as committed.

        No transaction stays open between pages, so a slow consumer costs the writer nothing.
        """
        query, given = _query(types, call, agent, until_seq)
        left = limit if limit is not None else -1
        while left != 0:
            page = PAGE if left < 0 else min(PAGE, left)
            rows = self._conn.execute(query, [after_seq, *given, page]).fetchall()
            for row in rows:
                yield decode(row)
            if len(rows) < page:
                return
            after_seq = rows[-1][0]
            left -= len(rows) if left > 0 else 0

    def seq_at(self, at_us: int) -> int:
        """The last sequence number stamped before `at_us`, 0 when none (binary search)."""
        low, high = 0, self.last_seq()
        while low < high:
            middle = (low + high + 1) // 2
            row = self._conn.execute("SELECT at_us FROM event WHERE seq=?", [middle]).fetchone()
            if row is not None and row[0] < at_us:
                low = middle
            else:
                high = middle - 1
        return low

    def at(self, seq: int) -> int | None:
        """When event `seq` happened, UTC microseconds; None when it is not there."""
        row = self._conn.execute("SELECT at_us FROM event WHERE seq=?", [seq]).fetchone()
        return None if row is None else int(row[0])

    def checkpoint(self, kind: str) -> tuple[int, bytes] | None:
        """Newest usable checkpoint: (seq, blob), or None."""
        rows = self._conn.execute(
            "SELECT seq, at_us, body, crc FROM checkpoint WHERE kind=? ORDER BY seq DESC", [kind]
        )
        for seq, at_us, body, crc in rows.fetchall():
            good = isinstance(body, bytes) and row_crc(seq, at_us, body) == crc
            if good and seq <= self.last_seq():
                return int(seq), bytes(body)
        return None


def _query(
    types: Collection[str] | None, call: str | None, agent: str | None, until_seq: int | None
) -> tuple[str, list[str | int]]:
    where, given = ["seq > ?"], list[str | int]()
    if call is not None:
        where.append("call = ?")
        given.append(call)
    if agent is not None:
        where.append("agent = ?")
        given.append(agent)
    if types is not None:
        where.append(f"type IN ({','.join('?' * len(types))})")
        given.extend(types)
    if until_seq is not None:
        where.append("seq <= ?")
        given.append(until_seq)
    text = f"SELECT {COLUMNS} FROM event WHERE {' AND '.join(where)}"
    return f"{text} ORDER BY seq LIMIT ?", given
