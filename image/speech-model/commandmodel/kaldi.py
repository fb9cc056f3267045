"""Reads and writes Kaldi's final.mdl: transition model and nnet3 network, binary.

Every token ends in one space; numbers are little endian and carry their size (4: int32 or
float, 8: double). Matrices are stored as Kaldi's two-byte compressed ones (`CM2`: linear steps
between the least and the greatest value), which readers expand by themselves.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from appliance.speech.lexicon import phones

MARK = b"\0B"
STAY = 0.5  # probability to stay in a phone


@dataclass
class Component:
    """A part of the network; `kind` is Kaldi's name for it, without `Component`."""

    name: str
    kind: str
    dim: int = 0
    weights: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    bias: np.ndarray = field(default_factory=lambda: np.zeros(0))


@dataclass
class Model:
    """`config`: nnet3 lines; `left`, `right`: context in frames."""

    config: list[str]
    components: list[Component]
    left: int
    right: int


def _token(name: str) -> bytes:
    return name.encode() + b" "


def _int(value: int) -> bytes:
    return struct.pack("<Bi", 4, value)


def _float(value: float) -> bytes:
    return struct.pack("<Bf", 4, value)


def _double(value: float) -> bytes:
    return struct.pack("<Bd", 8, value)


def _ints(values: Sequence[int]) -> bytes:
    return struct.pack(f"<Bi{len(values)}i", 4, len(values), *values)


def _vector(values: Sequence[float] | np.ndarray) -> bytes:
    return _token("FV") + _int(len(values)) + np.asarray(values, "<f4").tobytes()


def _matrix(values: np.ndarray) -> bytes:
    low = float(values.min())
    span = max(float(values.max()) - low, 1e-6)
    steps = np.clip(np.round((values - low) / span * 65535), 0, 65535).astype("<u2")
    return _token("CM2") + struct.pack("<ffii", low, span, *values.shape) + steps.tobytes()


def transitions() -> bytes:
    """All phones with one state each: an output for its first frame, another for the rest."""
    count = len(phones.KALDI)
    out = _token("<TransitionModel>") + _token("<Topology>")
    out += _ints(range(1, count + 1)) + _ints([-1] + [0] * count)
    out += _int(-1)  # the self-loop's output is not the entry's
    out += _int(1) + _int(2)
    out += _int(0) + _int(1) + _int(2) + _int(0) + _float(STAY) + _int(1) + _float(1 - STAY)
    out += _int(-1) + _int(-1) + _int(0)
    out += _token("</Topology>") + _token("<Tuples>") + _int(count)
    for i, name in enumerate(phones.KALDI, 1):
        first, rest = phones.outputs(name)
        out += _int(i) + _int(0) + _int(first) + _int(rest)
    chances = [0.0] + [float(np.log(STAY)), float(np.log(1 - STAY))] * count
    out += _token("</Tuples>") + _token("<LogProbs>") + _vector(chances)
    return out + _token("</LogProbs>") + _token("</TransitionModel>")


def _component(part: Component) -> bytes:
    kind = f"{part.kind}Component"
    if part.kind == "FixedAffine":
        inside = _token("<LinearParams>") + _matrix(part.weights)
        inside += _token("<BiasParams>") + _vector(part.bias)
    elif part.kind == "NoOp":
        inside = _token("<Dim>") + _int(part.dim) + _token("<BackpropScale>") + _float(1.0)
    else:  # RectifiedLinear, LogSoftmax: statistics of training that nobody needs
        inside = _token("<Dim>") + _int(part.dim)
        inside += _token("<ValueAvg>") + _vector([]) + _token("<DerivAvg>") + _vector([])
        inside += _token("<Count>") + _double(0.0)
        inside += _token("<OderivRms>") + _vector([]) + _token("<OderivCount>") + _double(0.0)
        inside += _token("<NumDimsSelfRepaired>") + _double(0.0)
        inside += _token("<NumDimsProcessed>") + _double(0.0)
    return _token(f"<{kind}>") + inside + _token(f"</{kind}>")


def write(model: Model) -> bytes:
    """The whole file."""
    lines = "".join(f"{line}\n" for line in model.config)
    out = MARK + transitions() + _token("<Nnet3>") + b"\n" + lines.encode() + b"\n"
    out += _token("<NumComponents>") + _int(len(model.components))
    for part in model.components:
        out += _token("<ComponentName>") + _token(part.name) + _component(part)
    out += _token("</Nnet3>") + _token("<LeftContext>") + _int(model.left)
    return out + _token("<RightContext>") + _int(model.right) + _token("<Priors>") + _vector([])


class Reader:
    """Reads what `write` writes; raises ValueError where the file says something else."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def model(self) -> Model:
        """The network; the transitions must be those of `transitions`."""
        head = MARK + transitions() + _token("<Nnet3>") + b"\n"
        if not self.data.startswith(head):
            raise ValueError("no command model: other phones or another kind of file")
        self.at = len(head)
        end = self.data.index(b"\n\n", self.at)
        config = self.data[self.at : end].decode().splitlines()
        self.at = end + 2
        self._expect("<NumComponents>")
        components = [self._component() for _ in range(self._int())]
        self._expect("</Nnet3>", "<LeftContext>")
        left = self._int()
        self._expect("<RightContext>")
        right = self._int()
        self._expect("<Priors>")
        self._vector()
        return Model(config, components, left, right)

    def _word(self) -> str:
        end = self.data.index(b" ", self.at)
        word = self.data[self.at : end].decode()
        self.at = end + 1
        return word

    def _expect(self, *tokens: str) -> None:
        for token in tokens:
            found = self._word()
            if found != token:
                raise ValueError(f"{token} expected at byte {self.at}, {found} found")

    def _take(self, shape: str) -> tuple[int | float, ...]:
        values = struct.unpack_from(f"<{shape}", self.data, self.at)
        self.at += struct.calcsize(f"<{shape}")
        return values

    def _int(self) -> int:
        return int(self._take("Bi")[1])

    def _vector(self) -> np.ndarray:
        self._expect("FV")
        count = self._int()
        values = np.frombuffer(self.data, "<f4", count, self.at)
        self.at += 4 * count
        return values

    def _matrix(self) -> np.ndarray:
        self._expect("CM2")
        low, span, rows, columns = self._take("ffii")
        count = int(rows) * int(columns)
        steps = np.frombuffer(self.data, "<u2", count, self.at)
        self.at += 2 * count
        return (low + span * steps.astype(np.float64) / 65535).reshape(int(rows), int(columns))

    def _component(self) -> Component:
        self._expect("<ComponentName>")
        name, opened = self._word(), self._word()
        kind = opened.removeprefix("<").removesuffix("Component>")
        part = Component(name, kind)
        if kind == "FixedAffine":
            self._expect("<LinearParams>")
            part.weights = self._matrix()
            self._expect("<BiasParams>")
            part.bias = self._vector()
            self._expect(f"</{kind}Component>")
            return part
        self._expect("<Dim>")
        part.dim = self._int()
        close = f"</{kind}Component> ".encode()
        self.at = self.data.index(close, self.at) + len(close)
        return part
