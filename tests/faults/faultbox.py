"""A core that may die: killed, started again, started in a place where things are broken."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from appliance.link import LinkClient, socket_path
from appliance.model import events as ev
from appliance.store.eventlog import FILE
from appliance.store.reader import EventReader
from tests.peers.box import ROOT, Box, Network, calm, hurry
from tests.peers.lane import Ends, Lane, Wishes
from tests.peers.together import make_site
from tests.peers.world import PROVIDER_PORT

STOP_S = 20.0


class FaultBox(Box):
    """As `Box`, but it may be killed, and started by another command (`prefix`, `entry`).

    `prefix`: words before the interpreter, such as ``unshare -m``; `entry`: what the
    interpreter runs; `env`: more environment.
    """

    def __init__(self, folder: Path, network: Network, site: dict[str, Any]) -> None:
        super().__init__(folder, network, site)
        self.prefix: Sequence[str] = ()
        self.entry: Sequence[str] = ("-m", "appliance.core")
        self.env: dict[str, str] = {}
        self.urgent = True

    async def start(self, prompts: Path | None = None) -> None:
        """Start and follow from the first event. Raises AssertionError when it does not come up."""
        self.write_site()
        await self.spawn()
        if "unshare" in self.prefix:  # its folders as it sees them itself
            self.data = Path(f"/proc/{self.pid}/root") / (self.folder / "var").relative_to("/")
        self.link = LinkClient(socket_path(self.data))
        await self._ready()
        if self.urgent:
            hurry(self.pid)
            hurry(os.getpid())
        self.records = []
        self._follower = asyncio.create_task(self._follow())
        known = int((await self.snapshot())["seq"])
        await self.until(lambda got: bool(got) and got[-1].seq >= known, 20.0, "the log is read")
        self.sockets_idle = self.udp_sockets()

    async def spawn(self) -> None:
        """Start the process and wait for nothing."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.prefix, sys.executable, *self.entry, "--site", str(self.site_path),
                stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL, cwd=ROOT,
                env={**os.environ, **self.env},
            )  # fmt: skip

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> float:
        """kill -9; returns when, in Unix time."""
        assert self._process is not None
        at = time.time()
        os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._unfollow()
        return at

    async def end(self, seconds: float = STOP_S) -> int:
        """Wait for it to end by itself; returns its exit status."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), seconds)

    async def _unfollow(self) -> None:
        if self._follower is not None:
            self._follower.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._follower

    def said(self) -> str:
        """All that it wrote to its terminal."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def on_disk(self) -> list[ev.Record]:
        """The event log as it stands on the disk."""
        with EventReader(self.data / FILE) as reader:
            return list(reader.read())

    async def written(self, seconds: float = 10.0) -> list[ev.Record]:
        """The same, once the disk has all that was told so far."""
        told = self.records[-1].seq if self.records else 0
        deadline = time.monotonic() + seconds
        with EventReader(self.data / FILE) as reader:
            while reader.last_seq() < told:
                assert time.monotonic() < deadline, f"event {told} is not on the disk"
                await asyncio.sleep(0.02)  # another process's writer has no event for us
            return list(reader.read())

    async def event(self, kind: type[ev.Event], seconds: float = 10.0, **fields: object) -> Any:
        """The first such event since this start, waited for."""

        def found(_records: list[ev.Record]) -> ev.Event | None:
            return next((event for _, event in self.events(kind, **fields)), None)

        return await self.until(found, seconds, f"{kind.__name__} {fields}")


@contextlib.asynccontextmanager
async def floor(
    folder: Path, wishes: Sequence[Wishes], more: dict[str, Any] | None = None, start: bool = True
) -> AsyncIterator[tuple[FaultBox, list[Lane]]]:
    """A box with one lane for each wish, started; all of it is gone afterwards."""
    network = Network()
    box = FaultBox(folder / "box", network, {})
    ends = await Ends.open(box)
    lanes = [Lane(box, n, wish, ends) for n, wish in enumerate(wishes)]
    box.site = make_site(box, lanes, more or {})
    box.site.setdefault("web", {"listen": network.host(1), "port": 8080})
    assert box.site["trunk"][0]["port"] == PROVIDER_PORT
    try:
        if start:
            await box.start()
        yield box, lanes
    finally:
        forget_calls(lanes)
        await asyncio.sleep(0)  # what was cancelled ends
        ends.close()
        if box._process is not None:
            with contextlib.suppress(TimeoutError, ProcessLookupError):
                await box.stop()
        network.close()
        calm()


def forget_calls(lanes: Sequence[Lane]) -> None:
    """The phones put down what the dead box does not know any more."""
    for lane in lanes:
        for phone in (lane.caller, lane.outside, *lane.phones):
            for act in phone._acts:
                act.cancel()
            for call in phone.calls:
                call.intercept = call._last_ack = None
                if not call.over:
                    call.over = True
                    call.media.close()
                lane.ends.provider.calls.pop(call.id, None)
                lane.ends.seats.calls.pop(call.id, None)
            phone.calls.clear()
            while not phone._fresh.empty():
                phone._fresh.get_nowait()
