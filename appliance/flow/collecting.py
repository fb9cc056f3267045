"""The dialogue of a collect node: digits, their end, and reading them back."""

from typing import Literal

from appliance.flow.dialogue import Left, Question, Scene
from appliance.flow.effects import Prompt
from appliance.flow.nodes import Collect

RIGHT, AGAIN = "1", "2"
"""Keys of the read-back."""


class Collecting(Question):
    """Several digits. Phase ``enter`` gathers them, phase ``confirm`` waits for 1 or 2."""

    wrong_phrase = "cf-invalid"

    def __init__(self, scene: Scene, node: Collect) -> None:
        super().__init__(scene, node)
        self.collect = node
        self.digits = ""
        self.phase: Literal["enter", "confirm"] = "enter"

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
            entering = self.phase == "enter" and self.digits
            node = self.collect
            self.stage.wait(node.inter_digit_s if entering else node.first_key_s)
        return None

    def timed_out(self) -> Left | None:
        if self.phase == "enter" and self.digits:
            return self._entered()
        return self.failed("nothing")

    def spoken(self, text: str, choice: str) -> Left | None:
        digits = choice or "".join(text.split())
        self.stage.stop_play()
        self.stage.cancel_wait()
        if not _are_keys(digits):
            return self._wrong(digits)
        self.stage.type(digits[: self.collect.max])
        return self.drain()

    def question(self) -> tuple[Prompt, ...]:
        return self._read_back() if self.phase == "confirm" else super().question()

    def _entering(self, key: str) -> Left | None:
        if key == self.collect.terminator:
            return self._entered()
        if not _are_keys(key):
            return self._wrong(self.digits + key)
        self.digits += key
        if len(self.digits) < self.collect.max:
            return None
        self.stage.swallow(self.collect.terminator, self.collect.inter_digit_s)
        return self._entered()

    def _keep_secret(self) -> None:
        """Who types on must not give the rest to the next question, which would write it down."""
        if self.collect.secret:
            self.stage.swallow_burst(self.collect.terminator, self.collect.inter_digit_s)

    def _entered(self) -> Left | None:
        if len(self.digits) < self.collect.min:
            return self._wrong(self.digits)
        self.scene.note("digits", self._masked(self.digits))
        self.scene.store(self.collect.store, self.digits, self.collect.secret)
        if self.collect.confirm and not self.collect.secret and self.digits:
            self.phase = "confirm"
            return self.ask(self._read_back())
        return Left(self.collect.next, "digits")

    def _confirming(self, key: str) -> Left | None:
        if key == RIGHT:
            self.scene.note("key", key, "confirmed")
            return Left(self.collect.next, "confirmed")
        if key == AGAIN:
            self.scene.note("key", key, "again")
            # What the caller himself calls wrong must reach nobody if nothing better comes.
            self.scene.store(self.collect.store, "", False)
            self._start_over()
            return self.retry("wrong", excuse=False)
        return self.failed("wrong", key)

    def _wrong(self, value: str) -> Left | None:
        self._start_over()
        return self.failed("wrong", self._masked(value))

    def _start_over(self) -> None:
        self.digits, self.phase = "", "enter"

    def _masked(self, value: str) -> str:
        return "*" * len(value) if self.collect.secret else value

    def _read_back(self) -> tuple[Prompt, ...]:
        if self.collect.confirm_prompt is not None:
            return self.scene.say(self.collect.confirm_prompt)
        said = Prompt(kind="digits", value=self.digits, language=self.scene.language)
        return (*self.scene.phrase("you-entered"), said, *self.scene.phrase("cf-confirm"))


def _are_keys(text: str) -> bool:
    """Digits of a keypad: `str.isdigit` alone takes those of all scripts, and superscripts."""
    return text.isascii() and text.isdigit()
