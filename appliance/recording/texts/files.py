"""Recordings and their texts on the disk: what is there, and in which folder."""

import hashlib
import logging
import os
from pathlib import Path

import msgspec

from appliance.model.transcript import HALF_SUFFIX, SUFFIX, Transcript, transcript_path
from appliance.store.transcriptsdb import RecordingRow

log = logging.getLogger("transcripts")


def is_there(file: Path) -> bool | None:
    """None where the disk does not say (rights, errors of reading)."""
    try:
        return file.is_file()
    except OSError:
        return None


def read_transcript(folder: Path, path: str, sha256: str = "") -> Transcript | None:
    """None where it is missing, damaged, or not what the log says (`sha256` '': not compared)."""
    file = folder / path
    try:
        body = file.read_bytes()
        if sha256 and hashlib.sha256(body).hexdigest() != sha256:
            return None
        return msgspec.json.decode(body, type=Transcript)
    except (OSError, msgspec.MsgspecError):
        return None


class TextFiles:
    """The folder of recordings, each with its text beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stuck: set[str] = set()

    def has(self, row: RecordingRow) -> bool | None:
        """The recording itself; None as in `is_there`."""
        return is_there(self.folder / row.path)

    def has_text(self, row: RecordingRow) -> bool:
        return is_there(self.folder / row.transcript) is not False

    def text_of(self, row: RecordingRow, path: str) -> Transcript | None:
        """None where it is missing, damaged or another one's."""
        made = read_transcript(self.folder, path)
        # Not the sum of the sound: a file that is finished again may have another one.
        return made if made is not None and made.recording == row.id else None

    def delete_text(self, row: RecordingRow) -> None:
        """Also what a crash left half written. Or say once why it cannot be deleted."""
        path = transcript_path(row.path)
        half = path.removesuffix(SUFFIX) + HALF_SUFFIX
        try:
            for each in (path, half):
                (self.folder / each).unlink(missing_ok=True)
            self._stuck.discard(path)
        except OSError as error:
            if path not in self._stuck:
                self._stuck.add(path)
                log.warning(
                    "%s, the text of a deleted recording, cannot be deleted: %s. Nobody finds it "
                    "here any more, and calls are not touched. Look at the disk, or delete it.",
                    self.folder / path,
                    error.strerror or error,
                )

    def here(self) -> str:
        """Which folder of which file system; '' for none, or an empty one: that is a disk that is
        not there, not a floor that deleted everything."""
        try:
            if not any(self.folder.iterdir()):
                return ""
            return f"{os.statvfs(self.folder).f_fsid}:{self.folder.stat().st_ino}"
        except OSError:
            return ""
