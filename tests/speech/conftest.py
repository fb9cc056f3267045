"""A site with prompts, and a cache that is rendered once for all tests."""

import fcntl
import os
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.flow.language import FlowSet, compile_flows
from appliance.model.site import SiteFile
from appliance.speech.prompts import PromptStore

SITE = """
[[queue]]
id = "support"
name = "Support"
whisper = "auto"
announce = { comfort = ["You can also write to us."] }
[flow.main]
start = "greet"
fallback = "q"
[flow.main.node.greet]
type = "greeting"
prompt = { en = "Welcome to the test floor.", de = "Willkommen." }
next = "german"
[flow.main.node.german]
type = "language"
language = "de"
next = "q"
[flow.main.node.q]
type = "queue"
queue = "support"
"""


def read_site(text: str = SITE) -> tuple[SiteFile, FlowSet]:
    site = SiteFile.model_validate(tomllib.loads(text))
    return site, compile_flows(site)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with all prompts of SITE, without any sounds package.

    Shared by parallel test processes: the first one renders, the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "rendered-prompts"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = PromptStore(folder, folder, package_dir=folder / "none").prepare(*read_site())
    assert report.findings == []
    return folder


Stores = Callable[..., PromptStore]


@pytest.fixture
def store(rendered: Path, tmp_path: Path) -> Stores:
    """A store on a copy of the rendered prompts: nothing has to be spoken again."""

    def make(**options: object) -> PromptStore:
        data = tmp_path / "var"
        if not data.exists():
            shutil.copytree(rendered, data, copy_function=os.link)
        return PromptStore(data, tmp_path, **{"package_dir": tmp_path / "package", **options})

    return make


@pytest.fixture
def espeak_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """espeak-ng behind a script that writes down each call; the log's path."""
    real, log = shutil.which("espeak-ng"), tmp_path / "espeak.log"
    assert real, "these tests need espeak-ng (apt install espeak-ng)"
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "espeak-ng"
    script.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    script.chmod(0o755)
    log.touch()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return log


def spoken(log: Path) -> list[str]:
    """The calls of espeak-ng that spoke something."""
    return [line for line in log.read_text().splitlines() if "--stdin" in line]
