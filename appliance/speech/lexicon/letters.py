"""English spelling -> phones for names that no dictionary has: a small set of rules.

The rules know the commonest groups of letters, silent e and doubled letters. They are a guess: a
pronunciation given by hand is always better.
"""

from typing import Final

VOWELS: Final = "aeiouy"
# Longest group first wins; `$` marks the end of the word, `^` its beginning.
GROUPS: Final[dict[str, str]] = {
    "^kn": "N", "^gn": "N", "^wr": "R", "^ps": "S", "^x": "Z", "^y": "Y", "^mc": "M AH K",
    "tsch": "CH", "sch": "SH", "tch": "CH", "dge": "JH", "dg": "JH", "ch": "CH", "ck": "K",
    "ph": "F", "sh": "SH", "th": "TH", "wh": "W", "qu": "K W", "ng$": "NG", "nk": "NG K",
    "tz": "T S", "cz": "CH", "sz": "SH", "zh": "ZH", "kh": "K", "gh": "G", "rh": "R",
    "tion$": "SH AH N", "sion$": "ZH AH N", "cia": "SH AH", "mb$": "M", "mn$": "M",
    "igh": "AY", "ough": "AO", "augh": "AO", "eigh": "EY",
    "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow$": "OW", "ow": "AW", "oa": "OW",
    "oi": "OY", "oy": "OY", "ai": "EY", "ay": "EY", "ei": "AY", "ey$": "IY", "ey": "EY",
    "ie$": "IY", "ie": "IY", "au": "AO", "aw": "AO", "eu": "OY", "ew": "UW", "ue": "UW",
    "ui": "UW", "ae": "EH", "oe": "OW", "aa": "AA", "uu": "UW", "ii": "IY",
    "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R", "or": "AO R", "ear": "IH R",
    "eer": "IH R", "air": "EH R", "are$": "EH R", "ore$": "AO R", "our": "AO R",
    "le$": "AH L", "es$": "IH Z", "ed$": "D", "a$": "AH", "i$": "IY", "o$": "OW", "u$": "UW",
    "y$": "IY", "e$": "", "ce": "S EH", "ci": "S IH", "cy": "S IY", "ge": "JH EH",
    "ce$": "S", "ge$": "JH", "se$": "S", "ve$": "V",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH",
    "i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P",
    "q": "K", "r": "R", "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S",
    "y": "IH", "z": "Z",
}  # fmt: skip
LONG: Final = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
LONGEST: Final = max(len(group) for group in GROUPS)


def guess(word: str) -> list[str]:
    """Phones of `word` (a to z; everything else is passed over)."""
    letters = "".join(c for c in word.lower() if "a" <= c <= "z")
    phones: list[str] = []
    at = 0
    while at < len(letters):
        if _long(letters, at):
            phones.append(LONG[letters[at]])
            at += 1
            continue
        group, taken = _group(letters, at)
        phones += GROUPS[group].split()
        at += taken
    return _undoubled(phones)


def _group(letters: str, at: int) -> tuple[str, int]:
    """The longest rule that fits here, and how many letters it takes."""
    for size in range(min(LONGEST, len(letters) - at), 0, -1):
        here = letters[at : at + size]
        if at + size == len(letters) and at > 0 and f"{here}$" in GROUPS:
            return f"{here}$", size
        if at == 0 and f"^{here}" in GROUPS and len(letters) > size:
            return f"^{here}", size
        if here in GROUPS:
            return here, size
    raise ValueError(f"no rule for {letters[at]!r}")


def _long(letters: str, at: int) -> bool:
    """A vowel, one consonant and a last e: the vowel says its name."""
    return (
        at == len(letters) - 3
        and letters[at] in LONG
        and letters[at + 1] not in VOWELS + "rx"
        and letters[at + 2] == "e"
        and (at == 0 or letters[at - 1] not in VOWELS)
    )


def _undoubled(phones: list[str]) -> list[str]:
    return [p for i, p in enumerate(phones) if i == 0 or p != phones[i - 1]]
