"""Who calls, and on which line: headers, source addresses and ports, channel limits."""

from appliance.model import events as ev
from tests.peers.endpoint import Endpoint
from tests.peers.lane import Lane
from tests.peers.together import together
from tests.peers.world import PROVIDER_PORT

SITE = {
    "trunk": [
        {
            "id": "left", "host": "{ip}6", "port": 5071, "addresses": ["{ip}6"],
            "source_port": 5071, "options_s": 0.0, "channels": 1, "numbers": "{numbers}",
        },
        {
            "id": "right", "host": "{ip}6", "port": 5072, "addresses": ["{ip}6"],
            "source_port": 5072, "options_s": 0.0, "numbers": "{numbers}",
        },
        {
            "id": "off", "host": "{ip}7", "addresses": ["{ip}7"], "enabled": False,
            "options_s": 0.0, "numbers": "{numbers}",
        },
    ],
    "caller": [{"number": "+493055501*", "vip": True}],
}  # fmt: skip

PAI = "P-Asserted-Identity"
HEADERS = {
    "PAI before From": (
        '"Erika" <sip:+491701@carrier>',
        [(PAI, '"Erika Mustermann" <sip:+4930111222@carrier>')],
        ("+4930111222", False, ""),
    ),
    "national From": ('<sip:030111333@carrier>', [], ("+4930111333", False, "")),
    "tel URI": ("<sip:x@carrier>", [(PAI, "<tel:+4930111444>")], ("+4930111444", False, "")),
    "diverted": (
        "<sip:+4930111555@carrier>",
        [("Diversion", "<sip:+4989777@carrier>;reason=no-answer;counter=1")],
        ("+4930111555", False, "+4989777"),
    ),
    "anonymous From": (
        '"Anonymous" <sip:anonymous@anonymous.invalid>', [], ("", True, ""),
    ),
    "Privacy id hides the PAI": (
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        [(PAI, "<sip:+4930111666@carrier>"), ("Privacy", "id")],
        ("", True, ""),
    ),
    "Privacy none does not": (
        "<sip:+4930111777@carrier>", [("Privacy", "none")], ("+4930111777", False, ""),
    ),
    "folded and compact": (
        "<sip:x@carrier>", [(PAI, "\r\n\t<sip:+4930111888@carrier>")], ("+4930111888", False, ""),
    ),
}  # fmt: skip


@together(cases=list(HEADERS))
async def test_the_callers_number(lane: Lane, name: str) -> None:
    sender, headers, (caller, anonymous, diverted) = HEADERS[name]
    call = await lane.dial(sender=sender, headers=headers).answered()
    arrived = await lane.event(ev.CallArrived, called=lane.number)
    assert (arrived.caller, arrived.anonymous, arrived.diverted_from) == (
        caller, anonymous, diverted,
    )  # fmt: skip
    assert arrived.sip_call_id == call.id
    seat = await lane.phones[0].next_call()
    assert seat.invite_message is not None
    shown = seat.invite_message.get("From")
    if anonymous:
        assert "4930111" not in seat.invite_message.encode().decode()
    else:
        assert caller in shown
    await call.bye()


@together()
async def test_a_stranger_gets_403_and_leaves_no_call(lane: Lane) -> None:
    stranger = lane.ends.stranger.phone("stranger")
    call = stranger.dial(lane.number)
    await call.ended()
    assert call.code == 403
    assert not lane.call_ids


@together()
async def test_an_agents_phone_is_no_line(lane: Lane) -> None:
    call = lane.phones[0].dial(lane.number)
    await call.ended()
    assert call.code == 403 and not lane.call_ids


@together()
async def test_an_unknown_number_gets_404(lane: Lane) -> None:
    call = lane.caller.dial("4711")
    await call.ended()
    assert call.code == 404
    ended = await lane.event(ev.CallEnded)
    assert ended.outcome == "refused" and "4711" in ended.cause


@together()
async def test_two_lines_on_one_address_are_told_apart_by_port(lane: Lane) -> None:
    host = lane.box.network.host(6)
    for port, trunk in ((5072, "right"), (5071, "left")):
        end = await Endpoint.open(host, lane.box.sip, port)
        phone = end.phone(lane.caller_number)
        call = await phone.dial(lane.number).answered()
        arrived = (await lane.event(ev.CallArrived, trunk=trunk)).call
        if trunk == "left":
            second = phone.dial(lane.number)
            await second.ended()
            assert second.code == 486, "the only channel is taken"
            full = await lane.event(ev.CallEnded, outcome="refused")
            assert "channels of line left" in full.cause
        await call.bye()
        await lane.event(ev.CallEnded, call=arrived)
        if trunk == "left":
            third = await phone.dial(lane.number).answered()
            await third.bye()
        await lane.gone()
        end.close()


@together()
async def test_a_line_that_is_switched_off_gets_503(lane: Lane) -> None:
    end = await Endpoint.open(lane.box.network.host(7), lane.box.sip, PROVIDER_PORT)
    call = end.phone(lane.caller_number).dial(lane.number)
    await call.ended()
    assert call.code == 503
    await lane.event(ev.CallEnded, outcome="refused")
    end.close()


@together()
async def test_a_known_caller_is_served_as_vip(lane: Lane) -> None:
    call = lane.dial(sender="<sip:+4930555019@carrier>")
    entered = await lane.event(ev.QueueEntered)
    assert entered.priority == 5
    await call.bye()
