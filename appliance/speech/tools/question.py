"""Which question of a flow is meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.model.hearing import Hearing
from appliance.speech.tools.confusion import NOTHING


@dataclass(frozen=True)
class Question:
    """One node in one language. `names`: value -> what people call it."""

    flow: str
    node: str
    hearing: Hearing
    names: Mapping[str, str]

    @property
    def title(self) -> str:
        return f"{self.flow}.{self.node}"

    def named(self, value: str) -> str:
        """What a value is called to people; '' is nothing."""
        return self.names.get(value, value) if value else NOTHING


class NoQuestion(Exception):
    """No question, or too many, go by a name; says so."""


def chosen(questions: Sequence[Question], name: str, language: str) -> Question:
    """The question called `name` (``node`` or ``flow.node``). Raises `NoQuestion`."""
    titles = list(dict.fromkeys(one.title for one in questions))
    if not questions:
        raise NoQuestion("No question of this site.toml listens to callers who speak.")
    found = [one for one in questions if name in (one.node, one.title)]
    if not found:
        raise NoQuestion(f"No question {name} listens to callers. There are: {', '.join(titles)}.")
    if len({one.title for one in found}) > 1:
        both = " and ".join(dict.fromkeys(one.title for one in found))
        raise NoQuestion(f"{name} is {both}: write which.")
    spoken = {one.hearing.language: one for one in found}
    if language and language not in spoken:
        raise NoQuestion(f"{name} is not asked in '{language}', but in {', '.join(spoken)}.")
    return spoken[language] if language else found[0]
