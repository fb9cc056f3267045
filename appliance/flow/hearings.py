"""What each question listens for, in one language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.flow.node import Node
from appliance.flow.parts import Path
from appliance.flow.people import Person, choices_of, listed, phrases_of
from appliance.flow.questions import Asking, Choice, Collect, Directory, Menu, YesNo
from appliance.flow.spoken import as_spoken, sayable
from appliance.model.findings import FieldPath
from appliance.model.hearing import Hearing

MOST_NAMES = 500
"""Phrases of one directory, about three for each person: with what is said around them a
recogniser takes no more."""


@dataclass(frozen=True)
class Heard:
    """One question that listens, in one language. `path`: its node; `phrases`: each phrase that
    it listens for, with its field in site.toml. No phrases: what is ready-made (digits, days,
    yes and no)."""

    path: FieldPath
    language: str
    hearing: Hearing
    phrases: tuple[tuple[FieldPath, str], ...] = ()


def listens(node: Asking) -> bool:
    """May speech count here? A secret has to ask for it: its digits are in the recogniser."""
    secret = isinstance(node, Collect) and node.secret
    return not secret if node.speech.on is None else node.speech.on


def hearing_of(
    node: Asking, language: str, people: Sequence[Person] = (), today: str = ""
) -> Hearing | None:
    """What the question itself listens for; None: only keys count. `today`: ISO date."""
    if not listens(node):
        return None
    if isinstance(node, Menu):
        return for_choices(node, language, menu_choices(node, language))
    if isinstance(node, Directory):
        names = choices_of(listed(node, people))
        few = sum(map(len, names.values())) <= MOST_NAMES
        return for_choices(node, language, names) if few else None
    if isinstance(node, Collect):
        return for_entry(node, language, today)
    return for_yes_no(node, language) if isinstance(node, YesNo) else None


def for_choices(
    node: Asking, language: str, choices: Mapping[str, tuple[str, ...]]
) -> Hearing | None:
    """None if nothing can be said."""
    speech = node.speech
    if not any(choices.values()):
        return None
    return Hearing(
        kind="choices",
        language=language,
        choices={value: phrases for value, phrases in choices.items() if phrases},
        trailing_s=speech.trailing_s,
        longest_s=speech.longest_s,
        barge_in=node.speech_stops_prompt,
    )


def for_entry(node: Collect, language: str, today: str) -> Hearing:
    """Any number of digits up to the most: those of several utterances add up."""
    speech = node.speech
    return Hearing(
        kind=node.kind,
        language=language,
        least=1,
        most=node.max,
        trailing_s=speech.trailing_s,
        longest_s=speech.longest_s,
        barge_in=node.speech_stops_prompt,
        today=today,
        secret=node.secret,
    )


def for_yes_no(node: Asking, language: str) -> Hearing:
    speech = node.speech
    return Hearing(
        kind="yes_no",
        language=language,
        trailing_s=speech.trailing_s,
        longest_s=speech.longest_s,
        barge_in=node.speech_stops_prompt,
    )


def menu_choices(node: Menu, language: str) -> dict[str, tuple[str, ...]]:
    """Key -> phrases."""
    return {
        key: tuple(dict.fromkeys(phrase for _, phrase in choice_phrases(choice, language)))
        for key, choice in node.choice.items()
    }


def choice_phrases(choice: Choice, language: str) -> Iterator[tuple[Path, str]]:
    """What can be said for a choice, each with its path inside the choice."""
    for path, words in choice.places(language):
        phrase = as_spoken(words)
        if sayable(phrase):
            yield path, phrase


def heard(
    path: FieldPath, node: Node, languages: Sequence[str], people: Sequence[Person], today: str
) -> Iterator[Heard]:
    """In each language in which the node listens."""
    for language in languages if isinstance(node, Asking) else ():
        assert isinstance(node, Asking)
        hearing = hearing_of(node, language, people, today)
        if hearing is not None:
            yield Heard(path, language, hearing, tuple(_phrases(path, node, language, people)))


def _phrases(
    path: FieldPath, node: Asking, language: str, people: Sequence[Person]
) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(node, Directory):
        yield from ((place, phrase) for place, phrase, _ in phrases_of(listed(node, people)))
    elif isinstance(node, Menu):
        for key, choice in node.choice.items():
            for inside, phrase in choice_phrases(choice, language):
                yield (*path, "choice", key, *inside), phrase
