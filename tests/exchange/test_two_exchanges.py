"""Two exchanges in two processes, over real SIP and RTP: tones are heard at both ends, keys,
hold, transfer and faults look from outside as they should."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exchange.playing import Line, Playing, free_port

pytestmark = pytest.mark.peers

AGENTS = {"talk": 1000, "late": 1100, "silent": 1200, "transfer": 1300, "wave": 1400}

CALLERS = """
[exchange]
port = {port}
box = "127.0.0.1:{far}"
rtp_port_first = 41000
rtp_port_last = 41400
agent_tones = [1000, 1100, 1200, 1300, 1400, 1500]

[[caller]]
id = "talk"
number = "+4930200001"
name = "Erika Mustermann"
at = [0.0]
tone_hz = 600
steps = ["dial sip:talk@{there}", "press 12#", "await agent 10", "listen 2",
         "hold 1.5", "listen 2", "hang up"]

[[caller]]
id = "redial"
at = [0.0]
steps = ["dial sip:early@{there}", "wait 0.3", "hang up", "wait 0.1", "redial", "listen 0.5"]

[[caller]]
id = "silent"
at = [0.0]
silent = true
tone_hz = 650
steps = ["dial sip:silent@{there}", "listen 3"]

[[caller]]
id = "late"
at = [0.0]
tone_hz = 800
late_media_s = 1.5
steps = ["dial sip:late@{there}", "listen 4"]

[[caller]]
id = "codec"
at = [0.0]
codecs = ["none"]
steps = ["dial sip:codec@{there}", "listen 1"]

[[caller]]
id = "offer"
at = [0.0]
tone_hz = 900
late_offer = true
steps = ["dial sip:offer@{there}", "listen 2"]

[[caller]]
id = "opus"
at = [0.0]
codecs = ["opus"]
steps = ["dial sip:opus@{there}", "listen 1"]

[[caller]]
id = "transfer"
at = [0.0]
steps = ["dial sip:transfer@{there}", "listen 1", "refer 4711", "listen 1"]

[[caller]]
id = "wave"
at = [0.0]
tone_hz = 700
tone_dbov = -30
steps = ["dial sip:wave@{there}", "listen 1", "tone 750 -25", "listen 1.5", "press 5 inband",
         "listen 1"]

[[caller]]
id = "nobody"
at = [0.0]
ring = 1
steps = ["dial sip:nobody@{there}", "listen 1"]

[[caller]]
id = "unknown"
at = [0.0]
steps = ["dial sip:unknown@{there}", "listen 1"]

[[caller]]
id = "busy"
at = [0.0]
steps = ["dial sip:busy@{there}", "listen 1"]
"""

PHONES = """
[exchange]
port = {port}
box = "127.0.0.1:{far}"
codecs = ["PCMA", "opus"]
rtp_port_first = 41500
rtp_port_last = 41900
listen_for = [600, 650, 700, 750, 800, 900]
"""
PHONE = """
[[agent]]
id = "{id}"
ring = {ring}
answer = {answer}
busy = {busy}
talk = 30
tone_hz = {tone}
"""


def _phones() -> str:
    ids = ["talk", "early", "silent", "late", "codec", "offer", "opus", "transfer", "wave"]
    phones = [
        PHONE.format(id=i, ring=0.8 if i == "early" else 0.1, answer=1, busy=0, tone=t)
        for i, t in ((i, AGENTS.get(i, 1500)) for i in ids)
    ]
    phones.append(PHONE.format(id="nobody", ring=0.1, answer=0, busy=0, tone=1500))
    phones.append(PHONE.format(id="busy", ring=0.1, answer=1, busy=1, tone=1500))
    return "".join(phones)


Reports = tuple[list[Line], list[Line]]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reports]:
    """What the callers' side and the phones' side saw of one run."""
    folder = tmp_path_factory.mktemp("exchanges")
    here, there = free_port(), free_port()
    far = Playing(folder, "phones", PHONES.format(port=there, far=here) + _phones())
    try:
        far.wait("started")
        near_text = CALLERS.format(port=here, far=there, there=f"127.0.0.1:{there}")
        near = Playing(folder, "callers", near_text)
        try:
            seen = near.finished()
        finally:
            near.kill()
        far.wait("ended", 10)
        yield seen, far.stop()
    finally:
        far.kill()


def of(report: list[Line], who: str, what: str) -> list[Line]:
    return [line for line in report if line.get("who") == who and line["what"] == what]


def ended(report: list[Line], who: str) -> Line:
    return of(report, who, "ended")[-1]


def test_tones_are_heard_at_both_ends_at_the_level_they_were_sent(reports: Reports) -> None:
    near, far = reports
    for report, who, hz in ((near, "caller talk", "1000"), (far, "agent talk", "600")):
        heard = ended(report, who)["heard"]
        assert set(heard) == {hz}
        assert heard[hz]["times"] == 2  # before and after the hold
        assert heard[hz]["level_dbov"] == pytest.approx(-20, abs=1.5)
        levels = [line["level_dbov"] for line in of(report, who, "tone")]
        assert levels[0] == pytest.approx(-20, abs=1)


def test_hold_is_a_reinvite_and_silences_both_directions(reports: Reports) -> None:
    near, far = reports
    assert [line["held"] for line in of(far, "agent talk", "peer_held")] == [True, False]
    assert of(near, "caller talk", "held") and of(near, "caller talk", "resumed")
    assert 1.0 <= ended(far, "agent talk")["silent_s"] <= 2.4


def test_keys_arrive(reports: Reports) -> None:
    _, far = reports
    keys = of(far, "agent talk", "key")
    assert "".join(line["key"] for line in keys) == "12#"
    assert {line["how"] for line in keys} == {"rfc4733"}


def test_no_packet_is_lost_and_figures_go_on_over_a_reinvite(reports: Reports) -> None:
    near, far = reports
    for report, who in ((near, "caller talk"), (far, "agent talk")):
        line = ended(report, who)
        assert line["rtp"]["lost"] == 0
        packets = line["rtp"]["received"] / (line["up_s"] * 50)
        assert 0.5 < packets < 1.05  # nothing comes during the hold


def test_the_caller_is_shown(reports: Reports) -> None:
    _, far = reports
    assert of(far, "agent talk", "incoming")[0]["caller"] == "+4930200001"


def test_a_caller_may_hang_up_while_it_rings_and_redial(reports: Reports) -> None:
    near, far = reports
    assert [line["code"] for line in of(near, "caller redial", "ended")] == [487, 200]
    assert len(of(far, "agent early", "incoming")) == 2


def test_a_silent_caller_sends_no_rtp_but_hears(reports: Reports) -> None:
    near, far = reports
    assert ended(near, "caller silent")["rtp"]["sent"] == 0
    assert ended(far, "agent silent")["rtp"]["received"] == 0
    assert set(ended(near, "caller silent")["heard"]) == {"1200"}


def test_late_media_comes_late(reports: Reports) -> None:
    _, far = reports
    line = ended(far, "agent late")
    assert line["heard"]["800"]["first_s"] > 1.4
    assert line["heard"]["800"]["level_dbov"] == pytest.approx(-20, abs=1.5)


def test_an_offer_that_nobody_can_take_gets_488(reports: Reports) -> None:
    near, far = reports
    assert ended(near, "caller codec")["code"] == 488
    assert not of(far, "agent codec", "answered")


def test_an_offer_may_come_late(reports: Reports) -> None:
    near, far = reports
    assert ended(near, "caller offer")["code"] == 200
    assert set(ended(far, "agent offer")["heard"]) == {"900"}
    assert set(ended(near, "caller offer")["heard"]) == {"1500"}


def test_the_codec_can_be_chosen(reports: Reports) -> None:
    near, _ = reports
    assert of(near, "caller opus", "answered")[0]["codec"].lower() == "opus"
    assert of(near, "caller talk", "answered")[0]["codec"] == "PCMA"


def test_a_transfer_is_asked_for_and_its_progress_told(reports: Reports) -> None:
    near, _ = reports
    assert of(near, "caller transfer", "refer")[0]["target"] == "4711"
    assert of(near, "caller transfer", "refer_status")[0]["code"] == 100


def test_tones_change_in_the_call_and_have_their_own_levels(reports: Reports) -> None:
    _, far = reports
    heard = ended(far, "agent wave")["heard"]
    assert set(heard) == {"700", "750"}
    assert heard["700"]["level_dbov"] == pytest.approx(-30, abs=1.5)
    assert heard["750"]["level_dbov"] == pytest.approx(-25, abs=1.5)
    assert heard["700"]["last_s"] < heard["750"]["first_s"] + 0.4


def test_unanswered_unknown_and_busy(reports: Reports) -> None:
    near, far = reports
    assert ended(near, "caller nobody")["code"] == 487
    assert of(near, "caller nobody", "gave_up")[0]["why"] == "no answer"
    assert of(far, "agent nobody", "not_answering")
    assert ended(near, "caller unknown")["code"] == 404
    assert ended(near, "caller busy")["code"] == 486


def test_the_summary_counts(reports: Reports) -> None:
    near, _ = reports
    summary = near[-1]
    assert summary["what"] == "summary"
    assert summary["counts"]["placed"] == 13
    assert summary["codes"]["200"] == 8


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        playing = Playing(tmp_path, "taken", PHONES.format(port=port, far=port) + _phones())
        try:
            assert playing.process.wait(20) == 1
        finally:
            playing.kill()
    assert f"SIP port {port}" in playing.errors.read_text()
    assert "--port" in playing.errors.read_text()
