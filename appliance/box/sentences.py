"""Turns pydantic's findings about site.toml into sentences for the person who wrote it."""

import re
import types
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile

MEANS = {
    "site": "The box cannot know its place, language or where to keep its data.",
    "sip": "The box cannot be sure where to take calls.",
    "web": "The pages and the wallboard could not be reached; calls would be untouched.",
    "recording": "Calls could not be recorded as wished.",
    "storage": "Databases would not be backed up.",
    "trunk": "This line would take no calls.",
    "queue": "Callers could not wait in this queue.",
    "agent": "This agent would get no calls.",
    "caller": "This caller would not be treated as wished.",
    "mailbox": "Callers could leave no message here.",
    "pause_reason": "Agents could not give this reason for a pause.",
    "vip_priority": "VIP callers would not be served first.",
    "flow": "Callers would not be led through this call flow.",
}
_UNKNOWN = "The box cannot tell what is meant by it."

PATTERNS = {
    "^[A-Z]{2}$": "two capital letters, such as DE",
    "^[a-z]{2}$": "two small letters, such as en",
    r"^[a-z][a-z0-9_-]{0,31}$": (
        "a small letter, then up to 31 small letters, digits, - or _, such as front-desk"
    ),
    r"^([01]\d|2[0-3]):[0-5]\d$": "a time of day in quotes, such as 03:00",
    "^[0-9*#]?$": "one key of the phone in quotes (0 to 9, * or #), or nothing",
    "^sip:.+": "a SIP address, such as sip:agent1@127.0.0.1:5070",
}
_TYPES = {
    "int_type": "a whole number without quotes",
    "int_from_float": "a whole number without a decimal point",
    "float_type": "a number without quotes",
    "finite_number": "a finite number",
    "bool_type": "true or false without quotes",
    "string_type": 'text in quotes, such as "abc"',
    "path_type": "a file name in quotes",
    "list_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
}


def finding(error: ErrorDetails) -> Finding:
    """One pydantic error as a `Finding`, without its line."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    what, to_do = _sentences(error, path)
    means = MEANS.get(str(path[0]), _UNKNOWN) if path else _UNKNOWN
    return Finding(path=path, what=what, means=means, to_do=to_do)


def label(path: FieldPath, data: object = None) -> str:
    """``queue 2 "support": overflow.to``: how messages name a field. Counts from 1."""
    head, rest = "", path
    if len(path) > 1 and isinstance(path[1], int):
        head = f"{path[0]} {path[1] + 1}"
        name = _name_of(data, path[:2])
        head += f' "{name}": ' if name else ": "
        rest = path[2:]
        if not rest:
            return head.rstrip(": ")
    return head + _dotted(rest)


def _dotted(path: FieldPath) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{_key(part)}"
    return text.lstrip(".")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _name_of(data: object, path: FieldPath) -> str:
    for part in path:
        try:
            data = data[part]  # type: ignore[index]  # whatever the file holds; guarded
        except (TypeError, KeyError, IndexError):
            return ""
    if not isinstance(data, dict):
        return ""
    name = data.get("id", data.get("number", ""))
    return name if isinstance(name, str) else ""


def _sentences(error: ErrorDetails, path: FieldPath) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    info = field_at(path)
    if kind == "missing":
        return "It is missing.", f"Add {_last(path)} here{_meaning(info)}."
    if kind == "extra_forbidden":
        return _unknown(path)
    wanted = _wanted(kind, context)
    what = f"{_shown(error['input'])} is not {wanted}."
    return what, f"Write {wanted}{_meaning(info)}."


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    """What the field takes, as the end of a sentence."""
    if kind in _TYPES:
        return _TYPES[kind]
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(context["pattern"], f"text of the form {context['pattern']}")
    if kind == "literal_error":
        return f"one of {context['expected']}"
    limits = {
        "greater_than_equal": "a number of at least {ge}",
        "greater_than": "a number above {gt}",
        "less_than_equal": "a number of at most {le}",
        "less_than": "a number below {lt}",
        "string_too_long": "text of at most {max_length} characters",
        "string_too_short": "text of at least {min_length} characters",
        "too_short": "a list with at least {min_length} entry",
        "too_long": "a list with at most {max_length} entries",
    }
    return limits.get(kind, "what this setting takes").format(**context)


def _unknown(path: FieldPath) -> tuple[str, str]:
    table = table_at(path[:-1])
    names = list(table.model_fields) if table else []
    near = get_close_matches(_last(path), names, n=1)
    guess = f"Did you mean {near[0]}? If not, remove it" if near else "Remove it"
    known = f"; known here: {', '.join(names)}" if names else ""
    return "There is no such setting.", f"{guess}{known}."


def _last(path: FieldPath) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "it")


def _meaning(info: FieldInfo | None) -> str:
    return f" ({info.description})" if info is not None and info.description else ""


def _shown(value: object) -> str:
    """Values of people's fields may be shown; passwords are in files of their own."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def table_at(path: FieldPath) -> type[BaseModel] | None:
    """The model of the table at a path; None where the path is in none."""
    model: type[BaseModel] | None = SiteFile
    for part in path:
        if isinstance(part, str):
            info = model.model_fields.get(part) if model else None
            model = _model_in(info.annotation) if info else None
    return model


def field_at(path: FieldPath) -> FieldInfo | None:
    """The setting that a path is in: the longest part of it that names one."""
    model: type[BaseModel] | None = SiteFile
    info: FieldInfo | None = None
    for part in path:
        if isinstance(part, int):
            continue
        if model is None or part not in model.model_fields:
            break
        info = model.model_fields[part]
        model = _model_in(info.annotation)
    return info


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, Sequence, types.UnionType):
        return next((m for m in map(_model_in, get_args(annotation)) if m), None)
    return None
