"""A model is in its place as a whole, or the one of before is, whatever ends the box meanwhile."""

import ctypes
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.speech.catalog.folder import NAME

WORK = ".fetching"
OLD = "old"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Of renameat2(2)."""


class Busy(Exception):
    """Another fetch is at work."""


def put(new: Path, target: Path, spare: Path) -> None:
    """`new` becomes `target`; what was there is at `new` or at `spare` then, whose folder is below
    WORK and begins with the model's name and a dot. Raises OSError: nothing has changed."""
    for folder, _, _ in os.walk(new):
        sync(Path(folder))
    if not target.exists():
        new.rename(target)
    elif not _exchanged(new, target):
        _one_by_one(new, target, spare)
    sync(target.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """In one step, where the file system can."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


def _one_by_one(new: Path, target: Path, spare: Path) -> None:
    target.rename(spare)
    sync(spare.parent)  # never two places without it: `put_back` looks for it there
    try:
        new.rename(target)
    except OSError:
        spare.rename(target)
        raise


@contextmanager
def alone(models: Path) -> Iterator[Path]:
    """The folder for work, one at a time; what one that was killed left behind goes, or back to
    where it was. Raises `Busy`, OSError."""
    work = models / WORK
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy from None
        for left in work.iterdir():
            if left.is_dir():
                _back(left, models)
                shutil.rmtree(left, ignore_errors=True)
        yield work


def put_back(models: Path) -> None:
    """A model that a fetch had moved away when the box lost its power is there again; takes
    nothing but a look where there is none. For the box's own user."""
    with suppress(OSError, Busy):
        if any(_lost(left, models) for left in (models / WORK).iterdir()):
            with alone(models):
                pass


def _lost(left: Path, models: Path) -> Path | None:
    """Where the model belongs that lies in `left` and nowhere else."""
    name = left.name.rpartition(".")[0]
    if not NAME.fullmatch(name) or (models / name).exists() or not (left / OLD).is_dir():
        return None
    return models / name


def _back(left: Path, models: Path) -> None:
    target = _lost(left, models)
    if target is not None:
        (left / OLD).rename(target)
        sync(models)


def sync(folder: Path) -> None:
    """What was renamed in the folder outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
