"""Recordings that become text: is there a model that knows more than commands?"""

from collections.abc import Iterator
from pathlib import Path

from appliance.model.findings import Finding
from appliance.model.site import SiteFile
from appliance.speech.catalog.resolve import resolve

NAMED = (("speech", "transcribe_models"), ("speech", "models"))


def check(site: SiteFile, base_dir: Path) -> Iterator[Finding]:
    """A warning for the site's own language. `base_dir`: the folder of site.toml.

    What is wrong with a model that is named is told beside what callers may say, unless nobody
    listens to them: then here.
    """
    speech, language = site.speech, site.site.language
    if not speech.transcribe:
        return
    found = resolve(speech, (base_dir / site.site.data_dir).resolve(), remember=False)
    if not speech.enabled:
        yield from (one for one in found.findings if one.path[:2] in NAMED)
    if language in speech.transcribe_models or language in found.transcribers:
        return
    poor = found.folders.get(language)
    yield Finding(
        ("speech", "transcribe"),
        f"No speech model for whole sentences in '{language}' is in use.",
        f"The model {poor.name} makes text of a few hundred words only, and signs for the rest."
        if poor is not None
        else f"Nothing in '{language}' becomes text.",
        f"Run: callfloor models fetch {language}, then name the model in transcribe_models.",
        "warning",
    )
