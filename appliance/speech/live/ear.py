"""What one stream's recogniser gets to hear, and whether the caller speaks: 20 ms at a time."""

import numpy as np

from appliance.speech.live.voice import FRAME, Voice

FRAME_BYTES = FRAME * 2


class Ear:
    """Of one question."""

    def __init__(self) -> None:
        self._voice = Voice()

    def frame(self, near: memoryview, far: memoryview) -> tuple[bytes, bool]:
        """One frame from the caller and what is played to him meanwhile (or nothing). Returns
        the frame for the recogniser, and whether the caller speaks in it."""
        samples = np.frombuffer(near, dtype=np.int16)
        return samples.tobytes(), self._voice.frame(samples)
