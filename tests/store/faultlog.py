"""A log of known events, and all that is left of it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from appliance.model.events import (
    CallArrived,
    CallEnded,
    Record,
)
from appliance.model.ids import CallId, TrunkId
from appliance.store.reader import EventReader


def event(number: int) -> CallArrived:
    return CallArrived(
        call=CallId(f"c{number % 7}"), trunk=TrunkId("t"), caller=f"+49{number}", called="x" * 80
    )


def ended() -> CallEnded:
    return CallEnded(call=CallId("c"), outcome="answered")


def everything(folder: Path) -> list[Record]:
    with EventReader(folder / "events.db") as reader:
        records = list(reader.read())
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    return records


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  states of a thread have no asyncio event
            await asyncio.sleep(0.005)
