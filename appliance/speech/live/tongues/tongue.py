"""The shape of a language that callers are heard in: tables, and how numbers and days are said."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Words = Sequence[str]


@dataclass(frozen=True)
class Tongue:
    """`before`, `after`: what people say around the words of a menu, each with the phrase in its
    place (``i want {}``). `yes`, `no`: ways to say them; `neither`: what holds their words and is
    no answer; `negations`: words that turn what they stand beside. `digits`: word to digit;
    `repeats`: word to how often the next digit counts. `fillers`: words beside a number or a day.
    `weekdays`: name to 0 for Monday.

    `spelled`, `number`, `day`: what words mean, None if nothing; a day is counted from the given
    one, and a date that a weekday is said with counts more than it. The phrases are those a grammar
    is built of: together they hold every word, and each pair of words that may follow one another.
    `pair_phrases` has what `digits` and `repeats` lack: two digits as one number.
    """

    code: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    neither: tuple[str, ...]
    negations: frozenset[str]
    digits: Mapping[str, str]
    repeats: Mapping[str, int]
    spelled: Callable[[Words], str | None]
    pair_phrases: Callable[[], Iterator[str]]
    fillers: frozenset[str]
    number: Callable[[Words], int | None]
    number_phrases: Callable[[], Iterator[str]]
    weekdays: Mapping[str, int]
    day: Callable[[Words, date], date | None]
    day_phrases: Callable[[], Iterator[str]]
