"""Checks of what callers may say: words of menus, names of people, questions that listen."""

from collections.abc import Iterator

from appliance.flow.hearings import MOST_NAMES, hearing_of, listens, menu_choices
from appliance.flow.people import choices_of, listed
from appliance.flow.place import Place
from appliance.flow.questions import Asking, Choice, Collect, Directory, Menu
from appliance.flow.spoken import as_spoken, sayable
from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile

LONGEST_WORDS = 60
"""Characters of what can be said for a choice: a sentence is never said the same way twice."""
MOST_PHRASES = 200
"""Of one menu: beyond, a recogniser takes each for another."""
KEYS_ONLY = "Callers of that language can choose it by key only."


def check_speech(place: Place, node: Asking) -> Iterator[Finding]:
    if isinstance(node, Menu):
        yield from _check_menu(place, node)
        yield from _check_size(place, node)
    if isinstance(node, Directory):
        yield from _check_directory(place, node)
    if node.speech.on:
        yield from _check_on(place, node)


def check_people(site: SiteFile) -> Iterator[Finding]:
    """What [[agent]] says of names."""
    for index, agent in enumerate(site.agent):
        for words in agent.say:
            yield from _check_words(("agent", index, "say"), words)


# -- words ------------------------------------------------------------------------------------


def _check_menu(place: Place, node: Menu) -> Iterator[Finding]:
    found: list[Finding] = []
    for language in place.flows.languages:
        found += _check_meanings(place, node, language)
    for key, choice in node.choice.items():
        found += _check_languages(place, key, choice)
    yield from dict.fromkeys(found)  # a list of words is one for all languages


def _check_meanings(place: Place, node: Menu, language: str) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for key, choice in node.choice.items():
        path = place.path("choice", key, "say")
        for words in choice.words(language):
            wrong = list(_check_words(path, words))
            yield from wrong
            other = owner.setdefault(as_spoken(words), key)
            if other != key and not wrong:
                yield Finding(
                    path,
                    f"The word {words!r} also means choice {other}.",
                    "A caller who says it gets either.",
                    "Keep it in one of them.",
                )


def _check_words(path: FieldPath, words: str) -> Iterator[Finding]:
    if not as_spoken(words):
        what = (
            f"{words!r} is no word: it has no letters."
            if words.strip()
            else "An empty text is no word."
        )
        yield Finding(path, what, "Nobody can say it.", "Write it in letters, or take it out.")
    elif not sayable(as_spoken(words)):
        yield Finding(
            path,
            f"{words!r} has figures, which can be said in several ways.",
            "Nobody is listened to for it.",
            'Write it in words, such as "one".',
        )
    elif len(words) > LONGEST_WORDS:
        yield Finding(
            path,
            f"{words[:20] + '...'!r} has {len(words)} characters; {LONGEST_WORDS} are the most.",
            "Hardly a caller says all of it just so.",
            "Give the few words that matter; what is said around them is found by itself.",
        )


def _check_languages(place: Place, key: str, choice: Choice) -> Iterator[Finding]:
    if not isinstance(choice.say, dict) or not choice.say or not place.flows.whole:
        return
    known = place.flows.languages
    for code in choice.say:
        if code not in known:
            yield Finding(
                place.path("choice", key, "say", code),
                f"No call is ever in language {code!r}.",
                "Nobody is listened to for these words.",
                "Add a language node that sets it, or take them out.",
                "warning",
            )
    missing = [code for code in known if not choice.say.get(code)]
    if missing:
        yield Finding(
            place.path("choice", key, "say"),
            f"It is not given in: {', '.join(missing)}.",
            KEYS_ONLY,
            "Add the language to the table.",
            "warning",
        )


# -- people -----------------------------------------------------------------------------------


def _check_directory(place: Place, node: Directory) -> Iterator[Finding]:
    yield from _check_agents(place, node)
    if not listed(node, place.flows.people):
        yield Finding(
            place.path(),
            "Nobody can be asked for: no agent here has a name.",
            "The call goes on at once, as after silence.",
            "Give [[agent]] entries a name.",
            "warning",
        )
    yield from _check_namesakes(place, node)
    count = sum(map(len, choices_of(listed(node, place.flows.people)).values()))
    if count > MOST_NAMES and listens(node):
        yield Finding(
            place.path("agents"),
            f"It would listen for {count} phrases; {MOST_NAMES} are the most, of about "
            f"{MOST_NAMES // 3} people.",
            "Callers can only spell the names by key.",
            "Make it several directories, each with some of the agents, or set speech.on to false.",
            "warning",
        )


def _check_agents(place: Place, node: Directory) -> Iterator[Finding]:
    agents = {agent.id for agent in place.site.agent}
    named = {one.id for one in place.flows.people}
    for index, agent in enumerate(node.agents):
        if agent not in agents:
            yield Finding(
                place.path("agents", index),
                f"There is no agent {agent!r}.",
                "Nobody can be asked for by that id.",
                f"Name one of: {', '.join(sorted(agents)) or 'there is none yet'}.",
            )
        elif agent not in named:
            yield Finding(
                place.path("agents", index),
                f"Agent {agent!r} has no name.",
                "Callers cannot ask for that agent.",
                "Give the [[agent]] a name, or take the id out.",
                "warning",
            )


def _check_namesakes(place: Place, node: Directory) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for one in listed(node, place.flows.people):
        name = f"{one.given} {one.family}"
        other = seen.setdefault(name, one.id)
        if other != one.id:
            yield Finding(
                (*one.place, "name"),
                f"Agent {other!r} has the same name.",
                "Callers who ask for it hear it twice and cannot tell who is who.",
                "Tell them apart in the name, such as by the department.",
                "warning",
            )


# -- questions --------------------------------------------------------------------------------


def _check_size(place: Place, node: Menu) -> Iterator[Finding]:
    for language in place.flows.languages:
        count = sum(map(len, menu_choices(node, language).values()))
        if count > MOST_PHRASES:
            yield Finding(
                place.path("choice"),
                f"It listens for {count} phrases in language {language!r}; {MOST_PHRASES} are "
                "the most.",
                "The more there are, the more often one is taken for another, and the longer "
                "callers wait for an answer.",
                "Take out what is hardly ever said, or make it several menus, or a directory.",
            )


def _check_on(place: Place, node: Asking) -> Iterator[Finding]:
    if not place.site.speech.enabled:
        yield Finding(
            place.path("speech", "on"),
            "Speech is asked for here, but [speech] enabled is false.",
            "Nobody listens; only keys count.",
            "Set enabled to true, or take this out.",
            "warning",
        )
    if isinstance(node, Collect):
        return
    languages = place.flows.languages
    people = place.flows.people
    silent = [code for code in languages if hearing_of(node, code, people) is None]
    lacks = "no choice has words" if isinstance(node, Menu) else "no name can be said"
    if silent:
        yield Finding(
            place.path("speech", "on"),
            f"Speech is asked for, and {lacks} in: {', '.join(silent)}.",
            "Only keys count there.",
            "Give the choices words (say), or take this out."
            if isinstance(node, Menu)
            else "Give [[agent]] entries a name in letters, or take this out.",
            "error" if len(silent) == len(languages) else "warning",
        )
