"""The model that ships is whole, small, and hears voices that it was not trained on."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from commandmodel import hearing, prompts, synthesis, vocabulary
from commandmodel.hearing import Ear
from commandmodel.voices import HELD_OUT, VARIANTS, Job

from appliance.speech.lexicon.adding import add_words, read_lexicon
from appliance.speech.lexicon.graph import LexiconError
from appliance.speech.lexicon.pronounce import by_hand, dictionary

MENU = vocabulary.listed("sales support billing operator yes no repeat help goodbye")


@pytest.fixture(scope="module")
def marker(shipped: Path) -> dict:
    return json.loads((shipped / "callfloor-model.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def ear(shipped: Path, marker: dict) -> Ear:
    return Ear(shipped, marker["decoys"], marker["calibration"])


def spoken(text: str, voice: str) -> np.ndarray:
    """By espeak-ng, over a telephone line."""
    (made,) = synthesis.speak([Job(text, "espeak", f"en-us+{voice}", 150, 50)])
    assert made is not None, "espeak-ng said nothing"
    return hearing.line(hearing.at_rate(made[0].astype(float), made[1]), "g711")


def test_all_files_are_there_unharmed_and_below_10_megabytes(shipped: Path, marker: dict) -> None:
    files = {str(p.relative_to(shipped)): p for p in shipped.rglob("*") if p.is_file()}
    assert files.keys() == marker["files"].keys() | {"callfloor-model.json"}
    for name, digest in marker["files"].items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in files.values()) < 10_000_000


def test_it_says_what_it_is(shipped: Path, marker: dict) -> None:
    lexicon = read_lexicon(shipped)
    assert marker["words"] == sum(not word.startswith("#") for word in lexicon) >= 400
    assert (marker["language"], marker["sample_rate"], marker["kind"]) == ("en", 8000, "commands")
    assert 0 < marker["confirm"] <= marker["accept"] < 1
    assert set(marker["decoys"]) == {word for word in lexicon if word.startswith("#")}
    assert "synthetic voices only" in " ".join((shipped / "README.md").read_text("utf-8").split())


def test_its_words_cover_an_office(shipped: Path) -> None:
    lexicon = read_lexicon(shipped)
    assert set(vocabulary.COMMANDS) <= lexicon.keys()
    for words in (vocabulary.DIGITS, vocabulary.DAYS, vocabulary.MONTHS, vocabulary.ALPHABET):
        assert set(words) <= set(vocabulary.COMMANDS)


@pytest.mark.parametrize("text", ["sales", "billing", "operator", "goodbye", "repeat"])
def test_a_held_out_voice_is_heard(ear: Ear, text: str) -> None:
    assert not {"m7"} & set(VARIANTS)
    assert "en-us+m7" in {voice.name for voice in HELD_OUT}
    heard = ear.listen(MENU, spoken(text, "m7"))
    assert heard.text == text
    assert heard.confidence > 0.5


def test_most_human_words_are_heard_and_others_are_not(ear: Ear, marker: dict) -> None:
    listed = prompts.english()
    assert len(listed) > 150, "asterisk-core-sounds-en-wav is missing"
    days = [p for p in listed if p.category in ("day", "month")]
    menu = sorted({p.text for p in days})
    right = [
        ear.listen(menu, hearing.line(hearing.load(p.path), "g711")).text == p.text for p in days
    ]
    assert sum(right) >= 0.9 * len(right)
    others = [ear.listen(MENU, hearing.line(hearing.load(p.path), "g711")) for p in days]
    assert sum(heard.taken(marker["confirm"]) for heard in others) <= 0.1 * len(others)


def test_silence_and_noise_are_no_choice(ear: Ear, marker: dict) -> None:
    hiss = np.random.default_rng(1).normal(0, 500, 16000).astype(np.int16)
    for sound in (np.zeros(16000, np.int16), hiss):
        assert not ear.listen(MENU, sound).taken(marker["confirm"])


def test_a_new_word_is_heard_without_training(shipped: Path, ear: Ear, tmp_path: Path) -> None:
    name = "kowalczyk"
    assert not ear.knows(name)
    more = {name: dictionary().spoken(name).ways, "xylo": [by_hand("Z AY L OW")]}
    assert add_words(shipped, tmp_path / "site", more) == [name, "xylo"]
    wider = Ear(tmp_path / "site", ear.decoys)
    menu = [*MENU, name, "xylo"]
    assert wider.listen(menu, spoken("zylo", "m7")).text == "xylo"
    assert wider.listen(menu, spoken("sales", "m7")).text == "sales"
    told = json.loads((tmp_path / "site" / "callfloor-model.json").read_text("utf-8"))
    assert told["based_on"] == "en-commands"
    for file, digest in told["files"].items():
        data = (tmp_path / "site" / file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest, file


def test_adding_replaces_the_whole_folder_or_nothing(shipped: Path, tmp_path: Path) -> None:
    to = tmp_path / "site"
    add_words(shipped, to, {"first": [["Z", "UW"]]})
    before = {p.name: p.read_bytes() for p in to.rglob("*") if p.is_file()}
    with pytest.raises(LexiconError, match="'QQ' is no phone"):
        add_words(shipped, to, {"second": [["QQ"]]})
    assert {p.name: p.read_bytes() for p in to.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["site"]
    assert ["Z", "UW"] in read_lexicon(to)["first"]
    assert add_words(shipped, to, {"zuzu": [["Z", "UW"]]}) == ["zuzu"]
    assert ["Z", "UW"] not in read_lexicon(to)["first"]


def test_a_model_without_a_lexicon_takes_no_words(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="takes no new words"):
        add_words(tmp_path, tmp_path / "to", {"zuzu": [["Z", "UW"]]})
