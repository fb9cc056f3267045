"""Every setting of site.toml, taken from the model's own schema, with values that break it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from appliance.model.site import SiteFile

SCHEMA = SiteFile.model_json_schema()
VALID = {
    "id": '"a"',
    "host": '"127.0.0.1"',
    "seat": '"sip:a@127.0.0.1:5070"',
    "number": '"+4930123456"',
    "after_s": "1",
    "by": "1",
}
"""A right value for each field that has no default."""


@dataclass(frozen=True)
class Setting:
    """`tables`: the tables around it, as (name, is it a list); `name` of the field itself."""

    tables: tuple[tuple[str, bool], ...]
    name: str
    schema: dict[str, Any]
    required: bool
    siblings: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join([*(table for table, _ in self.tables), self.name])

    def text(self, value: str | None, name: str | None = None) -> tuple[str, int]:
        """A site.toml in which only this field is wrong, and its line (of the table's header
        where the field is left out)."""
        lines = ["# settings", ""]
        path = ""
        header = 1
        for depth, (table, is_list) in enumerate(self.tables):
            path = f"{path}.{table}".lstrip(".")
            lines.append(f"[[{path}]]" if is_list else f"[{path}]")
            header = len(lines)
            innermost = depth == len(self.tables) - 1
            wanted = self.siblings if innermost else _required(self.tables[: depth + 1])
            lines += [
                f"{one} = {VALID[one]}" for one in wanted if not (innermost and one == self.name)
            ]
        if value is None:
            return "\n".join(lines), header
        lines.append(f"{name or self.name} = {value}")
        return "\n".join(lines), len(lines)


def settings() -> Iterator[Setting]:
    """All settings of all tables."""
    yield from _of(SCHEMA, ())


def tables() -> Iterator[Setting]:
    """One setting of each table, to stand for the table."""
    seen = set()
    for setting in settings():
        if setting.tables not in seen:
            seen.add(setting.tables)
            yield setting


def wrong_values(schema: dict[str, Any]) -> Iterator[str]:
    """TOML values that the schema forbids, at least one for each rule of it."""
    for kind in schema.get("anyOf", []):
        if kind.get("type") != "null":
            yield from wrong_values(kind)
        return
    yield from {
        "string": ("5", "true"),
        "integer": ('"many"', "true", "1.5", "nan"),
        "number": ('"many"', "true", "nan", "inf"),
        "boolean": ('"yes"', "1"),
        "array": ('"one"', "1"),
        "object": ("1",),
    }.get(schema.get("type", "object"), ())
    if "minimum" in schema:
        yield str(schema["minimum"] - 1)
    if "exclusiveMinimum" in schema:
        yield str(schema["exclusiveMinimum"])
    if "maximum" in schema:
        yield str(schema["maximum"] + 1)
    if "pattern" in schema:
        yield '"!? !?"'
    if "maxLength" in schema:
        yield '"' + "x" * (schema["maxLength"] + 1) + '"'
    if "enum" in schema:
        yield '"nonsense"'
    if "minItems" in schema:
        yield "[]"
    if schema.get("type") == "array":
        yield from (f"[{one}]" for one in wrong_values(resolved(schema["items"])))
    if isinstance(schema.get("additionalProperties"), dict):
        inner = wrong_values(resolved(schema["additionalProperties"]))
        yield from (f"{{ x = {one} }}" for one in inner)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _of(table: dict[str, Any], way: tuple[tuple[str, bool], ...]) -> Iterator[Setting]:
    required = tuple(table.get("required", ()))
    for name, raw in table["properties"].items():
        schema = resolved(raw)
        yield Setting(way, name, schema, name in required, required)
        if "properties" in schema:
            yield from _of(schema, (*way, (name, False)))
        inner = resolved(schema.get("items", {}))
        if "properties" in inner:
            yield from _of(inner, (*way, (name, True)))


def _required(way: tuple[tuple[str, bool], ...]) -> tuple[str, ...]:
    table = SCHEMA
    for name, is_list in way:
        table = resolved(table["properties"][name])
        table = resolved(table["items"]) if is_list else table
    return tuple(table.get("required", ()))
