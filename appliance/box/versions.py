"""The last versions of site.toml, with who wrote them and when.

One file a version in data_dir/config-history: ``0007-1a2b3c4d5e6f.toml``, its facts beside it
in ``.json``. The numbers only grow, so that the order does not depend on the clock.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT = 11  # the present version and ten to go back to


@dataclass(frozen=True)
class Version:
    """`version`: first 12 hex digits of the SHA-256; `at`: UTC seconds since 1970."""

    number: int
    version: str
    by: str
    at: float
    what: str

    @property
    def stem(self) -> str:
        return f"{self.number:04d}-{self.version}"


class Versions:
    """The folder of versions. One writer at a time; see `appliance.box.edit`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "config-history"

    def all(self) -> list[Version]:
        """Oldest first. What cannot be read is left out."""
        found = []
        for facts in sorted(self._folder.glob("*.json")):
            try:
                one = Version(**json.loads(facts.read_text()))
            except (OSError, ValueError, TypeError):
                continue
            if (self._folder / f"{one.stem}.toml").exists():
                found.append(one)
        return sorted(found, key=lambda one: one.number)

    def content(self, version: str) -> bytes | None:
        """The bytes of a version (or of the start of its name), None if it is not kept."""
        for one in reversed(self.all()):
            if version and one.version.startswith(version):
                return (self._folder / f"{one.stem}.toml").read_bytes()
        return None

    def add(self, content: bytes, version: str, by: str, at: float, what: str) -> Version:
        """Keep a version; the oldest beyond the last ten go. The same twice in a row is one."""
        known = self.all()
        if known and known[-1].version == version:
            return known[-1]
        number = known[-1].number + 1 if known else 1
        one = Version(number=number, version=version, by=by, at=at, what=what)
        for folder in (self._folder.parent, self._folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._folder / f"{one.stem}.toml", content)
        write_whole(self._folder / f"{one.stem}.json", json.dumps(asdict(one)).encode())
        for old in [*known, one][:-KEPT]:
            (self._folder / f"{old.stem}.json").unlink(missing_ok=True)
            (self._folder / f"{old.stem}.toml").unlink(missing_ok=True)
        return one


def write_whole(path: Path, content: bytes) -> None:
    """The old content or the new one, never a part of it, also after a power cut.

    Keeps the file's mode and owner. Raises OSError, and then the old file is untouched.
    """
    path = path.resolve()  # a link stays a link
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            _like(path, file.fileno())
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _like(path: Path, handle: int) -> None:
    if not path.exists():
        return
    was = path.stat()
    os.fchmod(handle, was.st_mode & 0o7777)
    if os.geteuid() == 0:
        os.fchown(handle, was.st_uid, was.st_gid)
