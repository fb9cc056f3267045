"""The core's end of the local socket. Never makes the core's loop wait for a client.

A subscriber gets records from the log as they are written, and older ones read from the
database on a thread. What has not been sent waits in a bounded queue; a client that lets it
overflow, or does not read for `write_s`, is dropped and comes back with its last number.
"""

import asyncio
import contextlib
import logging
import os
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Protocol

from appliance.linking import wire
from appliance.linking.wire import WireError
from appliance.model.commands import AnyCommand, Reply
from appliance.model.events import Record

log = logging.getLogger(__name__)

CHUNK = 500
"""Records per frame when catching up."""
NOTHING_MORE = "a subscriber must not send anything more"
LATER_S = 0.02
"""The log's writer needs about this long until a new record can be read."""


class EventSource(Protocol):
    """What the link needs of `appliance.store.eventlog.EventLog`."""

    @property
    def last_seq(self) -> int: ...

    def read(self, after_seq: int = 0, *, limit: int | None = None) -> Iterator[Record]: ...

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]: ...


Handler = Callable[[AnyCommand], Awaitable[Reply]]


class LinkServer:
    """Serves commands and the event stream on a Unix socket of mode 0600.

    `handle` carries out one command; what it raises becomes a failed `Reply`.
    Raises `RuntimeError` from `start` when another core already listens there.
    """

    def __init__(
        self,
        path: Path,
        handle: Handler,
        log: EventSource,
        *,
        version: str = "",
        queue_limit: int = 20_000,
        max_clients: int = 64,
        write_s: float = 10.0,
        beat_s: float = wire.BEAT_S,
    ) -> None:
        self.path = path
        self.handle = handle
        self.log = log
        self.version = version
        self.queue_limit = queue_limit
        self.max_clients = max_clients
        self.write_s = write_s
        self.beat_s = beat_s
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def clients(self) -> int:
        return len(self._clients)

    async def start(self) -> None:
        sock = _bind(self.path)
        self._server = await asyncio.start_unix_server(self._accept, sock=sock)

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in list(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._server = None
        self.path.unlink(missing_ok=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        full = len(self._clients) >= self.max_clients
        self._clients[task] = writer
        client = _Client(self, reader, writer)
        try:
            await client.run(full)
        finally:
            del self._clients[task]


class _Client:
    """One connection: first commands, or the stream from `Subscribe` on."""

    def __init__(
        self, server: LinkServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._live: deque[Record] = deque()
        self._wake = asyncio.Event()
        self._overflow = asyncio.Event()

    async def run(self, full: bool) -> None:
        try:
            self._admit(full)
            await self._send(wire.Hello(wire.PROTOCOL, self._server.version, self._last_seq()))
            await self._converse()
        except WireError as error:
            log.warning("local client dropped: %s (%s)", error.reason, error.code)
            await self._bye(error)
        except asyncio.CancelledError:
            await self._bye(WireError("stopping", "the core is stopping"))
        except (ConnectionError, TimeoutError):
            pass
        except Exception as error:
            log.exception("local client dropped")
            await self._bye(WireError("fault", str(error) or type(error).__name__))
        finally:
            self._writer.transport.abort()

    def _admit(self, full: bool) -> None:
        uid = peer_uid(self._writer.get_extra_info("socket"))
        if uid not in (0, os.getuid()):
            raise WireError("denied", f"user {uid} may not talk to the core")
        if full:
            raise WireError("full", f"already {self._server.max_clients} local connections")

    async def _converse(self) -> None:
        framer = wire.Framer(wire.TO_CORE_LIMIT)
        while data := await self._reader.read(65_536):
            for body in framer.feed(data):
                message = wire.decode_to_core(body)
                if isinstance(message, wire.Subscribe):
                    if framer.pending:
                        raise WireError("malformed", NOTHING_MORE)
                    await self._stream(message)
                    return
                await self._send(wire.Answer(await self._carry_out(message.command)))

    async def _carry_out(self, command: AnyCommand) -> Reply:
        try:
            return await self._server.handle(command)
        except Exception:
            log.exception("command %r failed", command)
            return Reply(
                ok=False,
                error="The core could not carry this out because of a fault of its own; calls "
                "go on. Try again, and if it stays, look at the core's log.",
            )

    # -- the stream -------------------------------------------------------------------------

    async def _stream(self, request: wire.Subscribe) -> None:
        unsubscribe = self._server.log.subscribe(self._offer)
        try:
            await self._check(request)
            await _first(self._until_gone(), self._until_overflow(), self._pump(request.after_seq))
        finally:
            unsubscribe()

    def _offer(self, record: Record) -> None:
        if self._overflow.is_set():
            return
        if len(self._live) >= self._server.queue_limit:
            self._overflow.set()
            self._live.clear()
        else:
            self._live.append(record)
        self._wake.set()

    async def _until_overflow(self) -> None:
        await self._overflow.wait()
        raise WireError("too_slow", f"more than {self._server.queue_limit} records behind")

    async def _until_gone(self) -> None:
        if await self._reader.read(1):
            raise WireError("malformed", NOTHING_MORE)

    async def _check(self, request: wire.Subscribe) -> None:
        if request.after_seq > self._last_seq():
            raise WireError("reset", f"the log ends before number {request.after_seq}")
        if request.after_seq <= 0 or not request.at_us:
            return
        there = await self._read(request.after_seq - 1, 1)
        while not there:  # numbered already, but not yet readable
            await asyncio.sleep(LATER_S)
            there = await self._read(request.after_seq - 1, 1)
        if there[0].at_us != request.at_us:
            raise WireError("reset", f"number {request.after_seq} is another record now")

    async def _pump(self, sent: int) -> None:
        """Sends everything after `sent`, in order, without gap or duplicate."""
        goal = self._last_seq()
        while True:
            self._wake.clear()
            batch = self._take(sent)
            if not batch and (self._live or sent < goal):
                batch = await self._read(sent, CHUNK)
                if not batch:  # numbered already, but not yet readable
                    await asyncio.sleep(LATER_S)
            if batch:
                sent = batch[-1].seq
                await self._send(wire.Records(batch))
            elif not self._live and sent >= goal:
                await self._idle()

    def _take(self, sent: int) -> list[Record]:
        """What is next in the live queue, if it follows on `sent`."""
        live = self._live
        while live and live[0].seq <= sent:
            live.popleft()
        batch: list[Record] = []
        while live and live[0].seq == sent + 1 and len(batch) < CHUNK:
            batch.append(live.popleft())
            sent += 1
        return batch

    async def _idle(self) -> None:
        try:
            async with asyncio.timeout(self._server.beat_s):
                await self._wake.wait()
        except TimeoutError:
            await self._send(wire.Beat())

    async def _read(self, after_seq: int, limit: int) -> list[Record]:
        return await asyncio.to_thread(lambda: list(self._server.log.read(after_seq, limit=limit)))

    def _last_seq(self) -> int:
        return self._server.log.last_seq

    # -- writing ----------------------------------------------------------------------------

    async def _send(self, message: wire.FromCore) -> None:
        self._writer.write(wire.encode(message))
        async with asyncio.timeout(self._server.write_s):  # wait_for can swallow a cancellation
            await self._writer.drain()

    async def _bye(self, error: WireError) -> None:
        """Says why, if the client still reads."""
        with contextlib.suppress(ConnectionError, TimeoutError, asyncio.CancelledError):
            self._writer.write(wire.encode(wire.Bye(error.code, error.reason)))
            self._writer.close()
            async with asyncio.timeout(0.5):
                await self._writer.wait_closed()


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """Runs all until the first has ended; raises what it raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def peer_uid(sock: socket.socket) -> int:
    """User id of the process at the other end (SO_PEERCRED, unix(7))."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[1])


def _bind(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        with wire.reachable(path) as name:
            sock.bind(name)
    except OSError as error:
        sock.close()
        raise RuntimeError(
            f"The local socket {path} cannot be made ({error.strerror or error}). Pages and "
            "commands would not reach the core. Check site.data_dir and its permissions."
        ) from error
    finally:
        os.umask(mask)
    return sock


def _clear_stale(path: Path) -> None:
    """Removes a socket left by a killed core; refuses while another core answers on it."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            with wire.reachable(path) as name:
                probe.connect(name)
        except TimeoutError:
            pass
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise RuntimeError(
        f"Another core already runs on {path}. This one was not started; calls are not touched. "
        "Stop the other one first, or give this site its own site.data_dir."
    )
