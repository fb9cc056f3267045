"""The models that are there: below ``models/`` of the data folder, and those of the package."""

from pathlib import Path

from appliance.speech.catalog.folder import NAME, ModelFolder

BUILT_IN = Path(__file__).parent.parent / "models"
FOLDER = "models"


class Shelf:
    """Knows models by name. Folders whose name begins with a dot are the box's own business.

    `built_in`: folder with the models of the package, if it is another one.
    """

    def __init__(self, data_dir: Path, built_in: Path | None = None) -> None:
        self.folder = data_dir / FOLDER
        self._built_in = BUILT_IN if built_in is None else built_in

    def all(self) -> list[ModelFolder]:
        """Built-in ones first, each kind by name; a fetched one hides a built-in namesake."""
        fetched = _below(self.folder, False)
        taken = {one.name for one in fetched}
        return [one for one in _below(self._built_in, True) if one.name not in taken] + fetched

    def find(self, name: str) -> ModelFolder | None:
        if not NAME.fullmatch(name):
            return None
        for folder, built_in in ((self.folder, False), (self._built_in, True)):
            if _may_be(folder / name):
                return ModelFolder(folder / name, built_in)
        return None

    def built_in(self) -> list[ModelFolder]:
        return _below(self._built_in, True)


def _may_be(folder: Path) -> bool:
    """Is there a folder? Yes also where nobody may look: looking into it tells that then."""
    try:
        return folder.is_dir()
    except PermissionError:
        return True


def _below(folder: Path, built_in: bool) -> list[ModelFolder]:
    try:
        found = sorted(one for one in folder.iterdir() if NAME.fullmatch(one.name))
    except OSError:
        return []
    return [ModelFolder(one, built_in) for one in found if _may_be(one)]
