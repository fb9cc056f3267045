"""A model is loaded in a process of its own, and what goes wrong there is told."""

import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.speech.catalog import trial
from appliance.speech.catalog.folder import ModelFolder
from appliance.speech.catalog.shelf import BUILT_IN
from appliance.speech.catalog.verify import verify
from tests.speech.catalog.modelfiles import write_model


def test_what_vosk_cannot_load_is_told_with_the_file(tmp_path: Path) -> None:
    mine = write_model(tmp_path / "mine", {"conf/model.conf": b"--no-such-option=1\n"})
    [fault] = verify(ModelFolder(mine))
    assert fault.file == "conf/model.conf"
    assert "It does not load: Vosk cannot use it: Invalid option --no-such-option=1" in fault.what


def test_a_net_that_is_none_is_told(tmp_path: Path) -> None:
    [fault] = verify(ModelFolder(write_model(tmp_path / "mine")))
    assert fault.what.startswith("It does not load: ")
    assert str(tmp_path) not in fault.what


@pytest.mark.parametrize(
    ("child", "says"),
    [
        ("import os; os.abort()", "ended by signal 6"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by signal 11"),
        ("raise SystemExit(3)", "status 3"),
        ("pass", "status 0"),
    ],
)
def test_a_child_that_dies_takes_nobody_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, child: str, says: str
) -> None:
    monkeypatch.setattr(trial, "CHILD", ("-c", child))
    fault = trial.try_out(ModelFolder(tmp_path))
    assert fault is not None
    assert says in fault.what


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "CHILD", ("-c", "import time; time.sleep(60)"))
    fault = trial.try_out(ModelFolder(tmp_path), 0.2)
    assert fault is not None
    assert "took more than 0.2 s" in fault.what


def test_a_large_model_gets_more_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = ModelFolder(write_model(tmp_path / "mine"))
    assert 120 <= trial.limit_s(model) < 121
    with (model.path / "big").open("wb") as big:
        big.truncate(2_000_000_000)  # holes, no bytes on the disk
    larger = ModelFolder(model.path)
    assert 320 <= trial.limit_s(larger) < 321
    given: list[float] = []

    def run(command: list[str], timeout: float, **more: object) -> None:
        given.append(timeout)
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", run)
    fault = trial.try_out(larger)
    assert given == [trial.limit_s(larger)]
    assert isinstance(fault, trial.TooSlow)
    assert "took more than 320 s; `callfloor models` takes a longer --timeout." in fault.what


BUILT_INS = sorted(one for one in BUILT_IN.glob("*") if (one / "am").is_dir())


@pytest.mark.skipif(not BUILT_INS, reason="no model is built in")
def test_the_built_in_models_are_good() -> None:
    for one in BUILT_INS:
        assert verify(ModelFolder(one, built_in=True)) == []


@pytest.mark.skipif(not BUILT_INS, reason="no model is built in")
def test_the_built_in_model_spoilt_is_not(tmp_path: Path) -> None:
    """A cut net, without any list of checksums: only loading it shows that."""
    mine = tmp_path / "mine"
    shutil.copytree(BUILT_INS[0], mine, ignore=shutil.ignore_patterns("callfloor-model.json"))
    mdl = mine / "am/final.mdl"
    content = mdl.read_bytes()
    mdl.write_bytes(content[: len(content) // 2])
    [fault] = verify(ModelFolder(mine))
    assert "It does not load" in fault.what
