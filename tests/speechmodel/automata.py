"""Reads OpenFst files back, by themselves: nothing of the writer is used."""

import struct
from dataclasses import dataclass


@dataclass
class Automaton:
    """States' arcs as (input, output, weight, to); `reach` and `final_label` of look-ahead ones."""

    kind: str
    arcs: list[list[tuple[int, int, float, int]]]
    finals: dict[int, float]
    reach: list[list[tuple[int, int]]]
    final_label: int = 0


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, shape: str) -> tuple:
        values = struct.unpack_from(f"<{shape}", self.data, self.at)
        self.at += struct.calcsize(f"<{shape}")
        return values

    def header(self) -> tuple[str, int, int]:
        """Kind, number of states and of arcs."""
        assert self.take("i") == (2125659606,)
        (size,) = self.take("i")
        kind = self.take(f"{size}s")[0].decode()
        (size,) = self.take("i")
        assert self.take(f"{size}s") == (b"standard",)
        _, _, _, _, states, arcs = self.take("iiQqqq")
        return kind, states, arcs

    def read(self) -> Automaton:
        kind, states, arcs = self.header()
        if kind == "const":
            return self.const(kind, states, arcs)
        assert self.take("i") == (446681434,)
        inner, states, arcs = self.header()
        assert inner == "const"
        made = self.const(kind, states, arcs)
        assert self.take("????") == (True, False, True, False)
        _, made.final_label, count = self.take("?iq")
        for _ in range(count):
            (size,) = self.take("q")
            intervals = [self.take("ii") for _ in range(size)]
            assert self.take("i") == (sum(end - begin for begin, end in intervals),)
            made.reach.append(intervals)
        assert self.at == len(self.data)
        return made

    def const(self, kind: str, states: int, arcs: int) -> Automaton:
        rows = [self.take("fIIII") for _ in range(states)]
        every = [self.take("iifi") for _ in range(arcs)]
        finals = {s: row[0] for s, row in enumerate(rows) if row[0] != float("inf")}
        for _, at, count, no_input, no_output in rows:
            mine = every[at : at + count]
            assert no_input == sum(arc[0] == 0 for arc in mine)
            assert no_output == sum(arc[1] == 0 for arc in mine)
        return Automaton(kind, [every[at : at + n] for _, at, n, _, _ in rows], finals, [])


def read(data: bytes) -> Automaton:
    return Reader(data).read()
