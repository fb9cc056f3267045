"""A model becomes usable: got, checked, unpacked beside its place, tried, put in place at once."""

import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.speech.catalog import placing, telling, unpack
from appliance.speech.catalog.download import Download, NoDownload, NoNetwork, Patience, part_of
from appliance.speech.catalog.folder import NAME, Marker, ModelFolder
from appliance.speech.catalog.ledger import digest
from appliance.speech.catalog.official import OFFICIAL, Official
from appliance.speech.catalog.receipt import NotWanted, write_receipt
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.catalog.trial import TooSlow
from appliance.speech.catalog.verify import verify

Step = Callable[[str, float, float], None]
"""What is under way, and how much of how much of it is done."""

SPARE = 100_000_000
"""Bytes that stay free on the disk."""
UNPACKED = 2.5
"""A small model unpacked, against its zip."""


class NotFetched(Exception):
    """No model was added or changed; says why and what to do."""


class _TooSlow(NotFetched):
    """What came may be good: it is worth another try with more time."""


@dataclass(frozen=True)
class Fetched:
    """`fresh`: False when it was there already. `sha256`: of the zip, '' for a folder.
    `pinned`: nobody knew the SHA-256 before, so that this one counts from now on."""

    model: ModelFolder
    fresh: bool
    sha256: str = ""
    pinned: bool = False


class Fetcher:
    """Adds models to a shelf. `step` is told how far it is. `timeout_s`: the longest time that
    loading one may take, None: as its size asks for."""

    def __init__(
        self,
        shelf: Shelf,
        step: Step | None = None,
        patience: Patience | None = None,
        offers: tuple[Official, ...] = OFFICIAL,
        timeout_s: float | None = None,
    ) -> None:
        self._shelf = shelf
        self._step = step or (lambda what, done, total: None)
        self._patience = patience or Patience()
        self._offers = offers
        self._timeout_s = timeout_s
        self._by_name = {one.name: one for one in offers}
        self._work = shelf.folder / placing.WORK

    def fetch(
        self, what: str, *, name: str = "", language: str = "", again: bool = False
    ) -> Fetched:
        """`what`: name of an official model, a language that has one, a folder, or a zip.

        `name`: what to call it; `language`: what it hears, where nothing tells; `again`: also
        when it is there already. Raises `NotFetched`.
        """
        path = Path(what)
        there = self._there(path)
        official = self._official(what, there)
        if official is None and not there:
            raise NotFetched(self._unknown(what))
        wanted = name or (official.name if official else "")
        if wanted and not NAME.fullmatch(wanted):
            raise NotFetched(telling.bad_name(wanted))
        if language and not re.fullmatch("[a-z]{2}", language):
            raise NotFetched(f"'{language}' is no language: give two small letters, such as de.")
        try:
            with placing.alone(self._shelf.folder):
                if official:
                    return self._download(official, wanted, again)
                return self._bring(path, wanted, language, again)
        except placing.Busy:
            raise NotFetched(
                "Another `callfloor models fetch` is at work. Wait until it has ended."
            ) from None
        except (unpack.Refused, NotWanted) as error:
            raise NotFetched(f"{error} Nothing was added.") from None
        except OSError as error:
            raise NotFetched(telling.disk_fault(error, self._shelf.folder)) from None

    def _there(self, path: Path) -> bool:
        """Something lies there. Raises `NotFetched` where nobody may look."""
        try:
            path.stat()
        except PermissionError as error:
            raise NotFetched(telling.disk_fault(error, self._shelf.folder)) from None
        except (OSError, ValueError):
            return False
        return True

    def _official(self, what: str, there: bool) -> Official | None:
        if what in self._by_name or there:
            return self._by_name.get(what)
        return next((one for one in self._offers if one.language == what), None)

    def _unknown(self, what: str) -> str:
        if "/" in what or what.endswith(".zip"):
            return f"There is no file or folder {what}."
        return (
            f"There is no model {what} to fetch. `callfloor models list` shows those that there "
            "are; others can be brought as a folder or a zip."
        )

    # -- from the network -----------------------------------------------------------------------

    def _download(self, official: Official, name: str, again: bool) -> Fetched:
        if not again and (there := self._usable(name)):
            return Fetched(there, fresh=False)
        wanted = self._expected(official)
        archive = self._work / f"{official.name}.zip"
        self._room(official.size * (1 + UNPACKED) - came(archive))
        self._get(official, archive)
        self._step("Checking", 0, 0)
        found = digest(archive)
        if wanted and found != wanted:
            archive.unlink()
            told = telling.another(official, found, wanted, bool(official.sha256))
            raise NotFetched(f"{told} It was thrown away. Try again later.")
        marker = Marker(
            id=official.name,
            language=official.language,
            licence=official.licence,
            source=official.address,
            archive_sha256=found,
            pinned=not official.sha256,
        )
        try:
            size = unpack.unpacked_size(archive)
            model = self._place(archive, name, marker, unpack.unpack, size)
        except _TooSlow as error:
            raise NotFetched(f"{error} What has come is kept.") from None
        except Exception:
            archive.unlink()
            raise  # Ctrl-C says nothing against what has come
        archive.unlink()
        if not wanted:
            self._pin(official, found)
        return Fetched(model, True, found, pinned=not wanted)

    def _get(self, official: Official, archive: Path) -> None:
        archive.parent.mkdir(parents=True, exist_ok=True)
        if archive.exists() and archive.stat().st_size == official.size:
            return  # checked next; a wrong one is thrown away there
        load = Download(
            official.address,
            archive,
            official.size,
            lambda done, total: self._step("Fetching", done, total),
            self._patience,
        )
        try:
            load.run()
        except NoNetwork as error:
            raise NotFetched(telling.no_network(official, str(error))) from None
        except NoDownload as error:
            raise NotFetched(f"{error} Nothing was added.") from None

    # -- from a folder or a stick ---------------------------------------------------------------

    def _bring(self, path: Path, name: str, language: str, again: bool) -> Fetched:
        if path.is_dir():
            size, found = unpack.folder_size(path), ""
            take: Callable[..., Path] = unpack.copy
            guess, told = path.resolve().name, ModelFolder(path).marker.archive_sha256
        elif not path.is_file():  # reading from a pipe or a device may never end
            raise NotFetched(f"{path} is neither a folder nor a file. Nothing was added.")
        else:
            size, found, take = unpack.unpacked_size(path), digest(path), unpack.unpack
            guess, told = path.stem, found
        same = self._same(found)
        name = name or (same.name if same else _name_for(guess))
        if not NAME.fullmatch(name):
            raise NotFetched(telling.bad_name(name))
        known = same or self._by_name.get(name)
        wanted = self._expected(known) if known else ""
        self._be_it(self._by_name.get(name), told)
        if not again and (there := self._usable(name)):
            return Fetched(there, fresh=False)
        self._room(size)
        marker = Marker(
            id=known.name if known else name,
            language=language or (known.language if known else ""),
            licence=same.licence if same else "",
            source=path.name,
            archive_sha256=found,
            pinned=not (known and known.sha256),
        )
        model = self._place(path, name, marker, take, size, language)
        if pinned := bool(known and found and not wanted):
            assert known is not None
            self._pin(known, found)
        return Fetched(model, True, found, pinned)

    def _same(self, sha256: str) -> Official | None:
        """The official model with this zip, whatever the file is called."""
        if not sha256:
            return None
        return next((one for one in self._offers if self._expected(one) == sha256), None)

    def _be_it(self, known: Official | None, sha256: str) -> None:
        """What is called as an official model has to be it, as far as anything tells."""
        wanted = self._expected(known) if known else ""
        if known and sha256 and wanted and sha256 != wanted:
            told = telling.another(known, sha256, wanted, bool(known.sha256))
            raise NotFetched(f"{told} If it is a model of your own, give it a --name.")

    # -- what a zip has to be -------------------------------------------------------------------

    def _expected(self, official: Official) -> str:
        """The SHA-256 of its zip, from the table or the first fetch; '' when nobody knows."""
        return official.sha256 or _pinned(self._pin_of(official))

    def _pin(self, official: Official, found: str) -> None:
        self._pin_of(official).write_text(f"{found}  {official.name}.zip\n")

    def _pin_of(self, official: Official) -> Path:
        return self._shelf.folder / f"{official.name}.zip.sha256"

    # -- into its place -------------------------------------------------------------------------

    def _usable(self, name: str) -> ModelFolder | None:
        there = self._shelf.folder / name
        if not there.is_dir():
            return None
        model = ModelFolder(there)
        return None if verify(model, trial=False) else model

    def _place(
        self,
        source: Path,
        name: str,
        marker: Marker,
        take: Callable[..., Path],
        size: int,
        language: str = "",
    ) -> ModelFolder:
        self._room(size)
        target = self._shelf.folder / name
        with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=self._work) as folder:
            new = Path(folder, "new")
            new.mkdir()
            root = take(source, new, step=lambda done, total: self._step("Unpacking", done, total))
            write_receipt(root, marker, language)
            self._step("Trying", 0, 0)
            wrong = verify(ModelFolder(root), timeout_s=self._timeout_s)
            if isinstance(next(iter(wrong), None), TooSlow):
                raise _TooSlow(f"{source.name}: {wrong[0].what} Nothing was added.")
            if wrong:
                raise NotFetched(telling.useless(source.name, wrong))
            placing.put(root, target, Path(folder, placing.OLD))
        return ModelFolder(target)

    def _room(self, size: float) -> None:
        free = unpack.free_space(self._shelf.folder)
        if free < size + SPARE:
            raise NotFetched(
                f"The disk of {self._shelf.folder} has {free / 1e6:.0f} MB free; "
                f"{(size + SPARE) / 1e6:.0f} MB are needed. Nothing was added. Free space, or "
                "choose a smaller model."
            )


def came(archive: Path) -> int:
    """Bytes of a download that are on the disk already."""
    for one in (archive, part_of(archive)):
        with suppress(OSError):
            return one.stat().st_size
    return 0


def _pinned(file: Path) -> str:
    """The SHA-256 that the first fetch wrote down, '' when there was none."""
    try:
        found = re.match(r"[0-9a-f]{64}\b", file.read_text())
    except (OSError, UnicodeDecodeError):
        return ""
    return found[0] if found else ""


def _name_for(guess: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", guess).strip("-._")[:64]
    return name[:1].lower() + name[1:]
