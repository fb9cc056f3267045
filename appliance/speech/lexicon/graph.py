"""A decoding graph for Vosk from a lexicon: new words without training.

The graph is a tree of the words' phones with the word on the last phone's arc, optional silence
between words, and one garbage phone for what is no word (`[unk]`). Each phone is one state that
its first frame enters and further frames stay in (chain topology). Vosk composes this graph with
the grammar of a menu at run time, for which it must know the words that each state leads to.

A word that begins with `#` is a decoy: it costs more than others, so that it wins only where no
choice fits, and it is no word of free speech.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import fst, phones
from .fst import Arc, Interval

UNKNOWN: Final = "[unk]"
DECOY: Final = "#"
HALF: Final = -math.log(0.5)  # to stay in a phone, or to leave it
GRAMMAR_END: Final = 0.7
Pronunciation = Sequence[str]
Lexicon = Mapping[str, Sequence[Pronunciation]]


class LexiconError(ValueError):
    """A word or pronunciation that no graph can be made of; the message names it."""


@dataclass(frozen=True)
class Costs:
    """Costs in the graph (natural logarithms): silence or none after a word, the garbage word,
    each word, and what a decoy costs more."""

    silence: float = 0.7
    unknown: float = 2.0
    word: float = 4.0
    decoy: float = 6.0


USUAL: Final = Costs()


def write(folder: Path, lexicon: Lexicon, costs: Costs = USUAL) -> None:
    """Writes the folder `graph` of a model: HCLr.fst, Gr.fst, words.txt and two small tables.

    Raises LexiconError."""
    check(lexicon)
    tree = Tree(lexicon, costs)
    place = folder / "graph"
    (place / "phones").mkdir(parents=True, exist_ok=True)
    (place / "HCLr.fst").write_bytes(tree.transducer())
    (place / "Gr.fst").write_bytes(tree.grammar())
    names = ["<eps>", *tree.names]
    (place / "words.txt").write_text(
        "".join(f"{name} {i}\n" for i, name in enumerate(names)), "utf-8"
    )
    bounds = "".join(f"{phones.number(p)} {phones.kind(p)}\n" for p in phones.KALDI)
    (place / "phones" / "word_boundary.int").write_text(bounds, "utf-8")
    # Vosk wants at least one disambiguation symbol; this one is on no arc.
    (place / "disambig_tid.int").write_text(f"{2 * len(phones.KALDI) + 1}\n", "utf-8")


def check(lexicon: Lexicon) -> None:
    """Raises LexiconError for a word that cannot be in a graph."""
    if not lexicon:
        raise LexiconError("The lexicon is empty: a model needs at least one word.")
    for word, ways in lexicon.items():
        if not word or word.split() != [word] or word in (UNKNOWN, "<eps>"):
            raise LexiconError(f"{word!r} cannot be a word: one word without spaces is needed.")
        if not ways or not all(ways):
            raise LexiconError(f"The word {word!r} has no pronunciation.")
        for phone in {phone for way in ways for phone in way}:
            if phone not in phones.PHONES:
                raise LexiconError(f"The word {word!r}: {phone!r} is no phone of ARPABET.")


class Tree:
    """The graph in memory. Words are numbered in the order of the tree, so that most states lead
    to one unbroken row of numbers."""

    def __init__(self, lexicon: Lexicon, costs: Costs) -> None:
        self.costs = costs
        self.states: list[list[Arc]] = []
        self.names: list[str] = []
        self._ids: dict[str, int] = {}
        self._below: dict[int, set[int]] = {}
        self.start, self.root, self.silence = self._new(), self._new(), self._new()
        self._edges()
        self._garbage()
        ways = sorted({(tuple(way), word) for word, listed in lexicon.items() for way in listed})
        self._branch(self.root, ways, 0)

    def transducer(self) -> bytes:
        """HCLr.fst."""
        ordered = [sorted(arcs, key=lambda arc: (arc.output, arc.input)) for arcs in self.states]
        last = len(self.names) + 1
        everything = [(1, last + 1)]
        reach = [
            _intervals(self._below[s]) if s in self._below else everything
            for s in range(len(self.states))
        ]
        return fst.look_ahead(ordered, {self.root: 0.0}, reach, last)

    def grammar(self) -> bytes:
        """Gr.fst: any words in any order, for recognition without a menu."""
        rare = 0.05
        spoken = [(i, n) for i, n in enumerate(self.names, 1) if not n.startswith(DECOY)]
        cost = math.log(len(spoken) - 1 + rare) + GRAMMAR_END
        arcs = [
            Arc(i, i, cost - (math.log(rare) if name == UNKNOWN else 0.0), 0) for i, name in spoken
        ]
        return fst.const([arcs], {0: GRAMMAR_END}, fst.GRAMMAR)

    def _new(self) -> int:
        self.states.append([])
        return len(self.states) - 1

    def _arc(self, state: int, label: int, output: int, cost: float, to: int) -> None:
        self.states[state].append(Arc(label, output, cost, to))

    def _edges(self) -> None:
        quiet, into = self.costs.silence, phones.entry(phones.SILENCE)
        self._arc(self.start, 0, 0, quiet, self.root)
        self._arc(self.start, into, 0, quiet, self.silence)
        self._arc(self.silence, phones.stay(phones.SILENCE), 0, HALF, self.silence)
        self._arc(self.silence, 0, 0, HALF, self.root)

    def _word(self, state: int, phone: str, word: str, cost: float) -> None:
        """The last phone of a word, and from it back to the root."""
        end = self._new()
        if word not in self._ids:
            self.names.append(word)
            self._ids[word] = len(self.names)
        self._arc(state, phones.entry(phone), self._ids[word], cost, end)
        self._arc(end, phones.stay(phone), 0, HALF, end)
        leave = HALF + self.costs.silence + self.costs.word
        self._arc(end, 0, 0, leave, self.root)
        self._arc(end, phones.entry(phones.SILENCE), 0, leave, self.silence)

    def _garbage(self) -> None:
        self._word(self.root, phones.GARBAGE, UNKNOWN, self.costs.unknown)

    def _branch(self, state: int, ways: list[tuple[tuple[str, ...], str]], depth: int) -> set[int]:
        """Hangs the words with one beginning under `state`; their numbers."""
        out = 0.0 if state == self.root else HALF
        numbers: set[int] = set()
        for way, word in (pair for pair in ways if len(pair[0]) == depth + 1):
            place = "S" if depth == 0 else "E"
            more = self.costs.decoy if word.startswith(DECOY) else 0.0
            self._word(state, f"{way[depth]}_{place}", word, out + more)
            numbers.add(self._ids[word])
        for phone, rest in _by_phone(ways, depth):
            name = f"{phone}_{'B' if depth == 0 else 'I'}"
            child = self._new()
            self._arc(state, phones.entry(name), 0, out, child)
            self._arc(child, phones.stay(name), 0, HALF, child)
            numbers |= self._branch(child, rest, depth + 1)
        if state != self.root:
            self._below[state] = numbers
        return numbers


def _by_phone(
    ways: Iterable[tuple[tuple[str, ...], str]], depth: int
) -> Iterable[tuple[str, list[tuple[tuple[str, ...], str]]]]:
    groups: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for way, word in ways:
        if len(way) > depth + 1:
            groups.setdefault(way[depth], []).append((way, word))
    return groups.items()


def _intervals(numbers: Iterable[int]) -> list[Interval]:
    """Rows of neighbouring numbers, as (first, after the last)."""
    rows: list[Interval] = []
    for number in sorted(numbers):
        if rows and rows[-1][1] == number:
            rows[-1] = (rows[-1][0], number + 1)
        else:
            rows.append((number, number + 1))
    return rows
