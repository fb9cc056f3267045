"""Do choices of one menu sound alike? Never an error: people may say them more clearly apart."""

from collections.abc import Callable, Collection, Iterable, Iterator

from appliance.flow.checkspeech import MOST_PHRASES
from appliance.flow.hearings import Heard
from appliance.model.findings import FieldPath, Finding

MOST = 5
"""Of one menu that are told of one by one."""
Pair = tuple[str, str]


def check(
    pairs: Callable[[Collection[str]], list[Pair]], questions: Iterable[Heard]
) -> Iterator[Finding]:
    """`pairs`: those of some phrases that sound alike."""
    for heard in questions:
        places = _places(heard)
        if len(places) > MOST_PHRASES:
            continue  # an error already, and hundreds would take seconds
        if len({_key(heard, path) for path in places.values()}) < 2:
            continue
        found = [
            (one, other)
            for one, other in pairs(places)
            if _key(heard, places[one]) != _key(heard, places[other])
        ]
        yield from (_finding(heard, places, pair) for pair in found[:MOST])
        if rest := found[MOST:]:
            yield _more(places, rest)


def _places(heard: Heard) -> dict[str, FieldPath]:
    """The phrases of a menu's choices; who is asked for by name hears the name."""
    start = len(heard.path)
    return {
        phrase: path
        for path, phrase in reversed(heard.phrases)
        if path[:start] == heard.path and path[start : start + 1] == ("choice",)
    }


def _key(heard: Heard, path: FieldPath) -> str:
    return str(path[len(heard.path) + 1])


def _finding(heard: Heard, places: dict[str, FieldPath], pair: Pair) -> Finding:
    first, second = sorted(pair, key=lambda phrase: _key(heard, places[phrase]))
    one, other = (_key(heard, places[phrase]) for phrase in (first, second))
    return Finding(
        places[second],
        f"Menu '{heard.path[-1]}': {second!r} of choice {other} sounds like {first!r} of choice "
        f"{one}.",
        "Who says one of them is taken for the other now and then: led to the wrong place, or "
        "asked back.",
        "Let one of the choices have other words, best longer ones, and name them in the prompt.",
        "warning",
    )


def _more(places: dict[str, FieldPath], rest: list[Pair]) -> Finding:
    shown = "; ".join(f"{one!r} and {other!r}" for one, other in rest[:MOST])
    return Finding(
        places[rest[0][1]],
        f"{len(rest)} more pairs of choices of this menu sound alike: {shown}"
        f"{' ...' if len(rest) > MOST else '.'}",
        "Callers who say them are led to the wrong place now and then, or asked back.",
        "Take out what need not be said, or make it several menus.",
        "warning",
    )
