"""A model becomes usable, or nothing changes."""

import hashlib
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.model.site import Speech
from appliance.speech.catalog import fetch as fetching
from appliance.speech.catalog import placing, unpack, verify
from appliance.speech.catalog.download import Patience
from appliance.speech.catalog.fetch import Fetched, Fetcher, NotFetched
from appliance.speech.catalog.folder import Fault, ModelFolder
from appliance.speech.catalog.official import BY_NAME, OFFICIAL, Official, language_of
from appliance.speech.catalog.resolve import resolve
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.catalog.trial import TooSlow
from tests.speech.catalog.conftest import marker, write_model
from tests.speech.catalog.server import Behaviour, serving

QUICK = Patience(silence_s=2.0, tries=2, pause_s=0.0)
NAME = "vosk-model-small-xx-0.1"


@pytest.fixture(autouse=True)
def untried(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """These models hold nothing that Vosk could load; which were tried."""
    tried: list[Path] = []

    def try_out(model: ModelFolder, timeout_s: float) -> Fault | None:
        tried.append(model.path)
        text = (model.path / "am/final.mdl").read_bytes()
        return Fault("am/final.mdl", "It does not load: broken.") if b"broken" in text else None

    monkeypatch.setattr(verify, "try_out", try_out)
    return tried


def model_zip(tmp_path: Path, name: str = NAME, **changed: bytes | None) -> bytes:
    files = {key.replace("__", "."): value for key, value in changed.items()}
    mdl = {"am/final.mdl": files["mdl"]} if "mdl" in files else {}
    folder = tmp_path / "making"
    write_model(folder / name, mdl)
    archive = shutil.make_archive(str(tmp_path / "made"), "zip", folder)
    shutil.rmtree(folder)
    return Path(archive).read_bytes()


def offer(content: bytes, address: str, sha256: str = "") -> Official:
    class Here(Official):
        @property
        def address(self) -> str:
            return address

    return Here(NAME, "xx", len(content), sha256)


Get = Callable[..., Fetched]


@pytest.fixture
def get(data_dir: Path) -> Iterator[Get]:
    """Fetches NAME from a server on loopback."""

    def run(
        behaviour: Behaviour,
        sha256: str = "",
        again: bool = False,
        size: int = 0,
        what: str = NAME,
    ) -> Fetched:
        with serving(behaviour) as address:
            one = offer(bytes(size) if size else behaviour.content, address, sha256)
            fetcher = Fetcher(Shelf(data_dir), patience=QUICK, offers=(one,))
            return fetcher.fetch(what, again=again)

    return run


def shown(data_dir: Path) -> list[str]:
    """What lies in the folder of models; nothing half done may."""
    work = data_dir / "models" / placing.WORK
    assert sorted(one.name for one in work.iterdir() if one.is_dir()) == []
    return sorted(one.name for one in (data_dir / "models").iterdir() if one != work)


def test_a_known_model_comes_checked_and_tried(
    get: Get, data_dir: Path, tmp_path: Path, untried: list[Path]
) -> None:
    content = model_zip(tmp_path)
    done = get(Behaviour(content), hashlib.sha256(content).hexdigest())
    assert done.fresh
    assert not done.pinned
    assert done.model.path == data_dir / "models" / NAME
    assert done.model.language == "xx"
    assert done.model.words == {"billing", "sales"}
    assert shown(data_dir) == [NAME]
    assert len(untried) == 1
    assert verify.verify(done.model) == []
    receipt = json.loads((done.model.path / "callfloor-fetched.json").read_bytes())
    assert receipt["files"]["am/final.mdl"] == hashlib.sha256(b"\0B net").hexdigest()
    assert receipt["archive_sha256"] == hashlib.sha256(content).hexdigest()


def test_a_language_is_enough(get: Get, tmp_path: Path) -> None:
    assert get(Behaviour(model_zip(tmp_path)), what="xx").model.name == NAME


def test_the_second_time_nothing_is_asked_for(get: Get, tmp_path: Path) -> None:
    content = model_zip(tmp_path)
    get(Behaviour(content))
    again = Behaviour(content)
    assert not get(again).fresh
    assert again.asked == []


def test_a_damaged_one_is_fetched_anew_without_being_told_to(get: Get, tmp_path: Path) -> None:
    content = model_zip(tmp_path)
    (get(Behaviour(content)).model.path / "am/final.mdl").write_bytes(b"rotten")
    done = get(Behaviour(content))
    assert done.fresh
    assert (done.model.path / "am/final.mdl").read_bytes() == b"\0B net"


def test_what_is_not_the_known_model_is_thrown_away(
    get: Get, data_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFetched, match="not the one that is known for it, 00ff") as error:
        get(Behaviour(model_zip(tmp_path)), "00ff" * 16)
    assert "thrown away" in str(error.value)
    assert shown(data_dir) == []


def test_the_first_fetch_pins_what_nobody_knew(get: Get, data_dir: Path, tmp_path: Path) -> None:
    content = model_zip(tmp_path)
    first = get(Behaviour(content))
    assert first.pinned
    assert first.sha256 == hashlib.sha256(content).hexdigest()
    assert shown(data_dir) == [NAME, f"{NAME}.zip.sha256"]
    assert not get(Behaviour(content), again=True).pinned
    with pytest.raises(NotFetched, match="not that of its first fetch"):
        get(Behaviour(model_zip(tmp_path, mdl=b"another")), again=True)
    assert (first.model.path / "am/final.mdl").read_bytes() == b"\0B net"


def test_a_cut_line_keeps_what_has_come(get: Get, data_dir: Path, tmp_path: Path) -> None:
    content = model_zip(tmp_path)
    with serving(Behaviour(content, cuts=[500, 0, 0])) as address:
        fetcher = Fetcher(Shelf(data_dir), patience=QUICK, offers=(offer(content, address),))
        with pytest.raises(NotFetched, match=r"500 bytes have come and are kept.*Nothing was"):
            fetcher.fetch(NAME)
        assert fetcher.fetch(NAME).fresh
    assert shown(data_dir) == [NAME, f"{NAME}.zip.sha256"]


def test_without_network_the_way_by_stick_is_told(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/{NAME}.zip"
        fetcher = Fetcher(Shelf(data_dir), patience=QUICK, offers=(offer(b"x" * 9, address),))
        with pytest.raises(NotFetched) as error:
            fetcher.fetch(NAME)
    told = str(error.value)
    assert f"{NAME} (0 MB) is missing" in told
    assert "the built-in one too, go on, and keys work as ever" in told
    assert f"callfloor models fetch /media/usb/{NAME}.zip" in told
    assert address in told


def test_a_model_that_does_not_load_is_not_put_in_place(
    get: Get, data_dir: Path, tmp_path: Path
) -> None:
    get(Behaviour(model_zip(tmp_path)))
    (data_dir / "models" / f"{NAME}.zip.sha256").unlink()
    with pytest.raises(NotFetched, match=r"no usable model: It does not load: broken"):
        get(Behaviour(model_zip(tmp_path, mdl=b"broken")), again=True)
    assert (data_dir / "models" / NAME / "am/final.mdl").read_bytes() == b"\0B net"
    assert shown(data_dir) == [NAME]
    assert get(Behaviour(model_zip(tmp_path)), again=True).fresh  # the bad one is not tried again


def test_what_was_too_slow_is_kept_for_another_try(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float | None] = []

    def try_out(model: ModelFolder, timeout_s: float | None) -> Fault | None:
        given.append(timeout_s)
        return TooSlow("", "Loading it took too long.") if timeout_s is None else None

    monkeypatch.setattr(verify, "try_out", try_out)
    behaviour = Behaviour(model_zip(tmp_path))
    with serving(behaviour) as address:
        offers = (offer(behaviour.content, address),)
        with pytest.raises(
            NotFetched, match=r"too long\. Nothing was added\. What has come is kep"
        ):
            Fetcher(Shelf(data_dir), patience=QUICK, offers=offers).fetch(NAME)
        assert shown(data_dir) == []
        slow = Fetcher(Shelf(data_dir), patience=QUICK, offers=offers, timeout_s=900)
        assert slow.fetch(NAME).fresh
    assert len(behaviour.asked) == 1
    assert given == [None, 900]


def test_what_is_no_zip_is_not_kept(get: Get, data_dir: Path, tmp_path: Path) -> None:
    content = model_zip(tmp_path)
    with pytest.raises(NotFetched, match="is no zip"):
        get(Behaviour(b"<html>please log in</html>".ljust(len(content))))
    assert get(Behaviour(content)).fresh


def test_a_full_disk_is_noticed_before(
    get: Get, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "free_space", lambda folder: 50_000_000)
    behaviour = Behaviour(model_zip(tmp_path))
    with pytest.raises(NotFetched, match="has 50 MB free; 100 MB are needed"):
        get(behaviour)
    assert behaviour.asked == []


def test_what_has_come_needs_no_room_again(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = model_zip(tmp_path)
    with serving(Behaviour(content, cuts=[1000, 0, 0])) as address:
        fetcher = Fetcher(Shelf(data_dir), patience=QUICK, offers=(offer(content, address),))
        with pytest.raises(NotFetched, match="1000 bytes have come"):
            fetcher.fetch(NAME)
        whole = len(content) * (1 + fetching.UNPACKED) + fetching.SPARE
        monkeypatch.setattr(unpack, "free_space", lambda folder: whole - 1001)
        with pytest.raises(NotFetched, match="MB are needed"):
            fetcher.fetch(NAME)
        monkeypatch.setattr(unpack, "free_space", lambda folder: whole - 1000)
        assert fetcher.fetch(NAME).fresh


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


# -- brought by hand ------------------------------------------------------------------------------


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


def test_the_table_of_official_models_is_sound() -> None:
    assert len(BY_NAME) == len(OFFICIAL)
    for one in OFFICIAL:
        assert language_of(one.name) == one.language
        assert one.address.startswith("https://")
        assert not one.sha256 or len(bytes.fromhex(one.sha256)) == 32
    sums = [one.sha256 for one in OFFICIAL if one.sha256]
    assert len(set(sums)) == len(sums)
