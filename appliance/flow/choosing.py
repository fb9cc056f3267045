"""Questions with one answer out of a few: menus, and yes or no.

What was not heard for sure is asked back: "Did you say billing?".
"""

from abc import abstractmethod
from typing import Literal

from appliance.flow.asking import Failure, Question
from appliance.flow.dialogue import Left, Scene
from appliance.flow.effects import Prompt
from appliance.flow.hearings import for_yes_no
from appliance.flow.questions import Asking, Menu, YesNo
from appliance.flow.readback import asked, choice_name
from appliance.model.hearing import Hearing, SpeechDone

RIGHT, AGAIN = "1", "2"
"""Keys for yes and no, also where an entry is read back."""
By = Literal["key", "speech"]


class AskingBack(Question):
    """`doubt` is the choice that is asked back just now, '' while the question itself is asked;
    `said` the words that were heard for it. `confirmed`: the caller has just said yes to it."""

    def __init__(self, scene: Scene, node: Asking) -> None:
        super().__init__(scene, node)
        self.doubt = ""
        self.said = ""
        self.confirmed = False

    # -- what each kind says for itself -------------------------------------------------------

    @abstractmethod
    def drain_own(self) -> Left | None:
        """As `drain`, while the question itself is asked."""

    def sure(self, done: SpeechDone) -> bool:
        confirm = self.node.speech.confirm
        return confirm == "never" or (confirm == "auto" and done.verdict == "sure")

    @abstractmethod
    def called(self, choice: str) -> str:
        """What a choice is called to the caller."""

    @abstractmethod
    def take(self, choice: str, by: By, said: str) -> Left | None:
        """The choice is made: `said` is the key, or the words that were heard."""

    def other_key(self, key: str) -> Left | None:
        """Neither yes nor no; the choice is no longer asked back."""
        return self.failed("wrong", key)

    # -- asking back --------------------------------------------------------------------------

    def hearing(self) -> Hearing | None:
        if self.doubt and self.own_hearing is not None:
            return for_yes_no(self.node, self.scene.language)
        return super().hearing()

    def question(self) -> tuple[Prompt, ...]:
        return self._asked_back() if self.doubt else super().question()

    def understood(self, done: SpeechDone) -> Left | None:
        if self.doubt:
            if done.choice not in ("yes", "no"):
                return self.unclear(done)
            return self._answered(done.choice == "yes", "speech", done.text)
        asked_for = self.hearing()
        if asked_for is None or done.choice not in asked_for.choices:
            return self.unclear(done)
        if self.sure(done):
            return self.take(done.choice, "speech", done.text)
        self.doubt, self.said = done.choice, done.text
        return self.ask(self.question())

    def drain(self) -> Left | None:
        if not self.doubt:
            return self.drain_own()
        self.stage.cancel_wait()
        if not self.stage.typed:
            self.stage.wait(self.node.first_key_s)
            return None
        key = self.stage.typed.popleft()
        if key in (RIGHT, AGAIN):
            return self._answered(key == RIGHT, "key", key)
        self.doubt = ""
        return self.other_key(key)

    def failed(self, kind: Failure, value: str = "") -> Left | None:
        """Who does not say whether it is right is asked the question itself again."""
        self.doubt = ""
        return super().failed(kind, value)

    def lost(self) -> Left | None:
        self.doubt = ""
        return super().lost()

    def meaning(self, choice: str) -> str:
        return choice if self.doubt else self.choice_in_history(choice)

    def choice_in_history(self, choice: str) -> str:
        return choice

    def _answered(self, right: bool, by: By, said: str) -> Left | None:
        doubt, self.doubt, self.confirmed = self.doubt, "", right
        self.scene.note(by, said, "confirmed" if right else "again")
        if right:
            return self.take(doubt, "speech", self.said)
        return self.retry("unclear", excuse=False)

    def _asked_back(self) -> tuple[Prompt, ...]:
        scene = self.scene
        how = "cf-yes-no" if self.own_hearing is not None and not self.ear.closed else "cf-confirm"
        name = scene.text(asked(self.called(self.doubt)))
        return (*scene.phrase("cf-did-you-say"), *name, *scene.phrase(how))


class Choosing(AskingBack):
    """A menu: one key, or what is said for it."""

    def __init__(self, scene: Scene, node: Menu) -> None:
        super().__init__(scene, node)
        self.menu = node

    def drain_own(self) -> Left | None:
        self.stage.cancel_wait()
        if not self.stage.typed:
            self.stage.wait(self.menu.first_key_s)
            return None
        key = self.stage.typed.popleft()
        return self.other_key(key)

    def called(self, choice: str) -> str:
        return choice_name(self.menu.choice[choice], self.scene.language, self.scene.default)

    def choice_in_history(self, choice: str) -> str:
        found = self.menu.choice.get(choice)
        return choice if found is None else found.name or found.next

    def take(self, choice: str, by: By, said: str) -> Left | None:
        self.scene.note(by, said, self.choice_in_history(choice))
        return Left(self.menu.choice[choice].next, f"{by} {choice}")

    def other_key(self, key: str) -> Left | None:
        """Who hears the wrong word asked back may press the key of what was meant."""
        known = key in self.menu.choice
        return self.take(key, "key", key) if known else self.failed("wrong", key)


class Deciding(Question):
    """Yes or no. What is not sure is asked again: to ask back would be the same question."""

    asks_for_words = False

    def __init__(self, scene: Scene, node: YesNo) -> None:
        super().__init__(scene, node)
        self.edges = {"yes": node.on_yes, "no": node.on_no}

    def drain(self) -> Left | None:
        self.stage.cancel_wait()
        if not self.stage.typed:
            self.stage.wait(self.node.first_key_s)
            return None
        key = self.stage.typed.popleft()
        answer = {RIGHT: "yes", AGAIN: "no"}.get(key, "")
        return self._take(answer, "key", key) if answer else self.failed("wrong", key)

    def understood(self, done: SpeechDone) -> Left | None:
        sure = done.verdict == "sure" or self.node.speech.confirm == "never"
        if sure and done.choice in self.edges:
            return self._take(done.choice, "speech", done.text)
        return self.unclear(done)

    def _take(self, answer: str, by: By, said: str) -> Left:
        self.scene.note(by, said, answer)
        return Left(self.edges[answer], f"{by} {answer}")
