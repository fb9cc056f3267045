"""Where a line's calls may come from, also while names cannot be resolved."""

import asyncio
import logging
from typing import Any

import pytest

from appliance.calls import addresses
from appliance.calls.addresses import resolve
from appliance.model.site import Trunk

NAMED = Trunk(id="provider", host="sip.example.invalid")
FIXED = Trunk(id="gateway", host="nowhere.invalid", addresses=["192.0.2.0/24"])


class Names:
    """A name server that is away until `there` is set."""

    def __init__(self) -> None:
        self.there: tuple[str, ...] = ()

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        if not self.there:
            raise OSError("Temporary failure in name resolution")
        return [(0, 0, 0, "", (address, port)) for address in self.there]


async def test_a_name_that_comes_late_or_changes_is_followed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    names = Names()
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names.getaddrinfo)
    with caplog.at_level(logging.WARNING):
        first = await resolve([NAMED, FIXED])
        again = await resolve([NAMED, FIXED], first)
    assert first == again == {"provider": (), "gateway": ("192.0.2.0/24",)}
    assert caplog.text.count("has no address") == 1
    names.there = ("198.51.100.2", "198.51.100.1", "198.51.100.2")
    found = await resolve([NAMED], again)
    assert found == {"provider": ("198.51.100.1", "198.51.100.2")}
    names.there = ()
    assert await resolve([NAMED], found) == found


async def test_names_without_an_answer_are_waited_for_together(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A box that comes up before its router takes calls no later for each of its lines."""
    asked: list[str] = []
    all_asked = asyncio.Event()

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        if len(asked) == 5:
            all_asked.set()
        await all_asked.wait()
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(addresses, "RESOLVE_S", 0.2)
    lines = [Trunk(id=f"line{n}", host=f"sip{n}.example.invalid") for n in range(5)]
    with caplog.at_level(logging.WARNING):
        found = await resolve([*lines, FIXED])
    assert all_asked.is_set()
    assert list(found) == [*(one.id for one in lines), "gateway"]
    assert "sip3.example.invalid has no address (no name server answers)" in caplog.text
