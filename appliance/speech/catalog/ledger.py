"""Are a model's files those that they were? Each is read once and then known by size and time."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from appliance.speech.catalog.folder import MARKER, Fault, ModelFolder, reason

FILE = ".checked.json"
_BLOCK = 1 << 20


class Ledger:
    """SHA-256 of files, remembered in `file`; None remembers nothing and reads all anew."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known = _read(file)
        self._before = dict(self._known)

    def sha256(self, path: Path) -> str:
        """Lower case hex. Raises OSError."""
        now = path.stat()
        known = self._known.get(str(path))
        if known and known[:2] == [now.st_size, now.st_mtime_ns] and isinstance(known[2], str):
            return known[2]
        found = digest(path)
        if self._file is not None:
            self._known[str(path)] = [now.st_size, now.st_mtime_ns, found]
        return found

    def save(self) -> None:
        """Writes what is new, without the files that are gone. Nobody needs it to work."""
        if self._file is None or self._known == self._before:
            return
        kept = {path: one for path, one in self._known.items() if Path(path).exists()}
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}.part")
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(exist_ok=True)  # a data folder is made by the core only
            part.write_text(json.dumps(kept))
            part.replace(self._file)


def digest(path: Path) -> str:
    """SHA-256 of a file, lower case hex. Raises OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def checksum_faults(model: ModelFolder, ledger: Ledger) -> Iterator[Fault]:
    """Files that are not what the model's own list, or the list of its fetch, says."""
    for name, wanted in model.marker.files.items():
        file = model.path / name
        if name == MARKER:
            continue
        try:
            found = ledger.sha256(file)
        except FileNotFoundError:
            yield Fault(name, f"{name} is missing.")
        except OSError as error:
            yield Fault(name, f"{name} cannot be read: {reason(error)}.")
        else:
            if found != wanted.lower():
                yield Fault(
                    name,
                    f"{name} is not what it was: its SHA-256 is {found[:12]}..., not "
                    f"{wanted[:12]}....",
                )


def _read(file: Path | None) -> dict[str, list[object]]:
    if file is None:
        return {}
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(path): one for path, one in found.items() if isinstance(one, list) and len(one) == 3
    }
