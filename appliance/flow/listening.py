"""The ear of one question: what is listened for just now, and how often that failed.

Nothing here decides what the caller meant; `asking` and its kinds do.
"""

from msgspec.structs import replace

from appliance.flow.dialogue import Scene
from appliance.flow.effects import SpeechOff
from appliance.flow.questions import Asking
from appliance.flow.stage import GUARD_S
from appliance.model.hearing import Hearing, SpeechDone

TOO_LONG_AT_MOST = 1
"""So often somebody may speak without an end; twice is a television, and only keys count."""
LOST_AT_MOST = 1
"""So often a recogniser may lose an utterance; then only keys count."""


class Ear:
    """`speaking`: an utterance has begun and is not over; `over_prompt`: while a prompt played.
    `closed`: only keys count.

    What begins within the tone of a key is `_noise`, unless it turns out to have a meaning; what
    begins as the rest of a secret is `_secret`, whatever it means.
    """

    def __init__(self, scene: Scene, node: Asking) -> None:
        self.scene = scene
        self.stage = scene.stage
        self.node = node
        self.speech = node.speech
        self.speaking = False
        self.over_prompt = False
        self.closed = not scene.hears
        self._noise = False
        self._secret = False
        self._hearing: Hearing | None = None
        self._failures = 0
        self._lost = 0
        self._too_long = 0
        self._to_tell = False

    @property
    def open(self) -> bool:
        """Does speech count just now?"""
        return self.stage.listening is not None and self._hearing is not None and not self.closed

    @property
    def barge_in(self) -> bool:
        """Does speech stop the prompt?"""
        return self.node.speech_stops_prompt and not self.stage.echoes

    def listen(self, hearing: Hearing | None) -> None:
        """From now on for this; goes on as it is where it is the same already."""
        wanted = None
        if hearing is not None and not self.closed:
            wanted = replace(hearing, barge_in=self.barge_in)
        if self.stage.listening is None or self._hearing != wanted:
            self._hearing = wanted
            self.speaking = self._noise = self._secret = False
            self.stage.listen(wanted)

    def begins(self, over_prompt: bool) -> None:
        """The caller speaks."""
        self.speaking, self.over_prompt = True, over_prompt

    def begins_with_noise(self) -> bool:
        """Is what begins just now not to be waited for?"""
        self._noise, self._secret = self.stage.in_key_tone, self.stage.in_secret_rest
        return self._noise or self._secret

    def was_noise(self, done: SpeechDone) -> bool:
        """Is what has ended to be taken for nothing?"""
        unexpected = not self.speaking
        noise = self._noise or (unexpected and self.stage.in_key_tone)
        secret = self._secret or (unexpected and self.stage.in_secret_rest)
        self._noise = self._secret = False
        return secret or (noise and done.verdict == "none")

    def drop(self) -> None:
        """What is being said does not count: a key was pressed, or its end never came."""
        if self.speaking:
            self.speaking = False
            self.stage.stop_listening()

    def guard(self) -> None:
        """Waits for the end of what is being said, in case nobody tells of it."""
        self.stage.wait(self.speech.longest_s + GUARD_S)

    def failed(self) -> None:
        """The caller was not understood."""
        if self.open:
            self._failures += 1
            if self._failures >= self.speech.tries:
                self._close()

    def overrun(self) -> None:
        """Somebody spoke for longer than may be."""
        self._too_long += 1
        if self._too_long > TOO_LONG_AT_MOST:
            self._close()

    def lost(self) -> None:
        """An utterance was lost on the way, which is not the caller's fault."""
        self._lost += 1
        if self._lost > LOST_AT_MOST:
            self._close()

    def deafen(self, off: SpeechOff) -> None:
        """Nobody listens any more."""
        self.unheard(off)
        self.speaking = False
        self._close()

    def unheard(self, off: SpeechOff) -> None:
        """Nobody listens to what is said now."""
        self.scene.unheard(off)

    def heard(self, done: SpeechDone, choice: str, masked: bool) -> None:
        """Puts one utterance into the log. `choice`: its meaning here."""
        self.speaking = False
        self.scene.heard(done, choice, masked)

    def _close(self) -> None:
        self._to_tell = self._to_tell or not self.closed
        self.closed = True

    def to_tell(self) -> bool:
        """Has the caller to be told that only keys count now? Once."""
        told, self._to_tell = self._to_tell, False
        return told
