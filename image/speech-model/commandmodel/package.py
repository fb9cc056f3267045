"""A trained network -> the folder that Vosk loads and the product ships."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from appliance.speech.lexicon import adding, graph, phones

from . import dictionary, features, kaldi
from . import vocabulary as v
from .kaldi import Component
from .network import STRIDE, Network

GARBAGE = -3.0  # log probability per frame that the garbage word offers
DECODER = """--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=6.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""


def layers(network: Network) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and bias of each layer, with the input's and the layers' normalisation inside."""
    state = {k: t.detach().double().cpu().numpy() for k, t in network.state_dict().items()}
    made = []
    for i, norm in enumerate(network.norms):
        weight, bias = state[f"convolutions.{i}.weight"], state[f"convolutions.{i}.bias"]
        if i == 0:
            weight = weight / state["deviation"][None, :, None]
            bias = bias - (weight * state["mean"][None, :, None]).sum((1, 2))
        small = cast(torch.nn.BatchNorm1d, norm).eps
        scale = state[f"norms.{i}.weight"] / np.sqrt(state[f"norms.{i}.running_var"] + small)
        shift = state[f"norms.{i}.bias"] - state[f"norms.{i}.running_mean"] * scale
        flat = (weight * scale[:, None, None]).transpose(0, 2, 1).reshape(len(weight), -1)
        made.append((flat, bias * scale + shift))
    made.append((state["output.weight"][:, :, 0], state["output.bias"]))
    return made


def model(network: Network, garbage: float = GARBAGE) -> kaldi.Model:
    """The network in Kaldi's terms. One more output is the constant `garbage`: a loop over all
    phones instead makes lattices that take minutes."""
    config = [f"input-node name=input dim={features.CEPSTRA}"]
    parts: list[Component] = []

    def add(name: str, kind: str, source: str, dim: int = 0, **inside: np.ndarray) -> str:
        config.append(f"component-node name={name} component={name} input={source}")
        parts.append(Component(name, kind, dim, **inside))
        return name

    *hidden, (weights, bias) = layers(network)
    now = "input"
    for i, (weight, shift) in enumerate(hidden):
        step = 1 if i < 2 else STRIDE
        source = f"Append(Offset({now},-{step}),{now},Offset({now},{step}))"
        affine = add(f"affine{i}", "FixedAffine", source, weights=weight, bias=shift)
        after = add(f"relu{i}", "RectifiedLinear", affine, len(shift))
        now = after if i < 2 else add(f"sum{i}", "NoOp", f"Sum({after},{now})", len(shift))
    count = phones.OUTPUTS
    now = add("output.affine", "FixedAffine", now, weights=weights, bias=bias)
    now = add("output.log", "LogSoftmax", now, count)
    more = np.vstack([np.eye(count), np.zeros((1, count))])
    level = np.append(np.zeros(count), garbage)
    now = add("output.garbage", "FixedAffine", now, weights=more, bias=level)
    config.append(f"output-node name=output input={now} objective=linear")
    return kaldi.Model(config, parts, network.context, network.context)


def write_acoustic(network: Network, folder: Path, garbage: float = GARBAGE) -> None:
    """am/ and conf/ of a model folder."""
    (folder / "am").mkdir(parents=True, exist_ok=True)
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "am" / "final.mdl").write_bytes(kaldi.write(model(network, garbage)))
    (folder / "conf" / "mfcc.conf").write_text(features.CONF, "utf-8")
    (folder / "conf" / "model.conf").write_text(DECODER, "utf-8")


def decoys() -> list[str]:
    """What stands beside the choices of a menu: everyday words, then the other commands. Names
    of letters are too short to tell from parts of longer words."""
    return [word for word in v.unique(v.DECOYS + v.COMMANDS) if len(word) > 1]


def lexicon(words: dictionary.Words, beside: Iterable[str]) -> dict[str, list[list[str]]]:
    """All words of the model, and the words of `beside` once more as decoys."""
    made = {word: words[word] for word in v.LEXICON}
    return made | {f"{graph.DECOY}{word}": words[word] for word in beside}


def write(network: Network, folder: Path, name: str = "en-commands") -> None:
    """A whole model folder; its confidences are not calibrated yet."""
    words = dictionary.read()
    beside = decoys()
    write_acoustic(network, folder)
    everything = lexicon(words, beside)
    graph.write(folder, everything)
    (folder / adding.LEXICON).write_text(adding.lexicon_text(everything), "utf-8")
    (folder / "README.md").write_text(README, "utf-8")
    (folder / "CMUDICT-LICENCE.txt").write_text(dictionary.licence(), "utf-8")
    told: dict[str, Any] = {
        "id": name,
        "name": "English commands (synthetic voices)",
        "language": "en",
        "kind": "commands",
        "sample_rate": features.RATE,
        "licence": "GPL-2.0-or-later; lexicon from CMUdict, BSD-2-Clause",
        "created": datetime.now(UTC).date().isoformat(),
        "accept": 0.0,
        "confirm": 0.0,
        "calibration": [],
        "decoys": [f"{graph.DECOY}{word}" for word in beside],
    }
    adding.write_marker(folder, told)


README = """# English commands

A small Vosk model for the words of telephone menus, 8 kHz. Its network was trained on synthetic
voices only (flite, festival, espeak-ng of Debian) speaking sentences made for it; no human has
been recorded for it. It is good for choosing from a menu, digits, numbers, days, yes and no. It
is not made for dictation.

How it was made, from which voices and under which licences, and how well it hears:
`image/speech-model/README.md` in the source of Callfloor. `lexicon.txt` holds its words and their
phones, taken from CMUdict (copyright Carnegie Mellon University; see CMUDICT-LICENCE.txt);
words that begin with `#` are decoys, which stand beside a menu's choices and mean none of them.
More words need no training: `appliance.speech.lexicon.adding`.
"""
