"""A model becomes usable: got, checked, unpacked beside its place, tried, put in place at once."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from appliance.speech.catalog import telling, unpack
from appliance.speech.catalog.download import Download, NoDownload, NoNetwork, Patience
from appliance.speech.catalog.folder import MARKER, NAME, RECEIPT, Marker, ModelFolder
from appliance.speech.catalog.ledger import digest
from appliance.speech.catalog.official import BY_NAME, OFFICIAL, Official
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.catalog.verify import verify

Step = Callable[[str, float, float], None]
"""What is under way, and how much of how much of it is done."""

WORK = ".fetching"
SPARE = 100_000_000
"""Bytes that stay free on the disk."""
UNPACKED = 2.5
"""A small model unpacked, against its zip."""


class NotFetched(Exception):
    """No model was added or changed; says why and what to do."""


@dataclass(frozen=True)
class Fetched:
    """`fresh`: False when it was there already. `sha256`: of the zip, '' for a folder.
    `pinned`: nobody knew the SHA-256 before, so that this one counts from now on."""

    model: ModelFolder
    fresh: bool
    sha256: str = ""
    pinned: bool = False


class Fetcher:
    """Adds models to a shelf. `step` is told how far it is."""

    def __init__(
        self,
        shelf: Shelf,
        step: Step | None = None,
        patience: Patience | None = None,
        offers: tuple[Official, ...] = OFFICIAL,
    ) -> None:
        self._shelf = shelf
        self._step = step or (lambda what, done, total: None)
        self._patience = patience or Patience()
        self._offers = offers
        self._work = shelf.folder / WORK

    def fetch(
        self, what: str, *, name: str = "", language: str = "", again: bool = False
    ) -> Fetched:
        """`what`: name of an official model, a language that has one, a folder, or a zip.

        `name`: what to call it; `language`: what it hears, where nothing tells; `again`: also
        when it is there already. Raises `NotFetched`.
        """
        path = Path(what)
        official = self._official(what)
        if official is None and not path.exists():
            raise NotFetched(self._unknown(what))
        wanted = name or (official.name if official else "")
        if wanted and not NAME.fullmatch(wanted):
            raise NotFetched(telling.bad_name(wanted))
        if language and not re.fullmatch("[a-z]{2}", language):
            raise NotFetched(f"'{language}' is no language: give two small letters, such as de.")
        try:
            with self._alone():
                if official:
                    return self._download(official, wanted, again)
                return self._bring(path, wanted, language, again)
        except unpack.Refused as error:
            raise NotFetched(f"{error} Nothing was added.") from None
        except OSError as error:
            raise NotFetched(telling.disk_fault(error, self._shelf.folder)) from None

    def _official(self, what: str) -> Official | None:
        by_name = {one.name: one for one in self._offers}
        if what in by_name or Path(what).exists():
            return by_name.get(what)
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
        pin = self._shelf.folder / f"{name}.zip.sha256"
        wanted = official.sha256 or _pinned(pin)
        archive = self._work / f"{official.name}.zip"
        self._room(official.size * (1 + UNPACKED))
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
        finally:
            archive.unlink()
        if not wanted:
            pin.write_text(f"{found}  {name}.zip\n")
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
            guess = path.resolve().name
        else:
            size, found, take = unpack.unpacked_size(path), digest(path), unpack.unpack
            guess = path.stem
        name = name or _name_for(guess)
        if not NAME.fullmatch(name):
            raise NotFetched(telling.bad_name(name))
        if not again and (there := self._usable(name)):
            return Fetched(there, fresh=False)
        known = BY_NAME.get(name)
        if known and found and known.sha256 and found != known.sha256:
            told = telling.another(known, found, known.sha256, True)
            raise NotFetched(f"{told} If it is a model of your own, give it a --name.")
        self._room(size)
        marker = Marker(
            id=name,
            language=language or (known.language if known else ""),
            source=path.name,
            archive_sha256=found,
            pinned=not (known and known.sha256),
        )
        model = self._place(path, name, marker, take, size)
        return Fetched(model, True, found)

    # -- into its place -------------------------------------------------------------------------

    def _usable(self, name: str) -> ModelFolder | None:
        there = self._shelf.folder / name
        if not there.is_dir():
            return None
        model = ModelFolder(there)
        return None if verify(model, trial=False) else model

    def _place(
        self, source: Path, name: str, marker: Marker, take: Callable[..., Path], size: int
    ) -> ModelFolder:
        self._room(size)
        target = self._shelf.folder / name
        with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=self._work) as folder:
            new = Path(folder, "new")
            new.mkdir()
            root = take(source, new, step=lambda done, total: self._step("Unpacking", done, total))
            _receipt(root, marker)
            self._step("Trying", 0, 0)
            if wrong := verify(ModelFolder(root)):
                raise NotFetched(telling.useless(source.name, wrong))
            old = Path(folder, "old")
            if target.exists():
                target.rename(old)
            try:
                root.rename(target)
            except OSError:
                if old.exists():
                    old.rename(target)
                raise
            _sync(target.parent)
        return ModelFolder(target)

    def _room(self, size: float) -> None:
        free = unpack.free_space(self._shelf.folder)
        if free < size + SPARE:
            raise NotFetched(
                f"The disk of {self._shelf.folder} has {free / 1e6:.0f} MB free; "
                f"{(size + SPARE) / 1e6:.0f} MB are needed. Nothing was added. Free space, or "
                "choose a smaller model."
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time; what one that was killed left behind goes."""
        self._work.mkdir(parents=True, exist_ok=True)
        with (self._work / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise NotFetched(
                    "Another `callfloor models fetch` is at work. Wait until it has ended."
                ) from None
            for left in self._work.iterdir():
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
            yield


def _receipt(root: Path, marker: Marker) -> None:
    """What came, with the SHA-256 of each file: later damage is noticed by it. A model that
    brings a list, its own or that of another box, keeps it and is held to it."""
    if (root / MARKER).exists() or (root / RECEIPT).exists():
        return
    sums = {str(one.relative_to(root)): digest(one) for one in ModelFolder(root).files()}
    told = msgspec.structs.replace(marker, files=sums)
    (root / RECEIPT).write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
