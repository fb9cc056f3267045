"""Before the event log is opened: one core only, a sound file, the newest schema."""

import fcntl
import logging
import os
import sqlite3
from pathlib import Path
from typing import IO

from appliance.model.events import Trouble
from appliance.store.backup import FOLDER as BACKUPS
from appliance.store.errors import LogLocked, LogUnwritable
from appliance.store.recovery import end_lost, ensure_sound, take_unread
from appliance.store.salvage import salvage_wal
from appliance.store.schema import connect_writer, migrate

log = logging.getLogger(__name__)


def take_lock(data_dir: Path) -> IO[str]:
    """Hold `data_dir` against a second core for as long as the returned file is open."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (data_dir / "core.lock").open("a+")
    except OSError as error:
        raise LogUnwritable(
            f"{data_dir} cannot be written: {error.strerror}. No calls are taken. Give the "
            "folder to the user that runs Callfloor, or set site.data_dir to another one."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise LogLocked(
            f"Another core (process {holder}) already writes the event log in {data_dir}. "
            "That one keeps taking calls; this one stops. Stop the other first."
        ) from error
    try:
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
    except OSError:
        log.warning("disk full: %s does not name this process", lock.name)
    return lock


def prepare(path: Path) -> Trouble | None:
    """Restore, create or migrate the file; returns what a person should know of it.

    Raises LogLocked, LogTooNew, LogUnwritable.
    """
    try:
        restored = ensure_sound(path, path.parent / BACKUPS)
        unread = list(salvage_wal(path))
        conn = connect_writer(path)
        try:
            migrate(conn, path)
            lost = take_unread(conn, unread)
        finally:
            conn.close()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise LogLocked(
                f"{path} is locked by another program. No calls are taken. Close that program "
                "(a database tool?) and start again."
            ) from error
        raise LogUnwritable(
            f"{path} cannot be opened: {error}. No calls are taken. Check the disk's free "
            "space and the rights of the folder."
        ) from error
    if restored is not None:
        return restored.trouble()
    return end_lost(lost) if lost else None
