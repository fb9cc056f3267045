"""The dialogue of a collect node: digits, a number or a day, their end, and reading them back."""

from typing import Literal

from appliance.flow.asking import Failure, Question
from appliance.flow.choosing import AGAIN, RIGHT
from appliance.flow.days import is_day, next_day
from appliance.flow.dialogue import Left, Scene
from appliance.flow.effects import Prompt
from appliance.flow.hearings import for_yes_no
from appliance.flow.questions import Collect
from appliance.flow.readback import entry_prompts
from appliance.model.hearing import Hearing, SpeechDone


class Collecting(Question):
    """Phase ``enter`` gathers the entry, phase ``confirm`` waits for right or again.

    `entry`: digits, or the ISO date of a day; what of it was understood stands although the rest
    was not: a cough takes nothing away. `by_speech`: some of it was said; `doubtful`: and
    was not heard for sure, or in parts between which it was asked for again (`asked_on`): he who
    is asked to go on may begin anew. Once a key is pressed (`by_keys`) the rest comes by keys: a
    voice in the caller's room must not add a digit.
    """

    wrong_phrase = "cf-invalid"
    asks_for_words = False

    def __init__(self, scene: Scene, node: Collect) -> None:
        super().__init__(scene, node)
        self.collect = node
        self.secret = node.secret
        self.entry = ""
        self.by_speech = False
        self.by_keys = False
        self.doubtful = False
        self.asked_on = False
        self.phase: Literal["enter", "confirm"] = "enter"

    def hearing(self) -> Hearing | None:
        if self.own_hearing is None or self.phase == "enter":
            return None if self.by_keys else self.own_hearing
        return for_yes_no(self.node, self.scene.language)

    def drain(self) -> Left | None:
        self.stage.cancel_wait()
        while self.stage.typed and self.stage.playing is None:
            key = self.stage.typed.popleft()
            left = self._confirming(key) if self.phase == "confirm" else self._entering(key)
            if left is not None:
                if key != self.collect.terminator:
                    self._keep_secret()
                return left
        # An inner question may have been asked and drained already: it has set the timer.
        if self.stage.playing is None and self.stage.waiting is None:
            entering = self.phase == "enter" and self.entry
            node = self.collect
            self.stage.wait(node.inter_digit_s if entering else node.first_key_s)
        return None

    def silent(self) -> Left | None:
        if self.phase == "enter" and self.entry:
            return self._entered()
        return self.failed("nothing")

    def question(self) -> tuple[Prompt, ...]:
        if self.phase == "confirm":
            return self._read_back()
        return self._so_far() if self.entry else super().question()

    def answering(self) -> bool:
        return bool(self.entry) or super().answering()

    def ask_anew(self, before: tuple[Prompt, ...]) -> Left | None:
        """Words for keys ask for the whole entry, and so does a secret, which cannot be read
        back; else what was understood so far stands."""
        if self.phase == "enter" and self.entry:
            if self.secret or (self.ear.closed and self.node.keys_prompt is not None):
                self._start_over()
            else:
                self.asked_on = True
                self.doubtful = self.doubtful or self.node.speech.confirm != "never"
        return super().ask_anew(before)

    # -- keys ---------------------------------------------------------------------------------

    def _entering(self, key: str) -> Left | None:
        if self.collect.kind == "day":
            self.entry = next_day(key, self.scene.today)
            return self._entered() if self.entry else self._wrong(key)
        if key == self.collect.terminator:
            return self._entered()
        if not _are_keys(key):
            return self._wrong(self.entry + key)
        self.entry, self.by_keys = self.entry + key, True
        if len(self.entry) < self.collect.max:
            return None
        self.stage.swallow(self.collect.terminator, self.collect.inter_digit_s)
        return self._entered()

    def _confirming(self, key: str) -> Left | None:
        if key in (RIGHT, AGAIN):
            return self._answered(key == RIGHT, "key", key)
        return self.failed("wrong", key)

    def _keep_secret(self) -> None:
        """Who types on must not give the rest to the next question, which would write it down."""
        if self.collect.secret:
            self.stage.swallow_burst(self.collect.terminator, self.collect.inter_digit_s)

    # -- speech -------------------------------------------------------------------------------

    def understood(self, done: SpeechDone) -> Left | None:
        if self.phase == "confirm":
            if done.choice not in ("yes", "no"):
                return self.unclear(done)
            return self._answered(done.choice == "yes", "speech", done.text)
        entry = self._together(done.choice)
        if not self._fits(entry) or (self.secret and self._is_guess(done)):
            self._start_over()
            return self.unclear(done)
        self.entry, self.asked_on = entry, False
        self.by_speech, self.doubtful = True, self.doubtful or self._doubts(done)
        if self.collect.kind == "digits" and len(entry) < self.collect.max:
            self.stage.wait(self.collect.inter_digit_s)  # the rest may follow after a breath
            return None
        left = self._entered()
        if self.secret:
            self.stage.secret_was_said()
        return left

    def _together(self, said: str) -> str:
        """Digits add up, unless the caller says again from the beginning what was asked for."""
        anew = self.asked_on and said.startswith(self.entry) and self._fits(said)
        return said if anew or self.collect.kind != "digits" else self.entry + said

    def unclear(self, done: SpeechDone) -> Left | None:
        """With enough digits it only waits for more. It counts all the same: a noisy room must
        not keep the pause from coming."""
        if self.phase == "confirm" or not self.entry or len(self.entry) < self.collect.min:
            return super().unclear(done)
        self.ear.failed()
        self.ear.listen(self.hearing())
        self.stage.wait(self.collect.inter_digit_s)
        return None

    def _fits(self, entry: str) -> bool:
        if self.collect.kind == "day":
            return is_day(entry)
        return _are_keys(entry) and len(entry) <= self.collect.max

    def _doubts(self, done: SpeechDone) -> bool:
        """Has this to be read back?"""
        return self.node.speech.confirm == "always" or self._is_guess(done)

    def _is_guess(self, done: SpeechDone) -> bool:
        """Of no use where it cannot be read back."""
        return done.verdict != "sure" and self.node.speech.confirm != "never"

    # -- the whole entry ----------------------------------------------------------------------

    def _entered(self) -> Left | None:
        if self.collect.kind != "day" and len(self.entry) < self.collect.min:
            if self.by_speech:
                self.ear.failed()
            return self._wrong(self.entry)
        self.scene.note("speech" if self.by_speech else "digits", self._masked(self.entry))
        self.scene.store(self.collect.store, self.entry, self.collect.secret)
        asks = self.collect.confirm or (self.by_speech and self.doubtful)
        if asks and not self.collect.secret and self.entry:
            self.phase = "confirm"
            return self.ask(self._read_back())
        return Left(self.collect.next, "speech" if self.by_speech else "digits")

    def _answered(self, right: bool, by: Literal["key", "speech"], said: str) -> Left | None:
        self.scene.note(by, said, "confirmed" if right else "again")
        if right:
            return Left(self.collect.next, "confirmed")
        # What the caller himself calls wrong must reach nobody if nothing better comes.
        self.scene.store(self.collect.store, "", False)
        kind: Failure = "unclear" if self.by_speech else "wrong"
        self._start_over()
        return self.retry(kind, excuse=False)

    def retry(self, kind: Failure, excuse: bool) -> Left | None:
        """Nor what was a guess if nobody says that it is right."""
        left = super().retry(kind, excuse)
        if left is not None and self.phase == "confirm" and self.by_speech and self.doubtful:
            self.scene.store(self.collect.store, "", False)
        return left

    def _wrong(self, value: str) -> Left | None:
        self._start_over()
        return self.failed("wrong", self._masked(value))

    def _start_over(self) -> None:
        self.entry, self.by_speech, self.by_keys = "", False, False
        self.doubtful = self.asked_on = False
        self.phase = "enter"

    def _masked(self, value: str) -> str:
        return "*" * len(value) if self.collect.secret else value

    def _so_far(self) -> tuple[Prompt, ...]:
        """Where the caller is to go on."""
        return (*self.scene.phrase("you-entered"), *self._in_words())

    def _in_words(self) -> tuple[Prompt, ...]:
        scene = self.scene
        return entry_prompts(self.collect.kind, self.entry, scene.language, scene.today)

    def _read_back(self) -> tuple[Prompt, ...]:
        if self.collect.confirm_prompt is not None:
            return self.scene.say(self.collect.confirm_prompt)
        speech = self.by_speech and not self.ear.closed
        how = self.scene.phrase("cf-yes-no" if speech else "cf-confirm")
        return (*self.scene.phrase("you-entered"), *self._in_words(), *how)


def _are_keys(text: str) -> bool:
    """Digits of a keypad: `str.isdigit` alone takes those of all scripts, and superscripts."""
    return text.isascii() and text.isdigit()
