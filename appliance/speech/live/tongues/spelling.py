"""Digits that are said one by one, or two at a time."""

from collections.abc import Callable, Mapping

from appliance.speech.live.tongues.tongue import Words

Pair = Callable[[Words], tuple[str, int] | None]
"""Two digits that the words begin with as one number, and how many words those are."""


def spell(
    words: Words,
    digits: Mapping[str, str],
    repeats: Mapping[str, int],
    pair: Pair = lambda words: None,
) -> str | None:
    """The digits of ``double four nineteen``; None if any word is none of theirs."""
    found, at = "", 0
    while at < len(words):
        if two := pair(words[at:]):
            found, at = found + two[0], at + two[1]
            continue
        times = repeats.get(words[at], 1)
        at += times > 1
        if at == len(words) or words[at] not in digits:
            return None
        found, at = found + digits[words[at]] * times, at + 1
    return found
