"""`make setup`: installs what is missing, only that, and nothing the second time."""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
STEPS = ("debian_packages", "environment", "python_packages", "pjsua2", "callfloor", "pages")


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("callfloor_setup", ROOT / "image" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The set-up script, working in a folder of its own."""
    module = load()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps")
    module.STAMPS.mkdir()
    return module


def test_only_missing_packages_are_missing(setup: ModuleType) -> None:
    wanted = ["dpkg", "no-such-package-1", "no-such-package-2|dpkg", "no-such-package-1"]
    assert setup.missing_packages(wanted) == ["no-such-package-1"]
    assert setup.missing_packages([]) == []


def test_the_first_alternative_that_debian_has_is_taken(setup: ModuleType) -> None:
    assert setup.choose("no-such-package-1|dpkg|apt") == "dpkg"  # installed, so always known


def test_every_listed_package_has_a_stage_and_a_reason() -> None:
    for line in (ROOT / "image" / "apt-packages.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            stage, package, reason = line.split(maxsplit=2)
            assert stage in ("run", "build", "test")
            assert re.fullmatch(r"[a-z0-9.+|-]+", package)
            assert len(reason) > 3


def test_a_stamp_holds_until_an_input_changes(setup: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "node_modules").mkdir(parents=True)
    (source / "a").write_text("1")
    (source / "node_modules" / "b").write_text("not an input")

    def state() -> str:
        return str(setup.digest(setup.files(source), "python 3"))

    setup.stamp("step", state())
    (source / "node_modules" / "b").write_text("still not")
    assert setup.stamped("step", state())
    (source / "a").write_text("2")
    assert not setup.stamped("step", state())
    (source / "a").write_text("1")
    assert setup.stamped("step", state())
    (source / "c").write_text("")
    assert not setup.stamped("step", state())
    assert not setup.stamped("other step", state())


def test_a_step_that_fails_says_what_to_do(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        setup.run(["false"], "Do this instead.")

    monkeypatch.setattr(setup, "debian_packages", broken)
    assert setup.main() == 1
    said = capsys.readouterr().err
    assert "make setup did not finish" in said
    assert "Do this instead." in said
    assert "Traceback" not in said


def test_without_pages_calls_can_be_taken(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = []

    def no_pages() -> None:
        raise setup.SetupError("No node here.")

    for name in STEPS:
        monkeypatch.setattr(setup, name, lambda name=name: done.append(name))
    monkeypatch.setattr(setup, "pages", no_pages)
    assert setup.main() == 1
    assert done[-1] == "callfloor"
    assert "No node here." in capsys.readouterr().err


def test_a_second_setup_says_that_it_waits_for_the_first(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = SimpleQueue[str]()
    monkeypatch.setattr(setup, "say", said.put)
    for name in STEPS:
        monkeypatch.setattr(setup, name, lambda: None)
    with (setup.STAMPS / "lock").open("w") as first, ThreadPoolExecutor(1) as pool:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = pool.submit(setup.main)
        try:
            assert "waiting for it" in said.get(timeout=10)
            assert not second.done()
        finally:
            fcntl.flock(first, fcntl.LOCK_UN)
        assert second.result(10) == 0


def test_a_user_without_root_and_sudo_is_told(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(setup.SetupError, match="not root"):
        setup.as_root()


def test_every_package_is_pinned_by_hash_and_no_host_is_named() -> None:
    pins = re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==\S+", LOCK, re.MULTILINE | re.IGNORECASE)
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE | re.IGNORECASE)
    assert len(pins) == len([one for one in blocks if one.strip()])
    assert all("--hash=sha256:" in one for one in blocks if one.strip())
    assert "://" not in LOCK
    assert "index-url" not in LOCK


def test_the_lock_file_has_every_dependency_in_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", LOCK, re.MULTILINE):
        pinned.setdefault(name.lower().replace("_", "-"), []).append(version)
    for text in wanted:
        requirement = Requirement(text)
        versions = pinned.get(requirement.name.lower().replace("_", "-"))
        assert versions, f"{requirement.name} is not in requirements.lock: run `make lock`"
        assert all(requirement.specifier.contains(one) for one in versions), requirement


def test_every_direct_dependency_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    block = text.split("\ndependencies = [\n")[1].split("\n]")[0]
    assert all(re.search(r'",\s+# \w', line) for line in block.splitlines())


def test_ci_runs_as_it_is() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


@pytest.mark.slow
def test_a_second_setup_needs_no_network_and_installs_nothing() -> None:
    """The network is taken away with a namespace of its own."""
    module = load()
    ready = module.stamped("callfloor", module.digest([ROOT / "pyproject.toml"], module.made_by()))
    offline = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if not ready or subprocess.run([*offline, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs a finished `make setup` of this state, and network namespaces")
    done = subprocess.run(
        [*offline, "/usr/bin/python3", str(ROOT / "image" / "setup.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "installing" not in done.stdout
    assert "building" not in done.stdout


def test_setup_needs_only_the_standard_library() -> None:
    code = (
        "import importlib.util, sys; sys.path = [p for p in sys.path if 'packages' not in p]; "
        f"s = importlib.util.spec_from_file_location('s', {str(ROOT / 'image' / 'setup.py')!r}); "
        "s.loader.exec_module(importlib.util.module_from_spec(s))"
    )
    subprocess.run([sys.executable, "-S", "-c", code], check=True)
