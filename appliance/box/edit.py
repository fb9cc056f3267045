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

import tomlkit
from tomlkit.exceptions import TOMLKitError

from appliance.box.apply import Plan, plan
from appliance.box.check import check_site
from appliance.box.config import LoadedSite, SiteError, located, parse_site, read, version_of
from appliance.box.versions import Version, Versions, write_whole
from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile

_NAMED_BY = {"caller": "number"}
Clock = Callable[[], float]


class EditError(Exception):
    """The change cannot be made; nothing was written. A sentence that says why."""


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
            new = _checked(self._path, edited(content.decode("utf-8-sig"), field, value).encode())
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
            new = _checked(self._path, kept)
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


def value_of(text: str) -> Any:
    """A value as typed on a command line: TOML where it is TOML, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def edited(text: str, field: FieldPath, value: Any) -> str:
    """`text` with one value set (None: removed). Raises `EditError` where it cannot be."""
    wanted = tomllib.loads(text)
    document = tomlkit.parse(text)
    try:
        _set(wanted, field, value)
        _set(document, field, value, _item)
        result = tomlkit.dumps(document)
        same = tomllib.loads(result) == wanted
    except (TOMLKitError, tomllib.TOMLDecodeError) as error:
        raise EditError(_by_hand(field, str(error))) from error
    if not same:
        raise EditError(_by_hand(field, "its form in the file is unusual"))
    return result


def _item(value: Any) -> Any:
    """A table stands below its header; everything inside a value stays on its line."""
    if isinstance(value, dict):
        table = tomlkit.table()
        for key, one in value.items():
            table[key] = _inline(one)
        return table
    return _inline(value)


def _inline(value: Any) -> Any:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, one in value.items():
            table[key] = _inline(one)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for one in value:
            array.append(_inline(one))
        return array
    return tomlkit.item(value)


def _set(
    table: Any, field: FieldPath, value: Any, wrap: Callable[[Any], Any] = lambda one: one
) -> None:
    """Both on plain values and on a tomlkit document; the two must come to the same."""
    *way, last = field
    for depth, part in enumerate(way):
        table = _step(table, field, depth, part)
    if isinstance(table, list):
        _set_entry(table, field, last, value, wrap)
    elif value is None:
        table.pop(last, None)
    elif last in _lists() and len(field) == 1:
        raise EditError(_by_hand(field, "a whole list is not set at once"))
    else:
        table[last] = wrap(value)


def _step(table: Any, field: FieldPath, depth: int, part: str | int) -> Any:
    if isinstance(table, list):
        return table[_place(table, field, part)]
    if part not in table:
        adds_entry = part in _lists() and depth == 0
        table[part] = (
            tomlkit.aot()
            if adds_entry and isinstance(table, tomlkit.TOMLDocument)
            else ([] if adds_entry else {})
        )
    return table[part]


def _set_entry(
    table: Any, field: FieldPath, last: str | int, value: Any, wrap: Callable[[Any], Any]
) -> None:
    """Add, replace or remove one entry of a list."""
    named = isinstance(last, str)
    exists = not named or any(_name(entry, field) == last for entry in table)
    if value is None:
        del table[_place(table, field, last)]
    elif exists:
        table[_place(table, field, last)] = wrap(value)
    else:
        table.append(wrap({_NAMED_BY.get(str(field[0]), "id"): last, **value}))


def _place(table: Any, field: FieldPath, part: str | int) -> int:
    if isinstance(part, int) and 0 <= part < len(table):
        return part
    for place, entry in enumerate(table):
        if _name(entry, field) == part:
            return place
    raise EditError(f"There is no {field[0]} '{part}' in site.toml. Nothing was changed.")


def _name(entry: Any, field: FieldPath) -> Any:
    key = _NAMED_BY.get(str(field[0]), "id") if isinstance(entry, dict) else ""
    return entry.get(key) if key else None


def _lists() -> set[str]:
    return {"trunk", "queue", "agent", "caller", "mailbox", "pause_reason"}


def _by_hand(field: FieldPath, why: str) -> str:
    name = ".".join(map(str, field))
    return f"{name} cannot be changed here: {why}. Nothing was changed. Edit site.toml by hand."


def _checked(path: Path, content: bytes) -> LoadedSite:
    loaded = parse_site(path, content)
    found = located(check_site(loaded.site, loaded.base_dir), loaded.lines)
    errors: list[Finding] = [one for one in found if one.severity == "error"]
    if errors:
        raise SiteError(path, errors, loaded.site.model_dump())
    return loaded


def _same_base(loaded: LoadedSite, base: str | None) -> None:
    if base is not None and base != loaded.version:
        raise EditError(
            "Somebody else has changed site.toml meanwhile. Nothing was changed. "
            "Load the page again and repeat the change."
        )
