"""A question as a grammar for the recogniser, and a reader for what it hears. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from appliance.model.hearing import Hearing
from appliance.speech.live.collectors import (
    UNKNOWN,
    Choices,
    Collector,
    Day,
    Digits,
    Number,
    YesNo,
)
from appliance.speech.live.tongues import TONGUES, Tongue

MOST_PHRASES = 20_000
"""Of one grammar; Vosk takes 3,000 in 11 ms. A menu of 300 phrases has 10,000 with what people
say around them."""
PHRASES_PER_UNKNOWN = 36
"""So many phrases of its own make a grammar expect what is none of them once: nine choices, each
named four times. Without that, what people say around the choices would leave it no chance."""
MOST_DECOYS = 2_000
_NO_WORD = re.compile(r"[^\w'-]+")


class NoWords(Exception):
    """Nothing of the question can be heard with this model; the message is for people."""


@dataclass(frozen=True)
class Grammar:
    """`phrases` for the recogniser; `decoys`: words among them that mean nothing; `unknown`: what
    the question asks for and the model cannot hear."""

    phrases: tuple[str, ...]
    collector: Collector
    decoys: frozenset[str]
    unknown: tuple[str, ...]


def compile_hearing(
    hearing: Hearing, knows: Callable[[str], bool], decoys: Iterable[str] = ()
) -> Grammar:
    """The grammar of a question. `knows`: whether the model has a word.

    A phrase with an unknown word is left out whole: Vosk would take the rest of it for the
    phrase. Raises `NoWords`.
    """
    words = _Words(knows)
    collector = _collector(hearing, words)
    asked: dict[str, None] = {}
    phrases = []
    for phrase in collector.phrases():
        if words.known(phrase):
            phrases.append(phrase)
        elif phrase not in asked:
            asked[phrase] = None
        if len(phrases) + len(asked) > MOST_PHRASES:
            raise NoWords(f"with all ways to say it, these are more than {MOST_PHRASES} phrases")
    if not phrases:
        raise NoWords("the model knows none of the words that are asked for")
    own = {word for phrase in phrases for word in phrase.split()}
    spare = [word for word in decoys if bare(word) not in own and words.known(word)]
    unknown = tuple(_wanted(hearing, asked))
    weight = max(1, round(len(phrases) / PHRASES_PER_UNKNOWN))
    beside = spare * max(1, min(weight, MOST_DECOYS // max(1, len(spare))))
    others = (*beside, *(UNKNOWN,) * weight)
    return Grammar((*phrases, *others), collector, frozenset(spare), unknown)


def bare(decoy: str) -> str:
    """The word that a decoy sounds like: models write it ``#apple``."""
    return decoy.removeprefix("#")


def plain(phrase: str) -> str:
    """As recognisers write it: lower case, no signs but ' and - inside a word."""
    words = (word.strip("-'") for word in _NO_WORD.sub(" ", phrase.lower()).split())
    return " ".join(word for word in words if word)


class _Words:
    def __init__(self, knows: Callable[[str], bool]) -> None:
        self._knows = knows
        self._told: dict[str, bool] = {}

    def known(self, phrase: str) -> bool:
        return all(map(self._word, phrase.split()))

    def _word(self, word: str) -> bool:
        if word not in self._told:
            self._told[word] = self._knows(word)
        return self._told[word]

    def fitted(self, phrase: str) -> str:
        """``follow-up`` as two words where the model has it so."""
        text = plain(phrase)
        return text if self.known(text) else text.replace("-", " ")


def _collector(hearing: Hearing, words: _Words) -> Collector:
    tongue = TONGUES.get(hearing.language)
    if hearing.kind == "choices":
        return _choices(hearing, _fitted(hearing, words), tongue, words)
    if tongue is None:
        raise NoWords(f"there is no list of {hearing.kind} words for language {hearing.language}")
    if hearing.kind == "yes_no":
        own = _fitted(hearing, words)
        both = {"yes": (*tongue.yes, *own.get("yes", ())), "no": (*tongue.no, *own.get("no", ()))}
        return YesNo(both, tongue.neither, tongue.negations)
    if hearing.kind == "digits":
        return Digits(tongue, hearing.least, hearing.most)
    if hearing.kind == "number":
        return Number(tongue)
    return Day(tongue, date.fromisoformat(hearing.today))


def _choices(
    hearing: Hearing, fitted: dict[str, list[str]], tongue: Tongue | None, words: _Words
) -> Collector:
    if not any(fitted.values()):
        raise NoWords("the question has no words to listen for")
    choices = Choices(fitted, tongue)
    if not choices.keeps(words.known):
        missing = ", ".join(phrase for phrases in fitted.values() for phrase in phrases)
        raise NoWords(f"the model knows none of: {missing[:200]}")
    return choices


def _fitted(hearing: Hearing, words: _Words) -> dict[str, list[str]]:
    return {
        value: [words.fitted(phrase) for phrase in phrases]
        for value, phrases in hearing.choices.items()
    }


def _wanted(hearing: Hearing, unknown: dict[str, None]) -> Iterable[str]:
    """Of the phrases that were left out those that somebody wrote, not what was built of them."""
    written = {plain(phrase) for phrases in hearing.choices.values() for phrase in phrases}
    return (phrase for phrase in unknown if phrase in written)
