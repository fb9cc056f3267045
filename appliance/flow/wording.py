"""Turns what pydantic says of a flow's tables into findings for the person who wrote them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from appliance.flow.nodes import NODE_TYPES
from appliance.flow.parts import Path
from appliance.model.findings import FieldPath, Finding
from appliance.model.wording import remove_or_correct, shown, wanted

MEANS = "No call can be led through this flow; the file is not used."


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
    if kind == "prompt":
        return f"{shown(error['input'])} {error['msg']}.", "Write it in one of these forms."
    form = wanted(kind, context)
    return f"{shown(error['input'])} is not {form}.", f"Write {form}; see docs/flows.md."


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
    return f"There is no field {last!r} here.", remove_or_correct(last, names)
