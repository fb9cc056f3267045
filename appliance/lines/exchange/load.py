"""Reads a scenario file: everything wrong with it at once, each with its line."""

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from appliance.lines.exchange.scenario import Act, AgentPhone, CallerGroup, Scenario, Side, Wave
from appliance.lines.exchange.steps import Speak

_TABLES: dict[tuple[str, ...], type[BaseModel]] = {
    (): Scenario,
    ("exchange",): Side,
    ("caller",): CallerGroup,
    ("caller", "wave"): Wave,
    ("agent",): AgentPhone,
    ("agent", "act"): Act,
}
UNUSABLE = "The scenario is not played: no call is made. Correct the file and start again."


class ScenarioError(Exception):
    """The file cannot be used; the text names every mistake."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join([*(f"{path}{mistake}" for mistake in mistakes), "", UNUSABLE]))


def load_scenario(path: Path) -> Scenario:
    """Raises `ScenarioError` with all mistakes."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ScenarioError(path, [f": cannot be read: {why}"]) from None
    return parse_scenario(path, text)


def parse_scenario(path: Path, text: str) -> Scenario:
    """As `load_scenario`, for a text; WAV files are looked for beside `path`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(path, [f": this is not TOML: {error}"]) from None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        found = [_mistake(one, text, data) for one in error.errors(include_url=False)]
        raise ScenarioError(path, [line for _, line in sorted(found)]) from None
    missing = _missing_files(scenario, path, text)
    if missing:
        raise ScenarioError(path, missing)
    return scenario


def _mistake(error: ErrorDetails, text: str, data: dict[str, Any]) -> tuple[int, str]:
    path = tuple(part for part in error["loc"] if not _is_branch(part))
    line = line_of(text, path)
    where = f":{line}: " if line else ": "
    label = _label(path, data)
    return line, f"{where}{label + ': ' if label else ''}{_sentence(error, path)}"


def _is_branch(part: int | str) -> bool:
    """pydantic names the member of a union in the path; nobody wrote that in the file."""
    return isinstance(part, str) and ("[" in part or part in ("int", "float", "str"))


def _sentence(error: ErrorDetails, path: tuple[int | str, ...]) -> str:
    kind = error["type"]
    if kind == "missing":
        return "it is missing."
    if kind == "extra_forbidden":
        fields = _fields(path[:-1])
        near = get_close_matches(str(path[-1]), fields, n=1)
        guess = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(fields)}."
        return f"there is no such setting. {guess}"
    if kind == "value_error":
        text = str(error["ctx"]["error"])
        return text if text.endswith((".", "?")) else f"{text}."
    return f"{error['input']!r}: {error['msg'][:1].lower()}{error['msg'][1:]}."


def _fields(path: tuple[int | str, ...]) -> list[str]:
    table = _TABLES.get(tuple(part for part in path if isinstance(part, str)))
    return list(table.model_fields) if table else []


def _label(path: tuple[int | str, ...], data: dict[str, Any]) -> str:
    """``caller 2 "early": steps[3]``: places count from 1."""
    words, inside = "", path
    if len(path) > 1 and isinstance(path[1], int):
        table = data[str(path[0])][path[1]]
        name = table.get("id") if isinstance(table, dict) else None
        words = f"{path[0]} {path[1] + 1}" + (f' "{name}"' if isinstance(name, str) else "")
        inside = path[2:]
    rest = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in inside).lstrip(".")
    return ": ".join(part for part in (words, rest) if part)


def line_of(text: str, path: tuple[int | str, ...]) -> int:
    """Line (from 1) of a setting: of its key, else of its table's header; 0 when neither is
    found. Knows the layout that people write: [table], [[table]], key = value."""
    names = [part for part in path if isinstance(part, str)]
    place = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    lines = text.splitlines()
    start = _header(lines, names[0], place) if names else 0
    for number in range(start, len(lines) + 1):
        line = lines[number - 1] if number else ""
        if number > start and re.match(rf"\s*\[\[?{re.escape(names[0]) if names else ''}\]", line):
            break
        if len(names) > 1 and re.match(rf"\s*{re.escape(names[1])}\s*[=.]", line):
            return number
    return start


def _header(lines: list[str], name: str, place: int) -> int:
    header = rf"\s*\[\[?{re.escape(name)}\]"
    found = [n for n, line in enumerate(lines, 1) if re.match(header, line)]
    return found[place] if place < len(found) else 0


def _missing_files(scenario: Scenario, path: Path, text: str) -> list[str]:
    mistakes = []
    for index, group in enumerate(scenario.caller):
        for place, step in enumerate(group.steps):
            if isinstance(step, Speak) and not (path.parent / step.file).is_file():
                line = line_of(text, ("caller", index, "steps"))
                mistakes.append(
                    f':{line}: caller {index + 1} "{group.id}": steps[{place + 1}]: '
                    f"there is no file {path.parent / step.file}."
                )
    for index, phone in enumerate(scenario.agent):
        for act in phone.act:
            for step in act.steps:
                if isinstance(step, Speak) and not (path.parent / step.file).is_file():
                    line = line_of(text, ("agent", index, "act"))
                    mistakes.append(
                        f':{line}: agent {index + 1} "{phone.id}": '
                        f"there is no file {path.parent / step.file}."
                    )
    return mistakes
