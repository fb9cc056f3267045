"""Lines whose user name is more than letters, and one that cannot be set up at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from appliance.model import events as ev
from tests.peers.box import Box
from tests.peers.endpoint import Endpoint
from tests.peers.hearing import hears
from tests.peers.kamailio import Kamailio
from tests.peers.lane import Lane, moment
from tests.peers.test_lines import line_is
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ

PORT = 5086
NAMES = {"domain": "12345@provider.example", "spoken": "Erika Mustermann"}
FILES = {"line.secret": "right-password"}
SITE = {
    "trunk": [
        {
            "id": "six", "host": "::1", "addresses": ["{ip}40"], "options_s": 0.0,
            "numbers": "{numbers}",
        },
        {
            "id": "nowhere", "kind": "register", "host": "provider.invalid", "username": "x",
            "password_file": "line.secret", "numbers": "{numbers}",
        },
        *(
            {
                "id": name, "kind": "register", "host": f"{{ip}}{n}", "port": PORT,
                "addresses": [f"{{ip}}{n}"], "username": user, "password_file": "line.secret",
                "register_s": 60, "numbers": "{numbers}",
            }
            for n, (name, user) in enumerate(NAMES.items(), 41)
        ),
    ],
}  # fmt: skip


@asynccontextmanager
async def around(box: Box) -> AsyncIterator[None]:
    """The registrars are there before the box."""
    hosts = [box.network.host(n) for n, _ in enumerate(NAMES, 41)]
    all_of_them = [
        Kamailio(box.folder / f"registrar-{host}", host, PORT, FILES["line.secret"])
        for host in hosts
    ]
    try:
        for kamailio in all_of_them:
            await kamailio.start()
        yield
    finally:
        for kamailio in all_of_them:
            await kamailio.stop()


@together(cases=list(NAMES))
async def test_a_user_name_with_odd_letters_registers_and_takes_calls(
    lane: Lane, name: str
) -> None:
    n = list(NAMES).index(name)
    assert (await line_is(lane, name, "up")).cause == "registered"
    lane.phones[0].answers(AGENT_HZ)
    user = ("12345%40provider.example", "Erika%20Mustermann")[n]
    registrar = (lane.box.network.host(41 + n), PORT)
    provider = await Endpoint.open(lane.box.network.host(45 + n), registrar)
    caller = provider.phone(lane.caller_number).dial(user, CALLER_HZ, to=lane.number)
    seat = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted)
    span = await moment(1.2)
    provider.box = lane.box.sip  # no Record-Route: the rest goes straight
    await caller.bye()
    await lane.gone()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    assert lane.all(ev.CallArrived)[0].trunk == name
    provider.close()


@together()
async def test_a_line_that_cannot_be_set_up_is_down_with_its_reason(lane: Lane) -> None:
    changed = await line_is(lane, "six", "down")
    assert "line six cannot be set up" in changed.cause
    caller, _ = await lane.talk()
    await caller.bye()


@together()
async def test_a_line_whose_name_has_no_address_says_so(lane: Lane) -> None:
    """RFC 6761 6.4: no name server knows a name in .invalid."""
    changed = await line_is(lane, "nowhere", "down")
    assert "no address for provider.invalid" in changed.cause
    caller, _ = await lane.talk()
    await caller.bye()
