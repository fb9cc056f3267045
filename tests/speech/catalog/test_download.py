"""A file comes whole or not at all, whatever the server and the line do."""

import random
import socket
import urllib.request
from pathlib import Path

import pytest

from appliance.speech.catalog.download import Download, NoDownload, NoNetwork, Patience, StaySecure
from tests.speech.catalog.server import Behaviour, serving

DATA = random.Random(7).randbytes(300_000)
QUICK = Patience(silence_s=2.0, tries=3, pause_s=0.0)


def get(behaviour: Behaviour, target: Path, size: int = 0, patience: Patience = QUICK) -> None:
    with serving(behaviour) as address:
        # The address has another port each time; what has come belongs to an address.
        Download(address, target, size, patience=patience).run()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "model.zip"


def test_a_file_comes_and_its_progress_is_told(target: Path) -> None:
    told: list[tuple[float, float]] = []
    with serving(Behaviour(DATA)) as address:
        Download(address, target, len(DATA), lambda *now: told.append(now), QUICK).run()
    assert target.read_bytes() == DATA
    assert told[0] == (0, len(DATA))  # also where the server is long in answering
    assert told[-1] == (len(DATA), len(DATA))
    assert [one.name for one in target.parent.iterdir()] == ["model.zip"]


def test_cut_connections_are_taken_up_where_they_ended(target: Path) -> None:
    behaviour = Behaviour(DATA, cuts=[100_000, 50_000, 1])
    get(behaviour, target)
    assert target.read_bytes() == DATA
    ranges = [one.get("Range") for one in behaviour.asked]
    assert ranges == [None, "bytes=100000-", "bytes=150000-", "bytes=150001-"]
    assert behaviour.asked[1]["If-Range"] == '"one"'


def test_the_next_run_goes_on_where_the_last_one_gave_up(target: Path) -> None:
    behaviour = Behaviour(DATA, cuts=[100_000, 0, 0, 0])
    with serving(behaviour) as address:
        with pytest.raises(NoDownload, match="100000 bytes have come and are kept"):
            Download(address, target, patience=QUICK).run()
        assert not target.exists()
        Download(address, target, patience=QUICK).run()
    assert target.read_bytes() == DATA
    assert behaviour.asked[-1]["Range"] == "bytes=100000-"


def test_what_came_from_elsewhere_is_not_gone_on_with(target: Path) -> None:
    with serving(Behaviour(b"x" * 1000, cuts=[500, 0, 0, 0])) as address, pytest.raises(NoDownload):
        Download(address, target, patience=QUICK).run()
    get(Behaviour(DATA), target)
    assert target.read_bytes() == DATA


def test_without_a_validator_it_begins_anew(target: Path) -> None:
    """Nothing would tell whether the rest belongs to what has come."""
    behaviour = Behaviour(DATA, cuts=[1000], etag="")
    get(behaviour, target)
    assert target.read_bytes() == DATA
    assert all("Range" not in one for one in behaviour.asked)


def test_a_weak_validator_is_none(target: Path) -> None:
    behaviour = Behaviour(DATA, cuts=[1000], etag='W/"one"')
    get(behaviour, target)
    assert target.read_bytes() == DATA
    assert "Range" not in behaviour.asked[-1]


def test_a_server_without_ranges_sends_all_again(target: Path) -> None:
    get(Behaviour(DATA, cuts=[100_000], ranges=False), target)
    assert target.read_bytes() == DATA


def test_a_file_that_changes_meanwhile_is_begun_anew(target: Path) -> None:
    new = DATA[::-1]
    get(Behaviour(DATA, cuts=[100_000], swap=new), target)
    assert target.read_bytes() == new


def test_a_changed_file_is_noticed_although_the_server_does_not_say_so(target: Path) -> None:
    new = DATA[::-1]
    get(Behaviour(DATA, cuts=[100_000], swap=new, blind=True), target)
    assert target.read_bytes() == new


def test_a_longer_file_is_noticed_without_a_new_tag(target: Path) -> None:
    behaviour = Behaviour(DATA, cuts=[100_000])
    with serving(behaviour) as address:
        load = Download(address, target, patience=Patience(silence_s=2.0, tries=1, pause_s=0.0))
        with pytest.raises(NoDownload):
            behaviour.cuts.append(0)
            load.run()
        behaviour.content = DATA + b"more"
        Download(address, target, patience=QUICK).run()
    assert target.read_bytes() == DATA + b"more"


def test_all_that_came_before_the_last_cut_is_enough(target: Path) -> None:
    """The server says 416: there is no more."""
    behaviour = Behaviour(DATA, cuts=[len(DATA)], claims=5)
    get(behaviour, target)
    assert target.read_bytes() == DATA


def test_less_than_promised_is_not_taken_for_the_whole(target: Path) -> None:
    with pytest.raises(NoDownload, match=r"keeps changing|ended after"):
        get(Behaviour(DATA, claims=5, ranges=False), target)
    assert not target.exists()


def test_a_file_of_another_size_is_refused_before_it_comes(target: Path) -> None:
    with pytest.raises(NoDownload, match="is 300000 bytes; 299999 are expected"):
        get(Behaviour(DATA), target, size=299_999)
    assert not target.exists()


def test_a_file_that_never_ends_is_cut_off(target: Path) -> None:
    with pytest.raises(NoDownload, match="sends more than the 310000 bytes"):
        get(Behaviour(DATA, chunked=True, endless=True), target, size=310_000)
    assert not target.exists()


def test_silence_is_not_waited_for(target: Path) -> None:
    patience = Patience(silence_s=0.1, tries=2, pause_s=0.0)
    with pytest.raises(NoDownload, match="the server is silent"):
        get(Behaviour(DATA, block=1000, pause=1.0), target, patience=patience)


def test_a_trickle_is_given_up(target: Path) -> None:
    patience = Patience(silence_s=2.0, pause_s=0.0, window_s=0.1, least=5000)
    with pytest.raises(NoDownload, match="comes too slowly"):
        get(Behaviour(DATA, block=100, pause=0.02), target, patience=patience)


def test_troubles_of_the_server_are_sat_out(target: Path) -> None:
    get(Behaviour(DATA, status=[503, 500]), target)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize(("status", "says"), [(404, "404 Not Found"), (403, "403 Forbidden")])
def test_a_refusal_is_told_at_once(target: Path, status: int, says: str) -> None:
    behaviour = Behaviour(DATA, status=[status])
    with pytest.raises(NoDownload, match=says):
        get(behaviour, target)
    assert len(behaviour.asked) == 1


def test_no_network_is_told_apart(target: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/model.zip"
        with pytest.raises(NoNetwork, match="Connection refused"):
            Download(address, target, patience=QUICK).run()


def test_nobody_leads_us_away_from_encryption(target: Path) -> None:
    with pytest.raises(NoDownload, match="which is not secure"):
        asked = urllib.request.Request("https://models.example/model.zip")
        StaySecure().redirect_request(asked, None, 302, "", {}, "http://models.example/x")


def test_others_may_send_us_on(target: Path) -> None:
    with (
        serving(Behaviour(DATA)) as there,
        serving(Behaviour(b"", location=there)) as address,
    ):
        Download(address, target, patience=QUICK).run()
    assert target.read_bytes() == DATA
