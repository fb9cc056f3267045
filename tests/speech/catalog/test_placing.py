"""A model is in its place as a whole, or the one of before is; one fetch at a time."""

from pathlib import Path

import pytest

from appliance.model.site import Speech
from appliance.speech.catalog import placing
from appliance.speech.catalog.fetch import Fetcher, NotFetched
from appliance.speech.catalog.resolve import resolve
from appliance.speech.catalog.shelf import Shelf
from tests.speech.catalog.modelfiles import write_model
from tests.speech.catalog.offering import shown

pytestmark = pytest.mark.usefixtures("untried")


def test_only_one_at_a_time(data_dir: Path, tmp_path: Path) -> None:
    source = write_model(tmp_path / "mine")
    shelf = Shelf(data_dir)

    def meanwhile(what: str, done: float, total: float) -> None:
        with pytest.raises(NotFetched, match="Another `callfloor models fetch` is at work"):
            Fetcher(shelf).fetch(str(source), name="other")

    Fetcher(shelf, meanwhile).fetch(str(source))
    assert shown(data_dir) == ["mine"]


def test_what_a_killed_fetch_left_behind_goes(data_dir: Path, tmp_path: Path) -> None:
    left = data_dir / "models" / placing.WORK / "mine.abc" / "new"
    left.mkdir(parents=True)
    Fetcher(Shelf(data_dir)).fetch(str(write_model(tmp_path / "mine")))
    assert shown(data_dir) == ["mine"]


def cut_between(data_dir: Path, tmp_path: Path) -> Path:
    """The power fails when the old model is moved away and the new one not yet in its place."""
    there = Fetcher(Shelf(data_dir)).fetch(str(write_model(tmp_path / "mine"))).model.path
    left = data_dir / "models" / placing.WORK / "mine.abc_d12f"
    write_model(left / "new" / "mine", {"am/final.mdl": b"half"})
    there.rename(left / "old")
    return there


def test_a_power_cut_between_the_old_and_the_new_model_loses_none(
    data_dir: Path, tmp_path: Path
) -> None:
    there = cut_between(data_dir, tmp_path)
    resolve(Speech(), data_dir, remember=False)
    assert not there.exists()  # whoever only looks changes nothing
    found = resolve(Speech(models={"de": "mine"}), data_dir, tmp_path / "no package")
    assert found.folders == {"de": there}
    assert found.findings == ()
    assert shown(data_dir) == [".checked.json", "mine"]


def test_the_next_fetch_puts_back_what_a_power_cut_took(data_dir: Path, tmp_path: Path) -> None:
    there = cut_between(data_dir, tmp_path)
    Fetcher(Shelf(data_dir)).fetch(str(write_model(tmp_path / "other")))
    assert (there / "am/final.mdl").read_bytes() == b"\0B net"
    assert shown(data_dir) == ["mine", "other"]


@pytest.mark.parametrize("exchange", [True, False])
def test_a_model_takes_the_place_of_another(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:  # a file system that cannot
        monkeypatch.setattr(placing, "_exchanged", lambda one, other: False)
    source = str(write_model(tmp_path / "mine"))
    there = Fetcher(Shelf(data_dir)).fetch(source).model.path
    (there / "am/final.mdl").write_bytes(b"old")
    Fetcher(Shelf(data_dir)).fetch(source, again=True)
    assert (there / "am/final.mdl").read_bytes() == b"\0B net"
    assert shown(data_dir) == ["mine"]
