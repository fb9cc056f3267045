"""Recordings in which a synthetic voice says known words at known times."""

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from appliance.speech.transcribe.jobs import TranscribeJob

RATE = 8000
MODELS = Path(__file__).parents[3] / "appliance" / "speech" / "models"
MODEL = Path(os.environ.get("CALLFLOOR_TEST_MODEL", MODELS / "en-commands"))
"""The built-in model, or another one to try."""
needs_model = pytest.mark.skipif(
    not (MODEL / "am" / "final.mdl").exists(), reason="the built-in speech model is not there"
)

Samples = np.ndarray[Any, np.dtype[np.int16]]
Line = tuple[float, str]


@cache
def voice(text: str) -> Samples:
    """espeak-ng at 8 kHz, without the silence at both ends."""
    made = subprocess.run(
        ["espeak-ng", "-v", "en-us", "-s", "150", "--stdout", text], check=True, capture_output=True
    ).stdout
    rate = int.from_bytes(made[24:28], "little")
    sound = soxr.resample(np.frombuffer(made[44:], "<i2"), rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > 300)
    return np.asarray(sound[loud[0] : loud[-1]], np.int16)


def channel(seconds: float, *lines: Line) -> Samples:
    """Quiet noise, and each text from its second on."""
    sound = np.random.default_rng(3).integers(-15, 15, int(seconds * RATE)).astype(np.int16)
    for at, text in lines:
        spoken = voice(text)
        sound[int(at * RATE) : int(at * RATE) + len(spoken)] = spoken
    return sound


def record(folder: Path, name: str, *channels: Samples, suffix: str = ".flac") -> TranscribeJob:
    """A finished recording in `folder`, and the job to make its text."""
    path = folder / "2026" / "11" / "23" / (name + suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    form = "FLAC" if suffix == ".flac" else "OGG"
    subtype = "PCM_16" if suffix == ".flac" else "OPUS"
    soundfile.write(path, np.stack(channels, axis=1), RATE, format=form, subtype=subtype)
    return TranscribeJob(
        folder=str(folder),
        audio=str(path.relative_to(folder)),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        duration_s=len(channels[0]) / RATE,
        call=f"call-{name}",
        recording=name,
        kind="call" if len(channels) == 2 else "voicemail",
        language="en",
        model=MODEL.name,
        model_folder=str(MODEL),
    )
