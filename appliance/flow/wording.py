"""Turns what pydantic says of a flow's tables into findings for the person who wrote them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from appliance.flow.nodes import NODE_TYPES, SpecialDay
from appliance.flow.parts import SHAPES, Path
from appliance.flow.questions import Choice, Speech
from appliance.model.findings import FieldPath, Finding
from appliance.model.wording import remove_or_correct, shown, wanted

MEANS = "No call can be led through this flow; the file is not used."


def finding(
    error: ErrorDetails, base: FieldPath, raw: Mapping[str, Any], model: type[BaseModel] | None
) -> Finding:
    """One pydantic error inside the table `raw` at `base`."""
    place = real_path(error["loc"], raw, error["type"])
    what, to_do = _sentences(error, str((*base, *place)[-1]), raw, _shape(place, raw, model))
    return Finding(path=(*base, *place), what=what, means=MEANS, to_do=to_do)


def real_path(loc: Path, raw: Any, kind: str = "") -> Path:
    """pydantic's place without the tags that its unions add: only what the file has.

    A tag may be called as a field is (``say`` in ``{ say = ... }``): of all ways to leave parts
    out, the one that still ends where pydantic's place ends, and the longest of these.
    """
    if not loc:
        return ("type",) if kind.startswith("union_tag") else ()
    ways = [_below(loc[1:], raw, kind)]
    if _has(raw, loc[0]):
        ways.append((loc[0], *_below(loc[1:], raw[loc[0]], kind)))
    elif kind == "missing" and len(loc) == 1 and isinstance(raw, dict):
        ways.append(loc)
    return max(ways, key=lambda way: (way[-1:] == loc[-1:], len(way)))


def _below(loc: Path, raw: Any, kind: str) -> Path:
    return real_path(loc, raw, kind) if loc else ()


def _shape(
    place: Path, raw: Mapping[str, Any], model: type[BaseModel] | None
) -> type[BaseModel] | None:
    """What the table is read as in which the field at `place` stands."""
    if len(place) < 2:
        return model or NODE_TYPES.get(str(raw.get("type")))
    inner: dict[str | int, type[BaseModel]]
    inner = {"choice": Choice, "special": SpecialDay, "speech": Speech}
    if place[0] in inner:
        return inner[place[0]]
    table: Any = raw
    for part in place[:-1]:
        table = table[part]
    return next((shape for key, shape in SHAPES.items() if key in table), None)


def _has(raw: Any, part: str | int) -> bool:
    if isinstance(raw, list):
        return isinstance(part, int) and 0 <= part < len(raw)
    return isinstance(raw, dict) and part in raw


def _sentences(
    error: ErrorDetails, last: str, raw: Mapping[str, Any], shape: type[BaseModel] | None
) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind.startswith("union_tag"):
        return _node_type(raw)
    if kind == "missing":
        return f"{last} is missing.", f"Add {last}."
    if kind == "extra_forbidden":
        names = list(shape.model_fields) if shape else []
        return f"There is no field {last!r} here.", remove_or_correct(last, names)
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
