"""A site's own words: which of them a model knows, and the rest taught to one that can learn.

Our command models (``kind`` "commands") take new words when the site is configured: only their
graph is made anew. Official models know their words for good.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Protocol

import msgspec

from appliance.model.findings import FieldPath, Finding
from appliance.model.hearing import Hearing
from appliance.model.site import Speech
from appliance.speech.catalog.faults import faults
from appliance.speech.catalog.folder import ModelFolder
from appliance.speech.catalog.ledger import FILE, Ledger, checksum_faults
from appliance.speech.catalog.ownwords import LONGEST, Ways, given
from appliance.speech.catalog.resolve import Resolved, resolve
from appliance.speech.catalog.shelf import FOLDER
from appliance.speech.lexicon.adding import add_words, read_lexicon
from appliance.speech.lexicon.alike import pairs
from appliance.speech.lexicon.graph import LexiconError
from appliance.speech.lexicon.pronounce import Spoken, dictionary
from appliance.speech.live.grammar import NoWords, compile_hearing

BUILT = ".built"
KEPT = 3
"""Built models that stay besides those in use: for a setting that is taken back."""
UNUSED_S = 86_400.0
_DICTIONARY_OF = "en"
_CLOSE = 0.75


@dataclass(frozen=True)
class Doubt:
    """A word that callers may say in vain. `guess`: how the box would think it sounds, '' where
    it cannot tell."""

    word: str
    guess: str = ""


class Vocabulary:
    """What one model knows, and could learn. `by_hand`: as `given` has it."""

    def __init__(self, model: ModelFolder, language: str, by_hand: Ways) -> None:
        self.model = model
        self._language = language
        self._by_hand = by_hand

    @property
    def learns(self) -> bool:
        return self.model.kind == "commands"

    @cached_property
    def known(self) -> frozenset[str]:
        """Raises `symbols.Unreadable`."""
        return self.model.words

    def doubt(self, word: str) -> Doubt | None:
        """None for a word that is known, or can be taught with a sound that somebody told."""
        if word in self.known or (self.learns and word in self._by_hand):
            return None
        spoken = self._spoken(word)
        if spoken is None:
            return Doubt(word)
        if spoken.source in ("dictionary", "parts"):
            return None
        return Doubt(word, " ".join(spoken.ways[0]))

    def cannot_hear(self, hearing: Hearing) -> str:
        """Why nothing of a question can be heard, '' where something can."""
        asked = msgspec.structs.replace(hearing, today=hearing.today or "2000-01-01")
        try:
            compile_hearing(asked, lambda word: self.doubt(word) is None)
        except NoWords as error:
            return str(error)
        return ""

    def sound_alike(self, phrases: Collection[str]) -> list[tuple[str, str]]:
        """Phrases that callers will be misheard between, as far as their sounds are known."""
        return pairs(phrases, self._sounds({word for one in phrases for word in one.split()}))

    def _sounds(self, words: Iterable[str]) -> Ways:
        """How they are listened for, of those words for which that is known: by hand, by the
        model's own lexicon, or as `_spoken`; an official model is taken to have the dictionary's.
        """
        own = self._lexicon
        found: Ways = {}
        for word in words:
            ways = [*self._by_hand.get(word, ()), *own.get(word, ())]
            if not ways and self.learns:
                spoken = self._spoken(word)
                ways = spoken.ways if spoken else []
            elif not ways and self._language == _DICTIONARY_OF:
                ways = dictionary().ways(word)
            if ways:
                found[word] = ways
        return found

    @cached_property
    def _lexicon(self) -> Ways:
        try:
            return read_lexicon(self.model.path) if self.learns else {}
        except LexiconError:
            return {}

    def to_teach(self, words: Iterable[str]) -> Ways:
        """Words with their pronunciations that the model has to be taught; those that nobody
        can tell how to say are left out."""
        more: Ways = {}
        if not self.learns:
            return more
        wanted = set(words)
        more |= {word: ways for word, ways in self._by_hand.items() if word in wanted}
        for word in sorted(wanted - self.known - more.keys()):
            if spoken := self._spoken(word):
                more[word] = spoken.ways
        return more

    def _spoken(self, word: str) -> Spoken | None:
        """None where nothing can tell how it is said, or it is too long for any word."""
        if not self.learns or self._language != _DICTIONARY_OF:
            return None
        try:
            spoken = dictionary().spoken(word)
        except LexiconError:
            return None
        return spoken if max(map(len, spoken.ways)) <= LONGEST else None

    def near(self, word: str) -> tuple[str, ...]:
        """Known words that are spelled alike, three at most. Takes 40 ms where a model knows
        150,000."""
        alike = [
            one for one in self.known if one[:1] == word[:1] and abs(len(one) - len(word)) <= 2
        ]
        return tuple(get_close_matches(word, sorted(alike), n=3, cutoff=_CLOSE))


class Asked(Protocol):
    """A question in one language, as `FlowSet.hearings` has it: its phrases with their places."""

    @property
    def language(self) -> str: ...

    @property
    def phrases(self) -> Sequence[tuple[FieldPath, str]]: ...


def words_of(questions: Iterable[Asked]) -> dict[str, set[str]]:
    """The single words that may be said, by language."""
    found: dict[str, set[str]] = {}
    for one in questions:
        words = found.setdefault(one.language, set())
        words.update(word for _, phrase in one.phrases for word in phrase.split())
    return found


def ready(speech: Speech, data_dir: Path, words: Mapping[str, Iterable[str]]) -> Resolved:
    """`resolve`, then `prepare_words`: what the core needs at its start and at each reload. For
    the core alone: copies that it does not need go in time.

    `words`: as `words_of` has them of the site's flows.
    """
    found = prepare_words(resolve(speech, data_dir), words, speech, data_dir)
    _prune(data_dir / FOLDER / BUILT, set(found.folders.values()))
    return found


def prepare_words(
    resolved: Resolved, words: Mapping[str, Iterable[str]], speech: Speech, data_dir: Path
) -> Resolved:
    """Models that know a site's words: folders of models that can learn become those of copies
    that have learned.

    `words`: single words by language, as they are spoken. Takes about 0.1 s for each model whose
    words have changed, else milliseconds; copies lie in ``models/.built`` of the data folder and
    stay there, since nobody but the core knows which of them it uses. Where a copy cannot be made,
    the model stays as it is and a finding says so.
    """
    ways, _ = given(speech)
    folders, found = dict(resolved.folders), list(resolved.findings)
    place = data_dir / FOLDER / BUILT
    ledger = Ledger(data_dir / FOLDER / FILE)
    for language, folder in resolved.folders.items():
        vocabulary = Vocabulary(ModelFolder(folder), language, ways)
        more = vocabulary.to_teach(words.get(language, ()))
        if not more:
            continue
        try:
            folders[language] = _taught(vocabulary.model, more, place, ledger)
        except (OSError, LexiconError, shutil.Error) as error:
            found.append(_untaught(vocabulary.model, more, error, place))
    ledger.save()
    return replace(resolved, folders=folders, findings=tuple(found))


def _taught(model: ModelFolder, more: Ways, place: Path, ledger: Ledger) -> Path:
    """The copy that knows `more` words; made only where it is not there, or not whole after a
    power cut."""
    target = place / _key(model, more) / model.name
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a core, and somebody who tries recordings
        copy = ModelFolder(target)
        if faults(copy) or any(checksum_faults(copy, ledger)):
            shutil.rmtree(target.parent, ignore_errors=True)
            add_words(model.path, target, more)
    os.utime(target.parent)
    return target


def _key(model: ModelFolder, more: Ways) -> str:
    """Changes with the model and with the words."""
    was: list[object] = [*sorted(model.marker.files.items())] or [
        [str(one.relative_to(model.path)), one.stat().st_size, one.stat().st_mtime_ns]
        for one in model.files()
    ]
    told = json.dumps([model.name, was, sorted(more.items())])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _untaught(model: ModelFolder, more: Ways, error: Exception, place: Path) -> Finding:
    words = sorted(more)
    listed = ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")
    why = getattr(error, "strerror", None) or str(error)
    return Finding(
        ("speech", "models"),
        f"Speech model {model.name} could not be taught {listed}: {why.rstrip('.')}.",
        "Callers who say these words are not understood; keys work.",
        f"Free space, and let the user that Callfloor runs as write in {place}; then reload.",
        "warning",
    )


def _prune(place: Path, used: set[Path]) -> None:
    """Copies that nobody uses go, but not those of a moment ago: a core before its reload, or
    somebody who tries recordings, may still load them."""
    with contextlib.suppress(OSError):
        others = [
            one
            for one in place.iterdir()
            if one.is_dir() and not any(path.is_relative_to(one) for path in used)
        ]
        others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        now = time.time()
        for one in others[KEPT:]:
            if now - one.stat().st_mtime > UNUSED_S or len(others) > 4 * KEPT:
                shutil.rmtree(one, ignore_errors=True)
