"""A model that a person brings, as a folder or a zip on a stick."""

import hashlib
import os
from pathlib import Path

import pytest

from appliance.speech.catalog import verify
from appliance.speech.catalog.fetch import Fetcher, NotFetched
from appliance.speech.catalog.shelf import Shelf
from tests.speech.catalog.modelfiles import marker, write_model
from tests.speech.catalog.offering import NAME, QUICK, Get, model_zip, offer, shown
from tests.speech.catalog.server import Behaviour, serving

pytestmark = pytest.mark.usefixtures("untried")


def test_a_folder_is_brought(data_dir: Path, tmp_path: Path) -> None:
    source = write_model(tmp_path / "My Model")
    done = Fetcher(Shelf(data_dir)).fetch(str(source), language="de")
    assert done.model.name == "my-Model"
    assert done.model.language == "de"
    assert source.exists()


def test_a_zip_is_brought_and_known_by_its_name(data_dir: Path, tmp_path: Path) -> None:
    archive = tmp_path / "vosk-model-small-uk-v3-small.zip"
    archive.write_bytes(model_zip(tmp_path, "whatever"))
    done = Fetcher(Shelf(data_dir)).fetch(str(archive))
    assert done.model.name == "vosk-model-small-uk-v3-small"
    assert done.model.language == "uk"
    assert archive.exists()


def test_a_zip_with_the_name_of_a_known_model_has_to_be_it(data_dir: Path, tmp_path: Path) -> None:
    archive = tmp_path / "vosk-model-small-de-0.15.zip"
    archive.write_bytes(model_zip(tmp_path))
    with pytest.raises(NotFetched, match=r"vosk-model-small-de-0.15 is not that model"):
        Fetcher(Shelf(data_dir)).fetch(str(archive))
    assert shown(data_dir) == []
    assert archive.exists()
    assert Fetcher(Shelf(data_dir)).fetch(str(archive), name="mine").model.name == "mine"


def test_a_pin_counts_for_a_stick_and_under_any_name(
    get: Get, data_dir: Path, tmp_path: Path
) -> None:
    content = model_zip(tmp_path)
    get(Behaviour(content))
    fetcher = Fetcher(Shelf(data_dir), offers=(offer(content, "http://127.0.0.1:1"),))
    stick = tmp_path / f"{NAME}.zip"
    stick.write_bytes(model_zip(tmp_path, mdl=b"another"))
    with pytest.raises(NotFetched, match="not that of its first fetch"):
        fetcher.fetch(str(stick), again=True)
    with serving(Behaviour(stick.read_bytes())) as address:
        other = Fetcher(
            Shelf(data_dir), patience=QUICK, offers=(offer(stick.read_bytes(), address),)
        )
        with pytest.raises(NotFetched, match="not that of its first fetch"):
            other.fetch(NAME, name="mine")
    assert shown(data_dir) == [NAME, f"{NAME}.zip.sha256"]


def test_what_a_stick_brought_first_is_pinned_for_the_download(
    get: Get, data_dir: Path, tmp_path: Path
) -> None:
    content = model_zip(tmp_path)
    stick = tmp_path / f"{NAME}.zip"
    stick.write_bytes(content)
    offers = (offer(content, "http://127.0.0.1:1"),)
    done = Fetcher(Shelf(data_dir), offers=offers).fetch(str(stick))
    assert done.pinned
    assert shown(data_dir) == [NAME, f"{NAME}.zip.sha256"]
    with pytest.raises(NotFetched, match="not that of its first fetch"):
        get(Behaviour(model_zip(tmp_path, mdl=b"another")), again=True)


def test_a_zip_is_known_by_what_it_is_whatever_its_name(data_dir: Path, tmp_path: Path) -> None:
    stick = tmp_path / "download (1).zip"
    stick.write_bytes(model_zip(tmp_path))
    sha256 = hashlib.sha256(stick.read_bytes()).hexdigest()
    known = offer(stick.read_bytes(), "http://127.0.0.1:1", sha256)
    done = Fetcher(Shelf(data_dir), offers=(known,)).fetch(str(stick))
    assert (done.model.name, done.model.language, done.pinned) == (NAME, "xx", False)
    done = Fetcher(Shelf(data_dir), offers=(known,)).fetch(str(stick), name="mine")
    assert (done.model.name, done.model.language) == ("mine", "xx")
    assert (done.model.marker.id, done.model.marker.pinned) == (NAME, False)


def test_a_folder_that_came_from_another_zip_is_not_taken(
    get: Get, data_dir: Path, tmp_path: Path
) -> None:
    """From the models of another box, which pinned something else."""
    elsewhere = model_zip(tmp_path, mdl=b"another")
    with serving(Behaviour(elsewhere)) as address:
        offers = (offer(elsewhere, address),)
        folder = Fetcher(Shelf(tmp_path / "box2"), patience=QUICK, offers=offers).fetch(NAME).model
    content = model_zip(tmp_path)
    get(Behaviour(content))
    fetcher = Fetcher(Shelf(data_dir), offers=(offer(content, "http://127.0.0.1:1"),))
    with pytest.raises(NotFetched, match="not that of its first fetch"):
        fetcher.fetch(str(folder.path), again=True)
    assert fetcher.fetch(str(folder.path), name="mine").fresh


def test_the_list_that_a_model_brings_is_kept_to(data_dir: Path, tmp_path: Path) -> None:
    """A stick that rots between two boxes is noticed."""
    first = Fetcher(Shelf(tmp_path / "box1")).fetch(str(write_model(tmp_path / "mine"))).model.path
    assert Fetcher(Shelf(data_dir)).fetch(str(first)).fresh
    (first / "am/final.mdl").write_bytes(b"rotten")
    with pytest.raises(NotFetched, match=r"am/final.mdl is not what it was"):
        Fetcher(Shelf(data_dir)).fetch(str(first), again=True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"conf/mfcc.conf": None}, "conf/mfcc.conf is missing"),
        ({"conf/mfcc.conf": b"--sample-frequency=16000"}, "16000 Hz and cannot take"),
        (marker(files={"am/final.mdl": "0" * 64}), "am/final.mdl is not what it was"),
    ],
)
def test_a_bad_folder_is_refused_with_the_file_named(
    data_dir: Path, tmp_path: Path, changed: dict[str, bytes | None], says: str
) -> None:
    with pytest.raises(NotFetched, match=says):
        Fetcher(Shelf(data_dir)).fetch(str(write_model(tmp_path / "mine", changed)))
    assert shown(data_dir) == []


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("nothing", "There is no model nothing to fetch."),
        ("/media/usb/nothing.zip", "There is no file or folder /media/usb/nothing.zip."),
        ("../x", r"There is no file or folder \.\./x\."),
    ],
)
def test_what_is_not_there_is_told(data_dir: Path, what: str, says: str) -> None:
    with pytest.raises(NotFetched, match=says):
        Fetcher(Shelf(data_dir)).fetch(what)
    assert not data_dir.exists()


@pytest.mark.parametrize("name", ["../x", ".hidden", "Big", "a b", "x" * 65])
def test_names_have_a_form(data_dir: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFetched, match="is no name for a model"):
        Fetcher(Shelf(data_dir)).fetch(str(write_model(tmp_path / "mine")), name=name)


def test_languages_have_a_form(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match="'german' is no language"):
        Fetcher(Shelf(data_dir)).fetch(str(write_model(tmp_path / "mine")), language="german")
    assert not data_dir.exists()


def test_what_another_user_locked_is_told(nobodys: Path) -> None:
    """A stick that the desktop mounted for somebody else, and one folder of it."""
    fetcher = Fetcher(Shelf(nobodys / "var"))
    stick = write_model(nobodys / "stick" / "mine")
    (stick / "conf").chmod(0)
    with pytest.raises(NotFetched, match=r"stick/mine/conf: Permission denied\. Nothing was"):
        fetcher.fetch(str(stick))
    stick.parent.chmod(0)
    with pytest.raises(NotFetched, match=r"stick/mine: Permission denied\. Nothing was added"):
        fetcher.fetch(str(stick))
    stick.parent.chmod(0o700)
    (stick / "conf").chmod(0o700)
    assert fetcher.fetch(str(stick)).fresh


def test_a_pipe_is_not_read(data_dir: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotFetched, match="pipe is neither a folder nor a file"):
        Fetcher(Shelf(data_dir)).fetch(str(tmp_path / "pipe"))


def test_a_name_longer_than_any_file_is_unknown(data_dir: Path) -> None:
    with pytest.raises(NotFetched, match="There is no model xxx"):
        Fetcher(Shelf(data_dir)).fetch("x" * 5000)


def test_a_language_is_not_talked_into_a_model(data_dir: Path, tmp_path: Path) -> None:
    """Its own word counts; one that says nothing takes what is given, also for the next box."""
    english = write_model(tmp_path / "english", marker(language="en"))
    fetcher = Fetcher(Shelf(data_dir))
    with pytest.raises(NotFetched, match="hears 'en', not 'de'"):
        fetcher.fetch(str(english), language="de")
    assert shown(data_dir) == []
    assert fetcher.fetch(str(english), language="en").model.language == "en"
    silent = fetcher.fetch(str(write_model(tmp_path / "silent"))).model
    assert silent.language == ""
    there = Fetcher(Shelf(tmp_path / "box2")).fetch(str(silent.path), language="de").model
    assert there.language == "de"
    assert verify.verify(there) == []
