"""Real audio for the tests: tones as a media engine would write them, and their measure."""

import struct
from pathlib import Path

import numpy as np
import soundfile

RATE = 8000


def tones(seconds: float, left_hz: float = 440, right_hz: float = 1000) -> bytes:
    """Interleaved 16-bit stereo, amplitude 8000."""
    t = np.arange(int(seconds * RATE)) / RATE
    both = np.stack([np.sin(2 * np.pi * left_hz * t), np.sin(2 * np.pi * right_hz * t)], axis=1)
    return (both * 8000).astype("<i2").tobytes()


def header(data_bytes: int, channels: int = 2) -> bytes:
    """The 44-byte header of the media engine; zero as it stands before the file is closed."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", data_bytes + 36 if data_bytes else 0, b"WAVE", b"fmt ", 16, 1, channels),
        *(RATE, RATE * 2 * channels, 2 * channels, 16, b"data", data_bytes),
    )


def write_raw(path: Path, samples: bytes, *, stale: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(0 if stale else len(samples)) + samples)
    return path


def level_db(samples: "np.ndarray[tuple[int], np.dtype[np.float64]]", hz: float) -> float:
    """Power of one frequency in dB relative to full scale (one DFT bin, as Goertzel)."""
    turn = np.exp(-2j * np.pi * hz * np.arange(len(samples)) / RATE)
    return float(20 * np.log10(abs((samples * turn).sum()) * 2 / len(samples) / 32768 + 1e-12))


def channel(path: Path, number: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Samples of one channel, half a second at each end left out."""
    data, rate = soundfile.read(path, dtype="int16", always_2d=True)
    assert rate == RATE
    return data[RATE // 2 : -RATE // 2, number].astype(float)


def assert_tones(path: Path, left_hz: float = 440, right_hz: float = 1000) -> None:
    """Each tone is in its channel at its level and at least 50 dB below in the other."""
    for number, own, other in ((0, left_hz, right_hz), (1, right_hz, left_hz)):
        samples = channel(path, number)
        assert abs(level_db(samples, own) - 20 * np.log10(8000 / 32768)) < 1
        assert level_db(samples, other) < level_db(samples, own) - 50
