"""The event log: the one truth of the box, append-only, gapless, safe from kill -9."""

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO

from appliance.model.events import AnyEvent, Record, Trouble
from appliance.store.clock import Stamper, monotonic_us, wall_us
from appliance.store.codec import encode, row_of
from appliance.store.delivery import Subscriber, post
from appliance.store.errors import LogClosed, StoreError
from appliance.store.opening import prepare, take_lock
from appliance.store.reader import EventReader
from appliance.store.schema import connect_writer, row_crc
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

FILE = "events.db"
KEEP_CHECKPOINTS = 2


class EventLog:
    """Opened by the core only, once; everybody else uses `EventReader`.

    Call `open` and `subscribe` on the asyncio loop that appends: troubles and records are
    then delivered there. Without a running loop they are delivered in place.
    """

    def __init__(
        self,
        path: Path,
        lock: IO[str],
        *,
        on_trouble: Callable[[Trouble], None] | None,
        wall: Callable[[], int],
        monotonic: Callable[[], int],
        connect: Callable[[], sqlite3.Connection] | None,
    ) -> None:
        self.path = path
        self.restored: Trouble | None = None
        """What `open` had to put right; it stands in the log."""
        self._lock_file = lock
        self._reader = EventReader(path)
        self._subscribers: list[Subscriber] = []
        self._troubles = Subscriber(on_trouble or _log_trouble)
        self._lock = threading.Lock()
        self._seq = self._reader.last_seq()
        self._stamper = Stamper(
            self._troubles.tell,
            last_us=self._reader.at(self._seq) or 0,
            wall=wall,
            monotonic=monotonic,
        )
        self._writer = Writer(
            connect or (lambda: connect_writer(path)), self._troubles.tell, written_seq=self._seq
        )
        self._closed = False

    @classmethod
    def open(
        cls,
        data_dir: Path,
        *,
        on_trouble: Callable[[Trouble], None] | None = None,
        wall: Callable[[], int] = wall_us,
        monotonic: Callable[[], int] = monotonic_us,
        connect: Callable[[], sqlite3.Connection] | None = None,
    ) -> "EventLog":
        """Open or create `data_dir`/events.db.

        `on_trouble` hears of a disk or a clock that fails, once at the start and once at the
        end (over=True); the caller appends it when it should stand in the log too.
        `wall` and `monotonic` (microseconds) and `connect` are for tests.
        A damaged file is kept aside, the last good backup restored, newer events saved from
        the damaged file, and a `Trouble` appended that says so.
        Raises LogLocked (a second core), LogTooNew, LogUnwritable.
        """
        path = data_dir / FILE
        lock = take_lock(data_dir)
        try:
            trouble = prepare(path)
            opened = cls(
                path, lock, on_trouble=on_trouble, wall=wall, monotonic=monotonic, connect=connect
            )
        except BaseException:
            lock.close()
            raise
        opened.restored = trouble
        if trouble is not None:
            opened.append(trouble, durable=True)
            with contextlib.suppress(TimeoutError):
                opened.flush_now()  # or a replay that follows does not see it
        return opened

    @property
    def last_seq(self) -> int:
        """The newest assigned sequence number, written or not; 0 when empty."""
        return self._seq

    @property
    def written_seq(self) -> int:
        """The newest sequence number that readers can see."""
        return self._writer.written_seq

    @property
    def synced_seq(self) -> int:
        """The newest sequence number known to be safe from a power cut."""
        return self._writer.synced_seq

    @property
    def generation(self) -> str:
        return self._reader.generation()

    def append(self, event: AnyEvent, *, durable: bool = False) -> Record:
        """Give the event its place and time and queue it; never waits for the disk.

        Thread-safe. With `durable` it is committed and synced at once: await
        `durable(record.seq)` to acknowledge. Raises LogClosed, and TypeError or
        msgspec.EncodeError for what is no event (nothing is appended then).
        """
        encoded = encode(event)
        with self._lock:
            if self._closed:
                raise LogClosed("The event log is closed; the event is lost.")
            at_us = self._stamper.stamp()
            seq = self._seq = self._seq + 1
            self._writer.put(row_of(seq, at_us, encoded), durable=durable)
            record = Record(seq, at_us, event)
            for subscriber in self._subscribers:
                subscriber.pending.append(record)
        for subscriber in self._subscribers:
            subscriber.kick()
        self._troubles.kick()
        return record

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        """Call back for each record appended from now on, in order, on the caller's loop.

        Delivery is by `call_soon`: after `append` has returned, before the disk has it. An
        exception of the callback is logged and harms nobody. Returns the unsubscriber.
        """
        subscriber = Subscriber(callback)
        with self._lock:
            self._subscribers = [*self._subscribers, subscriber]

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = [s for s in self._subscribers if s is not subscriber]

        return unsubscribe

    def durable(self, seq: int) -> "asyncio.Future[None]":
        """A future of the running loop, done when event `seq` is safe from a power cut."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if seq <= self._writer.synced_seq:
            future.set_result(None)
            return future

        def done() -> None:
            if not future.done():
                future.set_result(None)

        self._writer.when_synced(seq, lambda: post(loop, done))
        return future

    async def flush(self) -> None:
        """Wait until everything appended so far is safe from a power cut."""
        await self.durable(self._seq)

    def flush_now(self, timeout_s: float = 10) -> None:
        """The same for code without a loop; raises TimeoutError."""
        done = threading.Event()
        self._writer.when_synced(self._seq, done.set)
        if not done.wait(timeout_s):
            raise TimeoutError(f"The event log was not written within {timeout_s} s.")

    def read(
        self,
        after_seq: int = 0,
        *,
        types: Collection[str] | None = None,
        call: str | None = None,
        agent: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Record]:
        """As `EventReader.read`, on a connection of its own: what is written, not more."""
        with EventReader(self.path) as reader:
            yield from reader.read(after_seq, types=types, call=call, agent=agent, limit=limit)

    def save_checkpoint(self, seq: int, kind: str, blob: bytes) -> None:
        """Keep a state as of event `seq`; put the state's own version into `kind`."""
        crc = row_crc(seq, 0, blob)

        def save(conn: sqlite3.Connection) -> None:
            conn.execute(
                "INSERT OR REPLACE INTO checkpoint(kind, seq, at_us, crc, body) VALUES (?,?,0,?,?)",
                [kind, seq, crc, blob],
            )
            conn.execute(
                "DELETE FROM checkpoint WHERE kind=? AND seq NOT IN "
                "(SELECT seq FROM checkpoint WHERE kind=? ORDER BY seq DESC LIMIT ?)",
                [kind, kind, KEEP_CHECKPOINTS],
            )

        self._writer.do_after(seq, save)

    def latest_checkpoint(self, kind: str) -> tuple[int, bytes] | None:
        """Newest good one as (seq, blob)."""
        with EventReader(self.path) as reader:
            return reader.checkpoint(kind)

    def replay(
        self,
        fold: Callable[[Record], object],
        kind: str | None = None,
        load: Callable[[bytes], object] | None = None,
    ) -> int:
        """`load` the newest checkpoint of `kind`, if any, then `fold` every later record.

        Returns the last sequence number folded. `load` must leave no half state behind when
        it raises: the whole log is folded then.
        """
        after = 0
        found = self.latest_checkpoint(kind) if kind is not None and load is not None else None
        if found is not None and load is not None:
            try:
                load(found[1])
                after = found[0]
            except Exception:
                log.exception("checkpoint %s at %d not usable, replaying all", kind, found[0])
        for record in self.read(after):
            fold(record)
            after = record.seq
        return after

    def close(self, timeout_s: float = 10) -> None:
        """Write everything, then let go. Raises StoreError when events had to be left."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        left = self._writer.close(timeout_s)
        self._reader.close()
        self._lock_file.close()
        if left:
            raise StoreError(
                f"{left} events could not be written before the end and are lost. "
                "Check the disk and what else has the database open."
            )

    def __enter__(self) -> "EventLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _log_trouble(trouble: Trouble) -> None:
    log.warning("%s %s %s", trouble.what, trouble.meaning, trouble.remedy)
