"""Memory that many calls took and freed goes back to the system, but not while anybody talks."""

import ctypes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from appliance.box import memory
from appliance.box.config import load_site
from appliance.box.kept import Settings
from appliance.core import Core

PIECES, PIECE = 8000, 12_000  # 96 MB, as a flood leaves them

pytestmark = pytest.mark.skipif(memory._libc() is None, reason="needs glibc 2.33")


def rss() -> int:
    return int(psutil.Process().memory_info().rss)


@pytest.fixture
def fragmented() -> Any:
    """96 MB are freed, with something in use above them: the heap cannot shrink by itself."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    pieces = [libc.malloc(PIECE) for _ in range(PIECES)]
    for piece in pieces:
        ctypes.memset(piece, 1, PIECE)
    above = libc.malloc(PIECE)
    for piece in pieces:
        libc.free(piece)
    yield
    libc.free(above)


@pytest.fixture
def core(tmp_path: Path) -> Core:
    (tmp_path / "site.toml").write_text("")
    made = Core(Settings(load_site(tmp_path / "site.toml")))
    made.engine = SimpleNamespace(live_legs=set)
    return made


async def test_what_is_free_goes_back_when_nobody_talks(fragmented: None, core: Core) -> None:
    before = rss()
    assert memory.spare_bytes() > PIECES * PIECE * 0.9
    await core._give_memory_back()
    assert rss() < before - PIECES * PIECE * 0.8
    # Free it is all the same, but there is no second time for it.
    assert memory.spare_bytes() > PIECES * PIECE * 0.9
    assert not core._spare.much()


async def test_it_stays_while_somebody_talks(fragmented: None, core: Core) -> None:
    core.engine = SimpleNamespace(live_legs=lambda: {"leg"})
    before = rss()
    assert core._spare.much()
    await core._give_memory_back()
    assert rss() > before - PIECES * PIECE * 0.1
