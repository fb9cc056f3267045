"""Which model makes texts, as the office is told it; and what `callfloor check` says of it."""

from pathlib import Path

import pytest

from appliance.box.checks import speech, transcripts
from appliance.box.config import load_site
from appliance.officemodels import wanted
from appliance.officesite import read_apart
from appliance.speech.catalog import shelf
from appliance.speech.transcribe.wanted import Model, Wanted
from tests.speech.catalog.modelfiles import fst, marker, write_model
from tests.web.floors import write_site

ON = '[speech]\ntranscribe = ["voicemail", "calls"]\n'


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Built-in models: one for English commands."""
    folder = tmp_path / "package"
    write_model(folder / "en-test", marker(language="en", kind="commands", sample_rate=8000))
    return folder


def told(folder: Path, package: Path, more: str) -> Wanted:
    return wanted(load_site(write_site(folder, more=more)), package)


def have(folder: Path, name: str, **fields: str) -> Model:
    """A model of somebody else, fetched."""
    path = write_model(folder / "var" / "models" / name, marker(**fields) if fields else None)
    return Model(name, str(path))


def test_nothing_is_wanted_unless_it_is_switched_on(tmp_path: Path, package: Path) -> None:
    assert told(tmp_path, package, "") == Wanted()


def test_the_built_in_one_does_what_it_can_until_there_is_another(
    tmp_path: Path, package: Path
) -> None:
    first = told(tmp_path, package, ON)
    assert first.kinds == ("voicemail", "call")
    assert first.models == {"en": Model("en-test", str(package / "en-test"))}
    assert (first.poor, first.missing, first.language) == (("en-test",), (), "en")
    mine = have(tmp_path, "mine")
    german = have(tmp_path, "vosk-model-small-de-0.15")
    listens = ON + f'models = {{ en = "mine", de = "{german.name}" }}'
    second = told(tmp_path, package, listens)
    assert second.models == {"en": mine, "de": german}
    assert second.poor == ("en-test",)


def test_text_may_have_a_model_of_its_own(tmp_path: Path, package: Path) -> None:
    big = have(tmp_path, "big")
    write_model(Path(big.folder), {"graph/HCLG.fst": fst(["sales"]), "graph/HCLr.fst": None})
    have(tmp_path, "mine")
    both = ON + 'models = { en = "mine" }\ntranscribe_models = { en = "big" }'
    assert told(tmp_path, package, both).models == {"en": big}


@pytest.mark.parametrize("name", ["fetched-later", "en-test"])
def test_a_model_that_cannot_be_used_is_waited_for(
    tmp_path: Path, package: Path, name: str
) -> None:
    """Or years of recordings would become text with a worse one in one night."""
    found = told(tmp_path, package, ON + f'transcribe_models = {{ en = "{name}" }}')
    assert found.models == {}
    (missing,) = found.missing
    assert name in missing


async def test_the_office_is_told_by_the_process_that_reads_the_file(tmp_path: Path) -> None:
    have(tmp_path, "mine")
    site = await read_apart(write_site(tmp_path, more=ON + 'models = { en = "mine" }'))
    assert site.transcripts.models["en"].name == "mine"
    assert site.transcripts.channels == 120


# -- callfloor check ----------------------------------------------------------------------------


def doubts(folder: Path, more: str) -> list[str]:
    loaded = load_site(write_site(folder, more=more))
    return [f"{one.what} {one.means} {one.to_do}" for one in transcripts.check(loaded.site, folder)]


def test_check_says_that_free_speech_wants_a_model(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.speech.catalog.shelf.BUILT_IN", package)
    assert doubts(tmp_path, "") == []
    (told,) = doubts(tmp_path, ON)
    assert "en-test makes text of a few hundred words only" in told
    assert "callfloor models fetch en" in told
    have(tmp_path, "mine")
    assert doubts(tmp_path, ON + 'models = { en = "mine" }') == []


def test_a_model_that_is_doubted_but_used_is_not_missing(tmp_path: Path, package: Path) -> None:
    meant = have(tmp_path, "meant", language="de", kind="small")
    write_model(Path(meant.folder), {"graph/HCLG.fst": fst(["sales"]), "graph/HCLr.fst": None})
    found = told(tmp_path, package, ON + 'transcribe_models = { en = "meant" }')
    assert found.models == {"en": meant}
    assert found.missing == ()
    gone = told(tmp_path, package, ON + 'transcribe_models = { en = "nothing" }')
    assert len(gone.missing) == 1


def everything(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize("listens", [True, False])
def test_checking_writes_nothing_and_tells_each_thing_once(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    """Also where nobody listens to callers: recordings become text all the same."""
    monkeypatch.setattr(shelf, "BUILT_IN", package)
    have(tmp_path, "fine", language="en", kind="small")
    off = "" if listens else "enabled = false\n"
    more = ON + off + 'transcribe_models = { en = "nothing" }'
    site = load_site(write_site(tmp_path, more=more)).site
    before = everything(tmp_path)
    found = [*speech.check(site, tmp_path), *transcripts.check(site, tmp_path)]
    assert everything(tmp_path) == before
    told = [one for one in found if one.path[:2] == ("speech", "transcribe_models")]
    assert [one.what for one in told] == ["There is no speech model nothing."]
