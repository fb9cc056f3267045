"""Turns pydantic's findings about site.toml into sentences for the person who wrote it."""

import re
import types
from collections.abc import Sequence
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile
from appliance.model.wording import remove_or_correct, shown, wanted

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
    form = wanted(kind, context)
    what = f"{shown(error['input'])} is not {form}."
    return what, f"Write {form}{_meaning(info)}."


def _unknown(path: FieldPath) -> tuple[str, str]:
    table = table_at(path[:-1])
    names = list(table.model_fields) if table else []
    return "There is no such setting.", remove_or_correct(_last(path), names)


def _last(path: FieldPath) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "it")


def _meaning(info: FieldInfo | None) -> str:
    return f" ({info.description})" if info is not None and info.description else ""


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
