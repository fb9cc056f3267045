"""Copies of the event log that are known to be good. The projections need none."""

import contextlib
import os
import sqlite3
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from appliance.store.errors import StoreError
from appliance.store.inspect import damage_of, is_damage
from appliance.store.schema import connect_reader

FOLDER = "backups"
_HALF = ".tmp"


class BackupFailed(StoreError):
    """No new backup; the earlier ones are untouched. `damaged`: the log itself is."""

    def __init__(self, text: str, *, damaged: bool = False) -> None:
        super().__init__(text)
        self.damaged = damaged


def make_backup(database: Path, folder: Path, keep: int, *, now: datetime | None = None) -> Path:
    """Copy, check every event, sync, rename; then drop all but the newest `keep` (>= 1).

    The writer goes on meanwhile. A crash at any point leaves the earlier backups and at most
    a *.tmp that counts for nothing. Raises BackupFailed.
    """
    stamp = (now or datetime.now(UTC)).astimezone(UTC)
    target = folder / f"{database.stem}-{stamp:%Y%m%dT%H%M%S}Z.db"
    half = target.with_name(target.name + _HALF)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"*{_HALF}*"):
            old.unlink()
        _copy(database, half)
        damage = damage_of(half, budget_s=None)
        if damage:
            half.unlink(missing_ok=True)
            raise _damaged(database, damage)
        sync(half)
        half.replace(target)
        sync(folder)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise _damaged(database, str(error)) from error
        raise BackupFailed(
            f"The backup of {database} was not made: {error}. Calls go on, the log too. Free "
            f"space for {folder} or put it on another disk."
        ) from error
    for old in backups(folder, database.stem)[max(1, keep) :]:
        old.unlink(missing_ok=True)
    return target


def backups(folder: Path, stem: str = "events") -> list[Path]:
    """Finished backups, newest first."""
    return sorted(folder.glob(f"{stem}-*Z.db"), reverse=True)


def next_backup(now: datetime, at: str) -> datetime:
    """The next time that is `at` (HH:MM) on the clock of aware `now`, later than it."""
    due = datetime.combine(now.date(), time.fromisoformat(at), now.tzinfo)
    return due if due > now else due + timedelta(days=1)


def sync(path: Path) -> None:
    """fsync a file or a folder."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _copy(database: Path, target: Path) -> None:
    conn = connect_reader(database)
    try:
        conn.execute("VACUUM INTO ?", [str(target)])
    finally:
        conn.close()


def _damaged(database: Path, damage: str) -> BackupFailed:
    return BackupFailed(
        f"The backup of {database} was not made because the log is damaged: {damage}. Calls go "
        "on. Restart the box when the floor is quiet: it restores the last good backup and "
        "saves what is newer.",
        damaged=True,
    )
