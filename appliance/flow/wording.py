"""Turns what pydantic says of a flow's tables into findings for the person who wrote them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from appliance.flow.nodes import NODE_TYPES
from appliance.flow.parts import Path
from appliance.model.findings import FieldPath, Finding

MEANS = "No call can be led through this flow; the file is not used."
_FORMS = {
    r"^([a-z][a-z0-9_-]{0,31})?$": 'the id of a node, such as "support"',
    r"^[a-z][a-z0-9_-]{0,31}$": "a small letter, then up to 31 small letters, digits, - or _",
    r"^[0-9A-D*#]$": 'one key of the phone: 0 to 9, "*" or "#"',
    r"^[0-9*#]?$": 'one key of the phone: 0 to 9, "*" or "#", or nothing',
    "^[a-z]{2}$": "two small letters, such as en",
    "^([A-Z]{2})?$": "two capital letters, such as DE",
    r"^[a-z0-9_-]{1,40}$": "small letters, digits, - and _",
    r"^\+?[0-9*#]{2,20}$": "a number with country code, such as +493012345",
    r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$": (
        'a day or days: mon, tue, wed, thu, fri, sat, sun, or "mon-fri"'
    ),
    r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$": (
        'a range of hours, such as "08:00-12:30"'
    ),
}


def finding(
    error: ErrorDetails, base: FieldPath, raw: Mapping[str, Any], model: type[BaseModel] | None
) -> Finding:
    """One pydantic error inside the table `raw` at `base`."""
    path = (*base, *real_path(error["loc"], raw, error["type"]))
    what, to_do = _sentences(error, str(path[-1]), raw, model)
    return Finding(path=path, what=what, means=MEANS, to_do=to_do)


def real_path(loc: Path, raw: Any, kind: str = "") -> Path:
    """pydantic's place without the tags that its unions add: only what the file has."""
    found: list[str | int] = []
    for index, part in enumerate(loc):
        if _has(raw, part):
            found.append(part)
            raw = raw[part]
        elif kind == "missing" and index == len(loc) - 1:
            found.append(part)
    if kind.startswith("union_tag") and not loc:
        found.append("type")
    return tuple(found)


def _has(raw: Any, part: str | int) -> bool:
    if isinstance(raw, list):
        return isinstance(part, int) and 0 <= part < len(raw)
    return isinstance(raw, dict) and part in raw


def _sentences(
    error: ErrorDetails, last: str, raw: Mapping[str, Any], model: type[BaseModel] | None
) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind.startswith("union_tag"):
        return _node_type(raw)
    if kind == "missing":
        return f"{last} is missing.", f"Add {last}."
    if kind == "extra_forbidden":
        return _unknown(last, raw, model)
    shown = repr(error["input"])[:60]
    if kind == "prompt":
        return f"{shown} {error['msg']}.", "Write it in one of these forms."
    if kind == "string_pattern_mismatch":
        form = _FORMS.get(context["pattern"], f"text of the form {context['pattern']}")
        return f"{shown} is not {form}.", f"Write {form}."
    message = error["msg"][:1].lower() + error["msg"][1:]
    return f"{shown} does not fit: {message}.", "Write a value that fits; see docs/flows.md."


def _node_type(raw: Mapping[str, Any]) -> tuple[str, str]:
    known = ", ".join(NODE_TYPES)
    given = raw.get("type")
    if given is None:
        return "The node has no type.", f'Add type = "..." with one of: {known}.'
    near = get_close_matches(str(given), NODE_TYPES, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    return f"There is no node type {given!r}.", f"{guess}The types are: {known}."


def _unknown(last: str, raw: Mapping[str, Any], model: type[BaseModel] | None) -> tuple[str, str]:
    table = model or NODE_TYPES.get(str(raw.get("type")))
    names = list(table.model_fields) if table else []
    near = get_close_matches(last, names, n=1)
    guess = f"Did you mean {near[0]}? If not, remove it" if near else "Remove it"
    return f"There is no field {last!r} here.", f"{guess}; known here: {', '.join(names)}."
