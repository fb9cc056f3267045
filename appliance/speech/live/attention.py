"""What is heard of one leg, from question to question: frames, beginnings and ends. Pure.

A question that follows at once on another goes on where that one stopped: a caller who begins to
speak just then loses no syllable.
"""

from collections import deque
from collections.abc import Iterator

from appliance.speech.live.ear import FRAME_BYTES, QUIET, Ear
from appliance.speech.live.endpoint import ONSET_OF, Cue, Endpoint

PRE_ROLL = 15
"""Frames before the first voiced one that the recogniser hears too: soft beginnings. Where there
are not so many it hears silence, without which it misses a first word."""
GAP_S = 0.2
"""What was heard longer ago has nothing to do with what is heard now."""
_SILENCE = bytes(FRAME_BYTES)


class Attention:
    """`endpoint` is that of the last question. Times in seconds."""

    def __init__(self, ear: Ear | None = None) -> None:
        self._ear = ear or Ear()
        self.endpoint = Endpoint(0.0, 0.0)
        self._before: deque[bytes] = deque(maxlen=PRE_ROLL + ONSET_OF)
        self._quiet: list[tuple[bytes, bytes]] = []
        self._quiet_size = 0
        self._heard_at = float("-inf")
        self._known = True
        """Who asks knows that somebody speaks, if somebody does."""

    def ask(self, trailing_s: float, longest_s: float, now: float) -> None:
        """Another question, which hears from now on."""
        last, self.endpoint = self.endpoint, Endpoint(trailing_s, longest_s)
        if now - self._heard_at <= GAP_S:
            self.endpoint.follow(last, self._known)
        else:
            self._ear.gap()
            self._before.clear()
            self._quiet, self._quiet_size = [], 0
        self._known = True

    def hear(
        self, near: memoryview, far: memoryview, now: float
    ) -> Iterator[tuple[bytes, int, Cue | None]]:
        """Whole frames of 20 ms; `far` as long as `near`, or empty for silence. Gives each for
        the recogniser, with what the ear and the endpoint say. While nobody speaks some are heard
        together: each turn costs more than what is done in it."""
        self._heard_at = now
        if self.endpoint.speaking or not self._ear.quiet:
            yield from self._each(near, far)
            return
        self._quiet.append((bytes(near), bytes(far)))
        self._quiet_size += len(near)
        if self._quiet_size >= QUIET * FRAME_BYTES:
            quiet, self._quiet, self._quiet_size = self._quiet, [], 0
            for one, other in quiet:
                yield from self._each(memoryview(one), memoryview(other))

    def beginning(self) -> bytes:
        """At a beginning: all that belongs to it so far."""
        size = PRE_ROLL + self.endpoint.spoken
        first = list(self._before)[-size:]
        return _SILENCE * (size - len(first)) + b"".join(first)

    def known(self) -> None:
        """It was told that somebody speaks. Until then the next question would hear it anew."""
        self._known = True
        self._before.clear()

    def over(self, resting: bool = False) -> None:
        """As `Endpoint.over`: somebody else says that the utterance has ended."""
        self.endpoint.over(resting)
        self._before.clear()

    def _each(self, near: memoryview, far: memoryview) -> Iterator[tuple[bytes, int, Cue | None]]:
        for at in range(0, len(near) - FRAME_BYTES + 1, FRAME_BYTES):
            one, other = near[at : at + FRAME_BYTES], far[at : at + FRAME_BYTES]
            frame, voiced = self._ear.frame(one, other, self.endpoint.speaking)
            cue = self.endpoint.frame(voiced, self._ear.pitched)
            if cue is Cue.BEGAN:
                self._known = False
            if cue in (Cue.ENDED, Cue.CUT):
                self._before.clear()
            elif not self.endpoint.speaking or not self._known:
                self._before.append(frame)
            yield frame, voiced, cue
