"""A recording heard as a call would be, in this process and as fast as it goes: for tools."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from appliance.model.hearing import Hearing, SpeechDone
from appliance.model.ids import LegId
from appliance.speech.live.attention import Attention
from appliance.speech.live.description import Description, describe
from appliance.speech.live.ear import FRAME_BYTES
from appliance.speech.live.endpoint import FRAME_S, PAUSE, Cue
from appliance.speech.live.recogniser import RATE, VoskModel
from appliance.speech.live.session import Session
from appliance.speech.live.utterance import Parcels
from appliance.speech.live.wire import Heard, Question

TAIL_S = 1.0
"""Of silence after the file, so that its last word is over."""


@dataclass(frozen=True)
class LoadedModel:
    vosk: VoskModel
    about: Description


def load(folder: Path) -> LoadedModel:
    """Raises `UnfitModel` or `RecogniserError`. A damaged file may end the process."""
    return LoadedModel(vosk=VoskModel(folder), about=describe(folder))


def hear_file(
    model: LoadedModel,
    hearing: Hearing,
    samples: npt.NDArray[np.int16],
    sure: float | None = None,
    unsure: float | None = None,
) -> list[SpeechDone]:
    """The utterances in 8 kHz samples, in order; empty if nobody speaks. Raises `NoWords`.

    `latency_s` has the silence that was waited for, and no computing."""
    session = Session(model.vosk, model.about, Question(0, hearing, sure, unsure))
    try:
        return _Hearing(session, hearing, model.about.id).run(samples)
    finally:
        session.close()


class _Hearing:
    """The steps of `listening`, without a process between them."""

    def __init__(self, session: Session, hearing: Hearing, model: str) -> None:
        self._session, self._model = session, model
        self._attention, self._parcels = Attention(), Parcels()
        self._attention.ask(hearing.trailing_s, hearing.longest_s, 0.0)
        self._speaking = False
        self._found: list[SpeechDone] = []

    def run(self, samples: npt.NDArray[np.int16]) -> list[SpeechDone]:
        rest = -samples.size % (FRAME_BYTES // 2) + int(TAIL_S * RATE)
        whole = memoryview(np.pad(samples, (0, rest)).astype(np.int16).tobytes())
        for at in range(0, len(whole), FRAME_BYTES):
            heard = self._attention.hear(whole[at : at + FRAME_BYTES], whole[:0], at)
            for frame, _, cue in heard:
                self._frame(frame, cue)
        if self._speaking:
            self._done(self._session.finish(), cut=False)
        return self._found

    def _frame(self, frame: bytes, cue: Cue | None) -> None:
        if cue is Cue.BEGAN:
            self._speaking = True
            self._session.sound(self._attention.beginning())
            self._attention.known()
        elif self._speaking:
            self._pass_on(frame, self._attention.endpoint.silent > PAUSE)
            self._ask(cue)

    def _pass_on(self, frame: bytes, silence: bool) -> None:
        if silence:
            if packet := self._parcels.silence(frame):
                self._session.silence(packet)
        elif packet := self._parcels.sound(frame):
            self._session.sound(packet)

    def _ask(self, cue: Cue | None) -> None:
        if cue is None:
            return
        if packet := self._parcels.flush():
            self._session.sound(packet)
        if cue is not Cue.PAUSED:
            self._done(self._session.finish(), cut=cue is Cue.CUT)
        elif isinstance(told := self._session.pause(), Heard):
            self._done(told, cut=False)
            self._attention.over()

    def _done(self, heard: Heard, cut: bool) -> None:
        self._parcels.clear()
        self._speaking = False
        endpoint = self._attention.endpoint
        self._found.append(
            SpeechDone(
                leg=LegId(""),
                listen=0,
                text=heard.text,
                choice="" if cut else heard.choice,
                confidence=heard.confidence,
                verdict="none" if cut else heard.verdict,
                missed="too_long" if cut else heard.missed,
                spoken_s=round(endpoint.spoken * FRAME_S, 3),
                latency_s=round(endpoint.silent * FRAME_S, 3),
                model=self._model,
            )
        )
