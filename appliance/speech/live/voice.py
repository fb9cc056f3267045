"""Is there a voice in these 20 ms? WebRTC's detector, and what is louder than the line's noise."""

from collections import deque

import numpy as np
import numpy.typing as npt
import webrtcvad

from appliance.speech.live.recogniser import RATE

Samples = npt.NDArray[np.int16]
FRAME = RATE // 50
AGGRESSIVENESS = 2
MARGIN_DB, KEPT_DB = 8.0, 5.0
"""Over the noise, for a voice to begin and to go on."""
QUIETEST_DBOV = -58.0
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
        self._lowest = min(self._lowest, self._smooth)
        self._frames += 1
        highest = HIGHEST_DBOV if len(self._done) == _WINDOWS else UNSETTLED_DBOV
        self.level = min(highest, self._lowest, *self._done)
        if self._frames >= _WINDOW:
            self._done.append(self._lowest)
            self._lowest, self._frames = 0.0, 0


def level(samples: npt.NDArray[np.int16] | npt.NDArray[np.float32]) -> float:
    """dBov: 0 is a full-scale square wave; -100 for digital silence."""
    wide = samples.astype(np.float32)
    power = float(np.dot(wide, wide)) / wide.size
    return 10 * float(np.log10(power / 32768.0**2)) if power > 0.1 else -100.0


def pitch(samples: Samples) -> float:
    """How periodic two frames are, 0 to 1: the highest normalised autocorrelation between 55 and
    400 Hz. Vowels have 0.7 and more, noise and clicks 0.3 and less."""
    wide = np.diff(samples.astype(np.float32), prepend=0.0)  # street noise is low, a voice is not
    alike = np.fft.irfft(np.abs(np.fft.rfft(wide, 4 * FRAME)) ** 2)[: _LONGEST_PERIOD + 1]
    energy = np.concatenate(([0.0], np.cumsum(wide**2)))
    lags = np.arange(_SHORTEST_PERIOD, _LONGEST_PERIOD + 1)
    both = np.sqrt(energy[-1 - lags] * (energy[-1] - energy[lags]))
    return float(np.max(alike[lags] / np.maximum(both, 1.0)))


class Voice:
    """Of one stream, frame after frame."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._last = np.zeros(FRAME, np.int16)
        self._now = self._last
        self._kept = False
        self.floor = NoiseFloor()

    def pitched(self) -> bool:
        """Whether the frame that was given last is part of a voiced sound."""
        return pitch(np.concatenate((self._last, self._now))) >= PITCHED

    def frame(self, samples: Samples) -> bool:
        """Whether there is a voice in `FRAME` samples."""
        self._last, self._now = self._now, samples
        loudness = level(samples)
        self.floor.follow(max(loudness, -75.0))
        voiced = self._vad.is_speech(samples.tobytes(), RATE)
        margin = KEPT_DB if self._kept else MARGIN_DB
        threshold = max(self.floor.level + margin, QUIETEST_DBOV)
        self._kept = bool(voiced) and loudness > threshold
        return self._kept
