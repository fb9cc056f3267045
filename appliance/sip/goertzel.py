"""Which of some known tones are in a piece of audio, and how loud (Goertzel 1958).

Several Goertzel filters on a window of samples are one small product of arrays, so numpy
does them all at once. Levels are dBov: the RMS against that of a full-scale square wave, so that a
full-scale sine is -3.01 dBov (RFC 6465; ITU-T G.100.1).
"""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

RATE = 8000
"""Samples per second."""
FULL_SCALE = 32768.0
FLOOR_DBOV = -100.0
"""What digital silence is reported as."""


class Goertzel:
    """`tones`: frequencies in Hz, at least 25 Hz apart; `window`: samples looked at together.

    A Hann window keeps a loud tone from showing at its neighbours: two tones must be four
    bins apart (4 * 8000 / window Hz: 20 Hz at 1600 samples).
    """

    def __init__(self, tones: Iterable[float], window: int = 1600, rate: int = RATE) -> None:
        self.tones = tuple(sorted(set(tones)))
        self.window = window
        hann = np.hanning(window)
        at = np.arange(window) * (2 * math.pi / rate)
        phase = np.outer(np.array(self.tones, dtype=np.float64), at)
        # For a sine of amplitude A the correlation is A * sum(hann) / 2.
        scale = 2.0 / (hann.sum() * FULL_SCALE)
        waves = np.exp(-1j * phase) * hann * scale
        self._waves = np.concatenate([waves.real, waves.imag]).astype(np.float32)

    def levels(self, samples: npt.NDArray[np.int16]) -> dict[float, float]:
        """Level in dBov of each tone in exactly `window` samples."""
        # einsum and not @: BLAS would wake its threads for this, and they spin for milliseconds.
        parts = np.einsum("ts,s->t", self._waves, samples.astype(np.float32))
        found = np.hypot(*np.split(parts, 2))
        return {
            tone: dbov(float(a) / math.sqrt(2)) for tone, a in zip(self.tones, found, strict=True)
        }


def loudness(samples: npt.NDArray[np.int16]) -> float:
    """Level in dBov of everything in the samples."""
    if not len(samples):
        return FLOOR_DBOV
    wave = samples.astype(np.float64) / FULL_SCALE
    return dbov(math.sqrt(float(np.mean(wave * wave))))


def dbov(rms: float) -> float:
    """`rms`: 1.0 is full scale."""
    return max(FLOOR_DBOV, 20 * math.log10(rms)) if rms > 0 else FLOOR_DBOV


def amplitude(level_dbov: float) -> int:
    """Peak sample value of a sine of this level."""
    return min(32767, round(FULL_SCALE * math.sqrt(2) * 10 ** (level_dbov / 20)))
