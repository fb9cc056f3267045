"""Whether what is left of a caller's sound over a prompt is the caller. Pure."""

from collections import deque

LATE = 12
"""Frames after which something is learnt from: the caller would have been noticed by then."""


class Told:
    """`frames` as from `EchoGuard.judge`; `asks`: that depends on an answer."""

    __slots__ = ("asks", "frames")

    def __init__(self, frames: int, asks: bool = False) -> None:
        self.frames, self.asks = frames, asks


class Judge:
    """Decides by levels where it can, else asks whether the prompt explains the sound. Pure.

    Levels are those of what is left of the caller's sound over the loudest that was played within
    an echo's delay, in dB.
    """

    KNOWN = 40
    """Frames of a prompt after which its usual remains are known; more than the longest delay."""
    FADE_DB = 0.04
    """By which the loudest remains are forgotten each frame: 2 dB a second."""
    MARGIN_DB = 6.0
    ASK_OF, ASK = 8, 6
    """Asked once so many of the last frames have a voice: shorter sound fits anything."""
    HOLD = 10

    def __init__(self) -> None:
        self._voiced: deque[bool] = deque(maxlen=self.ASK_OF)
        self._unsettled: deque[float] = deque()
        self._remains, self._learnt = -60.0, 0
        self._hold, self._since_asked = 0, 0

    def frame(self, voiced: bool, over_played: float) -> Told:
        self._voiced.append(voiced)
        self._hold -= 1
        self._since_asked += 1
        if voiced and self._is_loud(over_played):
            self._unsettled.clear()
            return Told(1)
        self._remember(over_played)
        if not voiced:
            return Told(0)
        if self._hold > 0:
            return Told(1)
        if sum(self._voiced) >= self.ASK and self._since_asked >= 2:
            self._since_asked = 0
            return Told(0, asks=True)
        return Told(0)

    def answer(self, is_echo: bool) -> int:
        """To what was asked; frames in which the caller has spoken."""
        if is_echo:
            return 0
        self._hold = self.HOLD
        self._unsettled.clear()
        return len(self._voiced)

    def _is_loud(self, over_played: float) -> bool:
        return self._learnt >= self.KNOWN and over_played > self._remains + self.MARGIN_DB

    def _remember(self, over_played: float) -> None:
        """Late, so that the beginning of the caller's words is not taken for remains."""
        self._unsettled.append(over_played)
        if len(self._unsettled) > LATE:
            self._remains = max(self._remains - self.FADE_DB, self._unsettled.popleft())
            self._learnt += 1
