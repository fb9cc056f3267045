"""Measure samples: tones, silence, files."""

import struct
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]


def read_stereo(path: Path) -> tuple[Samples, Samples, int]:
    """Left, right and the rate, by what the header says."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        rate = file.getframerate()
    return data[0::2].astype(float), data[1::2].astype(float), rate


def header_frames(path: Path) -> tuple[int, int]:
    """Sample pairs by the header's data size, and by the file's length. Fails on a header
    that is no WAV header."""
    head = path.read_bytes()[:44]
    length = path.stat().st_size
    assert head[:4] == b"RIFF" and head[8:16] == b"WAVEfmt " and head[36:40] == b"data"
    (riff,) = struct.unpack("<I", head[4:8])
    (data,) = struct.unpack("<I", head[40:44])
    assert riff == data + 36
    return data // 4, (length - 44) // 4


def level_db(samples: npt.ArrayLike, hertz: float, rate: int = 8000) -> float:
    """Power of one frequency (Goertzel, with a Hann window) in dB of full scale."""
    x = np.asarray(samples, dtype=float)
    x = x * np.hanning(x.size)
    turn = np.exp(-2j * np.pi * hertz / rate * np.arange(x.size))
    amplitude = 4 * abs(np.dot(x, turn)) / x.size
    return float(20 * np.log10(max(amplitude, 1e-9) / 32768))


def silent_db(samples: npt.ArrayLike) -> float:
    """Root mean square in dB of full scale."""
    x = np.asarray(samples, dtype=float)
    return float(20 * np.log10(max(np.sqrt(np.mean(x * x)), 1e-9) / 32768))


def active(
    samples: Samples, rate: int = 8000, threshold: float = 100.0
) -> list[tuple[float, float]]:
    """Stretches of signal as (start, end) in seconds, in steps of 10 ms."""
    step = rate // 100
    blocks = np.abs(samples[: samples.size // step * step]).reshape(-1, step).max(axis=1)
    loud = np.concatenate(([False], blocks > threshold, [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    return [(a / 100, b / 100) for a, b in zip(edges[0::2], edges[1::2], strict=True)]
