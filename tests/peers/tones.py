"""What can be heard in audio: tones by projection on sine and cosine, window by window.

Written apart from the product's own tone detector, so that the two can disagree. Levels are
dBov of the RMS against full scale: a sine of peak 32767 has -3.0 dBov.
"""

import functools
import math
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from tests.peers.witness import Spoilt

RATE = 8000
Samples = npt.NDArray[np.int16]
WINDOW_S = 0.1
SILENCE = -90.0
QUIET = -50.0
"""A tone below this is not there: G.711's noise on one frequency is some 10 dB less."""


def sine(hz: float, seconds: float, dbov: float, rate: int = RATE) -> Samples:
    """A tone of this level. Multiples of 50 Hz fit 20 ms frames without a click."""
    peak = 32768 * math.sqrt(2) * 10 ** (dbov / 20)
    at = np.arange(round(seconds * rate)) / rate
    return np.round(peak * np.sin(2 * math.pi * hz * at)).astype(np.int16)


@functools.cache
def _probe(samples: int, hz: float) -> npt.NDArray[np.complex128]:
    """Kept, or the sums would hold up the clock of the phones that share this thread."""
    hann = np.hanning(samples)
    wave = np.exp(-2j * math.pi * hz * np.arange(samples) / RATE)
    return np.asarray(2 * wave * hann / hann.sum(), dtype=np.complex128)


def level(samples: Samples, hz: float) -> float:
    """dBov of one tone in a piece of audio (Hann window, so neighbours do not leak in)."""
    peak = abs(np.dot(samples.astype(np.float64), _probe(len(samples), hz)))
    return max(SILENCE, 20 * math.log10(max(peak / math.sqrt(2) / 32768, 1e-9)))


def loudness(samples: Samples) -> float:
    """dBov of everything."""
    if not len(samples):
        return SILENCE
    rms = math.sqrt(float(np.mean(samples.astype(np.float64) ** 2)))
    return max(SILENCE, 20 * math.log10(max(rms / 32768, 1e-9)))


def windows(samples: Samples, since: float, until: float) -> Iterable[tuple[float, Samples]]:
    """Every whole 100 ms between two positions in seconds."""
    step = round(WINDOW_S * RATE)
    for start in range(round(since * RATE), round(until * RATE) - step + 1, step):
        yield start / RATE, samples[max(0, start) : start + step]


def check(
    samples: Samples,
    since: float,
    until: float,
    *,
    wanted: dict[float, float],
    absent: Iterable[float] = (),
    tolerance: float = 2.0,
    what: str = "audio",
    excused: Callable[[float, float], bool] = lambda since, until: False,
) -> None:
    """Each 100 ms holds every wanted tone (Hz to dBov) and none of the absent ones.

    `excused`: is this window (in the same seconds) spoilt by the measuring machine itself?
    A quarter of the windows may be; raises Spoilt for more.
    """
    assert until - since >= 2 * WINDOW_S, f"{what}: only {until - since:.2f} s to look at"
    wrong: list[str] = []
    excuses: list[str] = []
    for at, piece in windows(samples, since, until):
        found = _wrong(piece, wanted, absent, tolerance)
        if found:
            told = f"{at:.1f} s: {', '.join(found)}"
            (excuses if excused(at, at + WINDOW_S) else wrong).append(told)
    assert not wrong, f"{what}, {since:.1f} to {until:.1f} s:\n  " + "\n  ".join(wrong[:12])
    if len(excuses) > (until - since) / WINDOW_S / 4:
        seen = "\n  ".join(excuses[:12])
        raise Spoilt(f"{what}: {len(excuses)} windows were spoilt by this machine:\n  {seen}")


def _wrong(
    piece: Samples, wanted: dict[float, float], absent: Iterable[float], tolerance: float
) -> list[str]:
    """What is not right in one window."""
    if len(piece) < round(WINDOW_S * RATE):
        return ["no audio"]
    found = []
    for hz, dbov in wanted.items():
        got = level(piece, hz)
        if abs(got - dbov) > tolerance:
            found.append(f"{hz:g} Hz at {got:.1f} dBov instead of {dbov:.1f}")
    for hz in absent:
        if (got := level(piece, hz)) > QUIET:
            found.append(f"{hz:g} Hz at {got:.1f} dBov should not be there")
    return found
