"""Prompts that could not be played: each is told once, and again only after it was heard.

A missing file is met at every call. One trouble names it; the board keeps that until the prompt
is heard. A reload, which may have brought the file or done without it, begins anew.
"""

from collections.abc import Iterable

import msgspec

from appliance.model.events import Trouble


class Unplayed:
    """What was told, by the prompt's file (or by the list of files that would not play)."""

    def __init__(self) -> None:
        self._told: dict[str, Trouble] = {}

    def failed(self, prompts: Iterable[str], why: str) -> list[Trouble]:
        """The troubles to log: those that were not told yet."""
        new = [prompt for prompt in prompts if prompt not in self._told]
        self._told.update((prompt, _trouble(prompt, why)) for prompt in new)
        return [self._told[prompt] for prompt in new]

    def heard(self, files: tuple[str, ...]) -> list[Trouble]:
        """A play came to its end: the ends of the troubles that its files had."""
        well = dict.fromkeys((*files, together(files)))
        return [self._over(prompt) for prompt in well if prompt in self._told]

    def reloaded(self) -> list[Trouble]:
        """The ends of all; what still fails is told again when it is next played."""
        return [self._over(prompt) for prompt in list(self._told)]

    def _over(self, prompt: str) -> Trouble:
        return msgspec.structs.replace(self._told.pop(prompt), over=True)


def together(files: tuple[str, ...]) -> str:
    """The name of a list of files of which none alone is to blame."""
    return ", ".join(files)


def _trouble(prompt: str, why: str) -> Trouble:
    return Trouble(
        where="prompts",
        what=f"cannot play {prompt}: {why}",
        meaning="Callers do not hear this prompt or music; their calls go on. This is told once.",
        remedy="Run 'callfloor check', replace the file it names, then reload.",
    )
