"""Prompt values as people write them in site.toml, and how they become effects.

One value is a text to be spoken, ``{ file = "x.wav" }``, ``{ phrase = "vm-goodbye" }``,
``{ say = "digits", value = "{data.order}" }``, ``{ silence_ms = 500 }``, a table by language
``{ en = "...", de = "..." }``, or a list of any of these.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from appliance.flow.days import day_prompts
from appliance.flow.effects import Prompt
from appliance.model.site import Shape

Lang = Annotated[str, Field(pattern="^[a-z]{2}$")]
"""ISO 639-1 code of a language."""
Path = tuple[str | int, ...]

LONGEST = 2000
"""Characters of a text, and of a value in a call's data."""
PLACEHOLDER = re.compile(r"\{(data\.[a-z0-9_-]+|caller|called|language)\}")


class TextPart(Shape):
    text: str = Field(min_length=1, max_length=LONGEST, description="Text to be spoken")
    language: Lang | None = Field(None, description="Voice, if not that of the call's language")


class FilePart(Shape):
    file: str = Field(min_length=1, description="Recording, relative to site.toml")


class PhrasePart(Shape):
    phrase: str = Field(pattern=r"^[a-z0-9][A-Za-z0-9/_-]{0,63}$", description="Name of a phrase")


class SayPart(Shape):
    say: Literal["digits", "number", "day"] = Field(description="How the value is said")
    value: str = Field(
        min_length=1, description="Digits, for a day such as 2025-12-24, or a {placeholder}"
    )


class SilencePart(Shape):
    silence_ms: int = Field(ge=1, le=10_000, description="Pause, milliseconds")


def _kind(value: Any) -> str | None:
    """The tag of a prompt value, None if it is of no known form."""
    if isinstance(value, str):
        return "words"
    if isinstance(value, list | tuple):
        return "list"
    if not isinstance(value, dict):
        return next((kind for kind, shape in SHAPES.items() if shape is type(value)), None)
    kind = next((key for key in SHAPES if key in value), None)
    if kind is not None:
        return kind
    return "languages" if value and all(len(str(key)) == 2 for key in value) else None


SHAPES: dict[str, type[Shape]] = {
    "text": TextPart,
    "file": FilePart,
    "phrase": PhrasePart,
    "say": SayPart,
    "silence_ms": SilencePart,
}
"""The field that tells a table's form, and the form."""
_HELP = (
    'is no prompt. Give a text, { file = "x.wav" }, { phrase = "vm-goodbye" }, '
    '{ say = "digits", value = "{data.order}" }, { silence_ms = 500 }, a table by language '
    '{ en = "...", de = "..." }, or a list of these'
)
_WRONG = {"custom_error_type": "prompt", "custom_error_message": _HELP}

Words = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Part = str | TextPart | FilePart | PhrasePart | SayPart | SilencePart
_Part = Annotated[
    Annotated[Words, Tag("words")]
    | Annotated[TextPart, Tag("text")]
    | Annotated[FilePart, Tag("file")]
    | Annotated[PhrasePart, Tag("phrase")]
    | Annotated[SayPart, Tag("say")]
    | Annotated[SilencePart, Tag("silence_ms")],
    Discriminator(_kind, **_WRONG),
]
_Spoken = Annotated[
    Annotated[_Part, Tag("part")] | Annotated[list[_Part], Tag("list")],
    Discriminator(lambda v: "list" if _kind(v) == "list" else "part"),
]
_ByLanguage = dict[Lang, _Spoken]
_Item = Annotated[
    Annotated[_Part, Tag("part")] | Annotated[_ByLanguage, Tag("languages")],
    Discriminator(lambda v: "languages" if _kind(v) == "languages" else "part"),
]
PromptValue = Annotated[
    Annotated[_Part, Tag("part")]
    | Annotated[list[_Item], Tag("list")]
    | Annotated[_ByLanguage, Tag("languages")],
    Discriminator(lambda v: k if (k := _kind(v)) in ("list", "languages") else "part"),
]
"""What a field that is to be heard holds."""


def walk(value: Any, path: Path = (), language: str = "") -> Iterator[tuple[Path, str, Part]]:
    """Every part of a prompt value with its path inside it and its language ('': any)."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, index), language)
    elif isinstance(value, dict):
        for code, item in value.items():
            yield from walk(item, (*path, code), code)
    elif value is not None:
        yield path, language, value


def choose(value: Any, language: str, default: str) -> list[tuple[Part, str]]:
    """The parts of a prompt value in `language`, else in `default`, else in the first named;
    each with the language that it is in, which is the voice that it was prepared with."""
    if value is None:
        return []
    if isinstance(value, list):
        return [part for item in value for part in choose(item, language, default)]
    if isinstance(value, dict):
        spoken = next((c for c in (language, default, *value) if value.get(c)), language)
        return choose(value.get(spoken), spoken, default)
    return [(value, language)]


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Puts facts ('data.order', 'caller', ...) in place of {placeholders}; unknown ones go.

    Cut off at `LONGEST`: a node that sets n to "{data.n}{data.n}" doubles it at each visit.
    """
    return PLACEHOLDER.sub(lambda match: facts.get(match[1], ""), text)[:LONGEST]


def to_prompt(part: str | TextPart | FilePart | PhrasePart | SilencePart, language: str) -> Prompt:
    """What is known before a call, as one effect prompt."""
    if isinstance(part, str):
        return Prompt(kind="text", value=part, language=language)
    if isinstance(part, TextPart):
        return Prompt(kind="text", value=part.text, language=part.language or language)
    if isinstance(part, FilePart):
        return Prompt(kind="file", value=part.file, language=language)
    if isinstance(part, PhrasePart):
        return Prompt(kind="phrase", value=part.phrase, language=language)
    return Prompt(kind="silence", value=str(part.silence_ms), language=language)


def said(part: SayPart, language: str, facts: Mapping[str, str]) -> tuple[Prompt, ...]:
    """A value as it is said; () when it is empty or cannot be said that way."""
    value = fill(part.value, facts)
    if part.say == "day":
        return day_prompts(value.strip(), language)
    digits = "".join(c for c in value if c in "0123456789*#")
    if part.say == "number":
        digits = digits.strip("*#")
        if not digits.isdigit():
            return ()
        return (Prompt(kind="number", value=digits, language=language),)
    return (Prompt(kind="digits", value=digits, language=language),) if digits else ()


def to_prompts(
    value: Any, language: str, default: str, facts: Mapping[str, str]
) -> tuple[Prompt, ...]:
    """The whole of a prompt value as effects, in the order to be heard."""
    prompts: tuple[Prompt, ...] = ()
    for part, spoken in choose(value, language, default):
        if isinstance(part, SayPart):
            prompts += said(part, spoken, facts)
        else:
            prompts += (to_prompt(part, spoken),)
    return prompts
