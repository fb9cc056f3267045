"""Where recordings lie, and when there is room for another one."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

FOLDER = "recordings"
RAW_SUFFIX = ".part.wav"
FINISHED_SUFFIXES = (".flac", ".opus")
BROKEN_SUFFIX = ".broken"


def raw_path(recording: str, at_us: int) -> str:
    """Path of the raw file relative to the recordings folder: yyyy/mm/dd/<id>.part.wav (UTC)."""
    day = datetime.fromtimestamp(at_us / 1e6, UTC)
    return f"{day:%Y/%m/%d}/{recording}{RAW_SUFFIX}"


def finished_path(raw: str, form: str) -> str:
    """The finished file beside the raw one; `form` is flac or opus."""
    return f"{raw.removesuffix(RAW_SUFFIX)}.{form}"


def recording_id(path: Path) -> str:
    """The id that a raw or finished file carries in its name."""
    return path.name.removesuffix(RAW_SUFFIX).removesuffix(path.suffix)


def free_mb(folder: Path) -> int:
    """Megabytes that the box may still write where `folder` is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000


def room_for_recording(folder: Path, min_free_mb: int) -> str:
    """'' when a recording may start, else why not, in words for an event and the board."""
    try:
        free = free_mb(folder)
    except OSError as error:
        return f"the recordings folder {folder} cannot be read: {error.strerror}"
    if free < min_free_mb:
        return f"disk almost full: {free} MB free, {min_free_mb} MB needed (recording.min_free_mb)"
    return ""


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` safe from a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def already_finished(folder: Path, raw: str) -> Path | None:
    """The finished file whose raw file is gone: only the news of it was lost in a crash."""
    for form in FINISHED_SUFFIXES:
        path = folder / finished_path(raw, form[1:])
        if path.exists():
            return path
    return None
