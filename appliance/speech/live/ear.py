"""What one stream's recogniser gets to hear, and whether the caller speaks: 20 ms at a time."""

import numpy as np

from appliance.speech.live.echo import EchoGuard, Sound
from appliance.speech.live.endpoint import ONSET
from appliance.speech.live.voice import FRAME, Voice

FRAME_BYTES = FRAME * 2
QUIET = ONSET - 1
"""Frames that may wait for each other where nobody speaks: a beginning takes one more."""
_STIRS = 8
_SILENCE = bytes(FRAME_BYTES)


class Ear:
    """Of one leg: it learns the line's noise and its echo, which outlast a question."""

    def __init__(self) -> None:
        self._voice = Voice()
        self._guard = EchoGuard()
        self._stirs = 0

    @property
    def quiet(self) -> bool:
        """Nothing like a voice in the last frames: nobody can begin to speak within the next
        `QUIET`."""
        return self._stirs == 0

    def gap(self) -> None:
        """What was heard before is not what came just before the next frame."""
        self._guard.forget_sound()

    def pitched(self) -> bool:
        """Whether the last frame has the pitch of a voice, as noise and clicks have not."""
        return self._voice.pitched()

    def frame(self, near: memoryview, far: memoryview, speaking: bool = False) -> tuple[bytes, int]:
        """One frame from the caller and what is played to him meanwhile (or nothing). Returns
        the frame for the recogniser, and for how many frames up to this one he has spoken: more
        than 1 if that could only be told now. `speaking`: he is known to."""
        frame = bytes(near)
        played = None if not far or far == _SILENCE else _wide(far)
        if not self._guard.playing(played):
            return frame, int(self._voiced(frame, speaking))
        rest = self._guard.frame(_wide(frame), played)
        clean = np.clip(rest, -32768, 32767).astype(np.int16).tobytes()
        return clean, self._guard.judge(self._voiced(clean, speaking))

    def _voiced(self, frame: bytes, speaking: bool) -> bool:
        voiced = self._voice.frame(frame, speaking)
        self._stirs = _STIRS if voiced else max(0, self._stirs - 1)
        return voiced


def _wide(frame: bytes | memoryview) -> Sound:
    return np.frombuffer(frame, dtype=np.int16).astype(np.float32)
