"""Where an utterance begins and ends, from one yes or no for each 20 ms. Pure.

The beginning has to be certain, because a prompt stops there: `ONSET` voiced frames of the last
`ONSET_OF`, and a pitch in one of them, which noise and clicks do not have. The end comes in two
steps: a pause, after which a complete answer ends at once, and the longer silence that ends
anything.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum, auto

FRAME_S = 0.02
ONSET, ONSET_OF = 5, 7
PAUSE = 7
"""Frames of silence after which a complete answer is over."""
BREATH = 10
"""Frames of silence that show that a person speaks."""
ENDLESS = 150
"""Frames within which they have to come after an utterance was cut off. Who talks on stops for
breath, and soon for what he is told."""


class Cue(Enum):
    BEGAN = auto()
    """Somebody speaks, since the first of the last `ONSET_OF` frames."""
    PAUSED = auto()
    """Over, if the answer is complete."""
    ENDED = auto()
    CUT = auto()
    """Longer than is listened to."""
    ENDLESS = auto()
    """It was cut off, and went on and on: a television, another conversation."""


class Endpoint:
    """`trailing_s`: silence that ends an utterance; `longest_s`: it is cut off then."""

    def __init__(self, trailing_s: float, longest_s: float) -> None:
        self._trailing = max(PAUSE + 1, round(trailing_s / FRAME_S))
        self._longest = max(ONSET_OF, int(longest_s / FRAME_S + 1e-6))
        self._recent: deque[bool] = deque(maxlen=ONSET_OF)
        self._pitched: deque[bool] = deque(maxlen=ONSET_OF)
        self.speaking = False
        self.silent = 0
        """Frames since the last voiced one."""
        self.spoken = 0
        """Frames from the first to the last voiced one of the utterance."""
        self._length = 0
        self._resting = False
        """What is said is the rest of something, until there is the silence that ends anything."""
        self._cut = self._breathless = 0
        """Frames since it was cut off, and since the last breath after that."""

    def frame(self, voiced: int, pitched: Callable[[], bool] = lambda: True) -> Cue | None:
        """`voiced`: 0 or 1; more if so many frames up to this one turn out to be voiced.
        `pitched` is asked of voiced frames outside of utterances only, and only until one has."""
        self.silent = 0 if voiced else self.silent + 1
        if not self.speaking:
            return self._before(voiced, pitched)
        self._length += 1
        if voiced:
            self.spoken = self._length
        if self._length >= self._longest:
            self.over(resting=True)
            self._cut = self._breathless = 1
            return Cue.CUT
        if self.silent >= self._trailing:
            self.over()
            return Cue.ENDED
        return Cue.PAUSED if self.silent == PAUSE else None

    def over(self, resting: bool = False) -> None:
        """The utterance has ended, also where somebody else says so."""
        self.speaking = False
        self._resting, self._cut = resting and self.silent < self._trailing, 0
        self._recent.clear()
        self._pitched.clear()

    def follow(self, last: "Endpoint", known: bool) -> None:
        """Comes at once after `last`, which was for the question before. `known`: who asked that
        was told of what was being said."""
        self.silent = last.silent
        if not last._resting and not (last.speaking and known):
            self._recent.extend(last._recent)
            self._pitched.extend(last._pitched)

    def _before(self, voiced: int, pitched: Callable[[], bool]) -> Cue | None:
        if self._resting:
            return self._rest()
        if not voiced and True not in self._recent:
            return None
        self._recent.append(bool(voiced))
        if voiced > 1:
            self._recent.extend([True] * voiced)
        self._pitched.append(bool(voiced) and not any(self._pitched) and pitched())
        if sum(self._recent) < ONSET or not any(self._pitched):
            return None
        first = next(at for at, one in enumerate(self._recent) if one)
        self.speaking = True
        self.spoken = self._length = len(self._recent) - first
        return Cue.BEGAN

    def _rest(self) -> Cue | None:
        self._resting = self.silent < self._trailing
        if not self._resting or not self._cut:
            return None
        self._cut += 1
        self._breathless = 0 if self.silent >= BREATH else self._breathless + 1
        if self._breathless < ENDLESS and self._cut < ENDLESS + self._longest:
            return None
        self._cut = 0
        return Cue.ENDLESS
