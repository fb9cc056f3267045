"""final.mdl is written as Kaldi reads it, and says the same when it is read back."""

from pathlib import Path

import numpy as np
import pytest
from commandmodel import kaldi
from commandmodel.kaldi import Component, Model, Reader


def made() -> Model:
    rng = np.random.default_rng(1)
    affine = Component("a", "FixedAffine", 0, rng.normal(size=(4, 6)), rng.normal(size=4))
    parts = [affine, Component("r", "RectifiedLinear", 4), Component("s", "NoOp", 4)]
    return Model(["input-node name=input dim=2", "output-node name=output input=s"], parts, 3, 5)


def test_what_is_written_is_read_back() -> None:
    model = made()
    again = Reader(kaldi.write(model)).model()
    assert again.config == model.config
    assert (again.left, again.right) == (3, 5)
    assert [(p.name, p.kind, p.dim) for p in again.components] == [
        ("a", "FixedAffine", 0), ("r", "RectifiedLinear", 4), ("s", "NoOp", 4)
    ]  # fmt: skip
    step = np.ptp(model.components[0].weights) / 65535
    assert np.abs(again.components[0].weights - model.components[0].weights).max() <= step
    np.testing.assert_allclose(again.components[0].bias, model.components[0].bias, rtol=1e-6)


def test_writing_again_what_was_read_changes_nothing(shipped: Path) -> None:
    """Of the model that ships: all its 2 million numbers and every token."""
    data = (shipped / "am" / "final.mdl").read_bytes()
    model = Reader(data).model()
    numbers = sum(p.weights.size + p.bias.size for p in model.components)
    assert numbers > 1_000_000
    again = Reader(kaldi.write(model)).model()
    for one, other in zip(model.components, again.components, strict=True):
        assert np.abs(one.weights - other.weights).max(initial=0) < 1e-4
        np.testing.assert_array_equal(one.bias, other.bias)


@pytest.mark.parametrize("harm", [b"", b"\0Bnothing", b"cut"])
def test_another_file_is_refused(harm: bytes) -> None:
    data = kaldi.write(made())
    with pytest.raises(ValueError, match="command model"):
        Reader(data[:200] if harm == b"cut" else harm).model()


def test_a_damaged_token_is_named() -> None:
    data = kaldi.write(made()).replace(b"<RightContext>", b"<WrongContext>")
    with pytest.raises(ValueError, match="<RightContext> expected"):
        Reader(data).model()
