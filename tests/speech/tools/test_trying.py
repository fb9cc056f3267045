"""Recordings played to a question: what should be heard, what was, and the counts."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from appliance.model.hearing import Hearing
from appliance.speech.catalog.shelf import BUILT_IN
from appliance.speech.tools import confusion
from appliance.speech.tools.cli import speech as command
from appliance.speech.tools.confusion import Outcome
from appliance.speech.tools.labels import BadLabel, Labels, expected, sounds
from appliance.speech.tools.question import NoQuestion, Question, chosen

MENU = Hearing(
    kind="choices",
    language="en",
    choices={"1": ("billing", "my invoice"), "2": ("sales", "buy")},
)
NAMES = {"1": "Billing desk", "2": "Sales"}


@pytest.fixture
def labels() -> Labels:
    return Labels(MENU, NAMES)


# -- labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("1", "1"),
        ("billing", "1"),
        ("My Invoice", "1"),
        ("my_invoice", "1"),
        ("billing-desk", "1"),
        (" buy ", "2"),
        ("none", ""),
        ("Foreign", ""),
        ("bananas", None),
        ("", None),
    ],
)
def test_labels_are_values_names_or_phrases(labels: Labels, label: str, value: str | None) -> None:
    assert labels.value(label) == value


@pytest.mark.parametrize(
    ("stem", "value"),
    [
        ("billing", "1"),
        ("billing3", "1"),
        ("billing-3", "1"),
        ("my_invoice_anna", "1"),
        ("sales anna", "2"),
        ("noise_car_2", ""),
        ("anna-billing", None),
        ("billings", None),
    ],
)
def test_file_names_begin_with_what_is_said(labels: Labels, stem: str, value: str | None) -> None:
    assert labels.of_file_name(stem) == value


def test_ready_made_answers_have_their_form() -> None:
    assert Labels(Hearing(kind="digits", language="en"), {}).value("0049") == "0049"
    assert Labels(Hearing(kind="digits", language="en"), {}).of_file_name("0049-a") == "0049"
    assert Labels(Hearing(kind="digits", language="en"), {}).value("four") is None
    assert Labels(Hearing(kind="day", language="en"), {}).value("2026-11-23") == "2026-11-23"
    yes_no = Labels(Hearing(kind="yes_no", language="en", choices={"yes": ("sure",)}), {})
    assert (yes_no.value("yes"), yes_no.value("no"), yes_no.value("sure")) == ("yes", "no", "yes")


def wav(path: Path, seconds: float = 0.2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(int(8000 * seconds)), 8000)
    return path


def test_a_list_comes_before_folders_and_names(tmp_path: Path, labels: Labels) -> None:
    wav(tmp_path / "billing/one.wav")
    wav(tmp_path / "billing/two.wav")
    wav(tmp_path / "billing/deeper/three.flac")
    wav(tmp_path / "sales-1.wav")
    wav(tmp_path / "odd.wav")
    (tmp_path / "billing/labels.tsv").write_text("# who\ntwo.wav\tnone\n\n")
    (tmp_path / "labels.tsv").write_text("billing/deeper/three.flac\tbuy\n")
    (tmp_path / "notes.txt").write_text("no sound")
    found = expected(sounds(tmp_path), tmp_path, labels)
    assert {str(file.relative_to(tmp_path)): value for file, value in found.items()} == {
        "billing/one.wav": "1",
        "billing/two.wav": "",
        "billing/deeper/three.flac": "2",
        "sales-1.wav": "2",
        "odd.wav": None,
    }


def test_a_folder_of_one_choice_and_a_single_file(tmp_path: Path, labels: Labels) -> None:
    one = wav(tmp_path / "sales/anna.wav")
    assert expected([one], tmp_path / "sales", labels) == {one: "2"}
    assert expected([one], one, labels) == {one: None}
    other = wav(tmp_path / "billing_1.wav")
    assert expected(sounds(other), other, labels) == {other: "1"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a.wav\tbilligg", "labels.tsv:2: 'billigg' is nothing that can be said"),
        ("a.wav billing", "labels.tsv:2: 'a.wav billing' is nothing"),
        ("a.wav\t", "labels.tsv:2: 'a.wav' is nothing"),
        ("a.wav\t\xff", "labels.tsv cannot be read"),
    ],
)
def test_a_wrong_list_is_told_with_its_line(
    tmp_path: Path, labels: Labels, line: str, says: str
) -> None:
    file = wav(tmp_path / "a.wav")
    (tmp_path / "labels.tsv").write_bytes(f"# x\n{line}\n".encode("latin-1"))
    with pytest.raises(BadLabel) as error:
        expected([file], tmp_path, labels)
    assert says in str(error.value)


# -- questions ------------------------------------------------------------------------------------


def test_questions_go_by_node_or_flow_and_node() -> None:
    german = Hearing(kind="choices", language="de", choices={"1": ("rechnung",)})
    all_ = [
        Question("main", "menu", MENU, NAMES),
        Question("main", "menu", german, NAMES),
        Question("night", "menu", MENU, {}),
        Question("night", "other", MENU, {}),
    ]
    assert chosen(all_, "main.menu", "").hearing is MENU
    assert chosen(all_, "main.menu", "de").hearing is german
    assert chosen(all_, "other", "").flow == "night"
    with pytest.raises(NoQuestion, match=r"main\.menu and night\.menu: write which"):
        chosen(all_, "menu", "")
    with pytest.raises(NoQuestion, match="not asked in 'fr', but in en, de"):
        chosen(all_, "main.menu", "fr")
    with pytest.raises(NoQuestion, match=r"There are: main\.menu, night\.menu, night\.other\."):
        chosen(all_, "nix", "")
    with pytest.raises(NoQuestion, match="No question of this site"):
        chosen([], "nix", "")


# -- counts ---------------------------------------------------------------------------------------

FILES = [
    Outcome("a", "1", "billing", "1", 0.9, "sure", latency_s=0.2, audio_s=1, cpu_s=0.1),
    Outcome("b", "1", "billing", "1", 0.6, "unsure", latency_s=0.4, audio_s=1),
    Outcome("c", "1", "sales", "2", 0.9, "sure", latency_s=0.2),
    Outcome("d", "2", "", "", 0.1, "none", missed="no_match"),
    Outcome("e", "", "sales", "2", 0.6, "unsure", latency_s=0.2),
    Outcome("f", "", "[unk]", "", 0.0, "none"),
    Outcome("g", None, "sales", "2", 0.9, "sure"),
    Outcome("h", "1", error="h cannot be read"),
]


def test_rates_count_what_is_known() -> None:
    found = confusion.rates(FILES)
    assert (found.asked, found.right, found.sure, found.wrong, found.missed) == (4, 2, 1, 1, 1)
    assert (found.foreign, found.accepted, found.accepted_sure) == (2, 1, 0)
    assert found.recognition == 0.5
    assert found.false_accepts == 0.5
    none = confusion.rates([FILES[6]])
    assert (none.recognition, none.false_accepts) == (None, None)


def test_the_table_has_said_against_heard() -> None:
    assert confusion.table(FILES, NAMES) == [
        ("SAID", "Billing desk", "Sales", "(nothing)", "FILES", "RIGHT"),
        ("Billing desk", "2", "1", ".", "3", "67%"),
        ("Sales", ".", ".", "1", "1", "0%"),
        ("(nothing)", ".", "1", "1", "2", "50%"),
    ]
    assert confusion.table([FILES[6]], NAMES) == []


def test_totals_are_told_in_words() -> None:
    told = "\n".join(confusion.summary(FILES))
    assert "Recognised: 2 of 4 (50.0%); 1 without asking back, 1 taken for something else" in told
    assert "False accepts: 1 of 2 that mean nothing here (50.0%; 0 without asking back)." in told
    assert "Silence waited for: p50 0.20 s, p95 0.40 s." in told
    assert "Not counted: 1 of 8 files: neither labels.tsv nor their names" in told
    assert "Not read: 1 of 8 files." in told
    assert confusion.summary([]) == []


# -- the command ----------------------------------------------------------------------------------

SITE = """\
[[queue]]
id = "support"
[flow.main]
start = "menu"
fallback = "desk"
[flow.main.node.menu]
type = "menu"
prompt = "What do you want?"
choice.1 = { next = "desk", name = "Billing", say = ["billing"] }
choice.2 = { next = "desk", say = ["sales"] }
[flow.main.node.desk]
type = "queue"
queue = "support"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


def run(site: Path, *arguments: str | Path, code: int = 0) -> Result:
    given = [str(one) for one in arguments]
    done = CliRunner().invoke(command, ["test", *given, "--site", str(site)])
    assert done.exit_code == code, done.output
    return done


def test_bad_input_is_told(tmp_path: Path, site: Path) -> None:
    file = wav(tmp_path / "a.wav")
    (tmp_path / "empty").mkdir()
    assert "No question nix listens" in run(site, file, "--menu", "nix", code=1).output
    assert (
        "There is no sound file in"
        in run(site, tmp_path / "empty", "--menu", "menu", code=1).output
    )
    assert "does not exist" in run(site, tmp_path / "no.wav", "--menu", "menu", code=2).output
    told = run(site, file, "--menu", "menu", "--model", "nix", code=1).output
    assert "main.menu: there is no model nix; there are:" in told
    site.write_text(f'{SITE}[site]\nlanguage = "fr"\n')
    told = run(site, file, "--menu", "menu", code=1).output
    assert "main.menu: there is no speech model for 'fr'." in told
    site.write_text(SITE.replace('"menu"\nprompt', '"nothing"\nprompt'))
    assert "callfloor check" in run(site, file, "--menu", "menu", code=1).output


def test_a_file_that_is_no_sound_gets_no_empty_table(tmp_path: Path, site: Path) -> None:
    (tmp_path / "a.wav").write_text("no sound")
    told = run(site, tmp_path / "a.wav", "--menu", "menu", code=1).output
    assert "a.wav cannot be read" in told
    assert "SAID" not in told


def test_a_damaged_model_is_told(tmp_path: Path, site: Path) -> None:
    mine = tmp_path / "var" / "models" / "mine"
    mine.mkdir(parents=True)
    told = run(site, wav(tmp_path / "a.wav"), "--menu", "menu", "--model", "mine", code=1).output
    assert "mine cannot be used: am/final.mdl is missing." in told


BUILT_INS = sorted(one for one in BUILT_IN.glob("en*") if (one / "am").is_dir())


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """Two choices, something foreign, silence, and a file that is none."""
    folder = tmp_path / "spoken"
    for name, text in (
        ("billing/anna.wav", "billing"),
        ("sales-1.wav", "sales"),
        ("foreign/one.wav", "zebra crossings are yellow"),
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["espeak-ng", "-v", "en-us", "-w", str(file), text], check=True)
    wav(folder / "silence.wav", 1.0)
    (folder / "broken.wav").write_bytes(b"RIFF")
    return folder


@pytest.mark.skipif(not BUILT_INS, reason="no model is built in")
def test_recordings_are_heard(spoken: Path, site: Path) -> None:
    found = json.loads(run(site, spoken, "--menu", "menu", "--json", code=1).output)
    files = {Path(one["file"]).relative_to(spoken).as_posix(): one for one in found["files"]}
    assert found["menu"] == "main.menu"
    assert files["billing/anna.wav"]["choice"] == "1"
    assert files["sales-1.wav"]["choice"] == "2"
    assert files["silence.wav"]["missed"] == "no speech"
    assert files["silence.wav"]["right"] is True
    assert "cannot be read" in files["broken.wav"]["error"]
    assert found["rates"]["recognition"] == 1.0
    shutil.rmtree(spoken / "foreign")
    (spoken / "broken.wav").unlink()
    told = run(site, spoken, "--menu", "main.menu").output
    assert "billing/anna.wav  Billing" in told
    assert "Recognised: 2 of 2 (100.0%)" in told
