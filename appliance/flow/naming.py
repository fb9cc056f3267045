"""The dialogue of a directory: whom the caller wants, by speech or by spelling the name."""

from appliance.flow.asking import Failure
from appliance.flow.choosing import AskingBack, By
from appliance.flow.dialogue import REFUSE, Left, Said, Scene
from appliance.flow.effects import Prompt, ToAgent
from appliance.flow.hearings import for_choices, listens
from appliance.flow.people import Person, choices_of, listed, meant_by
from appliance.flow.questions import Directory
from appliance.flow.readback import NAMES_AT_ONCE, offered, told
from appliance.model.hearing import Hearing, SpeechDone

END, MORE = "#", "9"
LEAST_KEYS = 2
"""One letter is no name, even where only one begins with it."""
RUN_ON_S = 1.5
"""Keys within so long of each other spell the same name, which fits nobody."""


class Naming(AskingBack):
    """`keys`: spelled so far. `several`: of whom the caller chooses one just now by a key;
    `page` of them is offered."""

    wrong_phrase = "cf-no-name"

    def __init__(self, scene: Scene, node: Directory) -> None:
        super().__init__(scene, node)
        self.directory = node
        self.people = listed(node, scene.people)
        self.keys = ""
        self.several: list[Person] = []
        self.page = 0

    def begin(self, said: Said | None = None) -> Left | None:
        if not self.people:
            return Left(self.node.on_silence or self.node.on_failed, "nobody has a name")
        return super().begin(said)

    def hearing(self) -> Hearing | None:
        if self.keys:
            return None  # who spells goes on to spell
        if self.several and not self.doubt and listens(self.node):
            return for_choices(self.node, self.scene.language, choices_of(self.several))
        return super().hearing()

    def question(self) -> tuple[Prompt, ...]:
        return self._list() if self.several and not self.doubt else super().question()

    # -- keys ---------------------------------------------------------------------------------

    def drain_own(self) -> Left | None:
        self.stage.cancel_wait()
        while self.stage.typed and self.stage.playing is None:
            key = self.stage.typed.popleft()
            left = self._picked(key) if self.several else self._spelled(key)
            if left is not None:
                return left
        if self.stage.playing is None and self.stage.waiting is None:
            node = self.directory
            self.stage.wait(node.inter_digit_s if self.keys else node.first_key_s)
        return None

    def silent(self) -> Left | None:
        return self._spelled_out() if self.keys and not self.doubt else super().silent()

    def _spelled(self, key: str) -> Left | None:
        if key == END:
            return self._spelled_out()
        self.keys += key
        found = self._found()
        if found and (len(found) > 1 or len(self.keys) < LEAST_KEYS):
            return None
        # Who goes on to spell must not answer the next question by it, nor cut off whom it rings.
        pause = max(RUN_ON_S, self.directory.inter_digit_s) if found else RUN_ON_S
        self.stage.swallow_burst(END, pause, lets=REFUSE if found else "")
        return self._spelled_out()

    def _spelled_out(self) -> Left | None:
        found = self._found() if self.keys else []
        if found:
            return self._among(found, "key", self.keys)
        return self.failed("wrong", self.keys or END)

    def _found(self) -> list[Person]:
        return [one for one in self.people if one.spelled_by(self.keys)]

    def _picked(self, key: str) -> Left | None:
        here = self._here()
        if key == MORE and len(self.several) > NAMES_AT_ONCE:
            self.page += NAMES_AT_ONCE
            self.page = self.page if self.page < len(self.several) else 0
            return self.ask(self.question())
        if key in "12345678"[: len(here)]:
            return self._found_one(here[int(key) - 1], "key", key)
        return self.failed("wrong", key)

    # -- speech -------------------------------------------------------------------------------

    def called(self, choice: str) -> str:
        return meant_by(choice, self.people)[0].name

    def sure(self, done: SpeechDone) -> bool:
        """Of several by one name the caller chooses, which asks back enough."""
        return len(self._meant(done.choice)) > 1 or super().sure(done)

    def take(self, choice: str, by: By, said: str) -> Left | None:
        found = self._meant(choice)
        if self.several and len(found) > 1:
            return self.failed("unclear", said)  # that name had led here
        return self._among(found, by, said)

    def _meant(self, choice: str) -> list[Person]:
        return meant_by(choice, self.several or self.people)

    # -- one or several -----------------------------------------------------------------------

    def _among(self, found: list[Person], by: By, said: str) -> Left | None:
        if len(found) == 1:
            return self._found_one(found[0], by, said)
        self.scene.note(by, said, "several")
        self.several, self.page, self.keys = found, 0, ""
        return self.ask(self.question())

    def _found_one(self, one: Person, by: By, said: str) -> Left:
        self.scene.note(by, said, one.id)
        to = ToAgent(agent=one.id, ring_s=self.directory.ring_s)
        return Left("", f"{by} {one.id}", to, () if self.confirmed else self._told(one))

    def _told(self, one: Person) -> tuple[Prompt, ...]:
        """Who is about to ring: the caller may have spelled or meant another."""
        return self.scene.phrase("cf-connecting") + self.scene.text(told(one.name))

    def _here(self) -> list[Person]:
        return self.several[self.page : self.page + NAMES_AT_ONCE]

    def _list(self) -> tuple[Prompt, ...]:
        said: tuple[Prompt, ...] = ()
        for number, one in enumerate(self._here(), 1):
            said += self.scene.text(offered(one.name)) + self.scene.phrase(f"press/{number}")
        more = len(self.several) > NAMES_AT_ONCE
        return said + (self.scene.phrase("cf-more-names") if more else ())

    # -- what went wrong ----------------------------------------------------------------------

    def failed(self, kind: Failure, value: str = "") -> Left | None:
        self._start_over()
        return super().failed(kind, value)

    def retry(self, kind: Failure, excuse: bool) -> Left | None:
        self._start_over()
        return super().retry(kind, excuse)

    def _start_over(self) -> None:
        self.keys, self.several, self.page = "", [], 0
