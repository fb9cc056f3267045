"""What a model says of itself, and models that are no use for calls."""

import json
from pathlib import Path

import pytest

from appliance.speech.live.description import SURE, UNSURE, UnfitModel, describe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    one = tmp_path / "some-model"
    for name in ("am", "conf"):
        (one / name).mkdir(parents=True)
    (one / "am/final.mdl").write_bytes(b"x")
    (one / "conf/mfcc.conf").write_text("--use-energy=false\n--sample-frequency=8000\n")
    return one


def test_an_official_model_says_nothing(folder: Path) -> None:
    about = describe(folder)
    assert (about.id, about.accept, about.confirm) == ("some-model", SURE, UNSURE)
    assert about.calibrated(0.3) == 0.3


def test_ours_does(folder: Path) -> None:
    told = {"id": "ours", "language": "en", "accept": 0.9, "confirm": 0.4, "decoys": ["apple"]}
    (folder / "callfloor-model.json").write_text(json.dumps({**told, "made_with": "more"}))
    about = describe(folder)
    assert (about.id, about.accept, about.confirm, about.decoys) == ("ours", 0.9, 0.4, ("apple",))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"accept": 2}', '{"decoys": "apple"}', "\xff"])
def test_nonsense_names_the_file(folder: Path, text: str) -> None:
    (folder / "callfloor-model.json").write_text(text, encoding="latin-1")
    with pytest.raises(UnfitModel, match=r"callfloor-model\.json"):
        describe(folder)


@pytest.mark.parametrize("name", ["am/final.mdl", "conf/mfcc.conf"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(UnfitModel, match=name):
        describe(folder)


def test_the_older_layout(tmp_path: Path) -> None:
    (tmp_path / "final.mdl").write_bytes(b"x")
    (tmp_path / "mfcc.conf").write_text("--sample-frequency=8000")
    assert describe(tmp_path).id == tmp_path.name


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        ("--sample-frequency=8000", True),
        ("--sample-frequency=16000\n--allow-upsample=true", True),
        ("--sample-frequency=16000\n--allow-upsample", True),
        ("--sample-frequency=16000", False),
        ("--sample-frequency=16000\n--allow-upsample=false", False),
        ("", False),
        ("--sample-frequency=fast", False),
    ],
)
def test_a_model_has_to_take_telephone_sound(folder: Path, options: str, fits: bool) -> None:
    (folder / "conf/mfcc.conf").write_text(options)
    if fits:
        describe(folder)
    else:
        with pytest.raises(UnfitModel, match=r"mfcc\.conf"):
            describe(folder)
