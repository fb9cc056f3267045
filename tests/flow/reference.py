"""The tables of docs/flows.md, made from the code. ``python -m tests.flow.reference`` puts them
into the page; tests/flow/test_docs.py fails when the page has others."""

import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from appliance.flow.language import FlowTable
from appliance.flow.nodes import NODE_TYPES, SpecialDay
from appliance.flow.parts import FilePart, PhrasePart, SayPart, SilencePart, TextPart
from appliance.flow.questions import Asking, Choice, Speech
from appliance.speech.languages import LANGUAGES

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "flows.md"
MARKS = {
    "flow": ("<!-- flow -->", "<!-- end of flow -->"),
    "nodes": ("<!-- nodes -->", "<!-- end of nodes -->"),
    "prompts": ("<!-- prompts -->", "<!-- end of prompts -->"),
    "phrases": ("<!-- phrases -->", "<!-- end of phrases -->"),
}


def main() -> None:
    page = PAGE.read_text()
    for part, (first, last) in MARKS.items():
        head, _, rest = page.partition(first)
        tail = rest.partition(last)[2]
        page = f"{head}{first}\n{PARTS[part]()}\n{last}{tail}"
    PAGE.write_text(page)


def nodes() -> str:
    lines: list[str] = []
    for name, model in NODE_TYPES.items():
        lines += ["", f"### `{name}`", (model.__doc__ or "").strip(), ""]
        skipped = set(Asking.model_fields) if issubclass(model, Asking) else set()
        lines += table(model, skipped | {"type", "name"})
        if skipped:
            lines += ["", "and the fields of every question, below."]
        if name == "menu":
            lines += ["", "Each `choice.KEY`:", "", *table(Choice, set())]
        if name == "hours":
            lines += ["", "Each entry of `special`:", "", *table(SpecialDay, set())]
    lines += ["", "### Every question (`menu`, `collect`, `yes_no` and `directory`)", ""]
    lines += [*table(Asking, {"name"}), "", "Its `speech`:", "", *table(Speech, set())]
    return "\n".join(lines)


def prompts() -> str:
    rows = ["| form | field | meaning |", "|---|---|---|"]
    for model in (TextPart, FilePart, PhrasePart, SayPart, SilencePart):
        first = next(iter(model.model_fields))
        for name, info in model.model_fields.items():
            rows.append(f"| `{{ {first} = ... }}` | `{name}` | {info.description} |")
    return "\n".join(rows)


def phrases() -> str:
    rows = ["| name | English | German |", "|---|---|---|"]
    for name, text in LANGUAGES["en"].texts.items():
        rows.append(f"| `{name}` | {text} | {LANGUAGES['de'].texts[name]} |")
    return "\n".join(rows)


def flow() -> str:
    return "\n".join(table(FlowTable, {"node"}))


PARTS = {"flow": flow, "nodes": nodes, "prompts": prompts, "phrases": phrases}


def table(model: type[BaseModel], skipped: set[str]) -> Iterator[str]:
    fields = {n: i for n, i in model.model_fields.items() if n not in skipped}
    yield "| field | value | default | meaning |"
    yield "|---|---|---|---|"
    for name, info in fields.items():
        assert info.description, f"{model.__name__}.{name} has no description"
        kind, usual = value(name, info.annotation), default(info)
        yield f"| `{name}` | {kind} | {usual} | {info.description} |"


def default(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "**required**"
    if info.default in ("", None, []) or info.default == {} or isinstance(info.default, BaseModel):
        return ""
    return f"`{str(info.default).lower() if isinstance(info.default, bool) else info.default}`"


def value(name: str, kind: Any) -> str:
    if name == "next" or name.startswith("on_") or name in ("start", "fallback"):
        return "node"
    if "prompt" in name:
        return "list of prompts" if name.endswith("s") else "prompt"
    kind = bare(kind)
    words = {bool: "true or false", int: "whole number", float: "number", str: "text"}
    if kind in words:
        return words[kind]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    origin = typing.get_origin(kind)
    if origin is typing.Union:
        return ", ".join(value(name, one) for one in typing.get_args(kind))
    if origin is typing.Literal:
        return ", ".join(f"`{one}`" for one in typing.get_args(kind))
    return {dict: "table", list: "list"}.get(origin, str(getattr(kind, "__name__", "list, table")))


def bare(kind: Any) -> Any:
    """Without Annotated and without None."""
    if typing.get_origin(kind) is Annotated:
        return bare(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        rest = [one for one in typing.get_args(kind) if one is not type(None)]
        return bare(rest[0]) if len(rest) == 1 else kind
    return kind


if __name__ == "__main__":
    main()
