"""A question of a flow tried on recordings, as callers would be heard by it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from appliance.model.hearing import Hearing, SpeechDone
from appliance.speech.convert import read_sound
from appliance.speech.live.offline import LoadedModel, hear_file
from appliance.speech.tools.confusion import Outcome
from appliance.speech.whole import RATE, SoundError


def pcm(file: Path) -> npt.NDArray[np.int16]:
    """8 kHz samples of any sound file. Raises `SoundError`."""
    return (np.clip(read_sound(file), -1.0, 1.0) * 32767).astype(np.int16)


def tried(
    model: LoadedModel,
    hearing: Hearing,
    files: Mapping[Path, str | None],
    sure: float | None = None,
    unsure: float | None = None,
    step: Callable[[float, float], None] = lambda done, total: None,
) -> Iterator[Outcome]:
    """One outcome for each file, in their order. Raises `NoWords` where the model has none of
    the words."""
    for done, (file, value) in enumerate(files.items()):
        yield _outcome(model, hearing, file, value, sure, unsure)
        step(done + 1, len(files))


def _outcome(
    model: LoadedModel,
    hearing: Hearing,
    file: Path,
    value: str | None,
    sure: float | None,
    unsure: float | None,
) -> Outcome:
    try:
        samples = pcm(file)
    except SoundError as error:
        return Outcome(str(file), value, error=str(error))
    began = time.process_time()
    found = hear_file(model, hearing, samples, sure, unsure)
    cpu_s = time.process_time() - began
    audio_s = round(samples.size / RATE, 3)
    if not found:
        return Outcome(str(file), value, missed="no speech", audio_s=audio_s, cpu_s=cpu_s)
    one = acted_on(found)
    return Outcome(
        str(file),
        value,
        text=one.text,
        choice=one.choice,
        confidence=one.confidence,
        verdict=one.verdict,
        missed=one.missed,
        audio_s=audio_s,
        latency_s=one.latency_s,
        cpu_s=cpu_s,
    )


def acted_on(found: Sequence[SpeechDone]) -> SpeechDone:
    """The first utterance with a meaning, else the last."""
    return next((one for one in found if one.verdict != "none"), found[-1])
