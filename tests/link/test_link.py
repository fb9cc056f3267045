"""The local socket between two real ends, over the real event log."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from appliance.link import CoreAway, LinkClient, LinkServer, LogReset, ask, socket_path
from appliance.linking import wire
from appliance.model import commands as cmd
from appliance.model import events as ev
from appliance.store.eventlog import EventLog

EVENT = ev.LineChanged(trunk="t", state="up")


async def echo(command: cmd.AnyCommand) -> cmd.Reply:
    return cmd.Reply(data={"got": type(command).__name__})


class Core:
    """A log and a server on a folder."""

    def __init__(self, folder: Path, handle: Callable[..., Awaitable[cmd.Reply]] = echo) -> None:
        self.folder, self.handle = folder, handle

    @asynccontextmanager
    async def up(self, **limits: float) -> AsyncIterator["Core"]:
        with EventLog.open(self.folder) as self.log:
            path = socket_path(self.folder)
            self.server = LinkServer(path, self.handle, self.log, **limits)
            await self.server.start()
            try:
                yield self
            finally:
                await self.server.stop()

    def append(self, count: int) -> None:
        for _ in range(count):
            self.log.append(EVENT)


class Follower:
    """Collects what `follow` gives."""

    def __init__(self, folder: Path, after: int = 0, **options: float) -> None:
        self.client = LinkClient(socket_path(folder), backoff_s=(0.02, 0.1), **options)
        self.got: list[ev.Record] = []
        self.task = asyncio.create_task(self._run(after))

    async def _run(self, after: int) -> None:
        async for batch in self.client.follow(after):
            self.got += batch

    @property
    def seqs(self) -> list[int]:
        return [record.seq for record in self.got]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def until(true: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not come true in time"
        await asyncio.sleep(0.005)


async def raw(core: Core) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(core.server.path)


async def last_words(reader: asyncio.StreamReader) -> wire.Bye:
    """What the server says at last; it must then close."""
    framer, bodies = wire.Framer(wire.FROM_CORE_LIMIT), []
    with suppress(ConnectionError):
        async with asyncio.timeout(10):
            while data := await reader.read(65_536):
                bodies += framer.feed(data)
    bye = wire.decode_from_core(bodies[-1])
    assert isinstance(bye, wire.Bye), bye
    return bye


# -- commands -------------------------------------------------------------------------------


async def test_a_command_gets_its_reply_async_and_blocking(tmp_path: Path) -> None:
    async with Core(tmp_path).up() as core:
        command = cmd.AgentLogin(agent="a1")
        reply = await LinkClient(core.server.path).ask(command)
        assert reply == cmd.Reply(data={"got": "AgentLogin"})
        assert await asyncio.to_thread(ask, core.server.path, command) == reply


async def test_a_large_snapshot_comes_whole(tmp_path: Path) -> None:
    board = {str(number): "x" * 1000 for number in range(5000)}

    async def handle(_: cmd.AnyCommand) -> cmd.Reply:
        return cmd.Reply(data=board)

    async with Core(tmp_path, handle).up() as core:
        reply = await LinkClient(core.server.path).ask(cmd.Snapshot())
        assert reply.data == board
        assert (await asyncio.to_thread(ask, core.server.path, cmd.Snapshot())).data == board


async def test_a_fault_in_the_core_is_a_refusal_and_not_a_silence(tmp_path: Path) -> None:
    async def broken(_: cmd.AnyCommand) -> cmd.Reply:
        raise ZeroDivisionError

    async with Core(tmp_path, broken).up() as core:
        reply = await LinkClient(core.server.path).ask(cmd.Snapshot())
        assert not reply.ok
        assert "calls go on" in reply.error


async def test_a_core_that_hangs_is_told_as_such(tmp_path: Path) -> None:
    async def never(_: cmd.AnyCommand) -> cmd.Reply:
        await asyncio.Event().wait()
        return cmd.Reply()

    async with Core(tmp_path, never).up() as core:
        with pytest.raises(CoreAway, match=r"within 0\.2 s"):
            await LinkClient(core.server.path).ask(cmd.Snapshot(), timeout=0.2)
        with pytest.raises(CoreAway, match=r"within 0\.2 s"):
            await asyncio.to_thread(ask, core.server.path, cmd.Snapshot(), 0.2)


async def test_no_core_says_what_to_do(tmp_path: Path) -> None:
    path = socket_path(tmp_path)
    with pytest.raises(CoreAway, match="callfloor run"):
        await LinkClient(path).ask(cmd.Snapshot())
    with pytest.raises(CoreAway, match="not running"):
        ask(path, cmd.Snapshot())


# -- the socket itself ----------------------------------------------------------------------


async def test_only_the_owner_may_open_the_socket(tmp_path: Path) -> None:
    async with Core(tmp_path).up() as core:
        assert core.server.path.stat().st_mode & 0o777 == 0o600
        assert core.server.path.parent.stat().st_mode & 0o777 == 0o700
    assert not core.server.path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
async def test_another_user_is_sent_away_even_with_an_open_socket() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Core(Path(folder)).up() as core:
            for path, mode in [
                (folder, 0o755),
                (core.server.path.parent, 0o755),
                (core.server.path, 0o666),
            ]:
                os.chmod(path, mode)  # noqa: PTH101
            code = (
                "import socket,sys; s=socket.socket(socket.AF_UNIX); s.settimeout(10);"
                "s.connect(sys.argv[1]); sys.stdout.buffer.write(s.recv(1000))"
            )
            said = await asyncio.to_thread(
                subprocess.run,
                ["/usr/bin/python3", "-c", code, str(core.server.path)],
                user=65_534,
                group=65_534,
                capture_output=True,
                check=True,
            )
            bye = wire.decode_from_core(said.stdout[4:])
            assert isinstance(bye, wire.Bye)
            assert bye.code == "denied"


async def test_the_socket_of_a_killed_core_is_taken_over(tmp_path: Path) -> None:
    path = socket_path(tmp_path)
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with Core(tmp_path).up() as core:
        assert (await LinkClient(core.server.path).ask(cmd.Snapshot())).ok


async def test_a_second_core_is_refused_and_the_first_one_untouched(tmp_path: Path) -> None:
    async with Core(tmp_path).up() as core:
        second = LinkServer(core.server.path, echo, core.log)
        with pytest.raises(RuntimeError, match="Another core"):
            await second.start()
        assert (await LinkClient(core.server.path).ask(cmd.Snapshot())).ok


async def test_a_path_longer_than_a_socket_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Core(tmp_path / ("x" * 60) / ("y" * 60)).up() as core:
        assert len(str(core.server.path)) > 108
        assert (await LinkClient(core.server.path).ask(cmd.Snapshot())).ok


# -- following ------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 700, 1500])
async def test_old_and_new_records_without_gap_or_duplicate(tmp_path: Path, after: int) -> None:
    async with Core(tmp_path).up() as core:
        core.append(1500)
        follower = Follower(tmp_path, after)
        for _ in range(300):
            core.append(1)
            await asyncio.sleep(0)
        await until(lambda: follower.seqs[-1:] == [1800])
        assert follower.seqs == list(range(after + 1, 1801))
        assert [record.event for record in follower.got] == [EVENT] * (1800 - after)
        await follower.stop()


async def test_a_follower_goes_on_over_restarts_of_the_core(tmp_path: Path) -> None:
    core = Core(tmp_path)
    follower = Follower(tmp_path)
    total = 0
    for _ in range(5):
        async with core.up():
            core.append(200)
            total += 200
            await until(lambda: follower.client.state.up)
            core.append(50)  # some are lost on the way and must be fetched again
            total += 50
        await until(lambda: not follower.client.state.up)
        assert "not running" in follower.client.state.reason or follower.client.state.reason
    async with core.up():
        await until(lambda: len(follower.got) >= total)
    assert follower.seqs == list(range(1, total + 1))
    await follower.stop()


async def test_a_log_that_was_put_back_is_noticed(tmp_path: Path) -> None:
    async with Core(tmp_path).up() as core:
        core.append(5)
        client = LinkClient(core.server.path)
        with pytest.raises(LogReset):  # the log is shorter than what was seen
            await anext(client.follow(9))
        with pytest.raises(LogReset):  # another record stands in that place
            await anext(client.follow(3, at_us=1))
        await core.log.flush()
        third = next(core.log.read(2, limit=1))
        batch = await anext(client.follow(3, at_us=third.at_us))
        assert [record.seq for record in batch] == [4, 5]


async def test_silence_of_a_healthy_core_is_filled_with_beats(tmp_path: Path) -> None:
    async with Core(tmp_path).up(beat_s=0.05) as core:
        follower = Follower(tmp_path, silent_s=0.4)
        await until(lambda: follower.client.state.up)
        since = follower.client.state.since
        await asyncio.sleep(0.8)  # longer than what counts as silence
        assert follower.client.state.up
        assert follower.client.state.since == since
        core.append(1)
        await until(lambda: follower.seqs == [1])
        await follower.stop()


async def test_a_core_that_stops_beating_counts_as_away(tmp_path: Path) -> None:
    async with Core(tmp_path).up(beat_s=60):
        follower = Follower(tmp_path, silent_s=0.1)
        await until(lambda: follower.client.state.up)
        await until(lambda: not follower.client.state.up)
        assert "did not answer" in follower.client.state.reason
        await follower.stop()


# -- bad clients ----------------------------------------------------------------------------


async def test_a_reader_that_stands_still_is_dropped_and_harms_nobody(tmp_path: Path) -> None:
    async with Core(tmp_path).up(queue_limit=500, write_s=30) as core:
        _, writer = await raw(core)
        writer.write(wire.encode(wire.Subscribe(0)))
        writer.transport.pause_reading()
        good = Follower(tmp_path)
        await until(lambda: core.server.clients == 2)
        beside = 0
        for _ in range(400):
            core.append(50)
            # A server that waits for the one that stands still does so for write_s: too long here.
            await until(lambda: len(good.got) >= core.log.last_seq - 200)
            beside = len(good.got) if core.server.clients == 2 else beside
        assert beside > 500, "the good one was served while the other stood still"
        await until(lambda: core.server.clients == 1)
        await until(lambda: len(good.got) == 20_000)
        writer.close()
        await good.stop()


async def test_a_dropped_reader_comes_back_and_misses_nothing(tmp_path: Path) -> None:
    async with Core(tmp_path).up(queue_limit=20) as core:
        follower = Follower(tmp_path)
        await until(lambda: follower.client.state.up)
        core.append(3000)  # at once, more than the queue holds
        await until(lambda: follower.seqs[-1:] == [3000])
        assert follower.seqs == list(range(1, 3001))
        await follower.stop()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "too_large"),
        (b"\x00\x00\x00\x02hi", "malformed"),
        (b"\x00\x00\x00\x00", "malformed"),
        (wire.encode(wire.Subscribe(0)) + b"more", "malformed"),
    ],
)
async def test_what_is_not_the_protocol_ends_with_a_reason(
    tmp_path: Path, sent: bytes, code: str
) -> None:
    async with Core(tmp_path).up() as core:
        reader, writer = await raw(core)
        writer.write(sent[:20])
        await asyncio.sleep(0)
        writer.write(sent[20:])
        assert (await last_words(reader)).code == code
        writer.close()
        assert (await LinkClient(core.server.path).ask(cmd.Snapshot())).ok


async def test_more_clients_than_allowed_are_told_so(tmp_path: Path) -> None:
    async with Core(tmp_path).up(max_clients=3) as core:
        held = [await raw(core) for _ in range(3)]
        await until(lambda: core.server.clients == 3)
        with pytest.raises(CoreAway, match="already 3"):
            await LinkClient(core.server.path).ask(cmd.Snapshot())
        for _, writer in held:
            writer.close()
        await until(lambda: core.server.clients == 0)
        assert (await LinkClient(core.server.path).ask(cmd.Snapshot())).ok


async def test_a_core_that_stops_says_so(tmp_path: Path) -> None:
    core = Core(tmp_path)
    async with core.up():
        reader, writer = await raw(core)
        await until(lambda: core.server.clients == 1)
    assert (await last_words(reader)).code == "stopping"
    writer.close()


def test_the_blocking_client_needs_no_loop_and_no_office() -> None:
    """The command line imports it alone: quick, and without aiohttp."""
    code = "import sys, appliance.link; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
