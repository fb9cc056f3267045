"""The words inside an OpenFst file. Official Vosk models keep them there.

Format as OpenFst 1.6 and later writes it (``fst/fst.h``, ``fst/symbol-table.h``): little endian,
strings with their length before them.
"""

import struct
from pathlib import Path
from typing import BinaryIO

FST_MAGIC = 2125659606
TABLE_MAGIC = 2125658996
HAS_INPUT, HAS_OUTPUT = 1, 2
LONGEST, MOST = 1000, 5_000_000


class Unreadable(Exception):
    """A file of a model is not what it should be; says so, for a person."""


def symbols(file: Path) -> frozenset[str] | None:
    """Output symbols of a graph, None when it carries none. Raises `Unreadable`."""
    try:
        with file.open("rb") as stream:
            return _of(stream)
    except OSError as error:
        raise Unreadable(f"{file.name} cannot be read: {error.strerror}.") from None
    except (struct.error, UnicodeDecodeError, ValueError):
        raise Unreadable(f"{file.name} is cut off or damaged.") from None


def _of(stream: BinaryIO) -> frozenset[str] | None:
    if _number(stream, "<i") != FST_MAGIC:
        raise ValueError("no FST")
    _text(stream), _text(stream)  # kind of graph, kind of arcs
    _number(stream, "<i")
    flags = _number(stream, "<i")
    stream.seek(8 * 4, 1)  # properties, start, states, arcs
    if flags & HAS_INPUT:
        found = _table(stream)
        if not flags & HAS_OUTPUT:
            return found
    return _table(stream) if flags & HAS_OUTPUT else None


def _table(stream: BinaryIO) -> frozenset[str]:
    if _number(stream, "<i") != TABLE_MAGIC:
        raise ValueError("no symbol table")
    _text(stream)
    _number(stream, "<q")
    count = _number(stream, "<q")
    if not 0 <= count <= MOST:
        raise ValueError("too many symbols")
    found = set()
    for _ in range(count):
        found.add(_text(stream))
        _number(stream, "<q")
    return frozenset(found)


def _number(stream: BinaryIO, form: str) -> int:
    return int(struct.unpack(form, stream.read(struct.calcsize(form)))[0])


def _text(stream: BinaryIO) -> str:
    length = _number(stream, "<i")
    if not 0 <= length <= LONGEST:
        raise ValueError("too long")
    data = stream.read(length)
    if len(data) != length:
        raise ValueError("cut off")
    return data.decode()
