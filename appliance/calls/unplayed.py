"""Prompts that could not be played: each is told once, and again only after it was heard.

A missing file is met at every call. One trouble names it; the board keeps that until the prompt
is heard, and a reload, which may have brought the file, begins anew.
"""

from collections.abc import Iterable

import msgspec

from appliance.model.events import Trouble


class Unplayed:
    """What was told, by the prompt's file (or by the list of files that would not play)."""

    def __init__(self) -> None:
        self._told: dict[str, Trouble] = {}
        self._again: set[str] = set()

    def failed(self, prompts: Iterable[str], why: str) -> list[Trouble]:
        """The troubles to log: those that were not told yet."""
        new = [p for p in prompts if p not in self._told or p in self._again]
        for prompt in new:
            self._told[prompt] = _trouble(prompt, why)
            self._again.discard(prompt)
        return [self._told[prompt] for prompt in new]

    def heard(self, files: tuple[str, ...]) -> list[Trouble]:
        """A play came to its end: the ends of the troubles that its files had."""
        if not self._told:
            return []
        well = [p for p in (*dict.fromkeys(files), together(files)) if p in self._told]
        self._again.difference_update(well)
        told = [self._told.pop(prompt) for prompt in dict.fromkeys(well)]
        return [msgspec.structs.replace(trouble, over=True) for trouble in told]

    def reloaded(self) -> None:
        """What still fails is told again."""
        self._again.update(self._told)


def together(files: tuple[str, ...]) -> str:
    """The name of a list of files of which none alone is to blame."""
    return ", ".join(files)


def _trouble(prompt: str, why: str) -> Trouble:
    return Trouble(
        where="prompts",
        what=f"cannot play {prompt}: {why}",
        meaning="Callers do not hear this prompt; their calls go on. This is told once.",
        remedy="Run 'callfloor check', replace the file it names, then reload.",
    )
