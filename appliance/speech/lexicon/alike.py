"""Which choices sound alike: those that callers will be misheard between."""

import itertools
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final

from .graph import Lexicon, Pronunciation

NEAR: Final = 0.25  # share of phones that differ at most between phrases that sound alike
MOST_WAYS: Final = 16  # to say a phrase: each of its words may have several
Words = tuple[str, ...]


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
    limit = max(1, NEAR * longer)
    if longer - min(len(one), len(other)) > limit:
        return False
    if longer - (Counter(one) & Counter(other)).total() > limit:  # whatever their order is
        return False
    return distance(one, other) <= limit


def pairs(phrases: Iterable[str], lexicon: Lexicon) -> list[tuple[str, str]]:
    """Phrases that sound alike, each pair once; those with words that `lexicon` lacks are not
    looked at.

    Words that both begin or end with tell nothing apart, so they make nothing alike either. Of
    phrases of which one is all of the other, the longer counts where it is heard: no pair.
    """

    @cache
    def ways(words: Words) -> list[Pronunciation]:
        """None of no words."""
        all_ways = itertools.product(*(lexicon[word] for word in words)) if words else ()
        return [list(itertools.chain(*way)) for way in itertools.islice(all_ways, MOST_WAYS)]

    def sound_alike(one: str, other: str) -> bool:
        mine, theirs = map(ways, _apart(tuple(one.split()), tuple(other.split())))
        return any(alike(a, b) for a in mine for b in theirs)

    known = [phrase for phrase in phrases if all(map(lexicon.get, phrase.split()))]
    return [pair for pair in itertools.combinations(known, 2) if sound_alike(*pair)]


def _apart(one: Words, other: Words) -> tuple[Words, Words]:
    """Without the words that both begin and end with."""
    shorter = min(len(one), len(other))
    first = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    one, other = one[first:], other[first:]
    shorter = min(len(one), len(other))
    last = next((n for n in range(shorter) if one[-1 - n] != other[-1 - n]), shorter)
    return one[: len(one) - last], other[: len(other) - last]
