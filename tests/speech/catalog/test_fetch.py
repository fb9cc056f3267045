"""A model of the table becomes usable, or nothing changes."""

import hashlib
import json
import socket
from pathlib import Path

import pytest

from appliance.speech.catalog import fetch as fetching
from appliance.speech.catalog import unpack, verify
from appliance.speech.catalog.fetch import Fetcher, NotFetched
from appliance.speech.catalog.folder import Fault, ModelFolder
from appliance.speech.catalog.official import BY_NAME, OFFICIAL, language_of
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.catalog.trial import TooSlow
from tests.speech.catalog.offering import NAME, QUICK, Get, model_zip, offer, shown
from tests.speech.catalog.server import Behaviour, serving

pytestmark = pytest.mark.usefixtures("untried")


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


def test_the_table_of_official_models_is_sound() -> None:
    assert len(BY_NAME) == len(OFFICIAL)
    for one in OFFICIAL:
        assert language_of(one.name) == one.language
        assert one.address.startswith("https://")
        assert not one.sha256 or len(bytes.fromhex(one.sha256)) == 32
    sums = [one.sha256 for one in OFFICIAL if one.sha256]
    assert len(set(sums)) == len(sums)


def test_ctrl_c_while_it_is_tried_keeps_what_has_come(
    get: Get, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(model: ModelFolder, timeout_s: float | None) -> Fault | None:
        raise KeyboardInterrupt

    content = model_zip(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(verify, "try_out", stopped)
        with pytest.raises(KeyboardInterrupt):
            get(Behaviour(content))
    assert shown(data_dir) == []
    again = Behaviour(content)
    assert get(again).fresh
    assert again.asked == []
