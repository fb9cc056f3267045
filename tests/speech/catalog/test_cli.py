"""`callfloor models`, as it is called."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.speech.catalog import cli, shelf, verify
from appliance.speech.catalog.cli import models as command
from appliance.speech.catalog.folder import Fault, ModelFolder
from tests.speech.catalog.modelfiles import Models, fst, write_model

SITE = """\
[site]
name = "Test" # ours
[speech]
# nothing yet
keep_failed = true
"""


@pytest.fixture(autouse=True)
def _untried(monkeypatch: pytest.MonkeyPatch, built_in: Path) -> None:
    def try_out(model: ModelFolder, timeout_s: float) -> Fault | None:
        return None

    monkeypatch.setattr(verify, "try_out", try_out)
    monkeypatch.setattr(shelf, "BUILT_IN", built_in)


Run = Callable[..., Result]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


@pytest.fixture
def run(site: Path) -> Run:
    def call(*arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(command, [*arguments, "--site", str(site)])
        assert done.exit_code == code, done.output
        return done

    return call


def test_list_tells_what_there_is_and_what_could_be(run: Run, models: Models) -> None:
    models("mine", {"am/final.mdl": None})
    models("vosk-model-small-de-0.15")
    lines = run("list").output.splitlines()
    assert lines[0].split() == [
        "MODEL",
        "LANGUAGE",
        "KIND",
        "SIZE",
        "WORDS",
        "USED",
        "FOR",
        "STATE",
    ]
    shown = {line.split()[0]: line for line in lines}
    assert shown["en-test"].split() == [
        *("en-test", "en", "commands", "0", "MB", "2", "en", "built", "in,", "no", "checksums"),
        "known",
    ]
    assert "damaged: am/final.mdl is missing." in shown["mine"]
    assert "here, no checksums known" in shown["vosk-model-small-de-0.15"]
    assert "to fetch" in shown["vosk-model-small-fr-0.22"]


def test_list_leaves_nothing_behind(run: Run, tmp_path: Path, data_dir: Path) -> None:
    """Not a file of root's that the box could not write afterwards."""
    run("fetch", str(write_model(tmp_path / "stick" / "mine")), "--language", "en")
    before = sorted(data_dir.rglob("*"))
    assert "here, verified" in run("list").output
    assert sorted(data_dir.rglob("*")) == before


def test_list_for_programs(run: Run, models: Models) -> None:
    found = {one["name"]: one for one in json.loads(run("list", "--json").output)}
    assert found["en-test"]["used_for"] == ["en"]
    assert found["vosk-model-small-fr-0.22"]["here"] is False
    assert found["vosk-model-small-fr-0.22"]["size"] == 42_233_323


def test_a_folder_is_fetched_and_used(run: Run, tmp_path: Path, site: Path) -> None:
    source = write_model(tmp_path / "stick" / "mine")
    told = run("fetch", str(source), "--language", "en").output
    assert "mine is there: 0 MB, 2 words." in told
    assert "Use it: callfloor models use mine" in told
    assert "mine is there already, and whole." in run("fetch", str(source)).output
    told = run("use", "mine").output
    assert "`callfloor config reload` applies it" in told
    text = site.read_text()
    assert "# ours" in text
    assert "# nothing yet" in text
    assert text.endswith('[speech.models]\nen = "mine"\n')
    assert "was in use for 'en' already" in run("use", "mine").output
    assert "en" in run("list").output.splitlines()[1:][0]


def test_a_model_is_not_used_for_another_language_unless_told(
    run: Run, models: Models, site: Path
) -> None:
    models("vosk-model-small-de-0.15")
    run("use", "vosk-model-small-de-0.15")
    assert 'de = "vosk-model-small-de-0.15"' in site.read_text()
    told = run("use", "vosk-model-small-de-0.15", "--language", "fr").output
    assert "is for 'de'; it knows few words of 'fr'." in told
    assert 'fr = "vosk-model-small-de-0.15"' in site.read_text()


def test_a_model_that_tells_no_language_is_asked_for(run: Run, models: Models, site: Path) -> None:
    models("mine")
    assert "Give --language." in run("use", "mine", code=2).output
    assert site.read_text() == SITE


@pytest.mark.parametrize("language", ["english", "E", "e1", ""])
def test_languages_have_a_form(run: Run, models: Models, site: Path, language: str) -> None:
    models("mine")
    run("use", "mine", "--language", language, code=2 if not language else 1)
    assert site.read_text() == SITE


def test_a_damaged_model_is_not_used(run: Run, models: Models, site: Path) -> None:
    models("mine", {"graph/Gr.fst": None})
    told = run("use", "mine", "--language", "en", code=1).output
    assert "graph/Gr.fst is missing." in told
    assert "Calls are still taken by keys." in told
    assert "site.toml was not changed." in told
    assert site.read_text() == SITE


def test_a_large_model_is_sent_to_where_it_fits(run: Run, models: Models, site: Path) -> None:
    models("big", {"graph/HCLG.fst": fst(["sales"]), "graph/HCLr.fst": None})
    told = run("use", "big", "--language", "en", code=1).output
    assert "callfloor config set speech.transcribe_models.en big" in told


def test_a_site_with_errors_is_not_written_to(run: Run, models: Models, site: Path) -> None:
    models("mine")
    site.write_text(f"{SITE}[[queue]]\n")
    before = site.read_bytes()
    done = CliRunner().invoke(command, ["use", "mine", "--language", "en", "--site", str(site)])
    assert done.exit_code
    assert site.read_bytes() == before


def test_verify_names_what_is_wrong(run: Run, models: Models) -> None:
    assert run("verify").output == "en-test: good.\n"
    models("mine", {"conf/mfcc.conf": b"--sample-frequency=16000"})
    told = run("verify", code=1).output
    assert "mine: cannot be used." in told
    assert "for sound of 16000 Hz" in told
    assert "for calls: Calls are still taken by keys." in told
    assert json.loads(run("verify", "mine", "--json", code=1).output)[0]["good"] is False
    assert (
        "There is no model nowhere here; there are: en-test, mine."
        in run("verify", "nowhere", code=1).output
    )


def test_whoever_has_a_slow_box_gives_it_time(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float | None] = []

    def try_out(model: ModelFolder, timeout_s: float | None) -> Fault | None:
        given.append(timeout_s)
        return None

    monkeypatch.setattr(verify, "try_out", try_out)
    run("fetch", str(write_model(tmp_path / "stick" / "mine")), "--timeout", "700")
    run("use", "mine", "--language", "en", "--timeout", "800")
    run("verify", "mine", "--timeout", "900")
    run("verify", "mine")
    assert given == [700, 800, 900, None]


def test_verify_without_any_model_says_so(run: Run, built_in: Path) -> None:
    shutil.rmtree(built_in)
    assert "There are no models" in run("verify").output


def test_fetch_tells_why_not(run: Run) -> None:
    assert "There is no model nix to fetch." in run("fetch", "nix", code=1).output
    assert (
        "There is no file or folder /no/where.zip." in run("fetch", "/no/where.zip", code=1).output
    )


def test_models_of_a_folder_without_a_site(tmp_path: Path, models: Models, data_dir: Path) -> None:
    models("mine")
    done = CliRunner().invoke(command, ["list", "--data-dir", str(data_dir)])
    assert "mine" in done.output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_for_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with cli.progress_bars() as step:
        for done in (30, 60, 10, 100):  # 10: the file has changed, it began anew
            step("Fetching", done, 100)
        step("Trying", 0, 0)
    told = shown.getvalue()
    assert "Fetching" in told
    assert "60%" in told
    assert "100%" in told
    assert "Trying ...\n" in told


def test_elsewhere_lines_come_only_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, now = io.StringIO(), [100.0]
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(cli.time, "monotonic", lambda: now[0])
    with cli.progress_bars() as step:
        for now[0] in (100.1, 101.0, 103.0, 104.0, 115.0):
            step("Fetching", now[0] - 100, 100)
    assert shown.getvalue() == "Fetching 3%\nFetching 15%\n"
