"""Places for models, and models to be had."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.speech.catalog import verify
from appliance.speech.catalog.fetch import Fetched, Fetcher
from appliance.speech.catalog.folder import Fault, ModelFolder
from appliance.speech.catalog.shelf import Shelf
from tests.speech.catalog.modelfiles import Models, marker, write_model
from tests.speech.catalog.offering import NAME, QUICK, Get, offer
from tests.speech.catalog.server import Behaviour, serving


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """Makes models below the data folder ``tmp_path/var``."""

    def make(name: str, changed: dict[str, bytes | None] | None = None) -> Path:
        return write_model(tmp_path / "var" / "models" / name, changed)

    return make


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def built_in(tmp_path: Path) -> Path:
    """A folder of built-in models with one for English."""
    folder = tmp_path / "package"
    write_model(folder / "en-test", marker(language="en", kind="commands", sample_rate=8000))
    return folder


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """These models hold nothing that Vosk could load; which were tried."""
    tried: list[Path] = []

    def try_out(model: ModelFolder, timeout_s: float) -> Fault | None:
        tried.append(model.path)
        text = (model.path / "am/final.mdl").read_bytes()
        return Fault("am/final.mdl", "It does not load: broken.") if b"broken" in text else None

    monkeypatch.setattr(verify, "try_out", try_out)
    return tried


@pytest.fixture
def get(data_dir: Path) -> Iterator[Get]:
    """Fetches NAME from a server on loopback."""

    def run(
        behaviour: Behaviour,
        sha256: str = "",
        again: bool = False,
        size: int = 0,
        what: str = NAME,
    ) -> Fetched:
        with serving(behaviour) as address:
            one = offer(bytes(size) if size else behaviour.content, address, sha256)
            fetcher = Fetcher(Shelf(data_dir), patience=QUICK, offers=(one,))
            return fetcher.fetch(what, again=again)

    return run


@pytest.fixture
def nobodys() -> Iterator[Path]:
    """A folder of a user who is not root: what is locked is locked."""
    place = Path(tempfile.mkdtemp(prefix="callfloor-nobody-"))
    root = os.geteuid() == 0
    if root:
        os.chown(place, 65534, 65534)
        os.seteuid(65534)
    try:
        yield place
    finally:
        if root:
            os.seteuid(0)
        shutil.rmtree(place, ignore_errors=True)
