"""A caller's sound for the benchmark of speech: words of a menu with silence between them."""

import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE = 8000
FRAME = 160
"""Samples in 20 ms."""
VOICES = ("en-us", "en-us+f5", "en-gb", "en-us+m7")
REPEATS = 3
LINE_NOISE_DBOV = -62.0
QUIET = 0.02
"""Of a word's peak; softer than this it is over."""


@dataclass(frozen=True)
class Said:
    word: str
    end_s: float


@dataclass(frozen=True)
class Script:
    """`sound`: int16, 8 kHz. `words` with the moments of their last sounds."""

    sound: np.ndarray
    words: tuple[Said, ...]

    def frame(self, number: int) -> np.ndarray:
        return self.sound[number * FRAME : (number + 1) * FRAME]

    def last_before(self, at_s: float) -> Said | None:
        done = [said for said in self.words if said.end_s < at_s]
        return done[-1] if done else None


def script(words: list[str], seed: int) -> Script:
    """Each word `REPEATS` times in another order for each seed."""
    rng = random.Random(seed)
    said: list[Said] = []
    parts: list[np.ndarray] = []
    length = 0

    def add(part: np.ndarray) -> None:
        nonlocal length
        parts.append(part)
        length += len(part)

    for word in rng.sample(words * REPEATS, len(words) * REPEATS):
        add(np.zeros(int(rng.uniform(0.9, 1.6) * RATE)))
        add(_spoken(word, rng.choice(VOICES)))
        said.append(Said(word, length / RATE))
    add(np.zeros(RATE))
    noise = np.random.default_rng(seed).normal(size=length)
    sound = np.concatenate(parts) + noise * 32768 * 10 ** (LINE_NOISE_DBOV / 20)
    return Script(np.clip(np.round(sound), -32768, 32767).astype(np.int16), tuple(said))


def _spoken(word: str, voice: str) -> np.ndarray:
    """Without the silence around it, peak at -6 dBov."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "word.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(file), word], check=True)
        sound, rate = soundfile.read(file)
    sound = soxr.resample(sound, rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > QUIET * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    return sound / np.abs(sound).max() * 0.5 * 32767
