"""A recording's sound to words, channel by channel. Runs in the transcribing process only.

Vosk's recogniser gets nothing but speech, as the voice detector of WebRTC finds it: silence costs
nothing, and times stay right however long the recording is.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
import vosk
import webrtcvad

from appliance.model.transcript import ChannelName, Utterance, Word
from appliance.speech.transcribe.speaking import FRAME_S, Span, Speaking
from appliance.speech.transcribe.utterances import utterances, word

BLOCK_S = 10
CHUNK_S = 0.4
"""So much sound goes to the recogniser at once."""
RATES = (8000, 16000, 32000, 48000)
"""That the voice detector takes, Hz."""
VAD_MODE = 2
_RATE = re.compile(r"^--sample-frequency=(\d+)", re.MULTILINE)

Samples = np.ndarray[Any, np.dtype[np.int16]]


class Damaged(Exception):
    """The recording cannot be read to its end; the text says why."""


class Model:
    """A Vosk model and the rate that it hears, Hz. Raises `BadModel`."""

    def __init__(self, folder: Path) -> None:
        vosk.SetLogLevel(-1)
        self.folder = folder
        if not (folder / "am" / "final.mdl").is_file() and not (folder / "final.mdl").is_file():
            raise BadModel(f"there is no speech model in {folder} (no final.mdl)")
        try:
            self.vosk = vosk.Model(str(folder))
        except Exception as error:
            raise BadModel(f"the speech model in {folder} cannot be loaded: {error}") from error
        self.rate = _rate(folder)


class BadModel(Exception):
    """The folder holds no model that can be loaded."""


def _rate(folder: Path) -> int:
    for name in ("conf/mfcc.conf", "mfcc.conf"):
        if (folder / name).is_file() and (found := _RATE.search((folder / name).read_text())):
            return int(found[1])
    return 16000


def hear(path: Path, model: Model) -> list[Utterance]:
    """All utterances in order of time. One channel: the caller; two: left caller, right floor.

    Memory does not depend on the recording's length. Raises `Damaged`, OSError,
    soundfile.LibsndfileError.
    """
    with path.open("rb"):
        pass  # libsndfile does not say why it cannot
    with soundfile.SoundFile(path) as sound:
        if sound.samplerate not in RATES or sound.channels not in (1, 2):
            raise Damaged(f"it has {sound.channels} channels at {sound.samplerate} Hz")
        names: tuple[ChannelName, ...] = ("caller", "floor")
        ears = [_Ear(model, sound.samplerate) for _ in range(sound.channels)]
        for block in _blocks(sound):
            for number, ear in enumerate(ears):
                ear.take(block[:, number])
        heard = [
            each
            for name, ear in zip(names, ears, strict=False)
            for each in utterances(name, ear.end())
        ]
    return sorted(heard, key=lambda each: (each.start, each.channel))


def _blocks(sound: Any) -> Iterator[Samples]:
    read = 0
    while True:
        block = sound.read(BLOCK_S * sound.samplerate, dtype="int16", always_2d=True)
        read += len(block)
        if not len(block):
            break
        yield block
    if read < sound.frames:
        rate = sound.samplerate
        raise Damaged(f"it ends after {read / rate:.0f} s instead of {sound.frames / rate:.0f} s")


class _Ear:
    """One channel: finds speech in what it takes, and has it recognised."""

    def __init__(self, model: Model, rate: int) -> None:
        self._model, self._rate = model, rate
        self._vad = webrtcvad.Vad(VAD_MODE)
        self._frame = int(rate * FRAME_S)
        self._speaking = Speaking()
        self._sound: Samples = np.zeros(0, np.int16)
        self._from = 0  # frame of the first sample kept
        self._next = 0  # frame that the detector has not heard
        self._fed = 0  # samples that the recogniser has had
        self._recogniser: Any = None
        self._words: list[Word] = []

    def take(self, block: Samples) -> None:
        self._sound = np.concatenate([self._sound, block])
        while (self._next - self._from + 1) * self._frame <= len(self._sound):
            at = (self._next - self._from) * self._frame
            frame = self._sound[at : at + self._frame].tobytes()
            self._next += 1
            for span in self._speaking.take(self._vad.is_speech(frame, self._rate)):
                self._recognise(span)
        keep = self._speaking.needed_from
        self._sound = self._sound[(keep - self._from) * self._frame :]
        self._from = keep

    def end(self) -> list[Word]:
        for span in self._speaking.end():
            self._recognise(span)
        return self._words

    def _recognise(self, span: Span) -> None:
        start, end = ((frame - self._from) * self._frame for frame in span)
        sound = self._sound[start:end]
        if self._model.rate != self._rate:
            sound = soxr.resample(sound, self._rate, self._model.rate)
        if self._recogniser is None:
            self._recogniser = vosk.KaldiRecognizer(self._model.vosk, self._model.rate)
            self._recogniser.SetWords(True)
        # Its times go on counting over all that it was fed.
        shift = span[0] * FRAME_S - self._fed / self._model.rate
        self._fed += len(sound)
        for result in self._results(sound):
            for each in json.loads(result).get("result", []):
                self._words.append(
                    word(each["word"], each["start"] + shift, each["end"] + shift, each["conf"])
                )

    def _results(self, sound: Samples) -> Iterator[str]:
        step = int(CHUNK_S * self._model.rate)
        for at in range(0, len(sound), step):
            if self._recogniser.AcceptWaveform(sound[at : at + step].tobytes()):
                yield self._recogniser.Result()
        yield self._recogniser.FinalResult()
