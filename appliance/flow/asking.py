"""What all questions share: ask, wait, count what went wrong, ask again."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Literal

from appliance.flow.dialogue import Left, Said, Scene
from appliance.flow.effects import Prompt, SpeechOff
from appliance.flow.hearings import hearing_of
from appliance.flow.listening import Ear
from appliance.flow.questions import Asking
from appliance.model.hearing import Hearing, SpeechDone

WAITS_ANEW = 3
"""So often since it was asked, a question waits anew for who could not be heard: a room where it
is never quiet must not keep the end of the wait from coming."""
Failure = Literal["nothing", "wrong", "unclear"]
"""Silence, a wrong key, or speech that was not understood."""
_CAUSES: dict[Failure, str] = {
    "nothing": "silence",
    "wrong": "wrong keys",
    "unclear": "not understood",
}


class Question(ABC):
    """Keys win over speech: one that is pressed meanwhile ends what is being said."""

    wrong_phrase = "cf-wrong"
    secret = False
    asks_for_words = True
    """Would a caller not think of the keys without being told?"""

    def __init__(self, scene: Scene, node: Asking) -> None:
        self.scene = scene
        self.stage = scene.stage
        self.node = node
        self.ear = Ear(scene, node)
        self.failures = 0
        self._unheard = 0

    # -- what each kind of question says for itself -------------------------------------------

    @cached_property
    def own_hearing(self) -> Hearing | None:
        """What the question itself listens for."""
        return hearing_of(self.node, self.scene.language, self.scene.people, self.scene.today)

    def hearing(self) -> Hearing | None:
        """What to listen for at this moment."""
        return self.own_hearing

    @abstractmethod
    def drain(self) -> Left | None:
        """Uses the keys typed so far; then waits for the next, or for silence."""

    @abstractmethod
    def understood(self, done: SpeechDone) -> Left | None:
        """Something that was asked for: `done.choice` is not empty, `done.verdict` not none."""

    def meaning(self, choice: str) -> str:
        """A choice as people read it in history."""
        return choice

    def silent(self) -> Left | None:
        return self.failed("nothing")

    def question(self) -> tuple[Prompt, ...]:
        keys_only = self.ear.closed or self.hearing() is None
        own = self.node.keys_prompt if keys_only else None
        return self.scene.say(self.node.prompt if own is None else own)

    # -- what happens -------------------------------------------------------------------------

    def begin(self, said: Said | None = None) -> Left | None:
        """`said`: into what was heard before the question, for which speech counts already."""
        if said is None or self.ear.closed or said.hearing != self.hearing():
            return self.ask(self.question())
        self.ear.listen(self.hearing())
        self.ear.begins(over_prompt=True)
        return self.spoken(said.done)

    def ask(self, prompts: tuple[Prompt, ...]) -> Left | None:
        """A caller who knows the way and typed ahead does not hear the question."""
        self._unheard = 0
        if self.stage.typed and self.node.barge_in:
            return self._still(self.drain())
        self.ear.listen(self.hearing())
        return None if self.stage.play(prompts) else self.drain()

    def key(self, key: str) -> Left | None:
        self._unheard = 0
        self.stage.type(key)
        if self.stage.playing is not None and not self.node.barge_in:
            return None
        self.ear.drop()
        self.stage.stop_play()
        return self._still(self.drain())

    def played(self) -> Left | None:
        if self.ear.speaking and not self.stage.typed:
            self.ear.guard()
            return None
        self.ear.drop()
        return None if self._tell_of_keys() else self._still(self.drain())

    def timed_out(self) -> Left | None:
        if self.ear.speaking:
            self.ear.drop()
            return self.lost()
        return self.lost() if self._unheard else self.silent()

    def speaks(self) -> Left | None:
        if not self.ear.open or self.ear.begins_with_noise():
            return None
        self.ear.begins(over_prompt=self.stage.playing is not None)
        if self.stage.playing is None or self.ear.barge_in:
            self.stage.stop_play()
            self.ear.guard()
        return None

    def spoken(self, done: SpeechDone) -> Left | None:
        if not self.ear.open or self.ear.was_noise(done):
            return None
        self._unheard = 0
        if not self.ear.speaking:
            self.ear.begins(over_prompt=self.stage.playing is not None)
        self.ear.heard(done, self.meaning(done.choice), self.secret)
        if self.stage.playing is not None and not self.ear.barge_in:
            return None
        self.stage.stop_play()
        self.stage.cancel_wait()
        if done.missed == "too_long":
            self.ear.overrun()
        if done.missed == "lost":
            return self.lost()
        if done.verdict == "none" or not done.choice:
            return self._maybe_echo(done) if self.ear.over_prompt else self.unclear(done)
        return self.understood(done)

    def _maybe_echo(self, done: SpeechDone) -> Left | None:
        """The first that stops a prompt counts not, nor does any that speech cannot stop then."""
        if self.ear.barge_in:
            self.stage.echoes = True
            return self.ask_anew(self.excuse("unclear"))
        if self.stage.echoes and done.missed != "too_long":
            return self._still(self.drain())
        return self.unclear(done)

    def deaf(self, off: SpeechOff) -> Left | None:
        """Who was just speaking is asked again, without being blamed; others hear as soon as it
        disturbs nobody that only keys count. Where it is but once, the question goes on."""
        if not self.ear.open:
            return None
        if off.once:
            self.ear.unheard(off)
            return self._could_not_hear()
        interrupted = self.ear.speaking and self.stage.playing is None
        self.ear.deafen(off)
        if not interrupted and self.answering():
            return None
        if interrupted or self.node.keys_prompt is not None:
            self.stage.cancel_wait()
            return self.ask_anew(())
        if self.stage.playing is None:
            self._tell_of_keys()
        return None

    def _could_not_hear(self) -> Left | None:
        """Who speaks to nobody is not silent: he gets his time, and is asked again after it."""
        self._unheard += 1
        waits = self.stage.playing is None and not self.ear.speaking
        return self._still(self.drain()) if waits and self._unheard <= WAITS_ANEW else None

    def answering(self) -> bool:
        """Has the caller begun to answer, or is he asked something that names its keys?"""
        return bool(self.stage.typed) or self.hearing() is not self.own_hearing

    def _tell_of_keys(self) -> bool:
        """Says so once the question was heard; the caller has then as long as ever."""
        told = self.announce() if self.asks_for_words and not self.answering() else ()
        if not told:
            return False
        self.stage.cancel_wait()
        self.ear.listen(self.hearing())
        return self.stage.play(told)

    def _still(self, left: Left | None) -> Left | None:
        """Goes on listening where the question is not over."""
        if left is None:
            self.ear.listen(self.hearing())
        return left

    # -- what went wrong ----------------------------------------------------------------------

    def unclear(self, done: SpeechDone) -> Left | None:
        return self.failed("unclear", "*" * len(done.choice) if self.secret else done.text)

    def lost(self) -> Left | None:
        """What the caller said got lost: asks again, which is no failure of the caller's."""
        self.ear.lost()
        return self.ask_anew(self.scene.phrase("cf-not-understood"))

    def failed(self, kind: Failure, value: str = "") -> Left | None:
        """Counts a failure: asks again, or leaves by the edge for it."""
        self.scene.note("wrong" if kind == "unclear" else kind, value)
        return self.retry(kind, excuse=True)

    def retry(self, kind: Failure, excuse: bool) -> Left | None:
        """Asks again, with an `excuse` before the question; after the last retry it leaves."""
        self.stage.typed.clear()
        self.failures += 1
        if kind == "unclear":
            self.ear.failed()
        if self.failures > self.node.retries:
            edge = self.node.on_silence if kind == "nothing" else self.node.on_wrong
            cause = f"{_CAUSES[kind]} after {self.failures} tries"
            return Left(edge or self.node.on_failed, cause)
        return self.ask_anew(self.excuse(kind) if excuse else ())

    def ask_anew(self, before: tuple[Prompt, ...]) -> Left | None:
        """What was typed or said so far counts no more."""
        self.stage.typed.clear()
        return self.ask(before + self.announce() + self.question())

    def announce(self) -> tuple[Prompt, ...]:
        """Says once that from here only keys count, unless the question has words for that."""
        if self.ear.to_tell() and self.node.keys_prompt is None:
            return self.scene.phrase("cf-use-keys")
        return ()

    def excuse(self, kind: Failure) -> tuple[Prompt, ...]:
        node = self.node
        lists = {"nothing": node.silence_prompts, "wrong": node.wrong_prompts}
        own = lists.get(kind, node.unclear_prompts)
        if own:
            return self.scene.say(own[max(min(self.failures, len(own)), 1) - 1])
        names = {"nothing": "cf-nothing", "wrong": self.wrong_phrase}
        # The second excuse for speech invites to speak again, which is of use only while it is.
        again = self.failures > 1 and not (kind == "unclear" and self.ear.closed)
        return self.scene.phrase(names.get(kind, "cf-not-understood") + ("-again" if again else ""))
