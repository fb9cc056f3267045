"""Any usual sound file to what calls play: WAV, 8 kHz, mono, 16 bit, at one loudness.

Loudness is the active speech level in dBov: 0 dBov is the power of a full-scale rectangle
(ITU-T G.100.1), so a full-scale sine is -3.01 dBov. The active level is the RMS of those 20 ms
frames that are no more than 35 dB below the loudest, a plain stand-in for ITU-T P.56.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from appliance.speech.phrases import SOUND_SUFFIXES
from appliance.speech.whole import LEVEL_DBOV, RATE, SoundError

Samples = npt.NDArray[np.float32]
"""Mono, 8 kHz, full scale is 1.0."""

FRAME = 160
ACTIVE_DB = 35.0
LONGEST_S = 30 * 60
_BLOCK = 1 << 16
_KNEE = 0.7
_RAW = {
    ".gsm": ("GSM610", 8000),
    ".ulaw": ("ULAW", 8000),
    ".ul": ("ULAW", 8000),
    ".alaw": ("ALAW", 8000),
    ".al": ("ALAW", 8000),
    ".sln": ("PCM_16", 8000),
    ".sln16": ("PCM_16", 16000),
}
"""Files without a header, as telephone systems keep them: coding and Hz."""


def read_sound(path: Path) -> Samples:
    """A recording as 8 kHz mono. Raises `SoundError`."""
    if not path.is_file():
        raise SoundError(f"There is no file {path}. Put the recording there.")
    try:
        with _open(path) as sound:
            samples = _resampled(sound)
    except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
        raise SoundError(f"{path} cannot be read: {_reason(error)} {_remedy(path)}") from None
    if not samples.size or not np.isfinite(samples).all():
        raise SoundError(f"{path} holds no sound. Record it again.")
    return samples


def _open(path: Path) -> soundfile.SoundFile:
    raw = _RAW.get(path.suffix.lower())
    if raw is None:
        return soundfile.SoundFile(path)
    coding, rate = raw
    return soundfile.SoundFile(
        path, format="RAW", subtype=coding, samplerate=rate, channels=1, endian="LITTLE"
    )


def _resampled(sound: soundfile.SoundFile) -> Samples:
    return np.concatenate([*_resampled_blocks(sound), np.zeros(0, np.float32)])


def _resampled_blocks(sound: soundfile.SoundFile) -> Iterator[Samples]:
    """Block by block: half an hour of 48 kHz stereo at once would be 700 MB."""
    stream = soxr.ResampleStream(sound.samplerate, RATE, 1, dtype="float32")
    done = 0
    while (block := sound.read(_BLOCK, dtype="float32", always_2d=True)).size:
        done += len(block)
        if done > LONGEST_S * sound.samplerate:
            raise SoundError(
                f"{sound.name} is longer than {LONGEST_S // 60} minutes. Cut it shorter."
            )
        yield stream.resample_chunk(block.mean(axis=1, dtype=np.float32))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return str(text).rstrip(".") + "."


def _remedy(path: Path) -> str:
    if path.suffix.lower() in SOUND_SUFFIXES:
        return "It may be cut off or of another kind than its name says: save it again as WAV."
    return "Save it as WAV, FLAC, Ogg or MP3 (e.g. ffmpeg -i OLD new.flac)."


def active_level(samples: Samples) -> float:
    """Active speech level in dBov; -120.0 for silence."""
    if samples.size < FRAME:
        samples = np.pad(samples, (0, FRAME - samples.size))
    frames = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    loudest = float(power.max(initial=0.0))
    if loudest < 1e-12:
        return -120.0
    active = power[power >= loudest * 10 ** (-ACTIVE_DB / 10)]
    return float(10 * np.log10(active.mean()))


def levelled(samples: Samples, level_dbov: float = LEVEL_DBOV) -> Samples:
    """The same sound at `level_dbov`; peaks above 0.7 are rounded off rather than cut.

    Raises `SoundError` for silence.
    """
    now = active_level(samples)
    if now <= -90.0:
        raise SoundError("It is silent from beginning to end. Record it again.")
    # Rounding off peaks takes a little power away, so the gain is corrected once.
    first = _limited(samples * _gain(level_dbov - now))
    return _limited(samples * _gain(level_dbov - now + level_dbov - active_level(first)))


def _gain(db: float) -> np.float32:
    return np.float32(10 ** (db / 20))


def _limited(samples: Samples) -> Samples:
    size = np.abs(samples)
    rounded = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    return np.where(size > _KNEE, np.sign(samples) * rounded, samples).astype(np.float32)


def trimmed(samples: Samples, pad_s: float = 0.04) -> Samples:
    """Without the silence at both ends but for `pad_s`, so that pieces join to a sentence."""
    loud = np.flatnonzero(np.abs(samples) > 10 ** (-50 / 20))
    if not loud.size:
        return samples
    pad = int(pad_s * RATE)
    return samples[max(0, loud[0] - pad) : loud[-1] + pad]


def write_wav(path: Path, samples: Samples) -> None:
    """Writes at once or not at all. Raises `OSError`.

    Not synced: hundreds are written on the first start, and one that a power cut leaves short
    is noticed by `is_whole` and made again.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        soundfile.write(part, samples, RATE, subtype="PCM_16", format="WAV")
        part.replace(path)
    except soundfile.LibsndfileError as error:
        raise OSError(f"{path} cannot be written: {_reason(error)}") from None
    finally:
        part.unlink(missing_ok=True)
