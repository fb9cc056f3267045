"""The phones of the command models and how Kaldi numbers them.

Phones are ARPABET (CMUdict) without stress. Kaldi's phones depend on the place in the word
(begin, end, inside, single), which Vosk needs to find word boundaries; all four share the two
outputs of the network: first frame of the phone, and the rest (chain topology, Povey et al. 2016).
"""

from typing import Final

_ARPABET: Final = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW "
    "V W Y Z ZH"
)
PHONES: Final = _ARPABET.split()
SILENCE: Final = "SIL"
GARBAGE: Final = "SPN"
BASES: Final = [SILENCE, *PHONES]
OUTPUTS: Final = 2 * len(BASES)
PLACES: Final = {"B": "begin", "E": "end", "I": "internal", "S": "singleton"}
KALDI: Final = [SILENCE, GARBAGE, *(f"{phone}_{place}" for phone in PHONES for place in PLACES)]
_NUMBER: Final = {name: i for i, name in enumerate(KALDI, 1)}


def outputs(name: str) -> tuple[int, int]:
    """Network outputs (first frame, the rest) of a Kaldi phone. Garbage has one of its own, the
    constant one after all others."""
    if name == GARBAGE:
        return OUTPUTS, OUTPUTS
    base = BASES.index(name.split("_")[0])
    return 2 * base, 2 * base + 1


def entry(name: str) -> int:
    """Kaldi's transition id of an arc into the phone."""
    return 2 * _NUMBER[name]


def stay(name: str) -> int:
    """Kaldi's transition id of the phone's self-loop."""
    return 2 * _NUMBER[name] - 1


def number(name: str) -> int:
    """Kaldi's number of the phone, from 1."""
    return _NUMBER[name]


def kind(name: str) -> str:
    """What word_boundary.int says of a phone."""
    if name == SILENCE:
        return "nonword"
    return "singleton" if name == GARBAGE else PLACES[name[-1]]
