"""Where somebody speaks: from a voice detector's word on each frame to spans. Pure."""

from collections import deque

FRAME_S = 0.02
OPEN_OF, OPEN = 10, 6
"""Speech begins when 6 of 10 frames are voiced."""
CLOSE = 30
"""And is over after 0.6 s without voice."""
PAD = 12
"""Frames that are heard before and after: soft beginnings and ends of words."""
LONGEST = 1250
"""A span is cut after 25 s, so that memory does not depend on who talks how long."""
BREATH = 5
"""Where it is cut, if there is such a pause in its second half."""

Span = tuple[int, int]
"""Frames, the second one not in it."""


class Speaking:
    """`take` frame after frame, then `end`; each gives the spans that are over. They do not
    overlap and come in order."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=OPEN_OF)
        self._at = 0
        self._start: int | None = None
        self._voiced = 0  # the frame after the last voiced one
        self._breath: int | None = None
        self._free = 0  # no span may begin before

    @property
    def needed_from(self) -> int:
        """No span that is still to come begins before this frame."""
        return self._start if self._start is not None else max(self._free, self._at - OPEN_OF - PAD)

    def take(self, voiced: bool) -> list[Span]:
        self._recent.append(voiced)
        self._at += 1
        if voiced:
            self._voiced = self._at
        if self._start is None:
            if sum(self._recent) >= OPEN:
                first = self._at - len(self._recent) + list(self._recent).index(True)
                self._open(max(self._free, first - PAD))
            return []
        quiet = self._at - self._voiced
        if quiet >= CLOSE:
            return [self._close(self._voiced + PAD)]
        if quiet == BREATH and self._at - self._start > LONGEST // 2:
            self._breath = self._at - BREATH // 2
        if self._at - self._start >= LONGEST:
            return [self._cut()]
        return []

    def end(self) -> list[Span]:
        """The recording is over."""
        return [] if self._start is None else [self._close(min(self._at, self._voiced + PAD))]

    def _open(self, start: int) -> None:
        self._start, self._breath = start, None

    def _close(self, end: int) -> Span:
        assert self._start is not None
        span = (self._start, end)
        self._start, self._free = None, end
        self._recent.clear()
        return span

    def _cut(self) -> Span:
        assert self._start is not None
        span = (self._start, self._breath or self._at)
        self._open(span[1])
        return span
