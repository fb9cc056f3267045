"""Goes on checking a file some fields of which are wrong by themselves. Pure.

Two stand-ins are put in the place of each wrong field, and the checks run on both of the files
that come out. A finding that both files have does not hang on the wrong field; one that only one
of them has would follow from a value that nobody wrote.
"""

import copy
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile

_ROUNDS = 3
_TEXTS = {
    "^[A-Z]{2}$": ("DE", "GB"),
    "^[a-z]{2}$": ("en", "de"),
    "^sip:.+": ("sip:stand-in-a@127.0.0.1:1", "sip:stand-in-b@127.0.0.2:2"),
    r"^([01]\d|2[0-3]):[0-5]\d$": ("03:00", "04:00"),
    "^[0-9*#]?$": ("", "0"),
    r"^\+?[0-9]{1,20}$": ("+4930", "+4931"),
    r"^[a-z0-9][A-Za-z0-9._-]{0,63}$": ("stand-in-a", "stand-in-b"),
}
"""Two texts of each pattern that no id has."""


def beyond(
    data: object, errors: list[ErrorDetails], check: Callable[[SiteFile], list[Finding]]
) -> list[Finding]:
    """Errors that the file has beside those of single fields, without lines.

    `data`: the file as read; `errors`: what pydantic found in it. Warnings are left for when the
    file can be read. Empty where the file cannot be mended at all.
    """
    found: list[list[Finding]] = []
    wrong: list[FieldPath] = []
    for which in (0, 1):
        site = _mended(data, errors, which, wrong)
        if site is None:
            return []
        found.append(check(site))
    both = set(found[1])
    return [
        one
        for one in found[0]
        if one in both and one.severity == "error" and not _in(one.path, wrong)
    ]


def _in(path: FieldPath, wrong: Iterable[FieldPath]) -> bool:
    return any(path[: len(one)] == one for one in wrong)


def _mended(
    data: object, errors: list[ErrorDetails], which: int, wrong: list[FieldPath]
) -> SiteFile | None:
    data = copy.deepcopy(data)
    for _ in range(_ROUNDS):
        for error in errors:
            try:
                wrong.append(_mend(data, error, which))
            except (KeyError, IndexError, TypeError):
                return None
        try:
            return SiteFile.model_validate(data)
        except ValidationError as left:
            errors = left.errors(include_url=False)
    return None


def _mend(data: Any, error: ErrorDetails, which: int) -> FieldPath:
    """Puts one stand-in in. Returns the field that it is in."""
    *way, last = path = error["loc"]
    is_key = last == "[key]"
    if is_key:
        *way, last = way
        path = (*way, last)
    table, schema = data, _schema()
    for part in way:
        table, schema = table[part], _below(schema, part)
    if is_key or error["type"] == "extra_forbidden":
        return _meant(table, schema, path, which)
    table[last] = _stand_in(_below(schema, last), which)
    return path


def _meant(table: Any, schema: dict[str, Any], path: FieldPath, which: int) -> FieldPath:
    """A name that does not exist goes; the field that was meant is as good as wrong."""
    del table[path[-1]]
    near = get_close_matches(str(path[-1]), schema.get("properties", ()), n=1)
    if near:
        one = _below(schema, near[0])
        if near[0] not in table:
            table[near[0]] = _stand_in(one, which)
        elif one.get("type") == "array":
            table[near[0]] = [*table[near[0]], _stand_in(_below(one, 0), which)]
    return path


# -- values that the schema allows -------------------------------------------------------------


@cache
def _schema() -> dict[str, Any]:
    return SiteFile.model_json_schema()


def _below(schema: dict[str, Any], part: str | int) -> dict[str, Any]:
    if isinstance(part, int):
        return _resolved(schema["items"])
    if part in schema.get("properties", {}):
        return _resolved(schema["properties"][part])
    patterns = list(schema.get("patternProperties", {}).values())
    return _resolved(patterns[0] if patterns else schema["additionalProperties"])


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    return found


def _stand_in(schema: dict[str, Any], which: int) -> Any:
    """The field's default, or another value that is as far from it as may be."""
    if "anyOf" in schema:  # optional
        return _stand_in(schema["anyOf"][0], which) if which else None
    if "properties" in schema:
        return {
            name: _stand_in(_resolved(schema["properties"][name]), which)
            for name in schema.get("required", ())
        }
    if schema.get("type") == "array":
        items = [_stand_in(_resolved(schema["items"]), which)]
        return items if which or schema.get("minItems") else []
    values = _values(schema)
    if "default" in schema:
        default = schema["default"]
        return next((one for one in values if one != default), default) if which else default
    return values[which]


def _values(schema: dict[str, Any]) -> tuple[Any, ...]:
    kind = schema.get("type")
    if "enum" in schema:
        return schema["enum"][0], schema["enum"][-1]
    if kind == "boolean":
        return False, True
    if kind in ("integer", "number"):
        least = max(schema.get("minimum", 0), schema.get("exclusiveMinimum", -1) + 1)
        return least, schema.get("maximum", least + 1)
    if kind == "string":
        return _TEXTS.get(schema.get("pattern", ""), ("stand-in-a", "stand-in-b"))
    return {}, {}
