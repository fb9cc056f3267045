"""SIP outside of calls: requests that nobody here serves."""

import secrets

from tests.peers.endpoint import Endpoint
from tests.peers.lane import Lane
from tests.peers.message import Message
from tests.peers.together import together

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
