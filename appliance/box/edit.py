"""Changes site.toml and leaves the rest of it, comments included, as people wrote it.

Every change is checked whole before it is written, is written in one piece, and is kept with
who and when. The running core takes it over with the command `config.reload`.
"""

import fcntl
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.box.apply import Plan, plan
from appliance.box.check import parse_checked
from appliance.box.config import LoadedSite, parse_site, read, version_of
from appliance.box.rewrite import EditError, edited
from appliance.box.versions import Version, Versions, write_whole
from appliance.model.findings import FieldPath
from appliance.model.site import SiteFile

Clock = Callable[[], float]


class Editor:
    """Changes one site.toml. `now` gives UTC seconds since 1970."""

    def __init__(self, path: Path, now: Clock) -> None:
        self._path = path.absolute()
        self._now = now

    def set(
        self,
        field: FieldPath,
        value: Any,
        by: str,
        base: str | None = None,
        restart: bool = False,
    ) -> Plan:
        """Set one value; None removes it. Entries of lists are named by id or place.

        ``("queue", "sales", "ring_s")``; ``("agent", "new-one")`` with a table adds an agent.
        `base`: the version the person has seen; another one in the file is an `EditError`.
        `restart`: also what takes effect only at the next start.
        Raises `SiteError` with everything wrong with the result, `EditError`, OSError.
        """
        with self._alone() as content:
            old = parse_site(self._path, content)
            _same_base(old, base)
            text = edited(content.decode("utf-8-sig"), field, value)
            new, _ = parse_checked(self._path, text.encode())
            changes = plan(old.site, new.site)
            if changes.refusals and not restart:
                raise EditError(" ".join(changes.refusals))
            self._write(content, old.version, new, by, ".".join(map(str, field)))
            return changes

    def restore(self, version: str, by: str) -> None:
        """Go back to a kept version, also when the present file is broken. Raises as `set`."""
        with self._alone() as content:
            kept = self._versions(content).content(version)
            if kept is None:
                raise EditError(
                    f"There is no version {version}. Nothing was changed. "
                    "`callfloor config versions` lists those that are kept."
                )
            new, _ = parse_checked(self._path, kept)
            self._write(content, version_of(content), new, by, f"restored {version}")

    def versions(self) -> list[Version]:
        """Oldest first; the last is the present one, once anything was changed."""
        return self._versions(read(self._path)).all()

    def _write(self, was: bytes, was_version: str, new: LoadedSite, by: str, what: str) -> None:
        if new.content == was:
            return
        kept = Versions(new.data_dir)
        kept.add(was, was_version, "(edited by hand)", self._path.stat().st_mtime, "")
        write_whole(self._path, new.content)
        kept.add(new.content, new.version, by, self._now(), what)

    def _versions(self, content: bytes) -> Versions:
        """Found also from a file that has errors, as long as it says where the data is."""
        try:
            named = tomllib.loads(content.decode("utf-8-sig"))["site"]["data_dir"]
        except (ValueError, KeyError, TypeError):
            named = SiteFile().site.data_dir
        return Versions((self._path.parent / str(named)).resolve())

    @contextmanager
    def _alone(self) -> Iterator[bytes]:
        """The present file's bytes, while no other process edits it."""
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield read(self._path)
        finally:
            os.close(folder)


def _same_base(loaded: LoadedSite, base: str | None) -> None:
    if base is not None and base != loaded.version:
        raise EditError(
            "Somebody else has changed site.toml meanwhile. Nothing was changed. "
            "Load the page again and repeat the change."
        )
