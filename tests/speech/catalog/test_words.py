"""A site's own words: taught to copies of models that can learn."""

import os
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import example
from hypothesis import given as properties
from hypothesis import strategies as st

from appliance.flow.language import compile_flows
from appliance.flow.spoken import as_spoken
from appliance.model.site import SiteFile, Speech
from appliance.speech.catalog import words as module
from appliance.speech.catalog.faults import faults
from appliance.speech.catalog.folder import ModelFolder
from appliance.speech.catalog.ownwords import LONGEST, given, words_in
from appliance.speech.catalog.resolve import Resolved
from appliance.speech.catalog.words import Vocabulary, prepare_words, ready, words_of
from appliance.speech.lexicon import graph
from appliance.speech.lexicon.adding import add_words, lexicon_text, write_marker
from appliance.speech.lexicon.graph import LexiconError
from tests.speech.catalog.modelfiles import FILES, Models

LEXICON = {"billing": [["B", "IH", "L", "IH", "NG"]], "to": [["T", "UW"]]}


@pytest.fixture
def learning(tmp_path: Path) -> Path:
    """A model as ours are, but for its net."""
    folder = tmp_path / "package" / "en-commands"
    for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(FILES[name])
    graph.write(folder, LEXICON)
    (folder / "lexicon.txt").write_text(lexicon_text(LEXICON))
    told = {"id": "en-commands", "language": "en", "kind": "commands", "sample_rate": 8000}
    write_marker(folder, told)
    return folder


def prepared(data_dir: Path, learning: Path, *words: str, **speech: object) -> Resolved:
    resolved = Resolved({"en": learning}, {})
    settings = Speech.model_validate(speech)
    return prepare_words(resolved, {"en": words}, settings, data_dir)


def test_known_words_need_no_copy(data_dir: Path, learning: Path) -> None:
    assert prepared(data_dir, learning, "billing", "to").folders == {"en": learning}
    assert not data_dir.exists()


def test_new_words_are_in_the_copy(data_dir: Path, learning: Path) -> None:
    found = prepared(data_dir, learning, "billing", "sales", "mustermann")
    copy = ModelFolder(found.folders["en"])
    assert copy.path.is_relative_to(data_dir / "models" / ".built")
    assert copy.name == "en-commands"
    assert copy.words == {"billing", "to", "sales", "mustermann"}
    assert faults(copy) == []
    assert found.findings == ()
    assert ModelFolder(learning).words == {"billing", "to"}


def test_the_same_words_are_learned_once(
    data_dir: Path, learning: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepared(data_dir, learning, "sales", "orders").folders["en"]
    monkeypatch.setattr(module, "add_words", None)
    assert prepared(data_dir, learning, "orders", "to", "sales").folders["en"] == first


def test_other_words_another_model_or_other_sounds_make_another_copy(
    data_dir: Path, learning: Path
) -> None:
    found = {prepared(data_dir, learning, "sales").folders["en"]}
    found.add(prepared(data_dir, learning, "orders").folders["en"])
    found.add(prepared(data_dir, learning, "sales", words={"sales": ["S AA L Z"]}).folders["en"])
    shutil.copytree(learning, learning.with_name("other"))
    found.add(prepared(data_dir, learning.with_name("other"), "sales").folders["en"])
    assert len(found) == 4


def test_a_sound_given_by_hand_is_used(data_dir: Path, learning: Path) -> None:
    words = {"Qwxz": ["K W IH1 K S", "K Y UW"]}
    copy = prepared(data_dir, learning, "qwxz", words=words).folders["en"]
    lines = (copy / "lexicon.txt").read_text().splitlines()
    assert "qwxz K W IH K S" in lines
    assert "qwxz K Y UW" in lines


def test_a_sound_given_for_a_known_word_is_added(data_dir: Path, learning: Path) -> None:
    copy = prepared(data_dir, learning, "to", words={"to": ["T AH"]}).folders["en"]
    assert ModelFolder(copy).words == {"billing", "to"}
    assert "to T AH" in (copy / "lexicon.txt").read_text()


def test_what_has_no_sound_is_left_out(data_dir: Path, learning: Path) -> None:
    copy = prepared(data_dir, learning, "sales", "москва", "24").folders["en"]
    assert ModelFolder(copy).words == {"billing", "to", "sales"}


def test_a_half_made_copy_is_made_anew(data_dir: Path, learning: Path) -> None:
    copy = prepared(data_dir, learning, "sales").folders["en"]
    (copy / "graph/HCLr.fst").unlink()
    assert prepared(data_dir, learning, "sales").folders["en"] == copy
    assert faults(ModelFolder(copy)) == []
    whole = (copy / "am/final.mdl").read_bytes()
    (copy / "am/final.mdl").write_bytes(whole[:-1] + b"x")  # as a power cut leaves it
    assert prepared(data_dir, learning, "sales").folders["en"] == copy
    assert (copy / "am/final.mdl").read_bytes() == whole


def test_without_a_place_for_copies_the_model_stays(data_dir: Path, learning: Path) -> None:
    (data_dir / "models").mkdir(parents=True)
    (data_dir / "models/.built").write_text("in the way")
    found = prepared(data_dir, learning, "sales")
    assert found.folders == {"en": learning}
    [told] = found.findings
    assert "en-commands could not be taught sales:" in told.what
    assert "keys work" in told.means


def test_a_model_without_a_lexicon_stays(data_dir: Path, learning: Path) -> None:
    (learning / "lexicon.txt").unlink()
    found = prepared(data_dir, learning, "sales")
    assert found.folders == {"en": learning}
    assert "could not be taught sales" in found.findings[0].what


def test_a_blank_line_in_a_lexicon_is_nothing(data_dir: Path, learning: Path) -> None:
    text = (learning / "lexicon.txt").read_text()
    (learning / "lexicon.txt").write_text(f"\n{text}  \n\n")
    found = prepared(data_dir, learning, "sales")
    assert found.findings == ()
    assert ModelFolder(found.folders["en"]).words == {"billing", "to", "sales"}


@pytest.mark.parametrize("text", [b'{"id": ', b"\xff\xfe"])
def test_a_model_with_a_spoilt_description_stays(
    data_dir: Path, learning: Path, text: bytes
) -> None:
    (learning / "callfloor-model.json").write_bytes(text)
    with pytest.raises(LexiconError, match=r"callfloor-model\.json is no JSON"):
        add_words(learning, data_dir / "copy", {"sales": [["S", "EY", "L", "Z"]]})
    assert not (data_dir / "copy").exists()


def test_official_models_are_left_alone(data_dir: Path, models: Models) -> None:
    mine = models("mine")
    found = prepare_words(Resolved({"en": mine}, {}), {"en": ["orders"]}, Speech(), data_dir)
    assert found.folders == {"en": mine}


def as_the_core(data_dir: Path, *words: str) -> Resolved:
    return ready(Speech(models={"en": "mine"}), data_dir, {"en": words})


def test_unused_copies_go_in_time(data_dir: Path, learning: Path) -> None:
    place = data_dir / "models" / ".built"
    shutil.copytree(learning, data_dir / "models" / "mine")
    for number in range(6):
        as_the_core(data_dir, f"word{'abcdef'[number]}")
    assert len(list(place.glob("*/mine"))) == 6  # a core that runs may still load them
    for one in place.glob("*/"):
        os.utime(one, (1, 1))
    as_the_core(data_dir, "worda")
    assert len(list(place.glob("*/mine"))) == 4


def test_nobody_takes_the_copies_of_a_running_core(data_dir: Path, learning: Path) -> None:
    """It has run for days, and loads its model anew when a recogniser has died."""
    shutil.copytree(learning, data_dir / "models" / "mine")
    used = as_the_core(data_dir, "sales").folders["en"]
    os.utime(used.parent, (1, 1))
    for number in range(14):
        prepared(data_dir, learning, f"word{'abcdefghijklmn'[number]}")
    assert faults(ModelFolder(used)) == []


def test_ready_is_all_that_a_start_needs(data_dir: Path, learning: Path) -> None:
    named = data_dir / "models" / "mine"
    shutil.copytree(learning, named)
    speech = Speech(models={"en": "mine", "de": "nowhere"})
    found = ready(speech, data_dir, {"en": ["sales"], "de": ["verkauf"]})
    assert ModelFolder(found.folders["en"]).words == {"billing", "to", "sales"}
    assert [one.where for one in found.troubles] == ["speech"]


def test_the_words_of_a_sites_questions(tmp_path: Path) -> None:
    text = """
    [flow.main]
    start = "menu"
    fallback = "menu"
    [flow.main.node.menu]
    type = "menu"
    prompt = "?"
    choice.1 = { say = { en = ["to billing", "Invoices"], de = ["rechnung"] } }
    [flow.main.node.other]
    type = "language"
    language = "de"
    """
    flows = compile_flows(SiteFile.model_validate(tomllib.loads(text)))
    assert words_of(flows.hearings()) == {"en": {"to", "billing", "invoices"}, "de": {"rechnung"}}


def test_by_hand_is_read_as_far_as_it_can_be() -> None:
    speech = Speech(words={"Newin": ["N UW IH1 N", "N XX"], "two words": ["T"]})
    ways, wrong = given(speech)
    assert ways == {"newin": [["N", "UW", "IH", "N"]]}
    assert [(one.word, one.index) for one in wrong] == [("Newin", 1), ("two words", None)]
    assert "'XX' is no phone" in str(wrong[0])


@pytest.mark.parametrize(
    ("key", "phrase"),
    [
        ("O’Brien", "O'Brien"),
        ("O'Brien", "O’Brien"),
        ("St.", "St. Pölten"),
        ("müller/", "Müller"),
        ("'Mu\u0308ller'", "Müller!"),
        ("STRASSE", "strasse"),
    ],
)
def test_an_entry_is_spelled_as_phrases_are(key: str, phrase: str) -> None:
    ways, wrong = given(Speech(words={key: ["T"]}))
    assert wrong == []
    assert set(ways) <= set(as_spoken(phrase).split())


@example("Müller-Lüdenscheidt’s St./Ave. ’n’")
@properties(st.text())
def test_words_are_parted_and_spelled_as_the_flow_does_it(text: str) -> None:
    assert words_in(text) == as_spoken(text).split()


@pytest.mark.parametrize("word", ["Smith-Jones", "...", "'", "line2", "24", "[unk]", "#x", ""])
def test_an_entry_that_nobody_can_say_is_told(word: str) -> None:
    ways, wrong = given(Speech(words={word: ["T"]}))
    assert ways == {}
    assert [(one.word, one.index) for one in wrong] == [(word, None)]
    assert str(wrong[0]).startswith(f"'{word}' is not one word")


def test_a_pronunciation_longer_than_any_word_is_refused() -> None:
    long = " ".join(["T", "IH"] * (LONGEST // 2))
    ways, wrong = given(Speech(words={"fits": [long], "not": [f"{long} T", "N AA T"]}))
    assert (len(ways["fits"][0]), ways["not"]) == (LONGEST, [["N", "AA", "T"]])
    assert [(one.word, one.index) for one in wrong] == [("not", 0)]
    assert "The pronunciation of 'not' has 61 sounds; a word has 60 at most." in str(wrong[0])


def test_a_word_without_an_end_is_not_taught(data_dir: Path, learning: Path) -> None:
    word = "donaudampfschifffahrt" * 60
    found = prepared(data_dir, learning, "sales", word)
    assert ModelFolder(found.folders["en"]).words == {"billing", "to", "sales"}
    doubt = Vocabulary(ModelFolder(learning), "en", {}).doubt(word)
    assert doubt is not None
    assert doubt.guess == ""


def test_near_words_of_a_large_model_are_found(learning: Path) -> None:
    vocabulary = Vocabulary(ModelFolder(learning), "fr", {})
    vocabulary.__dict__["known"] = frozenset(
        {f"{a}{b}{c}{d}" for a in "abcde" for b in "abcdefgh" for c in "xyz" for d in "rst"}
        | {"facture", "factures"}
    )
    assert vocabulary.doubt("factrue") is not None
    assert vocabulary.near("factrue") == ("facture", "factures")
