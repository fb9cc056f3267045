"""Which choices sound alike: those that callers will be misheard between."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final

from .graph import Lexicon, Pronunciation

NEAR: Final = 0.25  # share of phones that differ at most between phrases that sound alike


def distance(one: Pronunciation, other: Pronunciation) -> int:
    """Phones to insert, leave out or replace (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, phone in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            least = min(row[j] + 1, row[j - 1] + 1, diagonal + (phone != against))
            diagonal, row[j] = row[j], least
    return row[-1]


def alike(one: Pronunciation, other: Pronunciation) -> bool:
    """Whether a caller's words may be taken for the others; one phone may always differ."""
    longer = max(len(one), len(other))
    return distance(one, other) <= max(1, NEAR * longer)


def pairs(phrases: Iterable[str], lexicon: Lexicon) -> list[tuple[str, str]]:
    """Phrases that sound alike, each pair once; those with words that `lexicon` lacks are not
    looked at."""
    said = [(phrase, ways) for phrase in phrases if (ways := list(_ways(phrase, lexicon)))]
    return [
        (one, other)
        for (one, mine), (other, theirs) in itertools.combinations(said, 2)
        if any(alike(a, b) for a in mine for b in theirs)
    ]


def _ways(phrase: str, lexicon: Lexicon) -> Iterator[list[str]]:
    """All pronunciations of `phrase`."""
    words = [lexicon.get(word, ()) for word in phrase.split()]
    for ways in itertools.product(*words):
        yield [phone for way in ways for phone in way]
