"""Lines that go down and come up, by keep-alive and by registration with a password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from appliance.model import events as ev
from tests.peers.box import Box
from tests.peers.endpoint import Endpoint
from tests.peers.hearing import hears
from tests.peers.kamailio import Kamailio
from tests.peers.lane import Lane, moment
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ

EXCHANGE_PORT, REGISTRAR_PORT = 5085, 5086
PASSWORD = "right-password"
FILES = {"good.secret": PASSWORD, "bad.secret": "wrong-password"}
SITE = {
    "trunk": [
        {
            "id": "watched", "host": "{ip}20", "port": EXCHANGE_PORT, "addresses": ["{ip}20"],
            "options_s": 1.0, "numbers": "{numbers}",
        },
        {
            "id": "known", "kind": "register", "host": "{ip}22", "port": REGISTRAR_PORT,
            "addresses": ["{ip}22"], "username": "box", "password_file": "good.secret",
            "register_s": 60, "numbers": "{numbers}",
        },
        {
            "id": "wrong", "kind": "register", "host": "{ip}23", "port": REGISTRAR_PORT,
            "addresses": ["{ip}23"], "username": "box", "password_file": "bad.secret",
            "register_s": 60, "numbers": "{numbers}",
        },
    ],
}  # fmt: skip


async def line_is(lane: Lane, trunk: str, state: str, seconds: float = 20.0) -> ev.LineChanged:
    """The line's newest state."""

    def found(_records: list[ev.Record]) -> ev.LineChanged | None:
        changes = [event for _, event in lane.box.events(ev.LineChanged, trunk=trunk)]
        return changes[-1] if changes and changes[-1].state == state else None

    return await lane.box.until(found, seconds, f"line {trunk} is {state}")


@together()
async def test_keep_alive_shows_a_line_down_and_up_and_down(lane: Lane) -> None:
    host = lane.box.network.host(20)
    await line_is(lane, "watched", "down")
    exchange = await Endpoint.open(host, lane.box.sip, EXCHANGE_PORT)
    await line_is(lane, "watched", "up", 5.0)
    call = await exchange.phone(lane.caller_number).dial(lane.number).answered()
    exchange.deaf = True
    changed = await line_is(lane, "watched", "down", 6.0)
    assert "keep-alive" in changed.cause
    exchange.deaf = False
    await line_is(lane, "watched", "up", 5.0)
    board = (await lane.box.snapshot())["board"]
    assert board["lines"]["watched"]["state"] == "up"
    assert call.up, "a call outlives its line's keep-alive"
    await call.bye()
    await lane.gone()
    exchange.close()


@asynccontextmanager
async def around(box: Box) -> AsyncIterator[None]:
    """Both registrars are there before the box."""
    both = [
        Kamailio(box.folder / f"registrar-{n}", box.network.host(n), REGISTRAR_PORT, PASSWORD)
        for n in (22, 23)
    ]
    try:
        for kamailio in both:
            await kamailio.start()
        yield
    finally:
        for kamailio in both:
            await kamailio.stop()


@together()
async def test_registered_with_the_right_password_calls_come_through(lane: Lane) -> None:
    changed = await line_is(lane, "known", "up")
    assert changed.cause == "registered"
    registrar = (lane.box.network.host(22), REGISTRAR_PORT)
    # Not a line itself: only what the registrar passes on is taken.
    provider = await Endpoint.open(lane.box.network.host(24), registrar)
    lane.phones[0].answers(AGENT_HZ)
    caller = provider.phone(lane.caller_number).dial("box", CALLER_HZ, to=lane.number)
    seat = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted)
    span = await moment(1.5)
    provider.box = lane.box.sip  # no Record-Route: the rest goes straight
    await caller.bye()
    await lane.gone()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    assert lane.all(ev.CallArrived)[0].trunk == "known"
    provider.close()


@together()
async def test_the_wrong_password_keeps_a_line_down_and_says_so(lane: Lane) -> None:
    changed = await line_is(lane, "wrong", "down")
    assert "40" in changed.cause, changed
    log = lane.box.log.read_text() + (lane.box.data / "sip.log").read_text()
    assert "wrong-password" not in log and PASSWORD not in log
