"""What `callfloor models list` shows: the models that are there, and those to be had."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from appliance.model.site import Speech
from appliance.speech.catalog.folder import ModelFolder
from appliance.speech.catalog.official import OFFICIAL
from appliance.speech.catalog.resolve import Resolver
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.catalog.symbols import Unreadable


@dataclass(frozen=True)
class Row:
    """One model. `size`: bytes on disk, or of the zip where it is not here. `words`: 0 where
    nobody knows. `used_for`: what it does now."""

    name: str
    language: str
    kind: str
    size: int
    words: int
    used_for: tuple[str, ...]
    state: str
    here: bool
    licence: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def rows(shelf: Shelf, speech: Speech) -> Iterator[Row]:
    """Those that are there first, then those that can be fetched. Writes nothing: what root
    leaves in the data folder would lock the box out."""
    resolver = Resolver(speech, shelf, remember=False)
    resolved = resolver.resolved()
    there = shelf.all()
    for model in there:
        used = [one for one, path in resolved.folders.items() if path == model.path]
        used += [
            f"{one} (text)"
            for one, path in resolved.transcribers.items()
            if path == model.path and path != resolved.folders.get(one)
        ]
        yield _here(model, tuple(used), resolver)
    names = {one.name for one in there}
    for official in OFFICIAL:
        if official.name not in names:
            note = f"to fetch{', ' + official.note if official.note else ''}"
            yield Row(
                official.name,
                official.language,
                "small",
                official.size,
                0,
                (),
                note,
                False,
                official.licence,
            )


def _here(model: ModelFolder, used: tuple[str, ...], resolver: Resolver) -> Row:
    wrong = resolver.faults(model)
    try:
        words = len(model.words)
    except Unreadable:
        words = 0
    place = "built in" if model.built_in else "here"
    if wrong:
        state = f"damaged: {wrong[0].what}"
    elif model.marker.files:
        state = f"{place}, verified"
    else:
        state = f"{place}, no checksums known"
    return Row(
        model.name,
        model.language,
        model.kind,
        model.size,
        words,
        used,
        state,
        True,
        model.marker.licence,
    )
