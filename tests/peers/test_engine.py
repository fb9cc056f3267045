"""The engine by itself: lines whose names need care, and what strangers can make it write."""

import asyncio
import hashlib
import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.model.ids import LegId, TrunkId
from appliance.model.legs import EngineEvent, Invited, LineSignal
from appliance.sip import logfile
from appliance.sip.engine import Engine
from appliance.sip.headers import uri_user
from appliance.sip.settings import EngineSettings, LineAccount
from tests.peers.box import Network
from tests.peers.endpoint import Endpoint, response_to
from tests.peers.message import Message

PASSWORD = "right-password"
PATIENCE_S = 10.0


class Registrar(Endpoint):
    """Asks for a digest (RFC 2617 without qop) and remembers what it was given."""

    def __init__(self, host: str, port: int, box: tuple[str, int]) -> None:
        super().__init__(host, port, box)
        self.registered: dict[str, str] = {}
        """Digest user name to the user of To, unescaped."""
        self.invites: list[Message] = []

    def _request(self, request: Message) -> None:
        if request.method == "REGISTER":
            self._register(request)
        elif request.method == "INVITE":
            self.invites.append(request)
            self.reply(request, response_to(request, 486, "busy"))
        else:
            super()._request(request)

    def _register(self, request: Message) -> None:
        given = dict(re.findall(r'(\w+)="([^"]*)"', request.get("Authorization")))
        if not given:
            response = response_to(request, 401, "asked")
            response.headers.append(("WWW-Authenticate", 'Digest realm="here", nonce="n1"'))
            self.reply(request, response)
            return
        good = given["response"] == digest(given["username"], given["uri"])
        if good:
            self.registered[given["username"]] = uri_user(request.get("To"))
        response = response_to(request, 200 if good else 403, "told")
        if good:
            response.headers += [("Contact", request.get("Contact")), ("Expires", "300")]
        self.reply(request, response)


def digest(user: str, uri: str) -> str:
    """RFC 2617 3.2.2.1."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    return md5(f"{md5(f'{user}:here:{PASSWORD}')}:n1:{md5(f'REGISTER:{uri}')}")


class Bench:
    """An engine and a registrar on a network of their own."""

    def __init__(self, engine: Engine, registrar: Registrar, told: list[EngineEvent]) -> None:
        self.engine, self.registrar, self.told = engine, registrar, told

    def line(self, name: str, **more: Any) -> LineAccount:
        return LineAccount(
            TrunkId(name), self.registrar.host, self.registrar.port,
            register=True, password=PASSWORD, **more,
        )  # fmt: skip

    async def until(self, found: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            while not (result := found()):  # noqa: ASYNC110  packets have no event
                await asyncio.sleep(0.01)
            return result

    def said(self, line: str) -> LineSignal | None:
        """The newest that is known of a line."""
        told = [one for one in self.told if isinstance(one, LineSignal) and one.trunk == line]
        return told[-1] if told else None

    async def up(self, line: str) -> None:
        await self.until(lambda: (told := self.said(line)) and told.registered)


@asynccontextmanager
async def bench(**more: Any) -> AsyncIterator[Bench]:
    network = Network()
    told: list[EngineEvent] = []
    engine = Engine(EngineSettings(listen=network.host(1), **more), told.append)
    registrar = await Registrar.open(network.host(2), (network.host(1), 5060), 5070)
    await engine.start()
    try:
        yield Bench(engine, registrar, told)
    finally:
        await engine.stop()
        registrar.close()
        network.close()


NAMES = ["12345@provider.example", "Erika Müller", "a|b&c=d,e/f", "+4930123#", "x:y"]


async def test_a_line_registers_with_any_user_name() -> None:
    async with bench() as at:
        at.engine.set_lines(at.line(f"line{n}", username=name) for n, name in enumerate(NAMES))
        for n in range(len(NAMES)):
            await at.up(f"line{n}")
        assert at.registrar.registered == {name: name for name in NAMES}


async def test_a_line_that_cannot_be_set_up_is_down_and_the_others_go_on() -> None:
    """Also on a reload, where its old account is already gone; once mended, it comes up."""
    async with bench() as at:
        good, other = at.line("good", username="a"), at.line("other", username="b")
        bad = replace(other, host="no host")
        at.engine.set_lines([bad, good])
        await at.up("good")
        told = await at.until(lambda: at.said("other"))
        assert not told.registered
        assert "line other cannot be set up" in told.reason and "site.toml" in told.reason
        at.engine.set_lines([other, good])
        await at.up("other")
        at.told.clear()
        changed = replace(good, register_s=60)
        at.engine.set_lines([bad, changed])
        await at.until(lambda: (told := at.said("other")) and "cannot be set up" in told.reason)
        await at.up("good")


async def test_a_senders_header_value_stays_on_its_line() -> None:
    async with bench() as at:
        at.engine.set_lines([at.line("good", username="a", caller_id='"Firma" <+49301>')])
        await at.up("good")
        at.engine.dial(
            LegId("l1"), "+49302", trunk=TrunkId("good"), caller_name="x\r\nX-Evil: 1",
            headers={"X-Callfloor-Queue": "sales\r\nX-Evil: 1\u2028X-Evil: 2"},
        )  # fmt: skip
        invite = (await at.until(lambda: at.registrar.invites))[0]
        assert invite.get("X-Callfloor-Queue") == "sales  X-Evil: 1 X-Evil: 2"
        assert not invite.get("X-Evil")


async def test_a_reason_for_a_refusal_stays_on_its_line() -> None:
    """It may name what the caller has dialled."""
    async with bench() as at:
        caller = at.registrar.phone("someone").dial("4711")
        invited = await at.until(lambda: [one for one in at.told if isinstance(one, Invited)])
        at.engine.hang_up(invited[0].leg, 404, "No flow for 1\r\nX-Evil: 1")
        await caller.ended()
        answers = [start for way, start in at.registrar.log if way == "<-" and " 404 " in start]
        assert answers[0] == "SIP/2.0 404 No flow for 1  X-Evil: 1"


async def test_an_error_while_looking_at_the_disks_does_not_end_the_watch(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0

    def fail(_guard: Any) -> None:
        nonlocal looked
        looked += 1
        raise RuntimeError("boom")

    async with bench() as at:
        monkeypatch.setattr(at.engine.recorders, "watch", fail)
        await at.until(lambda: looked >= 3)
    assert len([one for one in caplog.records if "disks" in one.getMessage()]) == 1


async def test_a_flood_of_malformed_packets_cannot_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, limit, kept = tmp_path / "sip.log", 60_000, 20_000
    monkeypatch.setattr(logfile, "LIMIT", limit)
    monkeypatch.setattr(logfile, "KEPT", kept)
    before = log.with_name("sip.log.1")
    async with bench(log_file=log) as at:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            written = _flood(stranger, at.registrar.box, log, 3 * limit)
            await at.until(lambda: before.exists() and log.stat().st_size <= limit)
            assert written >= 3 * limit and before.stat().st_size <= kept
            assert b"\0" not in before.read_bytes()
            _flood(stranger, at.registrar.box, log, 1)
        assert b"\0" not in log.read_bytes(), "a hole where the log was cut"
        at.engine.set_lines([at.line("good", username="a")])
        await at.up("good")


def _flood(stranger: socket.socket, box: tuple[str, int], log: Path, until: int) -> int:
    """Send what is no SIP until the log holds so many bytes; the loop stands still meanwhile."""
    deadline = time.monotonic() + PATIENCE_S
    while (size := log.stat().st_size) < until:
        assert time.monotonic() < deadline, f"the log holds {size} bytes"
        stranger.sendto(b"INVITE sip:x SIP/2.0\r\nVia: rubbish\r\n\r\n", box)
    return size
