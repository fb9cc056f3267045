"""Which model hears which language: as site.toml says, or the built-in one where that is bad.

Quick enough for each start of the core: names and sizes are looked at, files read once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appliance.model.events import Trouble
from appliance.model.findings import Finding
from appliance.model.site import Speech
from appliance.speech.catalog.faults import faults
from appliance.speech.catalog.folder import Fault, ModelFolder
from appliance.speech.catalog.ledger import FILE, Ledger, checksum_faults
from appliance.speech.catalog.official import BY_NAME
from appliance.speech.catalog.placing import put_back
from appliance.speech.catalog.shelf import Shelf

Setting = Literal["models", "transcribe_models"]
KEYS = "Calls are still taken by keys."
SHOWN = 3


@dataclass(frozen=True)
class Resolved:
    """Folders of usable models by language (ISO 639-1).

    `folders`: for menus; a language that is missing has keys only. `transcribers`: for whole
    messages and calls. `findings`: what is wrong, with the settings concerned, each a warning.
    """

    folders: Mapping[str, Path]
    transcribers: Mapping[str, Path]
    findings: tuple[Finding, ...] = ()

    @property
    def troubles(self) -> list[Trouble]:
        return [
            Trouble(where="speech", what=one.what, meaning=one.means, remedy=one.to_do)
            for one in self.findings
        ]


def resolve(
    speech: Speech, data_dir: Path, built_in: Path | None = None, *, remember: bool = True
) -> Resolved:
    """Takes milliseconds, or what reading a model once takes after it was changed. Where callers
    are listened to, `words.ready` is wanted: it also teaches the site's own words.

    `remember`: note in the data folder which files were read, so that they need not be again, and
    put a model back that a power cut left beside its place. Else nothing is written.
    """
    return Resolver(speech, Shelf(data_dir, built_in), remember).resolved()


class Resolver:
    """One look at the models of a shelf; each is looked at once."""

    def __init__(self, speech: Speech, shelf: Shelf, remember: bool = True) -> None:
        self._speech = speech
        self.shelf = shelf
        self._ledger = Ledger(self.shelf.folder / FILE)
        self._remember = remember
        if remember:
            put_back(shelf.folder)
        self._found: dict[Path, list[Fault]] = {}
        self._findings: list[Finding] = []

    def resolved(self) -> Resolved:
        own = self._built_in()
        folders = {language: one.path for language, one in own.items()}
        for language, name in self._speech.models.items():
            model = self._named("models", language, name, folders.get(language))
            if model is not None:
                folders[language] = model.path
        transcribers = self._transcribers(folders)
        if self._remember:
            self._ledger.save()
        return Resolved(folders, transcribers, tuple(self._findings))

    def faults(self, model: ModelFolder) -> list[Fault]:
        """What keeps a model from being used, looked at once."""
        if model.path not in self._found:
            found = faults(model)
            self._found[model.path] = found or list(checksum_faults(model, self._ledger))
        return self._found[model.path]

    def _built_in(self) -> dict[str, ModelFolder]:
        found: dict[str, ModelFolder] = {}
        for model in self.shelf.built_in():
            if wrong := self.faults(model):
                self._say(
                    (),
                    f"The built-in speech model {model.name} is damaged: {_listed(wrong)}",
                    f"Nobody listens for {model.language or 'its language'} with it. {KEYS}",
                    "Install Callfloor again.",
                )
            elif model.language:
                found.setdefault(model.language, model)
        return found

    def _named(
        self, setting: Setting, language: str, name: str, instead: Path | None
    ) -> ModelFolder | None:
        path = ("speech", setting, language)
        model = self.shelf.find(name)
        if model is None:
            told, to_do = f"There is no speech model {name}.", _get(name)
        elif wrong := self.faults(model):
            told = f"Speech model {name} cannot be used: {_listed(wrong)}"
            to_do = _again(model)
        elif setting == "models" and not model.listens:
            told = f"Speech model {name} cannot listen for the words of a menu."
            to_do = "Use it in transcribe_models, and a small model here."
        elif setting == "transcribe_models" and model.kind == "commands":
            told = f"Speech model {name} knows commands only, not whole sentences."
            to_do = "Use a small or large model (callfloor models list)."
        else:
            if model.language and model.language != language:
                self._say(
                    path,
                    f"Speech model {name} is for '{model.language}', not '{language}'.",
                    "It knows few of the words, and hears the others wrong.",
                    f"Use a model for '{language}', unless this is meant.",
                )
            return model
        self._say(path, told, self._means(setting, language, instead), to_do)
        return None

    def _means(self, setting: Setting, language: str, instead: Path | None) -> str:
        if setting == "transcribe_models":
            return f"Nothing in '{language}' becomes text with it. Calls are not touched."
        if instead is not None:
            return f"The built-in model {instead.name} listens for '{language}' instead."
        return f"Nobody listens to callers in '{language}'. {KEYS}"

    def _transcribers(self, folders: Mapping[str, Path]) -> dict[str, Path]:
        found = {}
        for language, path in folders.items():
            if ModelFolder(path).kind != "commands":
                found[language] = path
        for language, name in self._speech.transcribe_models.items():
            model = self._named("transcribe_models", language, name, found.get(language))
            if model is not None:
                found[language] = model.path
        return found

    def _say(self, path: tuple[str | int, ...], what: str, means: str, to_do: str) -> None:
        self._findings.append(Finding(path, what, means, to_do, "warning"))


def _get(name: str) -> str:
    if name in BY_NAME:
        return f"Run: callfloor models fetch {name}"
    return "`callfloor models list` shows those that there are and can be fetched."


def _again(model: ModelFolder) -> str:
    if model.name in BY_NAME:
        return f"Run: callfloor models fetch {model.name} --again"
    return (
        f"Bring it again from where you have it: callfloor models fetch FOLDER --again, or "
        f"remove {model.path}."
    )


def _listed(wrong: Iterable[Fault]) -> str:
    told = [one.what for one in wrong]
    more = len(told) - SHOWN
    return " ".join(told[:SHOWN]) + (f" And {more} more." if more > 0 else "")
