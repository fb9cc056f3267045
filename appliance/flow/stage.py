"""What the caller hears and presses: plays, listening, timers and keys typed ahead.

Gathers the effects of one step in order. Pure: nothing is played here.
"""

from collections import deque

from msgspec.structs import replace

from appliance.flow.effects import (
    Answer,
    CancelTimer,
    Effect,
    Listen,
    Play,
    Prompt,
    SetTimer,
    StopListen,
    StopPlay,
)
from appliance.model.events import CallEvent
from appliance.model.hearing import Hearing

Out = Effect | CallEvent
TYPED_AHEAD = 64
"""Keys kept at most: more is a toddler or an attack, and what came first was meant."""
SECRET_REST_S = 1.0
"""What begins so soon after a spoken secret is the rest of it."""
GUARD_S = 3.0
"""So long after the longest utterance its end must have been told."""
KEY_TONE_S = 0.5
"""So long after a key its tone may be taken for speech."""


class Stage:
    """One call's stage. `now` is in seconds and set by the interpreter before each step.

    `echoes`: something without a meaning has stopped a prompt, maybe the prompt's own echo; from
    then on speech stops none.
    """

    def __init__(self) -> None:
        self.out: list[Out] = []
        self.typed: deque[str] = deque()
        self.answered = False
        self.echoes = False
        self.playing: int | None = None
        self.waiting: int | None = None
        self.listening: int | None = None
        self.now = 0.0
        self._last_id = 0
        self._key_tone = 0.0
        self._secret_rest = 0.0
        self._swallow = ("", 0.0)
        self._burst = ("", 0.0, 0.0)
        self._burst_lets = ""

    def take(self) -> list[Out]:
        """The effects and events of this step; the list starts anew."""
        out, self.out = self.out, []
        return out

    def emit(self, one: Out) -> None:
        self.out.append(one)

    def answer(self) -> None:
        if not self.answered:
            self.answered = True
            self.emit(Answer())

    def play(self, prompts: tuple[Prompt, ...]) -> bool:
        """Plays prompts; False if there are none."""
        self.stop_play()
        if not prompts:
            return False
        self.answer()
        self.playing = self._new_id()
        self.emit(Play(id=self.playing, prompts=prompts))
        return True

    def stop_play(self) -> None:
        if self.playing is not None:
            self.emit(StopPlay(id=self.playing))
            self.playing = None

    def listen(self, hearing: Hearing | None = None) -> None:
        """Keys matter, and speech where there is a `hearing`; what was listened for ends. The rest
        of a secret that is heard now must not be kept either."""
        self.stop_listening()
        if hearing is not None and self.in_secret_rest:
            hearing = replace(hearing, secret=True)
        self.answer()
        self.listening = self._new_id()
        self.emit(Listen(id=self.listening, hearing=hearing))

    def stop_listening(self) -> None:
        if self.listening is not None:
            self.emit(StopListen(id=self.listening))
            self.listening = None

    def wait(self, seconds: float) -> None:
        self.cancel_wait()
        self.waiting = self._new_id()
        self.emit(SetTimer(id=self.waiting, seconds=seconds))

    def cancel_wait(self) -> None:
        if self.waiting is not None:
            self.emit(CancelTimer(id=self.waiting))
            self.waiting = None

    def clear(self) -> None:
        """Nothing plays, listens or waits any more; keys typed ahead stay."""
        self.stop_play()
        self.cancel_wait()
        self.stop_listening()

    def play_done(self, play: int) -> bool:
        """Is this the end of what plays now? A late report of an earlier play is not."""
        if play != self.playing:
            return False
        self.playing = None
        return True

    def wait_over(self, timer: int) -> bool:
        """Is this the timer that runs now?"""
        if timer != self.waiting:
            return False
        self.waiting = None
        return True

    def type(self, keys: str) -> None:
        """Keeps keys for this question or the next."""
        self.typed.extend(keys[: TYPED_AHEAD - len(self.typed)])

    def key_sounds(self) -> None:
        """A key was pressed; its tone may be left in what the caller is heard saying."""
        self._key_tone = self.now + KEY_TONE_S

    @property
    def in_key_tone(self) -> bool:
        return self.now < self._key_tone

    def secret_was_said(self) -> None:
        """What goes on just now must not reach the next question, which would write it down."""
        self._secret_rest = self.now + SECRET_REST_S

    @property
    def in_secret_rest(self) -> bool:
        return self.now < self._secret_rest

    def swallow(self, key: str, seconds: float) -> None:
        """Ignores one `key` within `seconds`: a # after the last digit that was not needed."""
        if key and self.typed and self.typed[0] == key:
            self.typed.popleft()
        elif key and not self.typed:
            self._swallow = (key, self.now + seconds)

    def swallow_burst(self, end: str, seconds: float, lets: str = "") -> None:
        """Drops what was typed on, and ignores what follows, until the key `end`, one of the
        keys `lets`, which counts, or a pause of `seconds`: the rest of a secret is no answer to the
        next question."""
        if end in self.typed:
            while self.typed.popleft() != end:
                pass
            return
        self.typed.clear()
        self._burst = (end, seconds, self.now + seconds)
        self._burst_lets = lets

    def _in_burst(self, key: str) -> bool:
        end, seconds, until = self._burst
        if self.now > until or not seconds:
            return False
        if key in self._burst_lets:
            self._burst = ("", 0.0, 0.0)
            return False
        self._burst = (end, seconds, self.now + seconds)
        if key == end:
            self._burst = ("", 0.0, 0.0)
        return True

    def swallowed(self, key: str) -> bool:
        """Is this key to be ignored?"""
        if self._in_burst(key):
            return True
        (wanted, until), self._swallow = self._swallow, ("", 0.0)
        return key == wanted and self.now <= until

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id
