"""The other end of the local socket: one command at a time, or following the log."""

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec

from appliance.linking import wire
from appliance.linking.wire import CoreAway, LogReset, WireError
from appliance.model.commands import AnyCommand, Reply
from appliance.model.events import Record

SILENT_S = 3 * wire.BEAT_S
"""A core that says nothing for this long counts as away, seconds."""


class LinkState(msgspec.Struct, frozen=True):
    """Whether the core is there, since when (Unix time, seconds), and why not."""

    up: bool
    since: float
    reason: str = ""


class LinkClient:
    """Async client. `state` tells whether the core is there; `on_state` is called on change."""

    def __init__(
        self,
        path: Path,
        *,
        on_state: Callable[[LinkState], None] | None = None,
        backoff_s: tuple[float, float] = (0.1, 3.0),
        silent_s: float = SILENT_S,
    ) -> None:
        self.path = path
        self.state = LinkState(False, time.time(), "not connected yet")
        self._on_state = on_state
        self._backoff_s = backoff_s
        self._silent_s = silent_s

    async def ask(self, command: AnyCommand, timeout: float = 5.0) -> Reply:
        """Raises `CoreAway` when the core is not there or does not answer in `timeout` s."""
        try:
            async with asyncio.timeout(timeout), _Session(self.path) as session:
                await session.send(wire.Ask(command))
                message = await session.receive()
        except TimeoutError:
            raise CoreAway.silent(timeout) from None
        if not isinstance(message, wire.Answer):
            raise CoreAway.stranger("no answer to a command")
        return message.reply

    async def follow(self, after_seq: int, at_us: int = 0) -> AsyncIterator[list[Record]]:
        """Every record after `after_seq`, in batches, for ever, over any number of restarts
        of the core. Raises `LogReset` when the core's log is another one than before."""
        pause = self._backoff_s[0]
        while True:
            try:
                async with _Session(self.path, self._silent_s) as session:
                    await session.send(wire.Subscribe(after_seq, at_us))
                    self._set(True)
                    while True:
                        batch = await self._next(session, after_seq)
                        pause = self._backoff_s[0]
                        if batch:
                            after_seq, at_us = batch[-1].seq, batch[-1].at_us
                            yield batch
            except CoreAway as error:
                self._set(False, str(error))
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(2 * pause, self._backoff_s[1])

    async def _next(self, session: "_Session", after_seq: int) -> list[Record]:
        try:
            async with asyncio.timeout(self._silent_s):
                message = await session.receive()
        except TimeoutError:
            raise CoreAway.silent(self._silent_s) from None
        if not isinstance(message, wire.Records):
            return []
        fresh = [record for record in message.records if record.seq > after_seq]
        if fresh and fresh[0].seq != after_seq + 1:
            raise CoreAway.broken(f"it skipped from {after_seq} to {fresh[0].seq}")
        return fresh

    def _set(self, up: bool, reason: str = "") -> None:
        if up != self.state.up or (not up and reason != self.state.reason):
            since = time.time() if up != self.state.up else self.state.since
            self.state = LinkState(up, since, reason)
            if self._on_state is not None:
                self._on_state(self.state)


class _Session:
    """One connection, greeted. Turns every failure into `CoreAway` or `LogReset`."""

    def __init__(self, path: Path, hello_s: float | None = None) -> None:
        self._path = path
        self._hello_s = hello_s
        self._framer = wire.Framer(wire.FROM_CORE_LIMIT)
        self._ready: list[bytes] = []

    async def __aenter__(self) -> "_Session":
        try:
            with wire.reachable(self._path) as name:
                self._reader, self._writer = await asyncio.open_unix_connection(name)
        except OSError as error:
            raise CoreAway.unreachable(self._path, error) from error
        try:
            async with asyncio.timeout(self._hello_s):
                _greeted(await self.receive())
        except TimeoutError:
            self._writer.transport.abort()
            raise CoreAway.silent(self._hello_s or 0) from None
        except BaseException:
            self._writer.transport.abort()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def send(self, message: wire.ToCore) -> None:
        try:
            self._writer.write(wire.encode(message))
            await self._writer.drain()
        except OSError as error:
            raise CoreAway.broken(str(error)) from error

    async def receive(self) -> wire.FromCore:
        while not self._ready:
            try:
                data = await self._reader.read(1 << 18)
            except OSError as error:
                raise CoreAway.broken(str(error)) from error
            if not data:
                raise CoreAway.broken("it has stopped or restarts")
            self._ready.extend(_frames(self._framer, data))
        return _checked(self._ready.pop(0))


def ask(path: Path, command: AnyCommand, timeout: float = 5.0) -> Reply:
    """One command, blocking: for the command line. Raises `CoreAway`."""
    deadline = time.monotonic() + timeout
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        try:
            sock.settimeout(timeout)
            with wire.reachable(path) as name:
                sock.connect(name)
            stream = _blocking_frames(sock, deadline)
            _greeted(_checked(next(stream)))
            sock.sendall(wire.encode(wire.Ask(command)))
            message = _checked(next(stream))
        except CoreAway:
            raise
        except TimeoutError:
            raise CoreAway.silent(timeout) from None
        except OSError as error:
            raise CoreAway.unreachable(path, error) from error
    if not isinstance(message, wire.Answer):
        raise CoreAway.stranger("no answer to a command")
    return message.reply


def _blocking_frames(sock: socket.socket, deadline: float) -> Iterator[bytes]:
    framer = wire.Framer(wire.FROM_CORE_LIMIT)
    while True:
        sock.settimeout(max(0.001, deadline - time.monotonic()))
        data = sock.recv(1 << 18)
        if not data:
            raise CoreAway.broken("it has stopped or restarts")
        yield from _frames(framer, data)


def _frames(framer: wire.Framer, data: bytes) -> list[bytes]:
    try:
        return list(framer.feed(data))
    except WireError as error:
        raise CoreAway.stranger(error.reason) from error


def _checked(body: bytes) -> wire.FromCore:
    try:
        message = wire.decode_from_core(body)
    except WireError as error:
        raise CoreAway.stranger(error.reason) from error
    if isinstance(message, wire.Bye):
        if message.code == "reset":
            raise LogReset(message.reason)
        raise CoreAway.broken(message.reason)
    return message


def _greeted(message: wire.FromCore) -> None:
    if not isinstance(message, wire.Hello) or message.protocol != wire.PROTOCOL:
        raise CoreAway.stranger("no greeting")
