"""Who can be asked for by name: what callers say and spell, and whom it means."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from appliance.flow.questions import Directory
from appliance.flow.spoken import as_spoken, key_spellings, name_parts, sayable
from appliance.model.findings import FieldPath
from appliance.model.ids import AgentId
from appliance.model.site import SiteFile


@dataclass(frozen=True)
class Person:
    """An agent with a name. `given`, `family` and `say` are as spoken; `spellings` are keys.
    `place`: of the agent in site.toml."""

    id: AgentId
    name: str
    given: str
    family: str
    say: tuple[str, ...]
    spellings: tuple[str, ...]
    place: FieldPath

    def spelled_by(self, keys: str) -> bool:
        return any(one.startswith(keys) for one in self.spellings)


def people_of(site: SiteFile) -> tuple[Person, ...]:
    """The agents who have a name that can be said or spelled, in the order of the file."""
    found = []
    for index, agent in enumerate(site.agent):
        given, family = name_parts(agent.name)
        say = tuple(as_spoken(form) for form in agent.say)
        if family and (any(map(sayable, (given, family, *say))) or _spellings(given, family)):
            place: FieldPath = ("agent", index)
            keys = _spellings(given, family)
            found.append(Person(AgentId(agent.id), agent.name, given, family, say, keys, place))
    return tuple(found)


def _spellings(given: str, family: str) -> tuple[str, ...]:
    """Of the family name with and without its particles; of the given name if it has no letters
    (``Agent 1``)."""
    words = family.split()
    ways = [way for part in (family, words[-1]) for way in key_spellings(part)]
    return tuple(dict.fromkeys(ways)) or key_spellings(given)


def listed(node: Directory, people: Sequence[Person]) -> tuple[Person, ...]:
    """Those whom the node offers."""
    return tuple(one for one in people if not node.agents or one.id in node.agents)


def phrases_of(people: Sequence[Person]) -> Iterator[tuple[FieldPath, str, AgentId]]:
    """What callers say for each of these people, with the field that it comes from.

    The given name alone counts where only one has it.
    """
    given = Counter(one.given for one in people)
    for one in people:
        name: FieldPath = (*one.place, "name")
        forms = [(name, f"{one.given} {one.family}".strip()), (name, one.family)]
        if one.given and given[one.given] == 1:
            forms.append((name, one.given))
        forms += [((*one.place, "say", index), form) for index, form in enumerate(one.say)]
        seen = set[str]()
        for path, form in forms:
            if form not in seen and sayable(form):
                seen.add(form)
                yield path, form, one.id


def choices_of(people: Sequence[Person]) -> dict[str, tuple[str, ...]]:
    """For a `Hearing`: whom a phrase means -> the phrases. Who share a name are one choice,
    their ids with a space between."""
    meant: dict[str, list[AgentId]] = {}
    for _, phrase, agent in phrases_of(people):
        meant.setdefault(phrase, []).append(agent)
    choices: dict[str, list[str]] = {}
    for phrase, agents in meant.items():
        choices.setdefault(" ".join(agents), []).append(phrase)
    return {value: tuple(phrases) for value, phrases in choices.items()}


def meant_by(choice: str, people: Iterable[Person]) -> list[Person]:
    """The people of one choice of `choices_of`."""
    ids = choice.split(" ")
    return [one for one in people if one.id in ids]
