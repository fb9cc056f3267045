"""Phrases that site.toml names: with words of ours, or recorded on this box."""

from collections.abc import Collection, Iterator
from pathlib import Path

from appliance.flow.checknodes import unknown_phrase
from appliance.flow.language import read_flows
from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile
from appliance.speech.phrases import site_prompt
from appliance.speech.sounds import known_phrases


def known(site: SiteFile, base_dir: Path) -> set[str]:
    """Names that can be said in a language of this site. `base_dir`: the folder of site.toml."""
    flows, _ = read_flows(site)
    return known_phrases(base_dir, flows.languages)


def check(site: SiteFile, names: Collection[str]) -> Iterator[Finding]:
    """Findings about ``phrase:NAME`` in queues; those of flows are the flows' own."""
    for index, queue in enumerate(site.queue):
        path: FieldPath = ("queue", index)
        yield from _check((*path, "whisper"), queue.whisper, names)
        for place, text in enumerate(queue.announce.comfort):
            yield from _check((*path, "announce", "comfort", place), text, names)


def _check(path: FieldPath, value: str, names: Collection[str]) -> Iterator[Finding]:
    prompt = site_prompt(value)
    if prompt is not None and prompt.kind == "phrase" and prompt.value not in names:
        yield unknown_phrase(path, prompt.value, names)
