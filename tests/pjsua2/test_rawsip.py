"""RawSipModule: the application answers REGISTER and challenges INVITE."""

import re
import socket
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]  # a first build
CONFIRMED = 5


class Telephone:
    """Sends requests by hand."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        host, port = uri.split("@")[1].split(":")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(10)
        self.socket.connect((host, int(port)))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def send(self, method: str, number: int, *more: str) -> str:
        """Send a request and return the first answer that is not provisional."""
        lines = [
            f"{method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{method}{number}",
            f"From: <sip:phone@{self.address}>;tag=1",
            f"To: <{self.uri}>",
            f"Call-ID: {method}@{self.address}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:phone@{self.address}>",
            "Max-Forwards: 70",
            *more,
            "Content-Length: 0",
        ]
        self.socket.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        while True:
            answer = self.socket.recv(65535).decode()
            if not answer.startswith("SIP/2.0 1"):
                return answer


@pytest.fixture
def registrar(start: Callable[..., Any]) -> Any:
    program = start("sip_peer.py", "registrar")
    program.uri = program.wait("ready")["uri"]
    return program


def test_a_telephone_is_challenged_and_registers(registrar: Any) -> None:
    phone = Telephone(registrar.uri)
    answer = phone.send("REGISTER", 1)
    assert answer.startswith("SIP/2.0 401 Who are you\r\n")
    assert re.search(r'^WWW-Authenticate: Digest realm="floor"', answer, re.MULTILINE)
    request = registrar.wait("request", method="REGISTER")
    assert request["source"] == phone.address and request["transport"] == "UDP"
    assert request["message"].startswith(f"REGISTER {registrar.uri} SIP/2.0\r\n")

    assert phone.send("REGISTER", 1).startswith("SIP/2.0 401")  # a copy, as UDP makes them
    assert phone.send("REGISTER", 2, "Authorization: Digest x").startswith("SIP/2.0 200 OK")
    seen = registrar.wait("request", method="REGISTER")
    assert "CSeq: 2 REGISTER" in seen["message"], "the copy was not asked about"


def test_an_invite_without_credentials_goes_no_further(
    registrar: Any, start: Callable[..., Any]
) -> None:
    phone = start("sip_peer.py", "phone")
    phone.wait("ready")
    call = phone.ask("dial", uri=registrar.uri)
    phone.wait("state", call=call, state=6, code=401)
    assert registrar.wait("request", method="INVITE")
    assert registrar.ask("dialogs") == 0


def test_what_is_not_asked_for_stays_with_pjsua(registrar: Any) -> None:
    assert Telephone(registrar.uri).send("OPTIONS", 1).startswith("SIP/2.0 200")
    assert not [event for event in registrar.untaken if event["kind"] == "request"]
