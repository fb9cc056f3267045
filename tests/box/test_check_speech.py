"""What `callfloor check` says of models and words."""

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

from appliance.box.checks import speech
from appliance.box.config import located
from appliance.box.locate import Lines
from appliance.model.findings import Finding
from appliance.model.site import SiteFile
from appliance.speech.catalog import shelf
from tests.speech.catalog.modelfiles import FILES, fst, marker, write_model

SITE = """\
[[queue]]
id = "support"
[[agent]]
id = "agent1"
name = "Erika Mustermann"
seat = "sip:agent1@127.0.0.1"
[flow.main]
start = "menu"
fallback = "queue"
[flow.main.node.menu]
type = "menu"
prompt = "What do you want?"
choice.1 = { next = "queue", say = ["billing"] }
choice.2 = { next = "queue", say = ["to sales"] }
[flow.main.node.who]
type = "directory"
prompt = "Who?"
[flow.main.node.queue]
type = "queue"
queue = "support"
"""
KNOWN = ["billing", "invoice", "to", "sales", "erika", "mustermann"]


@pytest.fixture(autouse=True)
def built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One built-in model, for English; it takes new words."""
    folder = tmp_path / "package"
    monkeypatch.setattr(shelf, "BUILT_IN", folder)
    commands(folder)
    return folder


def commands(folder: Path, words: list[str] | None = None) -> None:
    listed = ["<eps>", *(KNOWN if words is None else words), "[unk]", "#decoy"]
    text = "".join(f"{word} {number}\n" for number, word in enumerate(listed))
    told = marker(language="en", kind="commands", sample_rate=8000)
    write_model(folder / "en-test", {**told, "graph/words.txt": text.encode()})


def official(tmp_path: Path, language: str, words: list[str]) -> None:
    """A model with words of its own, as those of the Vosk project are."""
    name = f"vosk-model-small-{language}-0.1"
    files = {"graph/Gr.fst": fst(words), "graph/words.txt": None}
    write_model(tmp_path / "var" / "models" / name, files)


def findings(tmp_path: Path, text: str = SITE) -> list[Finding]:
    site = SiteFile.model_validate(tomllib.loads(text))
    return located(list(speech.check(site, tmp_path)), Lines(text.encode()))


def test_known_words_are_fine(tmp_path: Path, built_in: Path) -> None:
    assert findings(tmp_path) == []
    text = (built_in / "en-test/callfloor-model.json").read_text()
    sums = {"conf/model.conf": hashlib.sha256(FILES["conf/model.conf"] or b"").hexdigest()}
    told = {**json.loads(text), "files": sums}
    (built_in / "en-test/callfloor-model.json").write_text(json.dumps(told))
    (tmp_path / "var").mkdir()
    assert findings(tmp_path) == []
    assert list((tmp_path / "var").iterdir()) == []  # a check leaves nothing behind


def test_nothing_is_said_where_nobody_listens(tmp_path: Path, built_in: Path) -> None:
    commands(built_in, [])
    assert findings(tmp_path, SITE + "[speech]\nenabled = false\n") == []


def test_words_of_the_dictionary_are_learned(tmp_path: Path) -> None:
    assert findings(tmp_path, SITE.replace('"billing"', '"invoices", "helpdesk"')) == []


def test_a_guessed_sound_is_told_with_its_line_and_neighbours(tmp_path: Path) -> None:
    [found] = findings(tmp_path, SITE.replace("billing", "invoyce"))
    assert found.severity == "warning"
    assert found.line == 13
    assert "How is 'invoyce' said?" in found.what
    assert "en-test will listen for IH N V" in found.what
    assert "keys work" in found.means
    assert "[speech.words]" in found.to_do
    assert "Spelled alike:" in found.to_do
    assert "invoice" in found.to_do.split("alike:")[1]


def test_names_of_people_are_words_too(tmp_path: Path) -> None:
    found = findings(tmp_path, SITE.replace("Mustermann", "Mustrmxn"))
    assert [(one.path, one.line) for one in found] == [(("agent", 0, "name"), 5)]
    assert "'mustrmxn'" in found[0].what


def test_many_names_do_not_flood_the_list(tmp_path: Path) -> None:
    """People of a country that the dictionary is not of."""
    names = [f"Qw{a}xz Vb{b}rt" for a in "aeiou" for b in "aeiou"]
    agents = "".join(
        f'[[agent]]\nid = "b{n}"\nname = "{name}"\nseat = "sip:b{n}@127.0.0.1"\n'
        for n, name in enumerate(names)
    )
    found = findings(tmp_path, SITE.replace("[flow.main]\n", f"{agents}[flow.main]\n", 1))
    assert len(found) == 10
    commands(shelf.BUILT_IN, ["billing", "to", "sales"])
    wide = "".join(
        f'[[agent]]\nid = "c{n}"\nname = "Qxz{chr(97 + n % 26)}{chr(97 + n // 26)}"\n'
        f'seat = "sip:c{n}@127.0.0.1"\n'
        for n in range(60)
    )
    found = findings(tmp_path, SITE.replace("[flow.main]\n", f"{wide}[flow.main]\n", 1))
    assert len(found) == speech.MOST_NAMES + 1
    [rest] = [one for one in found if "more words of names" in one.what]
    assert rest.what.startswith(f"No dictionary has {60 - speech.MOST_NAMES} more words of names:")
    assert "keys work" in rest.means


def test_each_word_is_told_once(tmp_path: Path) -> None:
    text = SITE.replace("billing", "qwxz").replace("to sales", "to qwxz")
    [found] = findings(tmp_path, text)
    assert "(and 1 more places)" in found.what


def test_a_sound_given_by_hand_settles_it(tmp_path: Path) -> None:
    text = SITE.replace("billing", "qwxz") + '[speech.words]\nQWXZ = ["K W IH1 K S"]\n'
    assert findings(tmp_path, text) == []


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('newin = ["N UU IH N"]', "'UU' is no phone"),
        ('newin = [""]', "it is empty"),
        ("newin = []", "'newin' has no pronunciation"),
        ('"new win" = ["N UW"]', "'new win' is not one word"),
        ('"Smith-Jones" = ["N UW"]', "'Smith-Jones' is not one word"),
        ('newin = ["' + "T IH " * 31 + '"]', "has 62 sounds; a word has 60 at most"),
        ('"" = ["N UW"]', "'' is not one word"),
        ('"[unk]" = ["N UW"]', "is not one word"),
    ],
)
def test_sounds_that_are_none_are_refused(tmp_path: Path, entry: str, says: str) -> None:
    [found] = findings(tmp_path, f"{SITE}[speech.words]\n{entry}\n")
    assert found.severity == "error"
    assert says in found.what
    assert found.line == 22


def test_a_language_without_a_model_has_keys_only(tmp_path: Path) -> None:
    text = SITE.replace("[[queue]]", '[site]\nlanguage = "de"\n[[queue]]', 1)
    [found] = findings(tmp_path, text)
    assert found.path == ("flow", "main", "node", "menu")
    assert "2 questions listen to callers in 'de', and there is no speech model" in found.what
    assert "Calls are still taken by keys." in found.means
    assert "callfloor models fetch de" in found.to_do


def test_words_that_an_official_model_lacks_are_told(tmp_path: Path) -> None:
    official(tmp_path, "de", ["rechnung", "rechnungen", "erika"])
    text = SITE.replace("[[queue]]", '[site]\nlanguage = "de"\n[[queue]]', 1)
    text = text.replace('["billing"]', '["rechnug"]').replace("to sales", "erika")
    text += '[speech]\nmodels = { de = "vosk-model-small-de-0.1" }\n'
    text += 'words = { mustermann = ["M UH S T ER M AA N"] }\n'  # of no use there
    name, menu = findings(tmp_path, text)
    assert "vosk-model-small-de-0.1 does not know the word 'rechnug'." in menu.what
    assert "takes no new ones, also not from [speech.words]" in menu.to_do
    assert "Spelled alike: rechnung." in menu.to_do
    assert "'mustermann'" in name.what


def test_a_missing_model_is_told_at_its_setting(tmp_path: Path) -> None:
    text = f'{SITE}[speech]\nmodels = {{ en = "nowhere", fr = "vosk-model-small-fr-0.22" }}\n'
    found = findings(tmp_path, text)
    assert [one.path for one in found] == [("speech", "models", "en"), ("speech", "models", "fr")]
    assert [one.line for one in found] == [22, 22]
    assert {one.severity for one in found} == {"warning"}
    assert "The built-in model en-test listens for 'en' instead." in found[0].means
    assert "callfloor models fetch vosk-model-small-fr-0.22" in found[1].to_do


def test_a_damaged_model_is_told(tmp_path: Path, built_in: Path) -> None:
    (built_in / "en-test/graph/HCLr.fst").unlink()
    damaged, keys = findings(tmp_path)
    assert "en-test is damaged: graph/HCLr.fst is missing." in damaged.what
    assert "there is no speech model for it" in keys.what


COLLECT = """
[flow.main.node.number]
type = "collect"
prompt = "Which number?"
store = "number"
next = "queue"
"""


def test_digits_are_learned_as_well(tmp_path: Path) -> None:
    assert findings(tmp_path, SITE + COLLECT) == []


def test_a_language_without_words_for_digits_is_told(tmp_path: Path) -> None:
    official(tmp_path, "fr", ["facture", "erika", "mustermann"])
    text = SITE.replace("[[queue]]", '[site]\nlanguage = "fr"\n[[queue]]', 1)
    text = text.replace("billing", "facture").replace("to sales", "erika")
    text += f'{COLLECT}[speech.models]\nfr = "vosk-model-small-fr-0.1"\n'
    [found] = findings(tmp_path, text)
    assert found.path == ("flow", "main", "node", "number")
    assert "cannot hear digits in 'fr'" in found.what
    assert "Calls are still taken by keys." in found.means


def test_flows_that_cannot_be_read_do_no_harm(tmp_path: Path) -> None:
    assert findings(tmp_path, SITE.replace('type = "menu"', 'type = "nothing"')) == []
