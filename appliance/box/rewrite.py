"""Sets one value in the text of site.toml and leaves the rest, comments included, as it is."""

import tomllib
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from appliance.box.apply import KEYS
from appliance.model.findings import FieldPath


class EditError(Exception):
    """The change cannot be made; nothing was written. A sentence that says why."""


def value_of(text: str) -> Any:
    """A value as typed on a command line: TOML where it is TOML, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def edited(text: str, field: FieldPath, value: Any) -> str:
    """`text` with one value set (None: removed). Raises `EditError` where it cannot be.

    The same is done to the plain values; where the two differ, the text is not used.
    """
    wanted = tomllib.loads(text)
    document = tomlkit.parse(text)
    try:
        _Rewrite(field, plain=True).set(wanted, value)
        _Rewrite(field, plain=False).set(document, value)
        result = tomlkit.dumps(document)
        same = tomllib.loads(result) == wanted
    except (TOMLKitError, tomllib.TOMLDecodeError) as error:
        raise _by_hand(field, str(error)) from error
    if not same:
        raise _by_hand(field, "its form in the file is unusual")
    return result


class _Rewrite:
    """One change, to plain values or to a tomlkit document."""

    def __init__(self, field: FieldPath, plain: bool) -> None:
        if not field or (len(field) == 1 and field[0] in KEYS):
            raise _by_hand(field, "it is not one value")
        self._field = field
        self._plain = plain
        self._key = KEYS.get(str(field[0]), "id")

    def set(self, table: Any, value: Any) -> None:
        *way, last = self._field
        for depth, part in enumerate(way):
            table = self._step(table, part, new_list=depth == 0 and part in KEYS)
        if isinstance(table, list):
            self._set_entry(table, last, value)
        elif not isinstance(table, dict) or not isinstance(last, str):
            raise _by_hand(self._field, "it is inside a value that is no table")
        elif value is None:
            table.pop(last, None)
        else:
            table[last] = self._item(value)

    def _step(self, table: Any, part: str | int, new_list: bool) -> Any:
        if isinstance(table, list):
            return table[self._place(table, part)]
        if not isinstance(table, dict) or not isinstance(part, str):
            raise _by_hand(self._field, "it is inside a value that is no table")
        if part not in table:
            table[part] = self._empty(new_list)
        return table[part]

    def _empty(self, is_list: bool) -> Any:
        if self._plain:
            return [] if is_list else {}
        return tomlkit.aot() if is_list else tomlkit.table()

    def _set_entry(self, table: list[Any], last: str | int, value: Any) -> None:
        """Add, replace or remove one entry of a list."""
        known = isinstance(last, int) or any(self._name(entry) == last for entry in table)
        if value is None:
            del table[self._place(table, last)]
        elif known:
            table[self._place(table, last)] = self._item(value)
        elif isinstance(value, dict):
            table.append(self._item({self._key: last, **value}))
        else:
            raise _by_hand(self._field, "a new entry has to be a table")

    def _place(self, table: list[Any], part: str | int) -> int:
        if isinstance(part, int) and 0 <= part < len(table):
            return part
        for place, entry in enumerate(table):
            if isinstance(part, str) and self._name(entry) == part:
                return place
        raise EditError(f"There is no {self._field[0]} '{part}' in site.toml. Nothing was changed.")

    def _name(self, entry: Any) -> Any:
        return entry.get(self._key) if isinstance(entry, dict) else None

    def _item(self, value: Any) -> Any:
        return value if self._plain else _table(value)


def _table(value: Any) -> Any:
    """A table stands below its header; everything inside a value stays on its line."""
    if not isinstance(value, dict):
        return _inline(value)
    table = tomlkit.table()
    for key, one in value.items():
        table[key] = _inline(one)
    return table


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


def _by_hand(field: FieldPath, why: str) -> EditError:
    name = ".".join(map(str, field)) or "The whole file"
    return EditError(
        f"{name} cannot be changed here: {why}. Nothing was changed. Edit site.toml by hand."
    )
