"""Recordings that become text: is there a model that knows more than commands?"""

from collections.abc import Iterator
from pathlib import Path

from appliance.model.findings import Finding
from appliance.model.site import SiteFile
from appliance.speech.catalog.resolve import resolve


def check(site: SiteFile, base_dir: Path) -> Iterator[Finding]:
    """A warning for the site's own language. `base_dir`: the folder of site.toml."""
    speech, language = site.speech, site.site.language
    if not speech.transcribe or language in speech.transcribe_models:
        return  # what is wrong with a model that is named is told where it is named
    found = resolve(speech, (base_dir / site.site.data_dir).resolve())
    if language in found.transcribers:
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
