"""Writes the two kinds of OpenFst files that Vosk reads, so that a box needs no OpenFst tools.

`const`: a fixed automaton. `olabel_lookahead`: the same, followed for each state by the output
labels that can come next, as intervals (Allauzen, Riley, Schalkwyk, "A generalized composition
algorithm for weighted finite-state transducers", 2009). All numbers are little endian.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

MAGIC = 2125659606
ADD_ON_MAGIC = 446681434
CONST_VERSION, ADD_ON_VERSION = 2, 1
NEVER = float("inf")  # weight of a state that is not final

# Properties as OpenFst names them; what is not claimed here is unknown to a reader.
EXPANDED = 0x1
ACCEPTOR, NOT_ACCEPTOR = 0x10000, 0x20000
EPSILONS, NO_EPSILONS = 0x400000, 0x800000
INPUT_EPSILONS, NO_INPUT_EPSILONS = 0x1000000, 0x2000000
OUTPUT_EPSILONS, NO_OUTPUT_EPSILONS = 0x4000000, 0x8000000
INPUT_SORTED, OUTPUT_SORTED = 0x10000000, 0x40000000
WEIGHTED, CYCLIC = 0x100000000, 0x400000000
INITIAL_CYCLIC, INITIAL_ACYCLIC = 0x1000000000, 0x2000000000
NOT_TOP_SORTED = 0x8000000000
ACCESSIBLE, COACCESSIBLE = 0x10000000000, 0x40000000000

GRAPH = (
    EXPANDED | NOT_ACCEPTOR | EPSILONS | INPUT_EPSILONS | OUTPUT_EPSILONS | OUTPUT_SORTED
    | WEIGHTED | CYCLIC | INITIAL_ACYCLIC | NOT_TOP_SORTED | ACCESSIBLE | COACCESSIBLE
)  # fmt: skip
GRAMMAR = (
    EXPANDED | ACCEPTOR | NO_EPSILONS | NO_INPUT_EPSILONS | NO_OUTPUT_EPSILONS | INPUT_SORTED
    | OUTPUT_SORTED | WEIGHTED | CYCLIC | INITIAL_CYCLIC | ACCESSIBLE | COACCESSIBLE
)  # fmt: skip

_STATE = np.dtype([("final", "<f4"), ("at", "<u4"), ("arcs", "<u4"), ("in", "<u4"), ("out", "<u4")])
_ARC = np.dtype([("input", "<i4"), ("output", "<i4"), ("weight", "<f4"), ("to", "<i4")])


class Arc(NamedTuple):
    """A step to state `to`; label 0 is nothing, `weight` is a cost (natural logarithm)."""

    input: int
    output: int
    weight: float
    to: int


Interval = tuple[int, int]  # first label, label after the last


def const(states: Sequence[Sequence[Arc]], finals: Mapping[int, float], properties: int) -> bytes:
    """An automaton that starts in state 0; arcs must be in the order that `properties` claim."""
    table = np.zeros(len(states), _STATE)
    table["final"] = NEVER
    for state, cost in finals.items():
        table["final"][state] = cost
    counts = np.array([len(arcs) for arcs in states], np.int64)
    table["arcs"] = counts
    table["at"] = np.cumsum(counts) - counts
    table["in"] = [sum(arc.input == 0 for arc in arcs) for arcs in states]
    table["out"] = [sum(arc.output == 0 for arc in arcs) for arcs in states]
    rows = np.array([tuple(arc) for arcs in states for arc in arcs], _ARC)
    head = _header("const", CONST_VERSION, properties, 0, len(states), len(rows))
    return head + table.tobytes() + rows.tobytes()


def look_ahead(
    states: Sequence[Sequence[Arc]],
    finals: Mapping[int, float],
    reach: Sequence[Sequence[Interval]],
    final_label: int,
) -> bytes:
    """A transducer sorted by output labels, with the output labels that each state can reach
    over arcs without output; `final_label` stands for the end of the sentence."""
    head = _header("olabel_lookahead", ADD_ON_VERSION, GRAPH, -1, 0, 0)
    body = const(states, finals, GRAPH)
    # No data for input labels, data for output labels: not of inputs, no relabelling kept.
    flags = struct.pack("<i", ADD_ON_MAGIC), struct.pack("<????", True, False, True, False)
    rest = [struct.pack("<?iq", False, final_label, len(reach))]
    for intervals in reach:
        rest.append(struct.pack("<q", len(intervals)))
        rest += [struct.pack("<ii", begin, end) for begin, end in intervals]
        rest.append(struct.pack("<i", sum(end - begin for begin, end in intervals)))
    return b"".join([head, flags[0], body, flags[1], *rest])


def _header(kind: str, version: int, properties: int, start: int, states: int, arcs: int) -> bytes:
    name, weights = kind.encode(), b"standard"
    return (
        struct.pack(f"<ii{len(name)}s", MAGIC, len(name), name)
        + struct.pack(f"<i{len(weights)}s", len(weights), weights)
        + struct.pack("<iiQqqq", version, 0, properties, start, states, arcs)
    )
