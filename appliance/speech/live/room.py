"""How much of a sound is our own prompt that came back from a whole room, not from one place.

A speakerphone is heard by itself along many ways, up to an eighth of a second apart: far more than
a short filter models. So a long one is found for this moment, by least squares over the last
third of a second: conjugate gradients on the normal equations (Hestenes and Stiefel, 1952), each
product by FFT. Stopped early, which keeps it from explaining a voice. Pure; float32 at 8 kHz.
"""

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]

TAPS = 1024
"""128 ms: the spread of a room."""
WINDOW = 3072
"""Samples that the filter is found by; with its taps one FFT."""
STEPS = 12
LEAD = 200
"""Taps before the strongest way, which need not be the shortest."""
SOFTER = 0.3
"""Power over that of the whole window below which an end is only its last reverberation."""
_SIZE = TAPS + WINDOW


def explained_by_room(played: Sound, sound: Sound, last: int) -> float:
    """The share of the energy of the `last` samples of `sound` (`WINDOW` samples) that `played`
    explains, which begins `TAPS` - 1 samples earlier. 1.5 ms of computing."""
    spectrum = np.fft.rfft(played, _SIZE)
    rest = sound.astype(np.float64)
    loss = 1e-3 * float(np.dot(played, played))
    taps = np.zeros(TAPS)
    down = way = _back(spectrum, rest)
    slope = float(np.dot(down, down))
    for _ in range(STEPS):
        heard = np.fft.irfft(spectrum * np.fft.rfft(way, _SIZE), _SIZE)[TAPS - 1 : -1]
        curve = float(np.dot(heard, heard)) + loss * float(np.dot(way, way))
        if curve <= 0.0:
            break
        step = slope / curve
        taps += step * way
        rest -= step * heard
        down = _back(spectrum, rest) - loss * taps
        slope, before = float(np.dot(down, down)), slope
        way = down + slope / before * way
    whole, end = float(np.dot(sound, sound)), float(np.dot(sound[-last:], sound[-last:]))
    energy = max(1.0, end, SOFTER * whole * last / WINDOW)
    return 1.0 - float(np.dot(rest[-last:], rest[-last:])) / energy


def _back(
    spectrum: npt.NDArray[np.complex128], rest: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The correlation of what is not explained with what was played."""
    late = np.concatenate((np.zeros(TAPS - 1), rest))
    return np.fft.irfft(np.fft.rfft(late, _SIZE) * np.conj(spectrum), _SIZE)[:TAPS]
