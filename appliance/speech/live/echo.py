"""Our own prompt that comes back from the caller's side, told from the caller.

Handsets and analogue lines reflect what is played, softened by 6 to 40 dB and late by up to half
a second. The delay is found by cross-correlation with what was played, whitened in part (Knapp and
Carter, 1976); a short Wiener filter at that delay models the reflection and is subtracted. What
remains is the caller if it is louder than what remained of the prompt before, or if what was
played explains too little of it. Pure; samples are float32 at 8 kHz.
"""

from collections import deque

import numpy as np
import numpy.typing as npt

from appliance.speech.live import room
from appliance.speech.live.judge import LATE, Judge
from appliance.speech.live.voice import FRAME, level

Sound = npt.NDArray[np.float32]

LONGEST_MS = 600
"""Delay of an echo that is looked for; from here to the phone and back, with its buffers."""
_OVER_MS = LONGEST_MS + 40
TAPS = 64
"""8 ms: the spread of a line's hybrid."""
_LEAD = 12
"""Taps before the strongest one."""
_LAGS = LONGEST_MS * 8
_WINDOW = 8 * FRAME
_FFT = 8192
_HISTORY = room.WINDOW + _LAGS + room.TAPS
PLAYED_DBOV = -40.0
"""Level of a prompt below which nothing is learnt of what remains of it."""
FORGET = 0.98
"""Of what was learnt of the filter, each 20 ms."""
EXPLAINED = 0.5
"""Share of the energy from which sound counts as the prompt's echo. Of unrelated speech as long
as the window 0.3 can be explained by chance, of an echo mostly more than 0.9."""
ALL_EXPLAINED = 0.85
"""Share from which there is no caller in it, unless softer than the echo by 8 dB."""
BY_ROOM = 0.72
"""The same where the filter is as long as a room, which explains 0.5 of a caller, rarely 0.8."""
DOUBTS = 1
"""So often an answer that it is a caller does not count where a room was heard: each takes 40 ms,
and what a room does to a single moment is not always explained."""
_TOEPLITZ = np.abs(np.subtract.outer(np.arange(TAPS), np.arange(TAPS)))


class Reflection:
    """The echo path as far as it is known. `delay` in samples, of the filter's first tap."""

    def __init__(self) -> None:
        self.taps: Sound | None = None
        self.delay = 0
        self._auto = np.zeros(TAPS, np.float32)
        self._cross = np.zeros(TAPS, np.float32)
        self._news: deque[tuple[Sound, Sound]] = deque()

    def move(self, delay: int, auto: Sound, cross: Sound) -> None:
        """The delay is this now; correlations of the first piece that showed it."""
        self.delay, self._auto, self._cross = delay, auto, cross
        self._news.clear()
        self.taps = solve(auto, cross)

    def note(self, played: Sound, near: Sound) -> None:
        """One frame, with the `TAPS` - 1 samples before it in `played`, to learn from later: the
        beginning of the caller's own words is no echo."""
        auto = np.correlate(played, played[TAPS - 1 :], "valid")[::-1]
        cross = np.correlate(played, near, "valid")[::-1]
        self._news.append((auto, cross))
        if len(self._news) > LATE:
            auto, cross = self._news.popleft()
            self._auto = FORGET * self._auto + auto
            self._cross = FORGET * self._cross + cross

    def discard(self) -> None:
        """What was noted last is not our echo alone."""
        self._news.clear()

    def learn(self) -> None:
        if self.taps is not None:
            self.taps = solve(self._auto, self._cross)


class EchoGuard:
    """Of one leg. `frame` once for each 20 ms; then `judge` with the voice detector's word."""

    def __init__(self) -> None:
        self.path = Reflection()
        self._far = np.zeros(_HISTORY, np.float32)
        self._near = np.zeros(_WINDOW, np.float32)
        self._longer = np.zeros(room.WINDOW, np.float32)
        self._rest = np.zeros(_WINDOW, np.float32)
        self._quiet = _OVER_MS + 20
        self._loudest: deque[float] = deque([-100.0] * (LONGEST_MS // 20 + 2), LONGEST_MS // 20 + 2)
        self._first_way: int | None = None
        """Delay in samples from which on a room's ways explained the sound."""
        self._doubts = 0
        self._judge = Judge()
        self._count = 0

    def playing(self, far: Sound | None) -> bool:
        """Whether what was played until now can still come back."""
        if far is not None and level(far) > -60.0:
            if self._quiet > _OVER_MS:
                self.forget_sound()  # of the last prompt, which was not followed to the end
            self._quiet = 0
        else:
            self._quiet += 20
        return self._quiet <= _OVER_MS

    def frame(self, near: Sound, far: Sound | None) -> Sound:
        """What is left of `near` without the echo."""
        played = far if far is not None else np.zeros(FRAME, np.float32)
        _shift(self._far, played)
        _shift(self._near, near)
        _shift(self._longer, near)
        self._loudest.append(level(played))
        self._count += 1
        if self._count % 4 == 0 and level(self._near) > -58.0:
            self._look_for_path()
        rest = self._without_echo(near)
        _shift(self._rest, rest)
        return rest

    def judge(self, voiced: bool) -> int:
        """For how many frames up to this one the caller has been speaking. `voiced`: there is
        a voice in what is left."""
        left, all_of_it = level(self._rest[-FRAME:]), level(self._near[-FRAME:])
        told = self._judge.frame(
            voiced and left > all_of_it - 12.0, left - max(PLAYED_DBOV, *self._loudest)
        )
        frames = self._judge.answer(self._is_echo()) if told.asks else told.frames
        if frames:
            self.path.discard()
        return frames

    def forget_sound(self) -> None:
        """There was a gap in the sound; the path is probably the same."""
        for history in (self._far, self._near, self._longer, self._rest):
            history.fill(0.0)
        self.path.discard()
        self._quiet = _OVER_MS + 20

    def _without_echo(self, near: Sound) -> Sound:
        taps = self.path.taps
        if taps is None:
            return near
        end = self._far.size - self.path.delay
        played = self._far[end - FRAME - TAPS + 1 : end]
        self.path.note(played, near)
        rest = near - np.convolve(played, taps, "valid")
        # A filter that adds has been learnt from something else.
        return rest if float(np.dot(rest, rest)) < float(np.dot(near, near)) else near

    def _look_for_path(self) -> None:
        """Anew each time: a phone's buffer moves the delay."""
        self.path.learn()
        share, delay, auto, cross = self._explained(self._near)
        energy = float(np.dot(self._near, self._near))
        known = 1.0 - float(np.dot(self._rest, self._rest)) / energy
        if share >= EXPLAINED and share > known + 0.2:
            self.path.move(delay, auto, cross)

    def _is_echo(self) -> bool:
        if self.path.taps is not None:
            if level(self._rest) < level(self._near) - 6.0:
                return True
            # By a filter made for this moment; ours is one for all of the prompt.
            if self._explained_at(self.path.delay, self._near)[0] >= ALL_EXPLAINED:
                return True
        if self._explained(self._rest)[0] >= EXPLAINED:
            return True
        return self._is_echo_of_room()

    def _is_echo_of_room(self) -> bool:
        """By the ways that were known, else by those of this moment: at the end of a word only
        the longest are left."""
        if self.path.taps is None and self._first_way is None:
            return False  # a line without any echo: what a room explains is a caller by chance
        strongest = self._find_delay(self._longer)
        if self.path.taps is not None:
            strongest = min(strongest, self.path.delay + _LEAD)
        first, found = self._first_way, max(0, strongest - room.LEAD)
        ways = [found] if first is None else [min(first, found), max(first, found)]
        for delay in dict.fromkeys(ways):
            if self._by_room(delay) >= BY_ROOM:
                self._first_way, self._doubts = delay, 0
                return True
        self._doubts += 1
        return self._first_way is not None and self._doubts <= DOUBTS

    def _by_room(self, delay: int) -> float:
        end = self._far.size - delay
        played = self._far[end - room.WINDOW - room.TAPS + 1 : end]
        return room.explained_by_room(played, self._longer, _WINDOW)

    def _explained(self, sound: Sound) -> tuple[float, int, Sound, Sound]:
        """The share of the last window's energy that the played sound can explain, with the delay
        and the correlations that it does so with."""
        delay = max(0, self._find_delay(sound) - _LEAD)
        share, auto, cross = self._explained_at(delay, sound)
        return share, delay, auto, cross

    def _explained_at(self, delay: int, sound: Sound) -> tuple[float, Sound, Sound]:
        end = self._far.size - delay
        played = self._far[end - _WINDOW - TAPS + 1 : end]
        auto, cross = correlations(played, sound)
        rest = sound - np.convolve(played, solve(auto, cross), "valid")
        energy = max(1.0, float(np.dot(sound, sound)))
        return 1.0 - float(np.dot(rest, rest)) / energy, auto, cross

    def _find_delay(self, sound: Sound) -> int:
        far = self._far[-sound.size - _LAGS - TAPS :]
        both = np.fft.rfft(sound, _FFT) * np.conj(np.fft.rfft(far, _FFT))
        both /= np.sqrt(np.abs(both)) + 1e-3
        # sound[n] is like far[n + offset - delay]
        offset = far.size - sound.size
        alike = np.abs(np.fft.irfft(both, _FFT))
        return int(np.argmax(alike[-offset:][:_LAGS]))


def correlations(played: Sound, sound: Sound) -> tuple[Sound, Sound]:
    """Of `played`, which is `TAPS` - 1 longer, with itself and with `sound`, `TAPS` lags each."""
    size = 1 << int(np.ceil(np.log2(played.size + TAPS)))
    spectrum = np.fft.rfft(played, size)
    auto = np.fft.irfft(np.abs(spectrum) ** 2, size)[:TAPS]
    shifted = np.concatenate((np.zeros(TAPS - 1, np.float32), sound))
    cross = np.fft.irfft(np.fft.rfft(shifted, size) * np.conj(spectrum), size)[:TAPS]
    return auto.astype(np.float32), cross.astype(np.float32)


def solve(auto: Sound, cross: Sound) -> Sound:
    """The Wiener filter of these correlations."""
    matrix = auto[_TOEPLITZ]
    matrix[np.diag_indices(TAPS)] += auto[0] * 1e-3 + 1.0
    return np.linalg.solve(matrix, cross).astype(np.float32)


def _shift(history: Sound, new: Sound) -> None:
    history[: -new.size] = history[new.size :]
    history[-new.size :] = new
