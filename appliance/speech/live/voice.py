"""Is there a voice in these 20 ms? WebRTC's detector, of what is louder than the line's noise and
no tone of a key."""

from collections import deque
from math import hypot, log10

import numpy as np
import numpy.typing as npt
import webrtcvad

from appliance.speech.live.keytone import is_key_tone
from appliance.speech.live.recogniser import RATE

FRAME = RATE // 50
AGGRESSIVENESS = 2
MARGIN_DB, KEPT_DB = 8.0, 5.0
"""Over the noise, for a voice to begin and to go on."""
QUIETEST_DBOV = -58.0
LOOKED_AT = 4
"""Of quiet frames one in so many is shown to the detector, which learns noise from them."""
PITCHED = 0.5
_SHORTEST_PERIOD, _LONGEST_PERIOD = RATE // 400, RATE // 55
_WINDOW, _WINDOWS = 10, 10
"""The noise is the quietest of the last 2 s: speech has dips more often than that."""
UNSETTLED_DBOV, HIGHEST_DBOV = -38.0, -20.0
"""The floor is not taken to be higher: before 2 s are over, when all may have been speech, and
then."""


class NoiseFloor:
    """Level of what is there when nobody speaks, by minimum statistics. Levels in dBov."""

    def __init__(self) -> None:
        self._done: deque[float] = deque(maxlen=_WINDOWS)
        self._lowest, self._frames, self._smooth = 0.0, 0, 0.0
        self.level = UNSETTLED_DBOV

    def follow(self, level: float) -> None:
        self._smooth += 0.4 * (level - self._smooth) if self._smooth else level
        self._frames += 1
        if self._smooth < self._lowest:
            self._lowest = self._smooth
            self.level = min(self.level, self._smooth)
        if self._frames == _WINDOW:
            self._done.append(self._lowest)
            highest = HIGHEST_DBOV if len(self._done) == _WINDOWS else UNSETTLED_DBOV
            self.level = min(highest, *self._done)
            self._lowest, self._frames = 0.0, 0


def level(samples: npt.NDArray[np.float32]) -> float:
    """dBov: 0 is a full-scale square wave; -100 for digital silence."""
    return _dbov(float(np.dot(samples, samples)) / samples.size)


def level_of(frame: bytes) -> float:
    """The same of int16 samples. A single frame is done sooner without numpy, which has to be
    fetched into the processor's cache each 20 ms."""
    samples = memoryview(frame).cast("h")
    return _dbov(hypot(*samples) ** 2 / len(samples))


def _dbov(power: float) -> float:
    return 10 * log10(power / 32768.0**2) if power > 0.1 else -100.0


def pitch(frames: bytes) -> float:
    """How periodic two frames of int16 samples are, 0 to 1: the highest normalised
    autocorrelation between 55 and 400 Hz. Vowels have 0.7 and more, noise and clicks 0.3."""
    wide = np.frombuffer(frames, np.int16).astype(np.float32)
    wide = np.diff(wide, prepend=wide[:1])  # what a street has is low, a voice is not
    alike = np.fft.irfft(np.abs(np.fft.rfft(wide, 4 * FRAME)) ** 2)[: _LONGEST_PERIOD + 1]
    energy = np.concatenate(([0.0], np.cumsum(wide**2)))
    lags = np.arange(_SHORTEST_PERIOD, _LONGEST_PERIOD + 1)
    both = np.sqrt(energy[-1 - lags] * (energy[-1] - energy[lags]))
    return float(np.max(alike[lags] / np.maximum(both, 1.0)))


class Voice:
    """Of one stream, frame after frame; a frame is `FRAME` int16 samples."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._last = self._now = bytes(2 * FRAME)
        self._kept, self._key, self._quiet = False, False, 0
        self.floor = NoiseFloor()

    def pitched(self) -> bool:
        """Whether the frame that was given last is part of a voiced sound."""
        return pitch(self._last + self._now) >= PITCHED

    def frame(self, frame: bytes, speaking: bool = False) -> bool:
        """Whether there is a voice in it. While somebody is `speaking` keys are not looked for:
        a key ends what he says, and it takes ten times the time of all else."""
        self._last, self._now = self._now, frame
        loudness = level_of(frame)
        self.floor.follow(max(loudness, -75.0))
        margin = KEPT_DB if self._kept else MARGIN_DB
        if loudness <= max(self.floor.level + margin, QUIETEST_DBOV):
            self._kept = self._key = False
            self._quiet += 1
            if self._quiet % LOOKED_AT == 0:
                self._vad.is_speech(frame, RATE)
        else:
            self._kept = bool(self._vad.is_speech(frame, RATE)) and (
                speaking or not self._of_a_key(frame)
            )
        return self._kept

    def _of_a_key(self, frame: bytes) -> bool:
        """So is the frame after its tone, in which it ends."""
        ends, self._key = self._key, is_key_tone(frame)
        return ends or self._key
