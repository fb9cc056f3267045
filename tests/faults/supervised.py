"""A box under `callfloor run`: its halves, and its pages."""

import asyncio
import time

import psutil

from appliance.web.tokens import TokenStore
from tests.faults.faultbox import FaultBox
from tests.faults.pages import Pages


class Watched(Pages):
    """The office of a supervised box."""

    async def start(self) -> None:
        self._token = self._token or TokenStore(self.box.data).create("supervisor")[1]
        self._process, self.log = self.box._process, self.box.log
        await self.until(lambda shown: shown["core"] == "up", "the office is up")


def child(box: FaultBox, name: str) -> psutil.Process:
    found = [
        one for one in psutil.Process(box.pid).children() if f"appliance.{name}" in one.cmdline()
    ]
    assert len(found) == 1, found
    return found[0]


async def another(box: FaultBox, name: str, than: int, seconds: float = 30.0) -> int:
    """The process id of the next child of that name."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for one in psutil.Process(box.pid).children():
            if one.pid != than and f"appliance.{name}" in one.cmdline():
                return one.pid
        await asyncio.sleep(0.05)  # another process's child has no event for us
    raise AssertionError(f"no new {name}: {box.said()[-1000:]}")
