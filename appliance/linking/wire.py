"""Messages on the local socket and their framing. No I/O.

A frame is a length of four bytes, big endian, and that many bytes of MessagePack. The core
speaks first (`Hello`). A connection carries either commands, one after another, or, after
`Subscribe`, records until one side closes. Times are UTC in microseconds.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from appliance.model.commands import AnyCommand, Reply
from appliance.model.events import Record

PROTOCOL = 1
TO_CORE_LIMIT = 64 * 1024
"""Largest frame that the core reads, bytes: a command is small."""
FROM_CORE_LIMIT = 64 * 1024 * 1024
"""Largest frame that a client reads, bytes: a snapshot of a very full house."""
BEAT_S = 5.0
"""The core sends at least this often on a subscription, seconds."""

ByeCode = Literal[
    "malformed", "too_large", "denied", "too_slow", "reset", "stopping", "full", "fault"
]


class Ask(msgspec.Struct, frozen=True, tag_field="kind", tag="ask"):
    command: AnyCommand


class Subscribe(msgspec.Struct, frozen=True, tag_field="kind", tag="subscribe"):
    """All records after `after_seq`. `at_us` is the stamp of that record, 0 if unknown: a log
    that holds another record there has been put back, and the follower must start anew."""

    after_seq: int
    at_us: int = 0


class Hello(msgspec.Struct, frozen=True, tag_field="kind", tag="hello"):
    protocol: int
    version: str
    last_seq: int


class Answer(msgspec.Struct, frozen=True, tag_field="kind", tag="answer"):
    reply: Reply


class Records(msgspec.Struct, frozen=True, tag_field="kind", tag="records"):
    """Consecutive records, oldest first."""

    records: list[Record]


class Beat(msgspec.Struct, frozen=True, tag_field="kind", tag="beat"):
    """Nothing new, but the core is alive."""


class Bye(msgspec.Struct, frozen=True, tag_field="kind", tag="bye"):
    """The core closes this connection, and why."""

    code: ByeCode
    reason: str


ToCore = Ask | Subscribe
FromCore = Hello | Answer | Records | Beat | Bye

_encoder = msgspec.msgpack.Encoder()
_to_core: msgspec.msgpack.Decoder[ToCore] = msgspec.msgpack.Decoder(ToCore)
_from_core: msgspec.msgpack.Decoder[FromCore] = msgspec.msgpack.Decoder(FromCore)
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


class WireError(Exception):
    """What came over the socket breaks the protocol; `code` as in `Bye`."""

    def __init__(self, code: ByeCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class CoreAway(ConnectionError):
    """The core cannot be reached or does not answer: what happened, what it means, what to do."""

    def __init__(self, error: str, meaning: str, remedy: str) -> None:
        super().__init__(f"{error} {meaning} {remedy}")
        self.error, self.meaning, self.remedy = error, meaning, remedy

    @classmethod
    def unreachable(cls, path: Path, error: OSError) -> "CoreAway":
        """The socket could not be opened."""
        if isinstance(error, PermissionError):
            return cls(
                f"No permission to talk to the core at {path}.",
                "Nothing was changed; calls go on.",
                "Run this as the user that runs the core, or as root.",
            )
        return cls(
            f"The core is not running (nobody listens at {path}: {error.strerror or error}).",
            "No calls are taken until it runs.",
            "Start it with `callfloor run --site site.toml`, or look at its log.",
        )

    @classmethod
    def broken(cls, why: str) -> "CoreAway":
        """The connection ended."""
        return cls(
            f"The connection to the core ended ({why}).",
            "Whether the last command was carried out is not known; nothing else was changed.",
            "Look whether the core runs, and try again.",
        )

    @classmethod
    def silent(cls, seconds: float) -> "CoreAway":
        return cls(
            f"The core did not answer within {seconds:g} s.",
            "Calls that are up may go on; whether the command was carried out is not known.",
            "Try again; if it stays, look at the core's log.",
        )

    @classmethod
    def stranger(cls, why: str) -> "CoreAway":
        """The other end does not speak this protocol."""
        return cls(
            f"The core speaks another version of the local protocol ({why}).",
            "Pages and commands do not reach it; calls go on.",
            "Restart core and office so that both run the same release.",
        )


class LogReset(Exception):
    """The core's log is not the one that was followed: take a new snapshot."""


def encode(message: ToCore | FromCore) -> bytes:
    """One whole frame."""
    body = _encoder.encode(message)
    return len(body).to_bytes(4, "big") + body


def decode_to_core(body: bytes) -> ToCore:
    try:
        return _to_core.decode(body)
    except _BROKEN as error:
        raise WireError("malformed", f"not a message of this protocol: {error}") from error


def decode_from_core(body: bytes) -> FromCore:
    try:
        return _from_core.decode(body)
    except _BROKEN as error:
        raise WireError("malformed", f"not a message of this protocol: {error}") from error


class Framer:
    """Cuts a byte stream into frames. Raises `WireError` as soon as a length is too large."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        while len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "big")
            if length > self._limit:
                raise WireError("too_large", f"a frame of {length} bytes, limit {self._limit}")
            if len(self._buffer) < 4 + length:
                return
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            yield body


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name for `path` that fits into a socket address of 108 bytes (unix(7)), while inside."""
    if len(os.fsencode(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
