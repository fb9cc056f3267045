"""Events out of a damaged file, page by page, without asking its tree.

Reads the leaf pages of a SQLite database and of its write-ahead log as sqlite.org/fileformat2
describes them. Nothing is believed that does not carry the right checksum, so that a row is
either exactly what was written or is not there. Rows longer than a page are left to SQL.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from appliance.model.events import Record
from appliance.store.codec import decode
from appliance.store.errors import LogDamaged
from appliance.store.schema import Text

PAGE = 4096
_WAL_HEADER, _FRAME_HEADER = 32, 24
_TABLE_LEAF = 0x0D
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def salvage(path: Path) -> Iterator[Record]:
    """Every good event on any leaf page of the file and its -wal; unordered, may repeat."""
    with path.open("rb") as file:
        for page in _pages(file):
            yield from _leaf(page)
    yield from salvage_wal(path)


def salvage_wal(path: Path) -> Iterator[Record]:
    """Every good event in the -wal of a database, committed or not."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists():
        with wal.open("rb") as file:
            for page in _frames(file):
                yield from _leaf(page)


def _pages(file: BinaryIO) -> Iterator[bytes]:
    while len(page := file.read(PAGE)) == PAGE:
        yield page


def _frames(file: BinaryIO) -> Iterator[bytes]:
    """Pages of the log's current run; older frames carry another salt."""
    header = file.read(_WAL_HEADER)
    if len(header) < _WAL_HEADER:
        return
    salts = header[16:24]
    while len(frame := file.read(_FRAME_HEADER + PAGE)) == _FRAME_HEADER + PAGE:
        if frame[8:16] == salts:
            yield frame[_FRAME_HEADER:]


def _leaf(page: bytes) -> Iterator[Record]:
    if page[0] != _TABLE_LEAF:
        return
    (cells,) = struct.unpack_from(">H", page, 3)
    for number in range(min(cells, (PAGE - 8) // 2)):
        (at,) = struct.unpack_from(">H", page, 8 + 2 * number)
        try:
            yield _cell(page, at)
        except (IndexError, ValueError, LogDamaged):
            continue


def _cell(page: bytes, at: int) -> Record:
    length, at = _varint(page, at)
    seq, at = _varint(page, at)
    if at + length > PAGE:
        raise ValueError("not whole on this page")
    header, types_at = _varint(page, at)
    value_at, types = at + header, list[int]()
    while types_at < at + header:
        kind, types_at = _varint(page, types_at)
        types.append(kind)
    if len(types) != 7:
        raise ValueError("no event")
    values: list[Any] = []  # decode looks at their types
    for kind in types:
        value, value_at = _value(page, kind, value_at)
        values.append(value)
    return decode((seq, *values[1:]))  # the key of a table stands before the row, not in it


def _value(page: bytes, kind: int, at: int) -> tuple[int | bytes | None, int]:
    if kind == 0:
        return None, at
    if kind in _INTEGERS:
        end = at + _INTEGERS[kind]
        return int.from_bytes(page[at:end], "big", signed=True), end
    if kind in (8, 9):
        return kind - 8, at
    if kind < 12:
        raise ValueError("no type of ours")
    end = at + (kind - 12) // 2
    value = page[at:end]
    return Text(value) if kind % 2 else value, end


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for used in range(1, 9):
        byte = page[at]
        value, at = value << 7 | byte & 0x7F, at + 1
        if byte < 0x80 or used == 9:
            return value, at
    return value << 8 | page[at], at + 1
