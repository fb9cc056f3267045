"""The talk of one node with the caller: what is said, what is pressed, when it is over.

Each dialogue gets keys, speech, ends of prompts and timers, and says by `Left` where to go on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from appliance.flow.effects import (
    Digit,
    Input,
    Prompt,
    PromptDone,
    SpeechBegan,
    SpeechOff,
    Spoken,
    TimerFired,
    ToAgent,
)
from appliance.flow.nodes import HangUp, Saying
from appliance.flow.people import Person
from appliance.flow.stage import GUARD_S, Stage
from appliance.model.events import FlowInput, SpeechDeaf, SpeechHeard
from appliance.model.hearing import Hearing, SpeechDone
from appliance.model.ids import CallId, FlowId, NodeId

REFUSE = "*"
"""Key by which a caller says that he is not to be put through to who was just named."""


@dataclass(frozen=True)
class Said:
    """An answer to a question that is still to come: what was listened for, and what was heard."""

    hearing: Hearing
    done: SpeechDone


@dataclass(frozen=True)
class Left:
    """The dialogue is over. `target` '' means the flow's fallback; `to` hands the call on, after
    the caller has heard `words`. `said`: what the next question is answered with already."""

    target: str
    cause: str = ""
    to: ToAgent | None = None
    words: tuple[Prompt, ...] = ()
    said: Said | None = None


@dataclass(frozen=True)
class Scene:
    """What a dialogue needs of its run. `say` gives a prompt value in the call's language;
    `store` puts collected digits into the call's data.

    `default`: the site's language. `hears`: are callers listened to at all? `today`: ISO date of
    the site. `people`: who can be asked for by name.
    """

    stage: Stage
    call: CallId
    flow: FlowId
    node: NodeId
    language: str
    say: Callable[[Any], tuple[Prompt, ...]]
    store: Callable[[str, str, bool], None]
    default: str = "en"
    hears: bool = True
    today: str = ""
    people: tuple[Person, ...] = ()

    def phrase(self, name: str) -> tuple[Prompt, ...]:
        return (Prompt(kind="phrase", value=name, language=self.language),)

    def text(self, text: str) -> tuple[Prompt, ...]:
        return (Prompt(kind="text", value=text, language=self.language),)

    def note(
        self,
        kind: Literal["key", "digits", "speech", "nothing", "wrong"],
        value: str = "",
        choice: str = "",
    ) -> None:
        self.stage.emit(
            FlowInput(call=self.call, node=self.node, kind=kind, value=value, choice=choice)
        )

    def heard(self, done: SpeechDone, choice: str, masked: bool) -> None:
        """Puts one utterance into the log. `choice`: its meaning here."""
        self.stage.emit(
            SpeechHeard(
                call=self.call,
                flow=self.flow,
                node=self.node,
                text="*" * len(done.choice) if masked else done.text,
                choice="*" * len(done.choice) if masked else choice,
                confidence=done.confidence,
                verdict=done.verdict,
                missed=done.missed,
                spoken_s=done.spoken_s,
                latency_s=done.latency_s,
                model=done.model,
                audio=done.audio,
            )
        )

    def unheard(self, off: SpeechOff) -> None:
        """Nobody listens to what is said now."""
        self.stage.emit(
            SpeechDeaf(
                call=self.call, flow=self.flow, node=self.node, why=off.why, detail=off.detail
            )
        )


class Dialogue(Protocol):
    """`None` means: still waiting for the caller."""

    def begin(self, said: Said | None = None) -> Left | None:
        """`said`: what the caller has said into what was heard before; it counts if it was
        listened for what counts here."""

    def key(self, key: str) -> Left | None: ...
    def played(self) -> Left | None: ...
    def timed_out(self) -> Left | None: ...

    def speaks(self) -> Left | None:
        """The caller begins to speak."""

    def spoken(self, done: SpeechDone) -> Left | None: ...

    def deaf(self, off: SpeechOff) -> Left | None:
        """Nobody listens to speech any more."""


def tell(dialogue: Dialogue, stage: Stage, given: Input) -> Left | None:
    """Passes on what concerns the dialogue. Late and foreign reports do not: what was said
    before a key was pressed has an old id."""
    match given:
        case Digit():
            stage.key_sounds()
            return None if stage.swallowed(given.key) else dialogue.key(given.key)
        case PromptDone():
            return dialogue.played() if stage.play_done(given.id) else None
        case TimerFired():
            return dialogue.timed_out() if stage.wait_over(given.id) else None
        case SpeechBegan() if given.id == stage.listening:
            return dialogue.speaks()
        case Spoken() if given.id == stage.listening:
            return dialogue.spoken(given.done)
        case SpeechOff() if given.id == stage.listening:
            return dialogue.deaf(given)
    return None


class Telling:
    """Says something and goes on; a key stops it and is kept for the next menu, and so is an
    answer where there is a `hearing`, which is that of the question to come. What is no answer
    ("Hello?", a cough) stops nothing: the rest of it would never be heard. `refused`: where the
    key `REFUSE` leads, if what is told can be refused."""

    def __init__(
        self,
        scene: Scene,
        prompts: tuple[Prompt, ...],
        then: Left,
        barge_in: bool,
        hearing: Hearing | None = None,
        refused: Left | None = None,
    ):
        self.scene = scene
        self.stage = scene.stage
        self.prompts = prompts
        self.then = then
        self.barge_in = barge_in
        self.hearing = hearing if scene.hears and not scene.stage.echoes else None
        self.refused = refused
        self._speaking = False
        self._noise = False

    @classmethod
    def of(cls, scene: Scene, node: Saying, hearing: Hearing | None) -> "Telling":
        return cls(scene, scene.say(node.prompt), Left(node.next), node.barge_in, hearing)

    @classmethod
    def last_words(cls, scene: Scene, node: HangUp) -> "Telling":
        return cls(scene, scene.say(node.prompt), Left("", "hang_up"), True)

    def begin(self, said: Said | None = None) -> Left | None:
        if said is not None and said.hearing == self.hearing:
            return replace(self.then, said=said)
        if self.barge_in and self.stage.typed:
            return self.then
        if not self.stage.play(self.prompts):
            return self.then
        self.stage.listen(self.hearing)
        return None

    def key(self, key: str) -> Left | None:
        if self.refused is not None and key == REFUSE:
            self.scene.note("key", key, "again")
            return self.refused
        self.stage.type(key)
        return self.then if self.barge_in else None

    def played(self) -> Left | None:
        if self.hearing is None or not self._speaking:
            return self.then
        self.stage.wait(self.hearing.longest_s + GUARD_S)
        return None

    def timed_out(self) -> Left | None:
        return self.then  # nobody has told of the end of what was being said

    def speaks(self) -> Left | None:
        self._noise = self._sounds_like_noise()
        self._speaking = not self._noise
        return None

    def _sounds_like_noise(self) -> bool:
        return self.stage.in_key_tone or self.stage.in_secret_rest

    def spoken(self, done: SpeechDone) -> Left | None:
        noise = self._noise or (not self._speaking and self._sounds_like_noise())
        self._noise = self._speaking = False
        if self.hearing is None or noise:
            return None
        if done.choice and done.verdict != "none":
            return replace(self.then, said=Said(self.hearing, done))
        self.scene.heard(done, "", masked=False)
        return self._over()

    def deaf(self, off: SpeechOff) -> Left | None:
        """Where it is for good, the question to come tells of it."""
        self._speaking = False
        if off.once and self.hearing is not None:
            self.scene.unheard(off)
        return self._over()

    def _over(self) -> Left | None:
        return self.then if self.stage.playing is None else None
