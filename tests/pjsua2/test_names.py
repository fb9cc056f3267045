"""Names that no name server answers for: whoever talks to the box meanwhile must not notice."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]  # a first build
HERE = Path(__file__).parent
WAIT_S = 0.2
"""So long a name is waited for."""
BEARABLE_S = 5.0
"""Far from the 10 s after which the system's resolver gives up, on a busy machine too."""
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)
Start = Callable[..., Any]


class Caller:
    """Sends requests by hand."""

    def __init__(self, uri: str) -> None:
        host, port = uri.split("@")[1].split(":")
        self.uri, self.count = uri, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect((host, int(port)))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def send(self, method: str, body: str = "") -> str:
        """Call-ID of the request."""
        self.count += 1
        call = f"{method}{self.count}@{self.address}"
        lines = [
            f"{method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};rport;branch=z9hG4bKnames{self.count}",
            f"From: <sip:phone@{self.address}>;tag={self.count}",
            f"To: <{self.uri}>",
            f"Call-ID: {call}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:phone@{self.address}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.socket.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        return call

    def code(self, call: str, seconds: float = 15.0) -> int:
        """Of the final answer; what else comes in meanwhile is not looked at."""
        deadline = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            answer = self.socket.recv(65535).decode()
            if answer.startswith("SIP/2.0 ") and f"Call-ID: {call}\r\n" in answer:
                code = int(answer[8:11])
                if code >= 200:
                    return code


@pytest.fixture
def deaf(tmp_path: Path) -> dict[str, str]:
    """An environment in which no name server answers while the file $DEAF exists."""
    library, flag = tmp_path / "deaf.so", tmp_path / "deaf"
    compiler = shutil.which("g++")
    assert compiler
    source = str(HERE / "programs/deafdns.c")
    command = [compiler, "-x", "c", "-shared", "-fPIC", "-O1", "-o", str(library), source, "-ldl"]
    subprocess.run(command, check=True)
    flag.touch()
    return {"LD_PRELOAD": str(library), "DEAF": str(flag)}


def test_a_name_in_an_sdp_holds_nobody_up(start: Start, deaf: dict[str, str]) -> None:
    """It is refused until the name server answers, and taken afterwards."""
    box = start("sip_peer.py", "box", **deaf)
    caller = Caller(box.wait("ready")["uri"])
    for n in range(3):
        began = time.monotonic()
        caller.send("INVITE", SDP.format(host=f"phone{n}.deaf.example"))
        assert caller.code(caller.send("OPTIONS")) == 200
        assert time.monotonic() - began < BEARABLE_S
    refused = caller.send("INVITE", SDP.format(host="phone0.deaf.example"))
    assert caller.code(refused) >= 400
    Path(deaf["DEAF"]).unlink()
    deadline = time.monotonic() + 10.0
    while caller.code(caller.send("INVITE", SDP.format(host="phone0.deaf.example"))) != 200:
        assert time.monotonic() < deadline, "the name has an address now"


def test_a_line_whose_name_has_no_address_holds_nobody_up(
    start: Start, deaf: dict[str, str]
) -> None:
    """As a call to a provider's name while the way out is cut."""
    box = start("sip_peer.py", "box", **deaf)
    caller = Caller(box.wait("ready")["uri"])
    began = time.monotonic()
    refused = box.ask("dial", uri="sip:1@provider.deaf.example:5060")
    assert "PJ_ERESOLVE" in refused["raised"]
    assert time.monotonic() - began < BEARABLE_S
    assert caller.code(caller.send("OPTIONS")) == 200
    assert time.monotonic() - began < 2 * BEARABLE_S
    Path(deaf["DEAF"]).unlink()


def answered(start: Start, deaf: dict[str, str]) -> tuple[Path, Caller]:
    """A box whose name server answers until the flag is set."""
    flag = Path(deaf["DEAF"])
    flag.unlink()
    box = start("sip_peer.py", "box", **deaf)
    return flag, Caller(box.wait("ready")["uri"])


def test_a_name_that_was_found_serves_on_when_the_name_server_falls_silent(
    start: Start, deaf: dict[str, str]
) -> None:
    flag, caller = answered(start, deaf)
    sdp = SDP.format(host="phone.deaf.example")
    assert caller.code(caller.send("INVITE", sdp)) == 200
    flag.touch()
    assert caller.code(caller.send("INVITE", sdp)) == 200
    flag.unlink()


def test_a_name_whose_own_name_server_is_silent_refuses_no_other_name(
    start: Start, deaf: dict[str, str]
) -> None:
    """A stranger may send it in an SDP at any time."""
    box = start("sip_peer.py", "box", **deaf)
    caller = Caller(box.wait("ready")["uri"])
    for n in range(3):
        lame = caller.send("INVITE", SDP.format(host=f"phone{n}.deaf.example"))
        assert caller.code(lame) >= 400
        began = time.monotonic()
        good = caller.send("INVITE", SDP.format(host=f"phone{n}.quick.example"))
        assert caller.code(good) == 200, n
        assert time.monotonic() - began < BEARABLE_S


def test_names_sent_in_order_to_be_waited_for_hold_nobody_up_for_long(
    start: Start, deaf: dict[str, str]
) -> None:
    box = start("sip_peer.py", "box", **deaf)
    caller = Caller(box.wait("ready")["uri"])
    waited = 0
    for n in range(30):
        zone = "quick" if n % 2 else "deaf"
        began = time.monotonic()
        caller.code(caller.send("INVITE", SDP.format(host=f"phone{n}.{zone}.example")))
        waited += zone == "deaf" and time.monotonic() - began > WAIT_S * 0.9
    assert caller.code(caller.send("OPTIONS")) == 200
    assert waited <= 8, "all fifteen would be waited for; four are"


def test_many_names_that_are_not_found_push_out_none_that_was(
    start: Start, deaf: dict[str, str]
) -> None:
    flag, caller = answered(start, deaf)
    sdp = SDP.format(host="line.deaf.example")
    assert caller.code(caller.send("INVITE", sdp)) == 200
    for n in range(300):
        unknown = caller.send("INVITE", SDP.format(host=f"phone{n}.none.example"))
        assert caller.code(unknown) >= 400
    flag.touch()
    assert caller.code(caller.send("INVITE", sdp)) == 200
    flag.unlink()
