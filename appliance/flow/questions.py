"""The nodes that ask the caller something: by keys, and by speech beside them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from appliance.flow.node import DataKey, Key, Node, Ref, Wait
from appliance.flow.parts import Lang, Path, PromptValue
from appliance.model.site import Id, Shape


class Speech(Shape):
    """How a question listens to callers who speak. Keys always work beside it."""

    on: bool | None = Field(
        None,
        description="Listen; empty: where there is something to listen for, never for a secret",
    )
    trailing_s: float = Field(
        0.6, ge=0.2, le=5, description="Silence that ends what the caller says, seconds"
    )
    longest_s: float = Field(
        8, ge=1, le=60, description="Longest that the caller may speak at a time, seconds"
    )
    tries: int = Field(2, ge=1, le=9, description="Not understood so often, only keys count")
    confirm: Literal["auto", "always", "never"] = Field(
        "auto", description="Ask back what was heard; auto: where it is not sure"
    )
    barge_in: bool | None = Field(
        None, description="Speech stops the prompt; empty: as the question's barge_in"
    )


class Asking(Node):
    """What all questions share: waiting for the caller, and what follows if nothing comes."""

    prompt: PromptValue = Field(description="The question")
    barge_in: bool = Field(True, description="A key stops the prompt")
    first_key_s: Wait = Field(6, description="Silence allowed after the prompt, seconds")
    retries: int = Field(2, ge=0, le=9, description="How often the question is asked again")
    silence_prompts: list[PromptValue] = Field(
        [],
        description="Said before asking again after silence: one for each retry, the last "
        "one repeats; empty: built-in phrases",
    )
    wrong_prompts: list[PromptValue] = Field(
        [], description="Said before asking again after a wrong key, as silence_prompts"
    )
    unclear_prompts: list[PromptValue] = Field(
        [], description="Said before asking again after speech that was not understood, likewise"
    )
    keys_prompt: PromptValue | None = Field(
        None,
        description="The question where speech does not count (any more); empty: prompt, with a "
        "built-in phrase before it",
    )
    speech: Speech = Field(Speech(), description="How it listens to callers who speak; see below")
    on_silence: Ref = Field("", description="After the last retry, if it was silence")
    on_wrong: Ref = Field(
        "", description="After the last retry, if it was a wrong key or not understood"
    )
    on_failed: Ref = Field("", description="Where on_silence and on_wrong are empty")

    @property
    def speech_stops_prompt(self) -> bool:
        return self.barge_in if self.speech.barge_in is None else self.speech.barge_in


Words = Annotated[
    Annotated[list[str], Tag("words")] | Annotated[dict[Lang, list[str]], Tag("languages")],
    # Without it, a wrong list would be called no table, too.
    Discriminator(lambda v: "languages" if isinstance(v, dict) else "words"),
]
"""A list, or lists by language."""


class Choice(Shape):
    next: Ref = Field("", description="Node that follows")
    name: str = Field("", max_length=80, description="What history calls the choice")
    say: Words = Field([], description="Words that mean this choice; a list, or lists by language")

    def words(self, language: str) -> tuple[str, ...]:
        """The words that mean this choice in `language`."""
        return tuple(self.say.get(language, ()) if isinstance(self.say, dict) else self.say)

    def places(self, language: str) -> Iterator[tuple[Path, str]]:
        """As `words`, each with its path inside the choice."""
        path: Path = ("say", language) if isinstance(self.say, dict) else ("say",)
        for index, words in enumerate(self.words(language)):
            yield (*path, index), words


class Menu(Asking):
    """One key or a spoken choice, one way."""

    type: Literal["menu"]
    choice: dict[Key, Choice] = Field({}, description="Key to choice")

    def edges(self) -> Iterator[tuple[Path, str]]:
        for key, choice in self.choice.items():
            yield ("choice", key, "next"), choice.next
        yield from super().edges()


class Collect(Asking):
    """Several digits, a number or a day, stored in the call's data."""

    type: Literal["collect"]
    store: DataKey = Field(description="Name in the call's data")
    kind: Literal["digits", "number", "day"] = Field(
        "digits",
        description="digits: said one by one, also in several goes; number: said whole; day: a day "
        "to come, 1 to 7 for the next Monday to Sunday, stored as 2025-12-24",
    )
    min: int = Field(1, ge=0, le=32, description="Fewest digits")
    max: int = Field(20, ge=1, le=32, description="Most digits; reached, it goes on at once")
    terminator: Annotated[str, Field(pattern=r"^[0-9*#]?$")] = Field(
        "#", description="Key that ends the entry; empty: none"
    )
    inter_digit_s: Wait = Field(3, description="Pause that ends the entry, seconds")
    secret: bool = Field(False, description="Masked in history, never said")
    confirm: bool = Field(False, description="Read back: 1 is right, 2 asks again")
    confirm_prompt: PromptValue | None = Field(
        None, description="Read-back instead of the built-in one"
    )
    next: Ref = Field("", description="Node that follows")


class YesNo(Asking):
    """Yes (1) or no (2)."""

    type: Literal["yes_no"]
    on_yes: Ref = Field("", description="Yes, or key 1")
    on_no: Ref = Field("", description="No, or key 2")


class Directory(Asking):
    """Dial by name: an agent's name is said, or its family name spelled on the keys; it rings."""

    type: Literal["directory"]
    agents: list[Id] = Field([], description="Who can be asked for; empty: all who have a name")
    inter_digit_s: Wait = Field(3, description="Pause that ends the spelling, seconds")
    ring_s: Wait = Field(20, description="Ring time, seconds")
    on_no_answer: Ref = Field("", description="Not answered in time")
    on_busy: Ref = Field("", description="Busy or refused; empty: as on_no_answer")
    on_unreachable: Ref = Field(
        "", description="Phone not there, agent not logged in; empty: as on_no_answer"
    )
    next: Ref = Field("", description="After the talk; empty: the call ends")
