"""The model that a question is tried with: the one that callers would be heard by, or another."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from appliance.model.site import Speech
from appliance.speech.catalog.folder import ModelFolder
from appliance.speech.catalog.resolve import Resolved, resolve
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.catalog.verify import verify
from appliance.speech.catalog.words import prepare_words


class NoModel(Exception):
    """Nothing to listen with; says why."""


def model_for(
    speech: Speech,
    data_dir: Path,
    language: str,
    words: Mapping[str, Iterable[str]],
    name: str = "",
) -> Path:
    """A folder that this process may load: it was tried in another one. `name`: a model that is
    not the one in use. Raises `NoModel`."""
    resolved = _named(data_dir, language, name) if name else resolve(speech, data_dir)
    if language not in resolved.folders:
        why = " ".join(one.what for one in resolved.findings)
        raise NoModel(f"there is no speech model for '{language}'. {why}".rstrip())
    folder = prepare_words(resolved, words, speech, data_dir).folders[language]
    if wrong := verify(ModelFolder(folder)):
        raise NoModel(f"{folder.name} cannot be used: {wrong[0].what}")
    return folder


def _named(data_dir: Path, language: str, name: str) -> Resolved:
    shelf = Shelf(data_dir)
    model = shelf.find(name)
    if model is None:
        there = ", ".join(one.name for one in shelf.all()) or "none"
        raise NoModel(f"there is no model {name}; there are: {there}.")
    return Resolved({language: model.path}, {})
