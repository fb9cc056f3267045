"""Sounds made by arithmetic: beep, silence, the tone for what is missing, music on hold."""

from typing import Final

import numpy as np

from appliance.speech.convert import Samples, active_level
from appliance.speech.whole import RATE

MUSIC_S: Final = 32.0
MUSIC_DBOV: Final = -22.0
_BEAT_S = 0.5
_CHORDS = (
    (48, 52, 55, 59, 64),  # C major 7
    (45, 52, 55, 60, 64),  # A minor 7
    (41, 48, 52, 57, 60),  # F major 7
    (43, 50, 55, 59, 62),  # G
)
"""MIDI notes, the bass first; two bars of eight half beats each."""


def silence(seconds: float) -> Samples:
    return np.zeros(max(1, round(seconds * RATE)), np.float32)


def tone(hz: float, seconds: float, level_dbov: float) -> Samples:
    """A sine with 10 ms ramps, so that it does not click."""
    time = np.arange(round(seconds * RATE)) / RATE
    amplitude = np.sqrt(2.0) * 10 ** (level_dbov / 20)
    ramp = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.01)
    sound: Samples = (amplitude * ramp * np.sin(2 * np.pi * hz * time)).astype(np.float32)
    return sound


def beep() -> Samples:
    """Before a message is recorded: 1000 Hz, 0.3 s."""
    return tone(1000, 0.3, -18)


def missing() -> Samples:
    """In place of a prompt that is not there: two short soft tones, no alarm."""
    return np.concatenate([tone(440, 0.12, -26), silence(0.08), tone(440, 0.12, -26)])


def music(seed: int = 7) -> Samples:
    """A calm loop of 32 s without a seam: broken chords over soft long notes."""
    random = np.random.default_rng(seed)
    loop = np.zeros(round(MUSIC_S * RATE))
    bar_s = MUSIC_S / (2 * len(_CHORDS))
    for bar in range(2 * len(_CHORDS)):
        chord = _CHORDS[bar // 2]
        start = bar * bar_s
        for note in chord[:3]:
            _add(loop, start, _pad(note, bar_s + 1.0) * 0.16)
        for beat in range(int(bar_s / _BEAT_S)):
            note = int(random.choice(chord[1:])) + 12
            loudness = 0.5 + 0.3 * random.random() if beat % 2 == 0 else 0.25 * random.random()
            _add(loop, start + beat * _BEAT_S, _pluck(note) * loudness)
    scaled = loop * 10 ** ((MUSIC_DBOV - active_level(loop.astype(np.float32))) / 20)
    return np.clip(scaled, -1, 1).astype(np.float32)


def _hz(note: int) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _pluck(note: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A struck bar: harmonics die away the faster the higher they are."""
    time = np.arange(round(2.5 * RATE)) / RATE
    sound = np.zeros(time.size)
    for harmonic, weight, decay in ((1, 1.0, 2.2), (2, 0.35, 4.0), (4, 0.12, 9.0)):
        if _hz(note) * harmonic < 0.42 * RATE:
            sound += (
                weight * np.sin(2 * np.pi * _hz(note) * harmonic * time) * np.exp(-decay * time)
            )
    return sound * np.minimum(1.0, time / 0.008)


def _pad(note: int, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    time = np.arange(round(seconds * RATE)) / RATE
    swell = np.minimum(1.0, np.minimum(time, seconds - time) / 0.8)
    shimmer = 1 + 0.004 * np.sin(2 * np.pi * 0.9 * time)
    phase = 2 * np.pi * _hz(note) * time
    return swell * shimmer * (np.sin(phase) + 0.25 * np.sin(2 * phase))


def _add(
    loop: np.ndarray[tuple[int], np.dtype[np.float64]],
    at_s: float,
    sound: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    """Adds a sound at a time; what goes over the end comes in again at the beginning."""
    places = (round(at_s * RATE) + np.arange(sound.size)) % loop.size
    np.add.at(loop, places, sound)
