"""Reloads that are asked for while one runs: none is lost, none is done twice."""

import asyncio

import pytest

from appliance.box.shared import Shared


async def test_who_waits_is_served_by_one_run_that_began_after_he_asked() -> None:
    ran: list[str] = []
    go = asyncio.Event()

    async def act(by: str) -> int:
        ran.append(by)
        await go.wait()
        return len(ran)

    shared = Shared(act)
    first = asyncio.create_task(shared("first"))
    while not ran:  # noqa: ASYNC110 # until the first run has begun
        await asyncio.sleep(0)
    others = [asyncio.create_task(shared(name)) for name in ("second", "third", "fourth")]
    await asyncio.sleep(0)
    go.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [2, 2, 2]
    assert ran == ["first", "second"]
    assert await shared("later") == 3


async def test_a_failed_run_is_tried_again_by_the_next() -> None:
    ran: list[str] = []

    async def act(by: str) -> str:
        ran.append(by)
        await asyncio.sleep(0)
        if by == "bad":
            raise OSError("no disk")
        return by

    shared = Shared(act)
    bad, good = asyncio.create_task(shared("bad")), asyncio.create_task(shared("good"))
    with pytest.raises(OSError, match="no disk"):
        await bad
    assert await good == "good" and ran == ["bad", "good"]
