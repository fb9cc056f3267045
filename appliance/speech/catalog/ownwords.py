"""[speech.words] of site.toml: how a site's own words are said, by hand."""

import re
import unicodedata

from appliance.model.site import Speech
from appliance.speech.lexicon.graph import LexiconError
from appliance.speech.lexicon.pronounce import by_hand

Ways = dict[str, list[list[str]]]
"""Word -> pronunciations, ARPABET without stress."""
LONGEST = 60
"""Phones of a word; the longest of English have 28. A graph grows by one level for each."""
_BREAKS = re.compile(r"[\s\-‐-―_/]+")
_RESERVED = ("<", "[", "#", "!")
"""What a model's own signs begin with."""


class WrongWord(Exception):
    """An entry of [speech.words] is no pronunciation; says why. `index`: which one, from 0."""

    def __init__(self, word: str, index: int | None, why: str) -> None:
        super().__init__(why)
        self.word, self.index = word, index


def given(speech: Speech) -> tuple[Ways, list[WrongWord]]:
    """[speech.words], spelled as phrases are when they are listened for, as far as it can be
    used; and what of it cannot."""
    ways: Ways = {}
    wrong = []
    for word, listed in speech.words.items():
        spelled = words_in(word)
        if why := _unusable(word, spelled):
            wrong.append(WrongWord(word, None, why))
            continue
        if not listed:
            wrong.append(WrongWord(word, None, f"'{word}' has no pronunciation."))
        for index, text in enumerate(listed):
            try:
                ways.setdefault(spelled[0], []).append(_way(word, text))
            except LexiconError as error:
                wrong.append(WrongWord(word, index, str(error)))
    return ways, wrong


def words_in(text: str) -> list[str]:
    """The words of a phrase as they are listened for: lower case, without punctuation; umlauts
    and apostrophes inside words stay."""
    plain = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    words = (
        "".join(c for c in word if c.isalnum() or c == "'" or unicodedata.combining(c)).strip("'")
        for word in _BREAKS.split(plain)
    )
    return [word for word in words if word]


def _unusable(word: str, spelled: list[str]) -> str:
    """Why nobody could ever say it, '' for one word of letters."""
    if len(spelled) > 1 or word.startswith(_RESERVED):
        return f"'{word}' is not one word: give each word of a phrase by itself."
    if not spelled or not any(c.isalpha() for c in spelled[0]):
        return f"'{word}' is not one word: it has no letters."
    if any(c.isnumeric() for c in spelled[0]):
        return f"'{word}' is not one word to listen for: it has a figure, which is said in words."
    return ""


def _way(word: str, text: str) -> list[str]:
    phones = by_hand(text)
    if len(phones) > LONGEST:
        raise LexiconError(
            f"The pronunciation of '{word}' has {len(phones)} sounds; a word has {LONGEST} at most."
        )
    return phones
