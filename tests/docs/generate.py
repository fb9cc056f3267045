"""Writes docs/settings.md, docs/events.md and docs/commands.md from the code.

``python -m tests.docs.generate`` (or ``make docs``); tests/docs/test_generated.py fails when a
page is not what this makes of the code, or when something has no description.
"""

import sys
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from appliance.cli import callfloor
from appliance.model import commands, events
from appliance.model.site import SiteFile
from appliance.model.wording import FORMS

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
MADE = "<!-- Made from the code by `make docs`; a test compares the two. -->\n"


class Undocumented(Exception):
    """Something that people can set, call or read has no description."""


def main() -> int:
    for name, make in PAGES.items():
        (DOCS / name).write_text(make())
    return 0


# -- settings -------------------------------------------------------------------------------


def settings_page() -> str:
    """Every table and setting of site.toml."""
    schema = SiteFile.model_json_schema()
    parts = [
        "# Settings: site.toml",
        MADE,
        "One file holds all settings. `callfloor check` finds what is wrong with it and says "
        "where; `callfloor config reload` applies it without dropping a call. Every setting has "
        "a default unless it says **required**. Times are seconds. Ids are chosen once; names "
        "may change at any time. Call flows (`[flow.*]`) have [a page of their own](flows.md).",
        "",
        "Settings that stand above the first table:",
        "",
        *_table(SiteFile, schema, plain_only=True),
    ]
    for path, model, is_list in _tables(SiteFile, ""):
        title = f"[[{path}]]" if is_list else f"[{path}]"
        parts += ["", f"## `{title}`", _described(model.__name__, model.__doc__), ""]
        parts += _table(model, schema["$defs"][model.__name__])
    return "\n".join(parts) + "\n"


def _tables(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, type[BaseModel], bool]]:
    for name, info in model.model_fields.items():
        inner, is_list = _model_in(info.annotation)
        if inner is not None:
            path = f"{prefix}{name}"
            yield path, inner, is_list
            yield from _tables(inner, f"{path}.")


def _model_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    if typing.get_origin(annotation) is list:
        return _model_in(typing.get_args(annotation)[0])[0], True
    return None, False


def _table(
    model: type[BaseModel], schema: dict[str, Any], plain_only: bool = False
) -> Iterator[str]:
    yield "| setting | value | default | meaning |"
    yield "|---|---|---|---|"
    for name, info in model.model_fields.items():
        inner, is_list = _model_in(info.annotation)
        if inner is not None or (plain_only and name == "flow"):
            if not plain_only:
                kind = "tables" if is_list else "table"
                meaning = info.description or _described(inner.__name__, inner.__doc__)
                yield f"| `{name}` | {kind} |  | {_cell(meaning)} |"
            continue
        meaning = _cell(_described(f"{model.__name__}.{name}", info.description))
        value = _cell(_value(schema["properties"][name]))
        yield f"| `{name}` | {value} | {_default(info)} | {meaning} |"


def _value(schema: dict[str, Any]) -> str:
    """What may be written, in words, from the JSON schema."""
    kinds = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if kinds:
        return _value(kinds[0])
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return f"list of: {_value(schema['items'])}"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"table of name = {_value(inner)}" if isinstance(inner, dict) else "table"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return words.get(str(kind), "number") + _limits(schema)


def _limits(schema: dict[str, Any]) -> str:
    if "pattern" in schema:
        return f": {FORMS[schema['pattern']]}"
    if "maxLength" in schema:
        return f", up to {schema['maxLength']} characters"
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    text = f" {low:,}" if low is not None else f" above {above:,}" if above is not None else ""
    return text + (f" to {high:,}" if high is not None else " or more" if text else "")


def _default(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "**required**"
    value = info.default
    if value is None or value == "" or value == {}:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return "`[" + ", ".join(f'"{one}"' for one in value) + "]`"
    return f"`{value}`" if isinstance(value, int | float) else f'`"{value}"`'


# -- events and commands --------------------------------------------------------------------


def events_page() -> str:
    """Every event of the log."""
    parts = [
        "# Events: the log of everything that happened",
        MADE,
        "Each change in the box is one event in the log: a number without gaps (`seq`), the "
        "moment in UTC microseconds (`at_us`), and one of the types below. History, wallboard, "
        "reports and CRM are made from nothing else. Events of a call name it in `call`. "
        "Durations are seconds. A field that says *optional* is left out when it holds its "
        "default.",
    ]
    for struct in typing.get_args(events.AnyEvent):
        parts += ["", *_struct(struct)]
    return "\n".join(parts) + "\n"


def commands_page() -> str:
    """Every command of the command line, and every command of the core's socket."""
    parts = ["# Commands", MADE]
    parts.append(
        "Exit codes: 0 done, 1 it did not work, 2 wrong usage or a wrong site.toml, 3 the core "
        "does not answer, 130 stopped by Ctrl-C. `callfloor --debug ...` shows where an error "
        "comes from. Wherever `--site` is not given, `CALLFLOOR_SITE` and then `site.toml` is used."
    )
    context = click.Context(callfloor, info_name="callfloor")
    for command in callfloor.list_commands(context):
        found = callfloor.get_command(context, command)
        assert found is not None
        parts += list(_click(found, f"callfloor {command}"))
    parts += [
        "",
        "# Commands over the socket",
        "",
        "The office and the command line speak to the core over `data_dir/run/core.sock` "
        "(see `appliance/link.py`). Each command gets one reply: `ok`, or `error` with a "
        "sentence that says what was wrong and what to do. `by` names who asks; it becomes the "
        "cause of the events.",
    ]
    for struct in typing.get_args(commands.AnyCommand):
        parts += ["", *_struct(struct, left_out=("by",))]
    return "\n".join(parts) + "\n"


def _struct(struct: type[msgspec.Struct], left_out: tuple[str, ...] = ()) -> Iterator[str]:
    yield f"## `{struct.__struct_config__.tag}`"
    yield _described(struct.__name__, struct.__dict__.get("__doc__"))
    fields = [one for one in msgspec.structs.fields(struct) if one.name not in left_out]
    if fields:
        yield ""
        yield "| field | value | |"
        yield "|---|---|---|"
    for field in fields:
        optional = "" if field.required else "optional"
        yield f"| `{field.name}` | {_cell(_type(field.type))} | {optional} |"


def _type(kind: Any) -> str:
    """A Python type in words."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, typing.NewType):
        return f"text ({kind.__name__})"
    if origin is typing.Literal:
        return ", ".join(f"`{one}`" if one else "nothing" for one in inner)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type(one) for one in inner)
    if origin is dict:
        return f"table of {_type(inner[0])} to {_type(inner[1])}"
    if origin in (list, tuple):
        return f"list of {_type(inner[0])}"
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    words |= {type(None): "nothing", Any: "any"}
    return words.get(kind) or str(kind.__name__)


def _click(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert found is not None
            yield from _click(found, f"{name} {sub}")
        return
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    yield ""
    yield " ".join([f"## `{name}", *(_argument(one) for one in arguments)]) + "`"
    text = (command.help or "").replace("\b", "").strip()
    yield _described(name, text, between="\n\n")
    if options:
        yield ""
        yield "| option | meaning |"
        yield "|---|---|"
    for option in options:
        meaning = _described(f"{name} {option.name}", option.help)
        flags = ", ".join([*option.opts, *option.secondary_opts])
        value = "" if option.is_flag else f" {_metavar(option, command)}"
        yield f"| `{_cell(flags + value)}`{_option_default(option)} | {_cell(meaning)} |"


def _metavar(option: click.Option, command: click.Command) -> str:
    name = option.make_metavar(click.Context(command))
    return {"FLOAT": "NUMBER", "INTEGER": "NUMBER"}.get(name.removesuffix(" RANGE"), name)


def _argument(argument: click.Argument) -> str:
    name = (argument.metavar or argument.name or "").upper()
    name = f"{name}..." if argument.nargs != 1 else name
    return name if argument.required else f"[{name}]"


def _option_default(option: click.Option) -> str:
    default = option.default
    shown = isinstance(default, str | int | float | Path) and not isinstance(default, bool)
    return f" ({default})" if shown and str(default) else ""


def _described(name: str, text: str | None, between: str = " ") -> str:
    """The text as one line, its paragraphs joined by `between`."""
    if not text:
        raise Undocumented(f"{name} has no description")
    return between.join(" ".join(one.split()) for one in text.split("\n\n"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "events.md": events_page,
    "commands.md": commands_page,
}

if __name__ == "__main__":
    sys.exit(main())
