"""An office beside a `FaultBox`: its process, its API, and whether it shows what is so."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from appliance.history.queries import History
from appliance.run import OFFICE_NICE
from appliance.store.historydb import FILE as HISTORY
from appliance.web.tokens import TokenStore
from tests.faults.faultbox import FaultBox
from tests.peers.box import ROOT

WAIT_S = 20.0


class Pages:
    """`entry`: what the interpreter runs. Niced as the supervisor does."""

    def __init__(self, box: FaultBox, entry: Sequence[str] = ("-m", "appliance.office")) -> None:
        self.box, self.entry = box, entry
        self.log = box.folder / "office.log"
        self.port = 8080
        self._process: asyncio.subprocess.Process | None = None
        self._token = ""

    @property
    def origin(self) -> str:
        return f"http://{self.box.network.host(1)}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    async def spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "nice", f"-n{OFFICE_NICE}", sys.executable, *self.entry,
                "--site", str(self.box.site_path), stdout=log, stderr=log,
                stdin=asyncio.subprocess.DEVNULL, cwd=ROOT,
            )  # fmt: skip

    async def start(self) -> None:
        """Until it shows a core that is up."""
        if not self._token:
            self._token = TokenStore(self.box.data).create("supervisor")[1]
        await self.spawn()
        await self.until(lambda shown: shown["core"] == "up", "the office is up")

    async def end(self, seconds: float = 15.0) -> int:
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), seconds)

    async def kill(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return await self.end()

    async def get(self, path: str, timeout: float = 10.0) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        limit = aiohttp.ClientTimeout(timeout)
        async with (
            aiohttp.ClientSession(headers=headers, timeout=limit) as session,
            session.get(f"{self.origin}/api/v1{path}") as answer,
        ):
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def until(self, right: Any, what: str, seconds: float = WAIT_S) -> dict[str, Any]:
        """Ask for the status until it is right."""
        deadline, shown = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            assert self._process is not None and self._process.returncode is None, self.said()
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                shown = dict(await self.get("/status"))
                if right(shown):
                    return shown
            await asyncio.sleep(0.1)  # a page is asked again, as a person would
        raise AssertionError(
            f"not within {seconds:g} s: {what}; last {shown}; {self.said()[-2000:]}"
        )

    async def are_whole(self) -> None:
        """Pages show the core's board of now, and history has every event of it."""
        seq = int((await self.box.snapshot())["seq"])
        await self.until(lambda shown: shown["seq"] >= seq, f"the office has event {seq}")
        for _ in range(50):
            core = await self.box.snapshot()
            agents, calls = await self.get("/agents"), await self.get("/calls")
            queues = await self.get("/queues")
            if agents["seq"] == calls["seq"] == queues["seq"] == core["seq"]:
                break
            await asyncio.sleep(0.1)  # something happened in between
        board = core["board"]
        assert {a["id"]: (a["state"], a["since_us"]) for a in agents["agents"]} == {
            id: (a["state"], a["since_us"]) for id, a in board["agents"].items()
        }
        assert {c["id"]: c["stage"] for c in calls["calls"]} == {
            id: c["stage"] for id, c in board["calls"].items()
        }
        assert {q["id"]: q["today"] for q in queues["queues"]} == {
            id: q["today"] for id, q in board["queues"].items()
        }
        await self._history(int(core["seq"]))

    async def _history(self, seq: int) -> None:
        deadline, found = time.monotonic() + WAIT_S, -1
        while time.monotonic() < deadline:
            with contextlib.suppress(Exception), History(self.box.data / HISTORY) as history:
                found = history.seq
                if found >= seq:
                    return
            await asyncio.sleep(0.1)  # another process writes it
        raise AssertionError(f"history has event {found} of {seq}; {self.said()[-2000:]}")


@contextlib.asynccontextmanager
async def office(box: FaultBox, entry: Sequence[str] = ("-m", "appliance.office")) -> Any:
    """A started office; ended with its test."""
    pages = Pages(box, entry)
    try:
        await pages.start()
        yield pages
    finally:
        if pages._process is not None and pages._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                await pages.stop()


BURNING = Path(__file__).with_name("burning.py")
