"""A core of its own for a test module: own loopback network, own folder, followed live."""

import asyncio
import contextlib
import hashlib
import itertools
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import tomlkit

from appliance.link import LinkClient, socket_path
from appliance.model import commands as c
from appliance.model import events as ev

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60.0
STOP_S = 15.0
T = TypeVar("T")
E = TypeVar("E", bound=ev.Event)
_count = itertools.count(1)


class Network:
    """A /24 of 127.0.0.0/8 for one box, so that no two need the same port.

    .1 is the box, .2 the provider, .3 the agents' phones, .9 a stranger.
    """

    def __init__(self) -> None:
        for attempt in itertools.count():
            seed = f"{os.getpid()}-{next(_count)}-{attempt}".encode()
            a, b = hashlib.sha256(seed).digest()[:2]
            self.prefix = f"127.{64 + a % 128}.{b}."
            self._lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self._lock.bind((f"{self.prefix}254", 5060))
                self._bindable(5060)
                return
            except OSError:
                self._lock.close()
                if attempt > 50:
                    raise

    def _bindable(self, port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((self.host(1), port))

    def host(self, last: int) -> str:
        return f"{self.prefix}{last}"

    def close(self) -> None:
        self._lock.close()


class Box:
    """`site` is site.toml as plain dicts. Start it within a running loop."""

    def __init__(self, folder: Path, network: Network, site: dict[str, Any]) -> None:
        self.folder, self.network, self.site = folder, network, site
        self.sip = (network.host(1), 5060)
        self.records: list[ev.Record] = []
        self.data = folder / "var"
        self.log = folder / "core.log"
        self._process: asyncio.subprocess.Process | None = None
        self._follower: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.sockets_idle = 0

    @property
    def site_path(self) -> Path:
        return self.folder / "site.toml"

    # -- life ---------------------------------------------------------------------------------

    def write_site(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.site_path.write_text(tomlkit.dumps(self.site), encoding="utf-8")

    async def start(self, prompts: Path | None = None) -> None:
        """`prompts`: a folder with prompts rendered before, to save time."""
        self.write_site()
        _take_prompts(prompts, self.data / "prompts")
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "appliance.core", "--site", str(self.site_path),
                stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL, cwd=ROOT,
            )  # fmt: skip
        self.link = LinkClient(socket_path(self.data))
        await self._ready()
        hurry(self._process.pid)
        hurry(os.getpid())
        self._follower = asyncio.create_task(self._follow())
        _keep_prompts(prompts, self.data / "prompts")
        self.sockets_idle = self.udp_sockets()

    async def _ready(self) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if self._process is not None and self._process.returncode is not None:
                break
            with contextlib.suppress(ConnectionError):
                await self.link.ask(c.Snapshot(), timeout=1.0)
                return
            await asyncio.sleep(0.05)  # a socket's birth cannot be awaited
        raise AssertionError(f"the core did not start: {self.log.read_text()[-3000:]}")

    async def stop(self) -> int:
        """SIGTERM; returns the exit status. Raises TimeoutError when it does not end."""
        if self._follower is not None:
            self._follower.cancel()
        process = self._process
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise

    async def _follow(self) -> None:
        async for batch in self.link.follow(0):
            async with self._news:
                self.records += batch
                self._news.notify_all()

    # -- looking ------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def udp_sockets(self) -> int:
        """UDP sockets of the core: SIP, and one or two for each leg that it holds."""
        assert self._process is not None
        found = psutil.Process(self._process.pid).net_connections("udp")
        return len(found)

    async def snapshot(self) -> dict[str, Any]:
        reply = await self.link.ask(c.Snapshot())
        assert reply.ok, reply.error
        return dict(reply.data)

    async def send(self, command: c.AnyCommand) -> c.Reply:
        return await self.link.ask(command)

    async def until(
        self, found: Callable[[list[ev.Record]], T | None], seconds: float, what: str
    ) -> T:
        """The first result that is not None or False; looked for at every new event."""
        try:
            async with asyncio.timeout(seconds), self._news:
                while not (result := found(self.records)):
                    await self._news.wait()
                return result
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s: {what}") from None

    def events(self, kind: type[E], /, **fields: object) -> Iterator[tuple[float, E]]:
        """Unix time and event, oldest first, of those whose fields are as given."""
        return matching(self.records, kind, **fields)


def hurry(pid: int, *, later: bool = False) -> None:
    """All present threads of a process go before other programs, where that is allowed: audio
    is measured every 100 ms, also on a machine that has other things to do. What the process
    starts later runs as usual, or before others too (`later`)."""
    policy = os.SCHED_FIFO | (0 if later else os.SCHED_RESET_ON_FORK)
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), policy, os.sched_param(5))


def calm() -> None:
    """This process as before."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _take_prompts(known: Path | None, folder: Path) -> None:
    if known is not None and known.exists():
        shutil.copytree(known, folder, dirs_exist_ok=True)


def _keep_prompts(known: Path | None, folder: Path) -> None:
    if known is not None and not known.exists():
        with contextlib.suppress(FileExistsError):
            shutil.copytree(folder, known)


def matching(
    records: list[ev.Record], kind: type[E], /, **fields: object
) -> Iterator[tuple[float, E]]:
    for record in records:
        event = record.event
        if isinstance(event, kind) and all(
            getattr(event, name) == value for name, value in fields.items()
        ):
            yield record.at_us / 1e6, event


def told(records: list[ev.Record]) -> str:
    """Events for a person who looks for the reason of a failure."""
    return "\n".join(
        f"  {record.seq:5} {record.at_us / 1e6 % 1000:8.3f} {ev.event_type(record.event)} "
        + " ".join(f"{k}={v!r}" for k, v in _fields(record.event) if v not in ("", None))
        for record in records
    )


def _fields(event: ev.Event) -> Iterator[tuple[str, object]]:
    return ((name, getattr(event, name)) for name in event.__struct_fields__)
