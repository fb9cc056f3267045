"""Runs a Vosk model over sounds, as the product does: menu, decoys, confidence."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

RATE = 8000
CHUNK = 1600  # samples
UNKNOWN = "[unk]"
REPEATED = 4  # the product names each choice so often in its grammar
UNKNOWN_COSTS = 0.5  # share of the confidence that speech beside the choice takes away


@dataclass(frozen=True)
class Heard:
    """Words of the menu that were recognised, how sure (0 to 1, calibrated), and whether they
    are a choice of the menu."""

    text: str
    confidence: float
    inside: bool

    def taken(self, threshold: float) -> bool:
        """Whether the product would act on it."""
        return self.inside and self.confidence >= threshold


@dataclass
class Ear:
    """A Vosk model folder. `decoys` are appended to each menu; `calibration` are points from
    Vosk's confidence to how often it is right."""

    folder: Path
    decoys: Sequence[str] = ()
    calibration: Sequence[tuple[float, float]] = ()
    model: Any = field(init=False)

    def __post_init__(self) -> None:
        import vosk

        vosk.SetLogLevel(-1)
        self.model = vosk.Model(str(self.folder))
        known = self.folder / "graph" / "words.txt"
        lines = known.read_text("utf-8").splitlines() if known.exists() else []
        self.words = {line.split()[0] for line in lines}

    def knows(self, text: str) -> bool:
        """Whether the model has all words of `text`."""
        return not self.words or all(word in self.words for word in text.split())

    def listen(self, menu: Iterable[str], sound: np.ndarray) -> Heard:
        """One utterance (int16, 8 kHz) against `menu`."""
        import vosk

        choices = list(menu)
        inside = {word for choice in choices for word in choice.split()}
        grammar = [*choices * REPEATED, *(w for w in self.decoys if w not in inside), UNKNOWN]
        ear = vosk.KaldiRecognizer(self.model, RATE, json.dumps(grammar))
        ear.SetWords(True)
        words: list[dict[str, Any]] = []
        data = sound.astype("<i2").tobytes()
        for at in range(0, len(data), 2 * CHUNK):
            if ear.AcceptWaveform(data[at : at + 2 * CHUNK]):
                words += json.loads(ear.Result()).get("result", [])
        words += json.loads(ear.FinalResult()).get("result", [])
        return self._judged(words, inside, choices)

    def _judged(self, words: list[dict[str, Any]], inside: set[str], choices: list[str]) -> Heard:
        """What the product makes of the words: others beside a choice cost confidence."""
        own = [word for word in words if word["word"] in inside]
        total = sum(word["end"] - word["start"] for word in words) or 1.0
        odd = 1 - sum(word["end"] - word["start"] for word in own) / total
        mean = sum(word["conf"] for word in own) / len(own) if own else 0.0
        text = " ".join(word["word"] for word in own)
        return Heard(text, self._calibrated(mean * (1 - UNKNOWN_COSTS * odd)), text in choices)

    def _calibrated(self, confidence: float) -> float:
        if not self.calibration:
            return confidence
        return float(np.interp(confidence, *zip(*self.calibration, strict=True)))


def load(path: Path) -> np.ndarray:
    """A recording as float at int16 scale, 8 kHz, one channel."""
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    return at_rate(samples[:, 0], rate)


def at_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    """Full scale 1 at `rate` -> int16 scale at 8 kHz."""
    return (soxr.resample(samples, rate, RATE) if rate != RATE else samples) * 32768


def padded(samples: np.ndarray, lead: float = 0.3, tail: float = 0.6) -> np.ndarray:
    """With silence (seconds) before and after."""
    return np.pad(samples, (int(lead * RATE), int(tail * RATE)))


def line(samples: np.ndarray, condition: str, seed: int = 1) -> np.ndarray:
    """`clean`, `g711`, or `g711+noise15` (white noise 15 dB under the voice) of a recording."""
    out = padded(samples)
    if condition.endswith("noise15"):
        power = float(np.mean(samples**2))
        hiss = np.random.default_rng(seed).normal(size=len(out))
        out = out + hiss * np.sqrt(power * 10**-1.5)
    whole = np.clip(np.round(out), -32768, 32767).astype(np.int16)
    return mu_law(whole) if condition.startswith("g711") else whole


def mu_law(samples: np.ndarray) -> np.ndarray:
    """int16 through ITU-T G.711 mu-law and back."""
    level = np.minimum(np.abs(samples.astype(np.int64)), 32635) + 132
    segment = np.floor(np.log2(level)).astype(np.int64) - 7
    step = (level >> (segment + 3)) & 15
    back = (((step << 3) + 132) << segment) - 132
    return (np.sign(samples) * back).astype(np.int16)
