"""What the words of a caller mean: a menu's choice, yes or no, digits, a number, a day.

Pure. A collector gives the phrases of a grammar, and reads what was recognised with it. The
grammar is a bigram of its phrases, so their words may come in any order: reading has to judge.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from appliance.speech.live.tongues import Tongue, Words

UNKNOWN = "[unk]"
"""What Vosk writes for speech that is none of the grammar's words."""

REPEATED = 4
"""Each choice by itself counts so often: most callers just say it."""
BUDGET = 10_000
"""Phrases of a menu with what is said around its choices; of a long directory less is known."""


@dataclass(frozen=True)
class Reading:
    """`value`: '' for none. `rests_on`: places of the words that it was read from. `complete`:
    no longer answer begins like this one. `doubtful`: to be asked back, however well it was
    heard."""

    value: str = ""
    rests_on: tuple[int, ...] = ()
    complete: bool = False
    doubtful: bool = False


class Collector(Protocol):
    def phrases(self) -> Iterator[str]:
        """What people say; may hold words that no model knows, and repeat what is said often."""

    def read(self, words: Words) -> Reading:
        """The meaning of recognised words, `UNKNOWN` among them."""


Span = tuple[int, int]
_NEITHER = "neither"


class Choices:
    """Phrases in a sentence. The longest one counts; two meanings are none."""

    def __init__(self, choices: Mapping[str, Sequence[str]], tongue: Tongue | None) -> None:
        self._tongue = tongue
        self._meant: dict[tuple[str, ...], set[str]] = {}
        for value, phrases in choices.items():
            for phrase in phrases:
                if words := tuple(phrase.split()):
                    self._meant.setdefault(words, set()).add(value)
        self._longest = max(map(len, self._meant), default=0)
        self._begun: dict[tuple[str, ...], set[str]] = {}
        for words, values in self._meant.items():
            for n in range(1, len(words)):
                self._begun.setdefault(words[:n], set()).update(values)

    def phrases(self) -> Iterator[str]:
        each = BUDGET // max(1, len(self._meant))
        forms = self._forms()[: max(0, each - REPEATED)]
        for words in self._meant:
            phrase = " ".join(words)
            yield from (phrase,) * max(1, min(REPEATED, each))
            yield from (form.format(phrase) for form in forms)

    def _forms(self) -> tuple[str, ...]:
        """What people say around a choice, the most usual first."""
        if self._tongue is None:
            return ()
        return (*self._tongue.after[:1], *self._tongue.before, *self._tongue.after[1:])

    def keeps(self, known: Callable[[str], bool]) -> bool:
        """Whether any phrase consists of known words."""
        return any(all(map(known, words)) for words in self._meant)

    def read(self, words: Words) -> Reading:
        return self._reading(words, list(self._spans(words)))

    def _reading(self, words: Words, found: Sequence[Span]) -> Reading:
        values = {value for first, last in found for value in self._meant[tuple(words[first:last])]}
        if len(values) != 1:
            return Reading()
        places = tuple(at for first, last in found for at in range(first, last))
        inside = {at for first, last in found for at in range(first + 1, last)}
        (value,) = values
        return Reading(value, places, complete=not self._may_change(words, inside, value))

    def _spans(self, words: Words) -> Iterator[Span]:
        at = 0
        while at < len(words):
            for last in range(min(len(words), at + self._longest), at, -1):
                if tuple(words[at:last]) in self._meant:
                    yield at, last
                    at = last
                    break
            else:
                at += 1

    def _may_change(self, words: Words, inside: set[int], value: str) -> bool:
        """Whether a phrase of another meaning begins with the last words."""
        starts = (at for at in range(len(words)) if at not in inside)
        return any(self._begun.get(tuple(words[at:]), set()) - {value} for at in starts)


class YesNo(Choices):
    """``no problem`` is no no, and a ``not`` or a word that nobody knows beside a yes makes it
    doubtful. `neither`: what means nothing though it sounds like an answer; `negations`: single
    words."""

    def __init__(
        self, choices: Mapping[str, Sequence[str]], neither: Sequence[str], negations: Set[str]
    ) -> None:
        meant = {phrase for phrases in choices.values() for phrase in phrases}
        super().__init__({**choices, _NEITHER: [one for one in neither if one not in meant]}, None)
        self._odd = negations | {UNKNOWN}
        for values in self._begun.values():  # it follows without a pause, or not at all
            values.discard(_NEITHER)

    def read(self, words: Words) -> Reading:
        found = list(self._spans(words))
        meant = [span for span in found if _NEITHER not in self._meant[tuple(words[slice(*span)])]]
        inside = {at for first, last in found for at in range(first, last)}
        odd = any(word in self._odd for at, word in enumerate(words) if at not in inside)
        return replace(self._reading(words, meant), doubtful=odd or meant != found)


class _Between:
    """Words between what stands around them, and no gap within."""

    def __init__(self, fillers: frozenset[str]) -> None:
        self._fillers = fillers | {UNKNOWN}

    def span(self, words: Words) -> Span:
        first, last = 0, len(words)
        while first < last and words[first] in self._fillers:
            first += 1
        while last > first and words[last - 1] in self._fillers:
            last -= 1
        return first, last


PLAIN = 6
"""Single digits count so often: most callers say them so."""


class Digits:
    """Spelled digits, also two at a time: ``zero zero double four nineteen``.

    Two at a time are doubtful: ``eighty one`` may be a hasty ``eight two one``.
    """

    def __init__(self, tongue: Tongue, least: int, most: int) -> None:
        self._tongue, self._least, self._most = tongue, least, most
        own = {*tongue.digits, *tongue.repeats}
        self._around = _Between(tongue.fillers - own)

    def phrases(self) -> Iterator[str]:
        tongue = self._tongue
        if self._most == 1:
            yield from (name for name in tongue.digits for _ in range(2))
            return
        for name in tongue.digits:
            yield from (name, name) * PLAIN if self._least <= 1 else ()
            for other in tongue.digits:
                yield from (f"{name} {other}",) * PLAIN
            yield from (f"{repeat} {name} {name}" for repeat in tongue.repeats)
        yield from self._long() * PLAIN
        yield from tongue.pair_phrases()

    def _long(self) -> list[str]:
        """So that a sequence is worth no less for its length."""
        names, length = list(self._tongue.digits), max(2, min(self._most, 12))
        return [
            " ".join(names[(start + n * step) % len(names)] for n in range(length))
            for start in range(len(names))
            for step in (1, 3, 7)
        ]

    def read(self, words: Words) -> Reading:
        first, last = self._around.span(words)
        said = list(words[first:last])
        digits = self._tongue.spelled(said)
        if not digits or not self._least <= len(digits) <= self._most:
            return Reading()
        complete = len(digits) == self._most and not self._grows(said)
        single = {*self._tongue.digits, *self._tongue.repeats}
        doubtful = not single.issuperset(said)
        return Reading(digits, tuple(range(first, last)), complete, doubtful)

    def _grows(self, said: list[str]) -> bool:
        """``twenty`` may go on to ``twenty one``, which is no longer."""
        longer = (self._tongue.spelled([*said, name]) for name in self._tongue.digits)
        return any(one is not None and len(one) <= self._most for one in longer)


class Number:
    """A number up to 999999, as its decimal digits."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue
        more = {word for phrase in tongue.number_phrases() for word in phrase.split()}
        self._more = sorted(more)
        self._around = _Between(tongue.fillers - more)

    def phrases(self) -> Iterator[str]:
        return self._tongue.number_phrases()

    def read(self, words: Words) -> Reading:
        first, last = self._around.span(words)
        said = list(words[first:last])
        found = self._tongue.number(said)
        if found is None:
            return Reading()
        longer = (self._tongue.number([*said, more]) for more in self._more)
        grows = any(one not in (None, found) for one in longer)
        return Reading(str(found), tuple(range(first, last)), complete=not grows)


FAR_DAYS = 300
"""A day further ahead may be one that is just over: on 3 May, "the second of May"."""


class Day:
    """A day, as its ISO 8601 date. Doubtful where a weekday was said with it that it is not, and
    where it is far ahead."""

    def __init__(self, tongue: Tongue, today: date) -> None:
        self._tongue, self._today = tongue, today
        more = {word for phrase in tongue.day_phrases() for word in phrase.split()}
        self._more = sorted(more)
        self._around = _Between(tongue.fillers - more)

    def phrases(self) -> Iterator[str]:
        return self._tongue.day_phrases()

    def read(self, words: Words) -> Reading:
        first, last = self._around.span(words)
        said = list(words[first:last])
        found = self._tongue.day(said, self._today)
        if found is None:
            return Reading()
        longer = (self._tongue.day([*said, more], self._today) for more in self._more)
        grows = any(one not in (None, found) for one in longer)
        weekdays = self._tongue.weekdays
        other = any(weekdays.get(word, found.weekday()) != found.weekday() for word in said)
        doubtful = other or (found - self._today).days > FAR_DAYS
        return Reading(found.isoformat(), tuple(range(first, last)), not grows, doubtful)
