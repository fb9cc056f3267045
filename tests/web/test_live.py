"""/api/v1/live of a real office: authentication, snapshot, patches, slow readers, withdrawal."""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from appliance.link import LinkClient
from appliance.model import events as ev
from appliance.web import live as live_room
from appliance.web.app import make_app
from appliance.web.floor import Floor
from appliance.web.listen import Listening
from appliance.web.models import MAX_CALLERS
from appliance.web.services import Limits, Services
from appliance.web.tokens import TokenStore
from tests.web.floors import ended, waiting
from tests.web.house import House, until


class Socket:
    """A client of the live socket."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next(self) -> Any:
        """The next message that is no beat."""
        while True:
            message = await self.ws.receive(timeout=10)
            assert message.type is aiohttp.WSMsgType.TEXT, (message, self.ws.close_code)
            found = message.json()
            if found["type"] != "beat":
                return found

    async def until(self, kind: str, table: str, id: str) -> Any:
        while True:
            message = await self.next()
            if message["type"] == kind and id in message.get(table, {}):
                return message[table][id]

    async def code(self) -> int | None:
        """How the server closes."""
        while True:
            message = await self.ws.receive(timeout=15)
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING):
                return self.ws.close_code


@asynccontextmanager
async def connected(house: House, **headers: str) -> AsyncIterator[Socket]:
    url = f"{house.origin}/api/v1/live"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as ws:
        yield Socket(ws)


@asynccontextmanager
async def live(
    house: House, role: Any = "supervisor", agent: str = "", **auth: Any
) -> AsyncIterator[Socket]:
    async with connected(house) as ws:
        await ws.ws.send_json({"type": "auth", "token": house.secret(role, agent), **auth})
        yield ws


async def test_a_snapshot_and_then_what_changes(house: House) -> None:
    async with live(house) as ws:
        first = await ws.next()
        assert first["type"] == "snapshot"
        assert first["link"]["up"]
        assert first["session"] == {"role": "supervisor", "agent": ""}
        waited = first["board"]["queues"]["q1"]["waiting"]
        house.core.append(*waiting("live-1", "q1"))
        row = await ws.until("patch", "queues", "q1")
        assert row["waiting"] == waited + 1
        house.core.append(
            ev.QueueLeft(call="live-1", queue="q1", reason="abandoned", waited_s=3),
            ev.CallEnded(call="live-1", outcome="abandoned"),
        )
        while (await ws.until("patch", "calls", "live-1")) is not None:
            pass


async def test_patches_lead_from_the_snapshot_to_the_same_board(house: House) -> None:
    """While events pour in, whoever connects at any moment ends up with the same floor."""

    async def watch(delay: float) -> dict[str, Any]:
        await asyncio.sleep(delay)
        async with live(house) as ws:
            board = (await ws.next())["board"]
            while board["seq"] < goal:
                message = await ws.next()
                assert message["type"] == "patch"
                for table in ("queues", "agents", "lines", "calls"):
                    for id, row in message[table].items():
                        if row is None:
                            board[table].pop(id, None)
                        else:
                            board[table][id] = row
                board["seq"] = message["seq"]
            return {table: board[table] for table in ("queues", "agents", "lines", "calls")}

    def pour(number: int) -> None:
        house.core.append(*ended(f"pour-{number}", "q1", 2.0), *waiting(f"stay-{number}", "q2"))

    goal = house.core.log.last_seq + 40 * 12
    watchers = [asyncio.create_task(watch(delay / 50)) for delay in range(8)]
    for number in range(40):
        pour(number)
        await asyncio.sleep(0.01)
    boards = await asyncio.gather(*watchers)
    assert house.core.log.last_seq == goal
    async with live(house) as ws:
        final = (await ws.next())["board"]
    for board in boards:
        assert board == {table: final[table] for table in board}
    assert len(final["queues"]["q2"]["callers"]) == min(
        MAX_CALLERS, final["queues"]["q2"]["waiting"]
    )


async def test_supervisors_may_have_every_event_in_order(house: House) -> None:
    async with live(house, events=True) as ws, live(house, "kiosk", events=True) as kiosk:
        seq = (await ws.next())["board"]["seq"]
        await kiosk.next()
        house.core.append(*waiting("each", "q1"))
        seen = []
        while len(seen) < 5:
            message = await ws.next()
            if message["type"] == "event":
                seen.append(message)
        assert [message["seq"] for message in seen] == list(range(seq + 1, seq + 6))
        assert seen[0]["event"]["type"] == "call.arrived"
        assert (await kiosk.next())["type"] == "patch"  # not for everybody


async def test_only_the_agent_who_is_rung_sees_the_number(house: House) -> None:
    async with live(house, "agent", "agent-1") as own, live(house, "kiosk") as kiosk:
        await own.next()
        await kiosk.next()
        house.core.append(
            ev.CallArrived(call="ring", trunk="main", caller="+49307654321"),
            ev.OfferMade(call="ring", offer="o1", agent="agent-1"),
        )
        assert (await own.until("patch", "calls", "ring"))["caller"] == "+49307654321"
        assert (await kiosk.until("patch", "calls", "ring"))["caller"] == "••••••21"
        house.core.append(
            ev.OfferEnded(call="ring", offer="o1", agent="agent-1", result="no_answer")
        )
        while (await own.until("patch", "calls", "ring"))["caller"] != "••••••21":
            pass


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"type":"auth"}', 4401),
        ('{"type":"auth","token":"cf_wrong"}', 4401),
        ('{"type":"auth","token":"' + "x" * 3000 + '"}', 4401),
        ('{"type":"hello"}', 4400),
        ('{"type":"auth","token":7}', 4400),
        ("[" * 4000, 4400),
        ("", 4400),
    ],
)
async def test_without_a_good_token_nothing_is_told(house: House, first: str, code: int) -> None:
    async with connected(house) as ws:
        await ws.ws.send_str(first)
        message = await ws.ws.receive(timeout=10)
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert ws.ws.close_code == code


async def test_bytes_and_floods_end_the_connection(house: House) -> None:
    async with connected(house) as ws:
        await ws.ws.send_bytes(b"\x00")
        assert await ws.code() == 4400
    async with connected(house) as ws:
        await ws.ws.send_str("x" * 5000)  # over the message limit
        assert await ws.code() in (1009, 4400)
    async with live(house) as ws:
        await ws.next()
        await ws.ws.send_str("more")
        assert await ws.code() == 4400


async def test_a_header_is_as_good_as_a_message(house: House) -> None:
    async with connected(house, **house.headers("kiosk")) as ws:
        await ws.ws.send_json({"type": "auth"})
        assert (await ws.next())["session"]["role"] == "kiosk"


@pytest.mark.parametrize("origin", [None, "https://evil.example"])
async def test_another_site_cannot_use_the_browser_s_session(
    house: House, origin: str | None
) -> None:
    headers = {"Cookie": f"callfloor_session={house.secret('supervisor')}"}
    async with connected(house, **headers, **({"Origin": origin} if origin else {})) as ws:
        await ws.ws.send_json({"type": "auth"})
        assert await ws.code() == 4403
    async with connected(house, **headers, Origin=house.origin) as ws:
        await ws.ws.send_json({"type": "auth"})
        assert (await ws.next())["type"] == "snapshot"


async def test_a_withdrawn_token_closes_its_open_pages_only(house: House) -> None:
    token, secret = house.tokens.create("kiosk")
    async with connected(house) as ws, live(house, "kiosk") as other:
        await ws.ws.send_json({"type": "auth", "token": secret})
        await ws.next()
        await other.next()
        house.tokens.revoke(token.id)
        assert await ws.code() == 4403
        house.core.append(*waiting("after", "q1"))
        assert (await other.next())["type"] == "patch"


async def test_a_reader_that_stands_still_is_dropped_and_others_go_on(house: House) -> None:
    """A raw client shakes hands, logs in and never reads again."""
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    stuck = socket.create_connection(("127.0.0.1", house.port))
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wanted = {"type": "auth", "token": house.secret("supervisor"), "events": True}
    auth = json.dumps(wanted).encode()
    stuck.sendall(
        b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + key
        + b"\r\n"
        + bytes([0x81, 0x80 | 126, *len(auth).to_bytes(2, "big"), 0, 0, 0, 0])
        + auth
    )
    async with live(house) as good:
        await good.next()
        for number in range(3000):
            house.core.append(*ended(f"stuck-{number}", "q1", 1.0))
        last = house.core.log.last_seq
        while (await good.next())["seq"] < last:
            pass
    stuck.settimeout(30)

    def drained() -> bytes:
        tail = b""
        try:
            while data := stuck.recv(1 << 20):
                tail = (tail + data)[-200:]
        except ConnectionResetError:
            return b"reset"
        return tail

    tail = await asyncio.to_thread(drained)
    assert tail == b"reset" or (4408).to_bytes(2, "big") in tail
    stuck.close()


async def test_tokens_that_cannot_be_read_end_neither_office_nor_pages(house: House) -> None:
    """A page that is open stays; one that comes then is told to come again, not to log in."""
    path = house.tokens.path
    async with live(house, "kiosk") as ws:
        await ws.next()
        away = path.rename(path.with_suffix(".away"))
        path.symlink_to(path)
        try:
            await asyncio.to_thread(until, lambda: "tokens.json cannot be read" in house.told())
            refused = house.get("/status", "kiosk")
            assert refused.status_code == 503
            assert "calls are not touched" in refused.json()["remedy"]
            async with live(house, "kiosk") as late:
                assert await late.code() == 4503
        finally:
            away.rename(path)
        house.core.append(*waiting("unread", "q1"))
        assert (await ws.next())["type"] == "patch"
    assert house.office.poll() is None


@asynccontextmanager
async def served(folder: Path, limits: Limits) -> AsyncIterator[tuple[str, TokenStore]]:
    """An office in this process, without a core."""
    tokens = TokenStore(folder)
    services = Services(floor=Floor(), core=LinkClient(folder), tokens=tokens, limits=limits)
    web = Listening(make_app(services), "127.0.0.1", 0, limits)
    await web.start()
    try:
        yield f"http://127.0.0.1:{web.port}/api/v1/live", tokens
    finally:
        await web.stop()


async def test_no_more_pages_than_allowed_also_when_they_come_together(tmp_path: Path) -> None:
    async with served(tmp_path, Limits(sockets=2)) as (url, tokens):
        auth = {"type": "auth", "token": tokens.create("kiosk")[1]}
        async with aiohttp.ClientSession() as session:
            pages = [await session.ws_connect(url) for _ in range(5)]
            await asyncio.gather(*(page.send_json(auth) for page in pages))
            first = [await page.receive(timeout=10) for page in pages]
            told = Counter(message.type for message in first)
            assert told == {aiohttp.WSMsgType.TEXT: 2, aiohttp.WSMsgType.CLOSE: 3}
            assert {page.close_code for page in pages} == {None, 4429}


async def test_a_page_that_says_nothing_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wall's screen that is slow at its start must not end on the login page."""
    monkeypatch.setattr(live_room, "AUTH_S", 0.1)
    async with (
        served(tmp_path, Limits()) as (url, _),
        aiohttp.ClientSession() as session,
        session.ws_connect(url) as page,
    ):
        await page.receive(timeout=10)
        assert page.close_code == 4408
