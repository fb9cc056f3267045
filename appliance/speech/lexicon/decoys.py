"""Decoys: words that stand beside a menu's choices so that other speech matches them instead.

A decoy that sounds like a choice would take the choice's callers away; `choose` leaves such out.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from .graph import Lexicon, Pronunciation

NEAR: Final = 0.34  # share of phones that may differ between words that sound alike
MOST: Final = 250  # decoys of one menu; more cost time and gain nothing


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
    """Whether a caller's word may be taken for the other."""
    longer = max(len(one), len(other))
    if abs(len(one) - len(other)) > max(1, NEAR * longer):
        return False
    return distance(one, other) <= max(1, NEAR * longer)


def choose(
    choices: Iterable[str], candidates: Sequence[str], lexicon: Lexicon, most: int = MOST
) -> list[str]:
    """The first `most` of `candidates` that sound like no word of `choices` (phrases).

    Words without a pronunciation in `lexicon` are neither compared nor chosen."""
    words = {word for choice in choices for word in choice.split()}
    taken = [way for word in words for way in lexicon.get(word, ())]
    chosen: list[str] = []
    for candidate in candidates:
        if len(chosen) == most:
            break
        ways = lexicon.get(candidate, ())
        near = any(alike(way, other) for way in ways for other in taken)
        if ways and candidate not in words and not near:
            chosen.append(candidate)
    return chosen
