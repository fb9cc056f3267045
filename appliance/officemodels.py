"""Which model makes the text of recordings in which language. Runs in the process that reads
site.toml for the office."""

from pathlib import Path

from appliance.box.config import LoadedSite
from appliance.model.site import Speech
from appliance.speech.catalog.resolve import Resolved, resolve
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.transcribe.wanted import Model, Wanted

KINDS = {"voicemail": "voicemail", "calls": "call"}


def wanted(loaded: LoadedSite, built_in: Path | None = None) -> Wanted:
    """The model of transcribe_models, else of models, else the built-in one of the language. One
    that is named in transcribe_models and cannot be used is waited for."""
    speech = loaded.site.speech
    if not speech.transcribe:
        return Wanted()
    found = resolve(speech, loaded.data_dir, built_in)
    return Wanted(
        kinds=tuple(KINDS[each] for each in speech.transcribe),
        language=loaded.site.site.language,
        channels=loaded.site.sip.max_calls,
        models=_models(speech, found),
        poor=tuple(
            one.name for one in Shelf(loaded.data_dir, built_in).all() if one.kind == "commands"
        ),
        missing=tuple(
            f"{one.what} {one.means} {one.to_do}"
            for one in found.findings
            if one.path[:2] == ("speech", "transcribe_models")
            and not _usable(speech, found, str(one.path[2]))
        ),
    )


def _models(speech: Speech, found: Resolved) -> dict[str, Model]:
    made = {}
    for language, path in {**found.folders, **found.transcribers}.items():
        if language not in speech.transcribe_models or _usable(speech, found, language):
            made[language] = Model(path.name, str(path))
    return made


def _usable(speech: Speech, found: Resolved, language: str) -> bool:
    """Is the model that transcribe_models names for it in use? It may be doubted all the same."""
    path = found.transcribers.get(language)
    return path is not None and path.name == speech.transcribe_models[language]
