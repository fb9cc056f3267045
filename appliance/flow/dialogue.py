"""The talk of one node with the caller: what is said, what is pressed, when it is over.

Each dialogue gets keys, ends of prompts and timers, and says by `Left` where to go on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from appliance.flow.effects import Prompt
from appliance.flow.nodes import Asking, HangUp, Menu, Saying
from appliance.flow.stage import Stage
from appliance.model.events import FlowInput
from appliance.model.ids import CallId, NodeId

Failure = Literal["nothing", "wrong"]


@dataclass(frozen=True)
class Left:
    """The dialogue is over. `target` '' means the flow's fallback."""

    target: str
    cause: str = ""


@dataclass(frozen=True)
class Scene:
    """What a dialogue needs of its run. `say` gives a prompt value in the call's language;
    `store` puts collected digits into the call's data."""

    stage: Stage
    call: CallId
    node: NodeId
    language: str
    say: Callable[[Any], tuple[Prompt, ...]]
    store: Callable[[str, str, bool], None]

    def phrase(self, name: str) -> tuple[Prompt, ...]:
        return (Prompt(kind="phrase", value=name, language=self.language),)

    def note(
        self,
        kind: Literal["key", "digits", "speech", "nothing", "wrong"],
        value: str = "",
        choice: str = "",
    ) -> None:
        self.stage.emit(
            FlowInput(call=self.call, node=self.node, kind=kind, value=value, choice=choice)
        )


class Dialogue(Protocol):
    """`None` means: still waiting for the caller."""

    def begin(self) -> Left | None: ...
    def key(self, key: str) -> Left | None: ...
    def played(self) -> Left | None: ...
    def timed_out(self) -> Left | None: ...
    def spoken(self, text: str, choice: str) -> Left | None: ...


class Telling:
    """Says something and goes on; a key stops it and is kept for the next menu."""

    def __init__(self, scene: Scene, prompts: tuple[Prompt, ...], then: Left, barge_in: bool):
        self.scene = scene
        self.prompts = prompts
        self.then = then
        self.barge_in = barge_in

    @classmethod
    def of(cls, scene: Scene, node: Saying) -> "Telling":
        return cls(scene, scene.say(node.prompt), Left(node.next), node.barge_in)

    @classmethod
    def last_words(cls, scene: Scene, node: HangUp) -> "Telling":
        return cls(scene, scene.say(node.prompt), Left("", "hang_up"), True)

    def begin(self) -> Left | None:
        if self.barge_in and self.scene.stage.typed:
            return self.then
        if not self.scene.stage.play(self.prompts):
            return self.then
        self.scene.stage.listen()
        return None

    def key(self, key: str) -> Left | None:
        self.scene.stage.type(key)
        return self.then if self.barge_in else None

    def played(self) -> Left | None:
        return self.then

    def timed_out(self) -> Left | None:
        return None

    def spoken(self, text: str, choice: str) -> Left | None:
        return None


class Question:
    """What menu and collect share: ask, wait, count what went wrong, ask again."""

    wrong_phrase = "cf-wrong"

    def __init__(self, scene: Scene, node: Asking) -> None:
        self.scene = scene
        self.stage = scene.stage
        self.node = node
        self.failures = 0

    def begin(self) -> Left | None:
        self.stage.listen()
        return self.ask(self.scene.say(self.node.prompt))

    def choices(self) -> dict[str, tuple[str, ...]]:
        return {}

    def drain(self) -> Left | None:
        """Uses the keys typed so far; then waits for the next, or for silence."""
        raise NotImplementedError

    def ask(self, prompts: tuple[Prompt, ...]) -> Left | None:
        """A caller who knows the way and typed ahead does not hear the question."""
        if self.stage.typed and self.node.barge_in:
            return self.drain()
        return None if self.stage.play(prompts) else self.drain()

    def key(self, key: str) -> Left | None:
        self.stage.type(key)
        if self.stage.playing is not None and not self.node.barge_in:
            return None
        self.stage.stop_play()
        return self.drain()

    def played(self) -> Left | None:
        return self.drain()

    def failed(self, kind: Failure, value: str = "") -> Left | None:
        """Counts a failure: asks again, or leaves by the edge for it."""
        self.scene.note(kind, value)
        return self.retry(kind, excuse=True)

    def retry(self, kind: Failure, excuse: bool) -> Left | None:
        """Asks again, with an `excuse` before the question; after the last retry it leaves."""
        self.stage.typed.clear()
        self.failures += 1
        if self.failures > self.node.retries:
            edge = self.node.on_silence if kind == "nothing" else self.node.on_wrong
            cause = "silence" if kind == "nothing" else "wrong keys"
            return Left(edge or self.node.on_failed, f"{cause} after {self.failures} tries")
        return self.ask((self.excuse(kind) if excuse else ()) + self.question())

    def question(self) -> tuple[Prompt, ...]:
        return self.scene.say(self.node.prompt)

    def excuse(self, kind: Failure) -> tuple[Prompt, ...]:
        node = self.node
        own = node.silence_prompts if kind == "nothing" else node.wrong_prompts
        if own:
            return self.scene.say(own[min(self.failures, len(own)) - 1])
        again = "-again" if self.failures > 1 else ""
        name = "cf-nothing" if kind == "nothing" else self.wrong_phrase
        return self.scene.phrase(f"{name}{again}")


class Choosing(Question):
    """A menu: one key."""

    node: Menu

    def __init__(self, scene: Scene, node: Menu) -> None:
        super().__init__(scene, node)
        self.menu = node

    def choices(self) -> dict[str, tuple[str, ...]]:
        language = self.scene.language
        return {key: choice.words(language) for key, choice in self.menu.choice.items()}

    def drain(self) -> Left | None:
        self.stage.cancel_wait()
        if not self.stage.typed:
            self.stage.wait(self.menu.first_key_s)
            return None
        return self._chosen(self.stage.typed.popleft(), "key", "")

    def timed_out(self) -> Left | None:
        return self.failed("nothing")

    def spoken(self, text: str, choice: str) -> Left | None:
        self.stage.stop_play()
        self.stage.cancel_wait()
        return self._chosen(choice, "speech", text)

    def _chosen(self, key: str, kind: Literal["key", "speech"], text: str) -> Left | None:
        choice = self.menu.choice.get(key)
        if choice is None:
            return self.failed("wrong", text or key)
        self.scene.note(kind, text or key, choice.name or choice.next)
        return Left(choice.next, f"{kind} {key}")
