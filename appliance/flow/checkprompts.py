"""Checks of what nodes say: files, phrases, placeholders, languages."""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

from appliance.flow.node import ONE_PROMPT, Node
from appliance.flow.nodes import Set
from appliance.flow.parts import PLACEHOLDER, FilePart, PhrasePart, SayPart, TextPart, walk
from appliance.flow.place import Place
from appliance.model.findings import FieldPath, Finding


def check_prompts(place: Place, node: Node) -> Iterator[Finding]:
    for path, _, part in node.parts():
        yield from _check_part(place, path, part)
    for path, value in node.prompt_values():
        yield from _check_languages(place, path, value)
        if path[0] in ONE_PROMPT and not any(walk(value)):
            yield Finding(
                place.path(*path),
                "It has no words: the list is empty.",
                "Callers hear nothing here.",
                f"Say something, or take {path[0]} out where it may be left out.",
                "warning",
            )
    if isinstance(node, Set):
        for key, text in node.data.items():
            yield from _check_placeholders(place, ("data", key), text)


def _check_part(place: Place, path: tuple[str | int, ...], part: Any) -> Iterator[Finding]:
    if isinstance(part, FilePart):
        yield from _check_file(place, (*path, "file"), part.file)
    elif isinstance(part, PhrasePart):
        yield from _check_phrase(place, (*path, "phrase"), part.phrase)
    elif isinstance(part, SayPart):
        yield from _check_said(place, (*path, "value"), part.value)
    elif isinstance(part, str | TextPart):
        text, where = (part, path) if isinstance(part, str) else (part.text, (*path, "text"))
        if found := PLACEHOLDER.search(text):
            yield Finding(
                place.path(*where),
                f"Text cannot hold {found[0]}: it is rendered before calls.",
                "Callers would hear the words in braces.",
                'Split it: [ "text", { say = "digits", value = "{data.order}" } ].',
            )


def _check_file(place: Place, path: tuple[str | int, ...], name: str) -> Iterator[Finding]:
    file = place.base_dir / name
    if file.is_file():
        return
    yield Finding(
        place.path(*path),
        f"There is no file {name!r} in {place.base_dir}.",
        "Callers would hear a short tone in its place.",
        "Put the recording there, or name another one.",
    )


def _check_phrase(place: Place, path: tuple[str | int, ...], name: str) -> Iterator[Finding]:
    if place.phrases is not None and name not in place.phrases:
        yield unknown_phrase(place.path(*path), name, place.phrases)


def unknown_phrase(path: FieldPath, name: str, known: Collection[str]) -> Finding:
    """Also for the settings of queues, which name phrases too."""
    near = get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    return Finding(
        path,
        f"There is no phrase {name!r}.",
        "Callers would hear a short tone in its place.",
        f"{guess}Install a package of asterisk-core-sounds that has it, record it as "
        f"prompts/<language>/{name}.wav, or write a text.",
    )


def _check_said(place: Place, path: tuple[str | int, ...], value: str) -> Iterator[Finding]:
    yield from _check_placeholders(place, path, value)
    rest = PLACEHOLDER.sub("", value)
    if not any(c in "0123456789*#" for c in rest) and not PLACEHOLDER.search(value):
        yield Finding(
            place.path(*path),
            f"{value!r} has no digit and no placeholder.",
            "Callers would hear nothing here.",
            'Write digits, or a placeholder such as "{data.order}" or "{caller}".',
        )
    for name in PLACEHOLDER.findall(value):
        if name.removeprefix("data.") in place.secrets() and name.startswith("data."):
            yield Finding(
                place.path(*path),
                f"{{{name}}} is secret.",
                "It is never said: callers would hear nothing here.",
                "Leave it out, or take secret from the collect node.",
            )


def _check_placeholders(place: Place, path: tuple[str | int, ...], text: str) -> Iterator[Finding]:
    known = place.data_keys()
    for braces in re.findall(r"\{[^{}]*\}", PLACEHOLDER.sub("", text)):
        yield Finding(
            place.path(*path),
            f"There is no placeholder {braces}.",
            "It stays as it is written; nothing is put in its place.",
            "Write {data.NAME} in small letters, {caller}, {called} or {language}.",
            "warning",
        )
    for name in PLACEHOLDER.findall(text):
        key = name.removeprefix("data.")
        if name.startswith("data.") and key not in known and place.flows.whole:
            yield Finding(
                place.path(*path),
                f"No node and no [[caller]] sets {{{name}}}.",
                "Callers and agents would get nothing in its place.",
                f"Name one of: {', '.join(sorted(known)) or 'none is set'}.",
                "warning",
            )


def _check_languages(place: Place, path: tuple[str | int, ...], value: Any) -> Iterator[Finding]:
    tables = [(path, value)] if isinstance(value, dict) else []
    if isinstance(value, list):
        tables = [((*path, i), one) for i, one in enumerate(value) if isinstance(one, dict)]
    for where, table in tables:
        missing = [code for code in place.flows.languages if not table.get(code)]
        if missing and any(walk(table)):
            yield Finding(
                place.path(*where),
                f"It is not given in: {', '.join(missing)}.",
                f"Callers of that language hear it in {_heard(place, table)} instead.",
                "Add the language to the table.",
                "warning",
            )


def _heard(place: Place, table: dict[str, Any]) -> str:
    return next((code for code in (place.flows.language, *table) if table.get(code)), "silence")
