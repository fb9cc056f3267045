"""SIP outside of calls: requests that nobody here serves, and a registrar that says nothing."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from appliance.model import events as ev
from appliance.sip.engine import REGISTRAR_S
from tests.peers.box import Box
from tests.peers.endpoint import Endpoint, response_to
from tests.peers.lane import Lane
from tests.peers.message import Message
from tests.peers.together import together

REGISTRAR_PORT = 5086
FILES = {"line.secret": "right-password"}
SITE = {
    "trunk": [
        {
            "id": "silent", "kind": "register", "host": "{ip}25", "port": REGISTRAR_PORT,
            "addresses": ["{ip}25"], "username": "box", "password_file": "line.secret",
            "register_s": 60, "numbers": "{numbers}",
        },
    ],
}  # fmt: skip
TEXT = {"Content-Type": "text/plain"}
REQUESTS: dict[str, tuple[str, dict[str, str], int]] = {
    "MESSAGE": ("MESSAGE", TEXT, 405),
    "PUBLISH": ("PUBLISH", {"Event": "presence"}, 405),
    "REGISTER": ("REGISTER", {"Expires": "60"}, 405),
    "SUBSCRIBE to presence": ("SUBSCRIBE", {"Event": "presence", "Expires": "60"}, 405),
    "SUBSCRIBE to dialogs": ("SUBSCRIBE", {"Event": "dialog", "Expires": "60"}, 405),
    "NOTIFY of messages": ("NOTIFY", {"Event": "message-summary"}, 481),
    "NOTIFY of a transfer": ("NOTIFY", {"Event": "refer"}, 481),
    "INFO": ("INFO", {"Content-Type": "application/dtmf-relay"}, 481),
    "UPDATE": ("UPDATE", {}, 481),
    "PRACK": ("PRACK", {"RAck": "1 1 INVITE"}, 481),
    "BYE": ("BYE", {}, 481),
    "an unknown method": ("DANCE", {}, 501),
    "REFER": ("REFER", {"Refer-To": "<sip:premium@example.org>"}, 403),
}
"""Method, headers, and the answer that a stranger must get."""


def request_of(end: Endpoint, box: tuple[str, int], method: str, more: dict[str, str]) -> Message:
    there = f"sip:callfloor@{box[0]}:{box[1]}"
    headers = [
        ("Via", end.via()),
        ("Max-Forwards", "70"),
        ("From", f"<sip:someone@{end.host}>;tag={secrets.token_hex(4)}"),
        ("To", f"<{there}>"),
        ("Call-ID", secrets.token_hex(8)),
        ("CSeq", f"1 {method}"),
        ("Contact", f"<sip:someone@{end.host}:{end.port}>"),
        *more.items(),
    ]
    return Message(f"{method} {there} SIP/2.0", headers, "hello" if "Content-Type" in more else "")


@together(cases=list(REQUESTS))
async def test_what_nobody_serves_is_refused_at_once(lane: Lane, name: str) -> None:
    method, headers, code = REQUESTS[name]
    end = lane.ends.stranger
    answer = await end.ask(request_of(end, lane.box.sip, method, headers), 3.0)
    assert answer.code == code
    if code == 405:
        assert "INVITE" in answer.get("Allow") and method not in answer.get("Allow")
    assert not lane.call_ids
    # What makes no dialog and no subscription sends nothing later.
    assert [start for way, start in end.log if way == "<-" and start.startswith("NOTIFY")] == []


@together()
async def test_a_message_of_an_agents_phone_is_not_taken_either(lane: Lane) -> None:
    end = lane.ends.seats
    assert (await end.ask(request_of(end, lane.box.sip, "MESSAGE", TEXT), 3.0)).code == 405


@together(cases=["MESSAGE", "SUBSCRIBE", "NOTIFY", "INFO", "UPDATE", "REFER", "INVITE"])
async def test_what_pretends_to_belong_to_a_call_is_refused(lane: Lane, method: str) -> None:
    """A tag in To names a dialog, and there is none (RFC 3261 12.2.2)."""
    end = lane.ends.stranger
    request = request_of(end, lane.box.sip, method, {"Refer-To": "<sip:premium@example.org>"})
    request.headers = [(k, f"{v};tag=guessed" if k == "To" else v) for k, v in request.headers]
    assert (await end.ask(request, 3.0)).code == 481
    assert not lane.call_ids


class Registrar(Endpoint):
    """Takes every REGISTER without a question (RFC 3261 10.3)."""

    def _request(self, request: Message) -> None:
        if request.method != "REGISTER":
            super()._request(request)
            return
        answer = response_to(request, 200, "registrar")
        answer.headers.append(("Contact", f"{request.get('Contact')};expires=60"))
        self.reply(request, answer)


registrars: list[Registrar] = []


@asynccontextmanager
async def around(box: Box) -> AsyncIterator[None]:
    """The port is there before the box is, so that no packet comes back as unreachable."""
    registrar = await Registrar.open(box.network.host(25), box.sip, REGISTRAR_PORT)
    registrar.deaf = True
    registrars[:] = [registrar]
    try:
        yield
    finally:
        registrar.close()


@together()
async def test_a_silent_registrar_is_told_of_within_seconds(lane: Lane) -> None:
    def changed(state: str) -> ev.LineChanged | None:
        changes = [event for _, event in lane.box.events(ev.LineChanged, trunk="silent")]
        return changes[-1] if changes and changes[-1].state == state else None

    down = await lane.box.until(lambda _: changed("down"), REGISTRAR_S + 3, "the line is down")
    where = f"{lane.box.network.host(25)}:{REGISTRAR_PORT}"
    assert f"no answer from {where} yet" in down.cause
    board = (await lane.box.snapshot())["board"]
    assert board["lines"]["silent"]["state"] == "down"
    registrars[0].deaf = False
    # Unanswered requests are repeated every 4 s (RFC 3261 17.1.2.1, T2).
    up = await lane.box.until(lambda _: changed("up"), 6.0, "the line is up")
    assert up.cause == "registered"
