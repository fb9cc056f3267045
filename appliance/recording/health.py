"""Can recordings be made now? One trouble when they cannot, one with over=True when they can."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from appliance.model.events import Trouble
from appliance.recording.files import room_for_recording

PROBE_BYTES = 256 * 1024


def why_not(folder: Path, min_free_mb: int, *, write: bool) -> str:
    """'' when a recording can be written to `folder`, else the reason. Blocking.

    `write` tries it; without, only the room is looked at.
    """
    return room_for_recording(folder, min_free_mb) or (_try(folder) if write else "")


def _try(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror}"
    return ""


class Health:
    """Keeps what was told, so that each change is told once. Pure."""

    def __init__(self, folder: Path, tell: Callable[[Trouble], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._told: Trouble | None = None

    @property
    def bad(self) -> bool:
        return self._told is not None

    def found(self, why: str) -> bool:
        """Takes what `why_not` says; True when recordings can be made again."""
        kind = why.partition(":")[0]  # megabytes left are no news
        if self._told is not None and why and kind in self._told.what:
            return False
        better = self._told is not None and not why
        if self._told is not None:
            self._tell(msgspec.structs.replace(self._told, over=True))
        self._told = _trouble(why, self._folder) if why else None
        if self._told is not None:
            self._tell(self._told)
        return better


def _trouble(why: str, folder: Path) -> Trouble:
    if "full" in why or "No space" in why:
        remedy = "Free space on the disk: old recordings and backups are the largest files."
    else:
        remedy = f"Give the user that Callfloor runs as the right to write {folder}, and see "
        remedy += "that its disk is there and not mounted read-only."
    return Trouble(
        where="recording",
        what=f"Calls are not recorded: {why}.",
        meaning="Calls go on and nobody in them notices. What was recorded before is kept.",
        remedy=remedy,
    )
