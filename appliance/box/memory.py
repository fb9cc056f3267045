"""Gives memory back to the system that a flood of calls has left free.

Each INVITE takes 24 kB for the 32 s that its transaction may live (RFC 3261 17.2.1). What is
freed afterwards glibc keeps in pieces between others: 100 MB after 3,000 INVITEs without an ACK.
"""

import ctypes
import functools
import os
from pathlib import Path
from typing import Any

KEEP_BYTES = 32_000_000
"""Freed memory that the box may keep for the next calls."""
FIELDS = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
    "fordblks", "keepcost",
)  # fmt: skip


class _Figures(ctypes.Structure):
    """struct mallinfo2 of malloc.h; bytes."""

    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS]


@functools.cache
def _libc() -> Any:
    """None where it is not glibc 2.33 or later."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2") or not hasattr(libc, "malloc_trim"):
        return None
    libc.mallinfo2.restype = _Figures
    libc.malloc_trim.argtypes = [ctypes.c_size_t]
    return libc


def spare_bytes() -> int:
    """What was freed and not given back, resident or not; 0 where nobody can tell."""
    libc = _libc()
    return int(libc.mallinfo2().fordblks) if libc is not None else 0


def resident_bytes() -> int:
    """What this process takes of the machine's memory; 0 where nobody can tell."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Spare:
    """Knows when giving back is worth it: what was given back still counts as spare."""

    def __init__(self) -> None:
        self._least = 0

    def much(self) -> bool:
        """More than `KEEP_BYTES` could be given back."""
        if resident_bytes() < self._least + KEEP_BYTES:
            return False
        return spare_bytes() > KEEP_BYTES

    def give_back(self) -> None:
        """Takes some 10 ms for each 100 MB, in which no thread gets memory: not while anybody
        talks."""
        libc = _libc()
        if libc is not None:
            libc.malloc_trim(0)
        self._least = resident_bytes()
