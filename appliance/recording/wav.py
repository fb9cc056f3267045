"""Raw WAV files as a crash leaves them: sizes in the header stale, the last frame cut.

Layout: RIFF/WAVE (Microsoft Multimedia Programming Interface 1.0, 1991); chunks of a
four-byte name and a 32-bit little-endian length.
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

import msgspec

_AFTER_DATA = (b"LIST", b"fact", b"cue ", b"id3 ", b"bext", b"afsp")


class BadWav(Exception):
    """The file is no readable recording; the text says why."""


class RawWav(msgspec.Struct, frozen=True):
    """16-bit PCM. `data_at` and `data_bytes` are the real ones, whole frames only."""

    channels: int
    rate: int
    data_at: int
    data_bytes: int
    stale: bool

    @property
    def frames(self) -> int:
        return self.data_bytes // (2 * self.channels)

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


def inspect(path: Path) -> RawWav:
    """Find the samples, whatever the sizes in the header say. Raises BadWav, OSError."""
    size = path.stat().st_size
    if size == 0:
        raise BadWav("the file is empty")
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise BadWav("the file has no WAV header")
        channels = rate = 0
        while True:
            chunk = file.read(8)
            if len(chunk) < 8:
                raise BadWav("the file ends before the samples")
            name, length = chunk[:4], struct.unpack("<I", chunk[4:])[0]
            if name == b"data":
                break
            body = file.read(length + length % 2)
            if name == b"fmt ":
                channels, rate = _format(body)
        if not channels:
            raise BadWav("the header names no sample format")
        at = file.tell()
        there = _real_length(file, at, length, size)
    whole = there - there % (2 * channels)
    return RawWav(channels, rate, at, whole, stale=length != whole)


def repair(path: Path) -> RawWav:
    """Write the true sizes into the header and cut a torn last frame; idempotent."""
    raw = inspect(path)
    if raw.stale:
        with path.open("r+b") as file:
            file.truncate(raw.data_at + raw.data_bytes)
            file.seek(4)
            file.write(struct.pack("<I", raw.data_at + raw.data_bytes - 8))
            file.seek(raw.data_at - 4)
            file.write(struct.pack("<I", raw.data_bytes))
            file.flush()
            os.fsync(file.fileno())
    return raw


def _format(body: bytes) -> tuple[int, int]:
    if len(body) < 16:
        raise BadWav("the file ends before the samples")
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
    if kind not in (1, 0xFFFE) or bits != 16 or channels not in (1, 2) or not rate:
        raise BadWav(f"the samples are not 16-bit PCM (format {kind}, {bits} bits)")
    return channels, rate


def _real_length(file: BinaryIO, at: int, declared: int, size: int) -> int:
    """The declared length when the file bears it out, else all up to the end."""
    end = at + declared
    if declared and end < size:
        file.seek(end + declared % 2)
        if file.read(4) in _AFTER_DATA:
            return declared
    return declared if declared and end == size else size - at
