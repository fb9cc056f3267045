"""What is said back to the caller: the choice or name that was heard, and entries."""

from collections.abc import Iterator, Sequence
from typing import Literal

from appliance.flow.days import day_prompts
from appliance.flow.effects import Prompt
from appliance.flow.hearings import choice_phrases, listens
from appliance.flow.node import Node
from appliance.flow.parts import Path
from appliance.flow.people import Person, listed
from appliance.flow.questions import Choice, Directory, Menu

NAMES_AT_ONCE = 8
"""Names of which one is chosen by a key; 9 has the next ones."""


def choice_name(choice: Choice, language: str, default: str) -> str:
    """What a choice is called to the caller: its name, which is in the language `default`; in
    others the first of its words."""
    if choice.name and language == default:
        return choice.name
    return next((words for _, words in choice.places(language)), choice.name)


def asked(name: str) -> str:
    """The text of a name that is asked back."""
    return f"{name}?"


def offered(name: str) -> str:
    """The text of a name in a list."""
    return f"{name}:"


def told(name: str) -> str:
    """The text of the name of who is about to ring."""
    return f"{name}."


def texts_of(
    node: Node, language: str, default: str, people: Sequence[Person]
) -> Iterator[tuple[Path, str]]:
    """Texts that have to be ready in `language` for what may be said back, each with the path
    inside the node that it comes from."""
    if isinstance(node, Directory):
        for person in listed(node, people):
            yield ("type",), asked(person.name)
            yield ("type",), offered(person.name)
            yield ("type",), told(person.name)
    elif isinstance(node, Menu) and listens(node) and node.speech.confirm != "never":
        for key, choice in node.choice.items():
            if any(choice_phrases(choice, language)):
                yield ("choice", key), asked(choice_name(choice, language, default))


def entry_prompts(
    kind: Literal["digits", "number", "day"], value: str, language: str, today: str
) -> tuple[Prompt, ...]:
    """An entry as it is said. `today`: ISO date."""
    if kind == "day":
        return day_prompts(value, language, today)
    return (Prompt(kind=kind, value=value, language=language),)
