"""How words are said: by hand, from the dictionary, or guessed from the letters.

The dictionary is CMUdict (Carnegie Mellon University, BSD-2-Clause; see its licence beside it),
without stress, packed: a line per word, one letter per phone.
"""

import lzma
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal

from . import letters, phones
from .graph import LexiconError

DATA: Final = "dictionary.txt.xz"
ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz'"
FIRST: Final = ord("A")  # the letter of the first phone in the packed dictionary
VARIANTS: Final = 4  # of one word; more only slow the graph
GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l"})
Source = Literal["hand", "dictionary", "parts", "guess"]


@dataclass(frozen=True)
class Spoken:
    """Pronunciations in ARPABET, and where they come from."""

    ways: list[list[str]]
    source: Source


class Dictionary:
    """Words and their packed pronunciations."""

    def __init__(self, packed: Mapping[str, list[str]]) -> None:
        self._packed = packed

    def __contains__(self, word: str) -> bool:
        return plain(word) in self._packed

    def __len__(self) -> int:
        return len(self._packed)

    def ways(self, word: str) -> list[list[str]]:
        """Pronunciations, the most usual first; empty where the word is missing."""
        return [unpacked(way) for way in self._packed.get(plain(word), [])]

    def spoken(self, word: str) -> Spoken:
        """Pronunciations of any word: the dictionary's, those of two joined words ("helpdesk"),
        or a guess from the letters. Raises LexiconError for what has no letters."""
        ways = self.ways(word)
        if ways:
            return Spoken(ways[:VARIANTS], "dictionary")
        parts = self._parts(plain(word))
        if parts:
            return Spoken([parts], "parts")
        guessed = letters.guess(plain(word))
        if not guessed:
            raise LexiconError(
                f"{word!r} has no letters that could be spoken: write it as it is said, "
                "or give its pronunciation."
            )
        return Spoken([guessed], "guess")

    def _parts(self, word: str) -> list[str]:
        """Two dictionary words that make up `word`, the halves as even as possible."""
        cuts = sorted(range(3, len(word) - 2), key=lambda at: abs(2 * at - len(word)))
        for at in cuts:
            left, right = self._packed.get(word[:at]), self._packed.get(word[at:])
            if left and right:
                return unpacked(left[0]) + unpacked(right[0])
        return []


def plain(word: str) -> str:
    """`word` as dictionaries spell it: lower case, a to z and the apostrophe."""
    spelled = unicodedata.normalize("NFC", word.lower()).translate(GERMAN).replace("’", "'")
    bare = unicodedata.normalize("NFKD", spelled)
    return "".join(c for c in bare if c in ALPHABET)


def by_hand(text: str) -> list[str]:
    """ARPABET given by hand, with or without stress: `SH M IH1 T`. Raises LexiconError."""
    found = [re.sub(r"[012]$", "", phone) for phone in text.upper().split()]
    wrong = [phone for phone in found if phone not in phones.PHONES]
    if not found or wrong:
        what = f"{wrong[0]!r} is no phone" if wrong else "it is empty"
        raise LexiconError(
            f"The pronunciation {text!r} cannot be used: {what}. "
            f"The phones are {' '.join(phones.PHONES)}."
        )
    return found


def packed(way: Iterable[str]) -> str:
    """One letter per phone."""
    return "".join(chr(FIRST + phones.PHONES.index(phone)) for phone in way)


def unpacked(way: str) -> list[str]:
    """The phones of `packed`."""
    return [phones.PHONES[ord(c) - FIRST] for c in way]


@cache
def dictionary() -> Dictionary:
    """The dictionary that ships."""
    data = resources.files(__package__).joinpath(DATA).read_bytes()
    lines = lzma.decompress(data).decode("ascii").splitlines()
    return Dictionary({word: ways for word, *ways in (line.split(" ") for line in lines)})
