"""The one thread that writes the event log: batches, retries, loses nothing while it lives."""

import heapq
import itertools
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable

from appliance.model.events import Trouble
from appliance.store.schema import COLUMNS, Row

log = logging.getLogger(__name__)

Job = Callable[[sqlite3.Connection], None]

LINGER_S = 0.01
BATCH = 2048
# A power cut takes at most this much of the ordinary events with it.
SYNC_EVERY_S = 1.0
# One statement per chunk, not one per row: each step gives the GIL away and, beside a busy
# thread, waits a whole switch interval to get it back.
CHUNKS = (256, 32, 1)
BACKOFF_S = (0.05, 5.0)

_ROW = "(" + ",".join("?" * len(COLUMNS.split(","))) + ")"
_INSERT = {n: f"INSERT INTO event({COLUMNS}) VALUES {','.join([_ROW] * n)}" for n in CHUNKS}


class Writer:
    """Owns the read-write connection. All public methods may be called from any thread."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        tell: Callable[[Trouble], None],
        *,
        written_seq: int,
        linger_s: float = LINGER_S,
    ) -> None:
        self._connect = connect
        self._tell = tell
        self._linger_s = linger_s
        self._conn: sqlite3.Connection | None = connect()
        self._queue: deque[Row] = deque()
        self._jobs: deque[tuple[int, Job]] = deque()
        self._waiting: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._urgent = threading.Event()
        self._stopping = threading.Event()
        self._give_up = threading.Event()
        self._sync_wanted = 0
        self._synced_at = time.monotonic()
        self._failing: Trouble | None = None
        self.written_seq = written_seq
        self.synced_seq = written_seq
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    def put(self, row: Row, *, durable: bool) -> None:
        """Queue a row; `durable` commits at once and through to the disk."""
        self._queue.append(row)
        if durable:
            self._sync_wanted = row[0]
            self._urgent.set()
        if not self._wake.is_set():
            self._wake.set()

    def do_after(self, seq: int, job: Job) -> None:
        """Run `job` in a transaction of this thread once event `seq` is written."""
        self._jobs.append((seq, job))
        self._wake.set()

    def when_synced(self, seq: int, callback: Callable[[], object]) -> None:
        """Call back when event `seq` is safe from a power cut: at once, or on the thread."""
        with self._lock:
            if seq <= self.synced_seq:
                callback()
                return
            heapq.heappush(self._waiting, (seq, next(self._order), callback))
        self._sync_wanted = max(self._sync_wanted, seq)
        self._urgent.set()
        self._wake.set()

    def close(self, timeout_s: float) -> int:
        """Write what is left, end the thread; the number of events that could not be written."""
        self._stopping.set()
        self._urgent.set()
        self._wake.set()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self._give_up.set()
            self._thread.join(timeout_s + 5)
        return len(self._queue)

    # -- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._give_up.is_set():
            if not self._wake.wait(SYNC_EVERY_S if self.synced_seq < self.written_seq else None):
                self._sync_wanted = max(self._sync_wanted, self.written_seq)
            self._urgent.wait(self._linger_s)
            stopping = self._stopping.is_set()
            self._wake.clear()
            self._urgent.clear()
            while self._pending() and self._write_one_batch():
                pass
            if stopping and not self._pending():
                break
        self._close_connection(checkpoint=not self._give_up.is_set())

    def _pending(self) -> bool:
        return bool(self._queue or self._jobs) or self._sync_wanted > self.synced_seq

    def _write_one_batch(self) -> bool:
        """True when there may be more to do; False when nothing can be done now."""
        rows = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        last = rows[-1][0] if rows else self.written_seq
        jobs: list[Job] = []
        while self._jobs and self._jobs[0][0] <= last:
            jobs.append(self._jobs.popleft()[1])
        durable = self._sync_wanted > self.synced_seq
        durable |= bool(rows) and time.monotonic() - self._synced_at > SYNC_EVERY_S
        if not rows and not jobs and not durable:
            return False
        if not self._persist(rows, jobs, durable):
            self._queue.extendleft(reversed(rows))
            return False
        self.written_seq = last
        if durable:
            self._acknowledge(last)
        return True

    def _persist(self, rows: list[Row], jobs: list[Job], durable: bool) -> bool:
        """Commit, again and again until it works; False only when told to give up."""
        pause = BACKOFF_S[0]
        while True:
            try:
                self._commit(rows, jobs, durable)
            except Exception as error:
                # Whatever it was, the rows stay: an unforeseen error must not end the truth.
                self._failed(error)
                if self._give_up.wait(pause):
                    return False
                pause = min(pause * 2, BACKOFF_S[1])
            else:
                if self._failing is not None:
                    self._tell(_writing_again(self._failing))
                    self._failing = None
                return True

    def _commit(self, rows: list[Row], jobs: list[Job], durable: bool) -> None:
        if self._conn is None:
            self._conn = self._connect()
            rows = _not_yet_there(self._conn, rows)
        conn = self._conn
        conn.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        conn.execute("BEGIN IMMEDIATE")
        _insert(conn, rows)
        for job in jobs:
            job(conn)
        if durable and not rows and not jobs:
            # A commit that changes nothing is not synced.
            conn.execute("UPDATE meta SET value=? WHERE name='synced'", [str(self.written_seq)])
        conn.execute("COMMIT")

    def _failed(self, error: Exception) -> None:
        log.warning("event log cannot be written: %s", error)
        if self._conn is not None:
            self._close_connection(checkpoint=False)
        if self._failing is None:
            self._failing = _cannot_write(error)
            self._tell(self._failing)

    def _close_connection(self, *, checkpoint: bool) -> None:
        conn, self._conn = self._conn, None
        if conn is None:
            return
        try:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            if checkpoint:
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            log.warning("event log: %s", error)
        finally:
            conn.close()

    def _acknowledge(self, seq: int) -> None:
        self._synced_at = time.monotonic()
        ready = []
        with self._lock:
            self.synced_seq = seq
            while self._waiting and self._waiting[0][0] <= seq:
                ready.append(heapq.heappop(self._waiting)[2])
        for callback in ready:
            callback()


def _insert(conn: sqlite3.Connection, rows: list[Row]) -> None:
    at = 0
    for size in CHUNKS:
        while len(rows) - at >= size:
            conn.execute(_INSERT[size], list(itertools.chain(*rows[at : at + size])))
            at += size


def _not_yet_there(conn: sqlite3.Connection, rows: list[Row]) -> list[Row]:
    """A commit whose last fsync failed may have reached the file after all."""
    last = conn.execute("SELECT max(seq) FROM event").fetchone()[0] or 0
    return [row for row in rows if row[0] > last]


def _cannot_write(error: Exception) -> Trouble:
    text = str(error)
    if "locked" in text or "busy" in text:
        remedy = "Close the other program that has the database open."
    elif "full" in text:
        remedy = "Free space on the disk: old recordings and backups are the largest files."
    elif "malformed" in text or "not a database" in text:
        remedy = "Restart the box when the floor is quiet: it restores the last good backup."
    else:
        remedy = "Check the disk; if it does not get better, replace it and restore a backup."
    return Trouble(
        where="disk" if "full" in text or "I/O" in text else "database",
        what=f"The event log cannot be written: {text}.",
        meaning="Calls go on and their events are kept in memory; what is in memory is lost "
        "if the power fails now.",
        remedy=remedy,
    )


def _writing_again(after: Trouble) -> Trouble:
    return Trouble(
        where=after.where,
        what="The event log is written again.",
        meaning="All events kept in memory are on the disk, in order.",
        remedy="Nothing to do.",
        over=True,
    )
