"""What must be ready before a call: the site's prompts, the flows' and the box's own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from appliance.model.findings import FieldPath
from appliance.model.prompt import Prompt
from appliance.model.site import SiteFile
from appliance.speech.languages import language_of
from appliance.speech.phrases import music_prompt, phrase, site_prompt, whisper_prompt


class WantedPrompt(Protocol):
    """As `appliance.flow.language.Wanted`."""

    @property
    def path(self) -> FieldPath: ...
    @property
    def prompt(self) -> Prompt: ...
    @property
    def languages(self) -> tuple[str, ...]: ...


class WantedPrompts(Protocol):
    """As `appliance.flow.language.FlowSet`."""

    @property
    def languages(self) -> tuple[str, ...]: ...
    def wanted(self) -> Iterable[WantedPrompt]: ...


@dataclass(frozen=True)
class Wish:
    """One prompt in one language, and the field of site.toml that asks for it; () for the
    box itself."""

    path: FieldPath
    prompt: Prompt
    language: str


def wishes(site: SiteFile, flows: WantedPrompts) -> Iterator[Wish]:
    """All of them; those that people wrote come first."""
    for wanted in flows.wanted():
        for language in wanted.languages:
            yield Wish(wanted.path, wanted.prompt, language)
    yield from _of_queues(site, flows)
    yield Wish((), music_prompt(""), site.site.language)
    for language in flows.languages:
        yield Wish((), phrase("beep", language), language)
        for name in language_of(language).names():
            yield Wish((), phrase(name, language), language)


def _of_queues(site: SiteFile, flows: WantedPrompts) -> Iterator[Wish]:
    for index, queue in enumerate(site.queue):
        path: FieldPath = ("queue", index)
        yield Wish((*path, "music"), music_prompt(queue.music), site.site.language)
        for language in flows.languages:
            whisper = whisper_prompt(queue, language)
            if whisper is not None:
                yield Wish((*path, "whisper"), whisper, language)
            for place, text in enumerate(queue.announce.comfort):
                comfort = site_prompt(text, language)
                if comfort is not None:
                    yield Wish((*path, "announce", "comfort", place), comfort, language)
