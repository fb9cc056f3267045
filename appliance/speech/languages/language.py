"""The shape of a language: names of phrases to words.

Names with a number in them: ``number/23``, ``digit/5`` (also ``digit/*`` as ``digit/star`` and
``digit/pound``), ``position/3``, and for waits in minutes ``wait-less/M``, ``wait-about/M``,
``wait-low/M`` + ``wait-high/M`` and ``wait-more/M``. From 1 on: ``weekday/1`` (Monday) to 7,
``monthday/24``, ``month/12``, which make a date in this order, and ``press/1`` to 8.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MINUTES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 60)
"""Waits are said in these steps: "between 15 and 20", as a person would."""
POSITIONS = range(1, 101)
NUMBERS = (*range(101), *range(200, 1000, 100), *range(1000, 10000, 1000))
"""Said whole; 312 is 300 and 12."""
DIGIT_NAMES = {**{str(n): str(n) for n in range(10)}, "*": "star", "#": "pound"}


@dataclass(frozen=True)
class Language:
    """`voice` of espeak-ng; `number` gives words for `NUMBERS`; `digits` words for 0-9 * #;
    `texts` the fixed phrases; `counted` by the name's stem the words for 1, 2 and so on;
    `position`, `waits` (by stem) sentences with a number; `whisper` what an agent hears before a
    caller of a queue; `package` the names in Debian's asterisk-core-sounds that say the same as a
    name of ours, or an empty list."""

    code: str
    voice: str
    number: Callable[[int], str]
    digits: Mapping[str, str]
    texts: Mapping[str, str]
    counted: Mapping[str, Sequence[str]]
    position: Callable[[int], str]
    waits: Mapping[str, Callable[[int], str]]
    whisper: Callable[[str], str]
    package: Callable[[str], list[str]]

    def names(self) -> Iterator[str]:
        """Every phrase that can be needed in a call."""
        yield from self.texts
        yield from (f"digit/{name}" for name in DIGIT_NAMES.values())
        yield from (f"number/{n}" for n in NUMBERS)
        yield from (f"position/{n}" for n in POSITIONS)
        yield from (f"{stem}/{m}" for stem in self.waits for m in MINUTES)
        for stem, words in self.counted.items():
            yield from (f"{stem}/{n}" for n in range(1, len(words) + 1))

    def text(self, name: str) -> str | None:
        """The words of a phrase; None if it is not ours."""
        if name in self.texts:
            return self.texts[name]
        stem, _, rest = name.partition("/")
        if stem == "digit":
            key = next((k for k, v in DIGIT_NAMES.items() if v == rest), "")
            return self.digits.get(key)
        if not rest.isdigit():
            return None
        return self._counted(stem, int(rest))

    def _counted(self, stem: str, n: int) -> str | None:
        if stem == "number" and n in NUMBERS:
            return self.number(n)
        if stem == "position" and n in POSITIONS:
            return self.position(n)
        if stem in self.waits and n in MINUTES:
            return self.waits[stem](n)
        if 1 <= n <= len(words := self.counted.get(stem, ())):
            return words[n - 1]
        return None


def number_pieces(n: int) -> list[int]:
    """A number as those of `NUMBERS` that are said one after the other; [] above 9999."""
    if not 0 <= n <= 9999:
        return []
    thousands, rest = n // 1000 * 1000, n % 1000
    hundreds, small = (0, rest) if rest <= 100 else (rest // 100 * 100, rest % 100)
    pieces = [piece for piece in (thousands, hundreds, small) if piece]
    return pieces or [0]
