"""ReferModule: a REFER is the application's to decide, and pjsua dials nobody."""

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]  # a first build
CONFIRMED, DISCONNECTED = 5, 6
AUDIO_ACTIVE = 1


@dataclass
class Pair:
    """A phone in a call with the box."""

    phone: Any
    box: Any
    call: int  # the phone's
    leg: int  # the box's


def dial(phone: Any, box: Any) -> tuple[int, int]:
    call = phone.ask("dial", uri=box.uri)
    phone.wait("state", call=call, state=CONFIRMED)
    return call, box.wait("state", state=CONFIRMED)["call"]


@pytest.fixture
def pair(start: Callable[..., Any]) -> Pair:
    phone, box = start("sip_peer.py", "phone"), start("sip_peer.py", "box")
    for one in (phone, box):
        one.uri = one.wait("ready")["uri"]
    return Pair(phone, box, *dial(phone, box))


@pytest.fixture
def target() -> Iterator[socket.socket]:
    """A place that nobody should call."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as place:
        place.bind(("127.0.0.1", 0))
        place.setblocking(False)
        yield place


def uri_of(place: socket.socket) -> str:
    return f"sip:bob@127.0.0.1:{place.getsockname()[1]}"


def nothing_arrived(place: socket.socket) -> bool:
    try:
        return not place.recv(65535)
    except BlockingIOError:
        return True


def test_the_application_sees_the_target_and_nobody_is_called(
    pair: Pair, target: socket.socket
) -> None:
    uri = uri_of(target)
    referred = f"<{uri};user=phone?X-Reason=busy>"
    pair.phone.ask("transfer", call=pair.call, target=referred)
    refer = pair.box.wait("refer")
    assert refer["callId"] == pair.leg
    assert refer["referTo"] == referred
    assert refer["targetUri"] == f"{uri};user=phone"
    assert (refer["method"], refer["replaces"], refer["replacesCallId"]) == ("INVITE", "", -1)
    assert refer["referredBy"] == pair.phone.uri
    assert refer["subscribed"]

    # 202, then the first NOTIFY by itself, then what the application says.
    pair.phone.wait("transfer", code=100, reason="Trying", final=False)
    assert pair.box.ask("notify", id=refer["id"], code=180, reason="Ringing")
    pair.phone.wait("transfer", code=180, reason="Ringing", final=False)
    assert pair.box.ask("notify", id=refer["id"], code=200, reason="OK", final=True)
    pair.phone.wait("transfer", code=200, reason="OK", final=True)
    assert not pair.box.ask("notify", id=refer["id"], code=200), "the subscription is over"

    assert pair.box.ask("dialogs") == 1, "pjsua made no call"
    assert nothing_arrived(target)
    assert pair.box.ask("calls") == [pair.leg], "the call goes on"
    assert pair.phone.ask("calls") == [pair.call]


def test_a_failed_transfer_is_reported_and_another_may_follow(pair: Pair) -> None:
    for reason in ("Service Unavailable", "x" * 300):  # the second is cut, not fatal
        pair.phone.ask("transfer", call=pair.call, target="sip:bob@example.org")
        refer = pair.box.wait("refer")
        assert pair.box.ask("notify", id=refer["id"], code=503, reason=reason, final=True)
        told = pair.phone.wait("transfer", code=503, final=True)
        assert reason.startswith(told["reason"]) and len(told["reason"]) > 15
    assert pair.box.ask("calls") == [pair.leg]


def test_an_attended_transfer_names_our_other_call(pair: Pair) -> None:
    other, other_leg = dial(pair.phone, pair.box)
    pair.phone.ask("transfer_to_call", call=pair.call, other=other)
    refer = pair.box.wait("refer")
    assert refer["callId"] == pair.leg
    assert refer["replacesCallId"] == other_leg
    assert re.fullmatch(r"[^;%]+;to-tag=[^;%]+;from-tag=[^;%]+", refer["replaces"])
    assert "Replaces" not in refer["targetUri"]
    assert pair.box.ask("find", replaces=refer["replaces"]) == other_leg
    name, to_tag, from_tag = refer["replaces"].split(";")
    turned = ";".join((name, from_tag.replace("from", "to"), to_tag.replace("to-", "from-")))
    assert pair.box.ask("find", replaces=turned) == other_leg, "tags the wrong way round"
    assert pair.box.ask("find", replaces=f"{name};to-tag=1;from-tag=2") == -1
    assert pair.box.ask("find", replaces="nonsense") == -1
    assert sorted(pair.box.ask("calls")) == sorted([pair.leg, other_leg])


def test_the_application_may_refuse(pair: Pair) -> None:
    pair.box.ask("refuse", code=403)
    pair.phone.ask("transfer", call=pair.call, target="sip:bob@example.org")
    refer = pair.box.wait("refer")
    pair.phone.wait("transfer", code=403, final=True)
    assert not pair.box.ask("notify", id=refer["id"], code=200, final=True)
    assert pair.box.ask("calls") == [pair.leg]


def test_without_an_application_a_refer_is_declined(pair: Pair, target: socket.socket) -> None:
    pair.box.ask("stop_refers")
    pair.phone.ask("transfer", call=pair.call, target=uri_of(target))
    pair.phone.wait("transfer", code=603, final=True)
    assert nothing_arrived(target)


def test_an_answer_may_come_before_the_question_is_over(pair: Pair) -> None:
    """The application's thread may be faster than the callback that told it."""
    pair.box.ask("answer_in_callback", code=180)
    pair.phone.ask("transfer", call=pair.call, target="sip:bob@example.org")
    refer = pair.box.wait("refer")
    assert pair.box.wait("notified", id=refer["id"])["sent"]
    pair.phone.wait("transfer", code=180)


def test_a_second_refer_waits_for_the_first(pair: Pair) -> None:
    pair.phone.ask("transfer", call=pair.call, target="sip:bob@example.org")
    refer = pair.box.wait("refer")
    pair.phone.wait("transfer", code=100, reason="Trying")
    pair.phone.ask("transfer", call=pair.call, target="sip:eve@example.org")
    pair.phone.wait("transfer", code=491, final=True)
    assert pair.box.ask("notify", id=refer["id"], code=200, final=True)
    pair.phone.wait("transfer", code=200, final=True)


def test_a_transferor_that_wants_no_notify_gets_none(pair: Pair) -> None:
    headers = {"Refer-Sub": "false"}
    pair.phone.ask("transfer", call=pair.call, target="sip:bob@example.org", headers=headers)
    refer = pair.box.wait("refer")
    assert not refer["subscribed"]
    pair.phone.wait("transfer", code=200, reason="Accepted", final=True)
    assert not pair.box.ask("notify", id=refer["id"], code=200, final=True)


def test_progress_may_be_told_after_the_call_has_ended(pair: Pair) -> None:
    pair.phone.ask("transfer", call=pair.call, target="sip:bob@example.org")
    refer = pair.box.wait("refer")
    pair.phone.wait("transfer", code=100, reason="Trying")
    pair.phone.ask("hang_up", call=pair.call)
    pair.box.wait("state", call=pair.leg, state=DISCONNECTED)
    assert pair.box.ask("notify", id=refer["id"], code=200, final=True)
    assert not pair.box.ask("notify", id=refer["id"], code=200, final=True)


def test_a_refer_outside_of_a_call_is_refused(pair: Pair) -> None:
    host, port = pair.box.uri.split("@")[1].split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.settimeout(10)
        me = f"127.0.0.1:{stranger.getsockname()[1]}"
        lines = (
            f"REFER {pair.box.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {me};branch=z9hG4bKstranger",
            f"From: <sip:stranger@{me}>;tag=1",
            f"To: <{pair.box.uri}>",
            f"Call-ID: stranger@{me}",
            "CSeq: 1 REFER",
            f"Contact: <sip:{me}>",
            "Refer-To: <sip:premium@example.org>",
            "Max-Forwards: 70",
            "Content-Length: 0",
            "",
            "",
        )
        stranger.sendto("\r\n".join(lines).encode(), (host, int(port)))
        assert stranger.recv(65535).startswith(b"SIP/2.0 403 ")
    assert pair.box.ask("calls") == [pair.leg]


def test_a_brief_tells_of_the_audio(pair: Pair) -> None:
    """(That it agrees with CallInfo is checked at every change of state by the programs.)"""
    event = pair.box.wait("media", call=pair.leg)
    assert event["status"] == AUDIO_ACTIVE and event["slot"] > 0
