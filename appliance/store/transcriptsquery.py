"""What a person types into the search box, as FTS5 wants it. Pure.

Words, "whole phrases", beginnings* and -exclusions. FTS5's own operators (AND, NEAR, columns) mean
nothing here: they are words that somebody may have said.
"""

import re
from itertools import product, zip_longest
from typing import Literal

import msgspec

MOST_TERMS = 8
_PART = re.compile(r'(-?)("([^"]*)("?)(\*?)|[^\s"]+)')
_SAID = re.compile(r"[^\W_]")
_UNSPEAKABLE = re.compile("[\0\ud800-\udfff]")
"""What neither SQLite nor UTF-8 takes: bytes on a command line that are no text."""
_SHARP = re.compile("ss|ß", re.IGNORECASE)
_MOST_SHARP = 3


Why = Literal["open", "star", "excluded", "empty", "many"]


class BadQuery(ValueError):
    """Nothing can be searched with this. The text says what is wrong with it, and `why` to
    programs: a quotation mark is open, * without a word, only exclusions, no word, too many."""

    def __init__(self, why: Why, text: str) -> None:
        super().__init__(text)
        self.why: Why = why


class Query(msgspec.Struct, frozen=True):
    """FTS5 terms: a recording fits that has all `wanted` and none of `unwanted`."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()

    @property
    def any(self) -> str:
        """Utterances that have any of the wanted."""
        return " OR ".join(spelled(term) for term in self.wanted)


def parse(text: str) -> Query:
    """Raises `BadQuery`."""
    wanted, unwanted = list[str](), list[str]()
    for minus, part, phrase, closed, star in _PART.findall(_UNSPEAKABLE.sub(" ", text)):
        if part.startswith('"'):
            if not closed:
                raise BadQuery("open", 'a quotation mark is open: write "credit card"')
            said, begins = phrase, bool(star)
        else:
            said, begins = part.rstrip("*"), part.endswith("*")
        if not _SAID.search(said):
            if begins:
                raise BadQuery("star", "* stands after the beginning of a word: refund*")
            continue
        quoted = '"' + said.replace('"', " ") + '"' + (" *" if begins else "")
        (unwanted if minus else wanted).append(quoted)
    if not wanted:
        what = "only what must not be said" if unwanted else "no word to search for"
        raise BadQuery(
            "excluded" if unwanted else "empty",
            f'there is {what}: write a word, "a phrase" or the beginning of a word*',
        )
    if len(wanted) + len(unwanted) > MOST_TERMS:
        raise BadQuery(
            "many", f"there are more than {MOST_TERMS} words: write a phrase in quotation marks"
        )
    return Query(tuple(wanted), tuple(unwanted))


def spelled(term: str) -> str:
    """A term as an expression: who writes strasse also means straße, of which no rule of FTS5
    knows. In a term that has many, the first ones."""
    parts = _SHARP.split(term, _MOST_SHARP)
    ways = product(("ss", "ß"), repeat=len(parts) - 1)
    all_ = ("".join(map("".join, zip_longest(parts, way, fillvalue=""))) for way in ways)
    return " OR ".join(all_) if len(parts) > 1 else term
