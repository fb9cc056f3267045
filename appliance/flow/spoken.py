"""Words as callers say them, and names as callers spell them on the keys.

Letters of keys: ITU-T E.161. Letters that no key has are written out both ways: ``ü`` as ``ue``
and as ``u``.
"""

import re
import unicodedata

KEY_OF = {
    letter: key
    for key, letters in zip(
        "23456789", ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), strict=True
    )
    for letter in letters
}
_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe",
     "þ": "th", "ð": "d", "ł": "l", "đ": "d", "ı": "i"}
)  # fmt: skip
_PLAIN = str.maketrans({"ß": "s", "æ": "a", "ø": "o", "œ": "o"})
_BREAKS = re.compile(r"[\s\-‐-―_/]+")
TITLES = frozenset(("dr", "prof", "dipl", "ing", "mr", "mrs", "ms", "miss", "herr", "frau"))


def as_spoken(text: str) -> str:
    """Lower case words with single spaces, without punctuation: ``Müller-Lüdenscheidt!`` is
    ``müller lüdenscheidt``. Umlauts and apostrophes inside words stay, as lexicons have them."""
    plain = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    words = (
        "".join(c for c in word if c.isalnum() or c == "'" or unicodedata.combining(c)).strip("'")
        for word in _BREAKS.split(plain)
    )
    return " ".join(word for word in words if word)


def sayable(phrase: str) -> bool:
    """Can a recogniser have it: at least one letter, and no figure, which has no one sound?"""
    letters = any(c.isalpha() for c in phrase)
    return letters and not any(c.isnumeric() for c in phrase)


def name_parts(name: str) -> tuple[str, str]:
    """Given and family name of a person as spoken words; particles are of the family name.

    ``Mustermann, Erika`` and ``Dr. Erika Mustermann`` are ``("erika", "mustermann")``.
    """
    family, comma, given = name.partition(",")
    if comma:
        return _words(given), _words(family)
    words = [word for word in name.split() if as_spoken(word) not in TITLES]
    last = len(words) - 1
    while last > 1 and words[last - 1][:1].islower():
        last -= 1
    return _words(" ".join(words[:last])), _words(" ".join(words[last:]))


def _words(text: str) -> str:
    return " ".join(word for word in as_spoken(text).split() if word not in TITLES)


def key_spellings(words: str) -> tuple[str, ...]:
    """The keys that spell the words, in each way to write them; () if no letter has a key."""
    ways = (words.lower().translate(table) for table in (_WRITTEN_OUT, _PLAIN))
    spelled = ("".join(KEY_OF.get(c, "") for c in _base_letters(way)) for way in ways)
    return tuple(dict.fromkeys(keys for keys in spelled if keys))


def _base_letters(text: str) -> str:
    return unicodedata.normalize("NFKD", text)
