"""Commands to a running core, over the real socket, with the real log and board."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appliance.box.config import load_site
from appliance.history.board import Board, BoardSite
from appliance.link import LinkServer, socket_path
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model.ids import AgentId, CallId, QueueId, TrunkId
from appliance.store.eventlog import EventLog
from tests.box.conftest import GOOD


class Core:
    """Answers as the core does, and notes what it was asked."""

    def __init__(self, site_file: Path) -> None:
        self.site_file = site_file
        loaded = load_site(site_file)
        self.folder = loaded.data_dir
        self.board = Board(BoardSite.of(loaded.site))
        self.asked: list[c.AnyCommand] = []
        self.refusal = ""

    async def handle(self, command: c.AnyCommand) -> c.Reply:
        self.asked.append(command)
        if self.refusal:
            return c.Reply(ok=False, error=self.refusal)
        if isinstance(command, c.Snapshot):
            return c.Reply(data={"seq": self.board.seq, "board": self.board.snapshot()})
        if isinstance(command, c.ConfigReload):
            return c.Reply(data={"version": "x", "changed": ["queue sales: ring_s 15.0 -> 20.0"]})
        return c.Reply()

    @asynccontextmanager
    async def up(self) -> AsyncIterator["Core"]:
        with EventLog.open(self.folder) as self.log:
            server = LinkServer(socket_path(self.folder), self.handle, self.log)
            await server.start()
            try:
                yield self
            finally:
                await server.stop()

    def happen(self, event: ev.AnyEvent) -> None:
        self.board.apply(self.log.append(event))

    async def cli(self, *arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from appliance.cli import main; main()",
            *arguments,
            "--site",
            str(self.site_file),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


AGENT = AgentId("agent1")


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("agent", "login", "agent1"), c.AgentLogin(agent=AGENT, by="cli")),
        (("agent", "logout", "agent1"), c.AgentLogout(agent=AGENT, by="cli")),
        (("agent", "ready", "agent1"), c.AgentReady(agent=AGENT, by="cli")),
        (
            ("agent", "pause", "agent1", "--reason", "lunch"),
            c.AgentPause(agent=AGENT, reason="lunch", by="cli"),
        ),
        (("call", "hangup", "c1"), c.CallHangup(call=CallId("c1"), by="cli")),
    ],
)
async def test_a_command_reaches_the_core(
    arguments: tuple[str, ...], command: c.AnyCommand, site_file: Path
) -> None:
    async with Core(site_file).up() as core:
        code, out, err = await core.cli(*arguments)
        assert (code, err) == (0, "")
        assert arguments[2] in out
        assert core.asked == [command]
        core.refusal = "There is no agent agent1."
        code, out, err = await core.cli(*arguments)
        assert (code, out, err) == (1, "", "Error: There is no agent agent1.\n")


async def test_agents_are_listed_with_state_and_time(site_file: Path) -> None:
    async with Core(site_file).up() as core:
        core.happen(
            ev.AgentChanged(
                agent=AGENT, was="logged_out", state="paused", cause="cli", reason="lunch"
            )
        )
        code, out, _ = await core.cli("agent", "list")
    assert code == 0
    head, first, second = out.splitlines()
    assert head.split() == ["AGENT", "NAME", "STATE", "FOR", "QUEUES", "CALL"]
    assert first.startswith("agent1")
    assert "paused (lunch)" in first
    assert "sales,service" in first
    assert "logged_out" in second


async def test_calls_are_listed_with_number_and_stage(site_file: Path) -> None:
    async with Core(site_file).up() as core:
        for call, caller in (("c1", "+4930123456"), ("c2", "")):
            core.happen(
                ev.CallArrived(
                    call=CallId(call),
                    trunk=TrunkId("provider"),
                    caller=caller,
                    anonymous=not caller,
                )
            )
        core.happen(ev.QueueEntered(call=CallId("c1"), queue=QueueId("sales")))
        code, out, _ = await core.cli("call", "list")
    assert code == 0
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "030 123456" in rows["c1"]
    assert "sales" in rows["c1"]
    assert "anonymous" in rows["c2"]


async def test_a_reload_tells_what_changed_and_checks_first(site_file: Path) -> None:
    async with Core(site_file).up() as core:
        assert await core.cli("config", "reload") == (0, "queue sales: ring_s 15.0 -> 20.0\n", "")
        site_file.write_text(GOOD.replace("Europe/Berlin", "Europe/Bern"))
        asked = len(core.asked)
        code, _, err = await core.cli("config", "reload")
        assert code == 2
        assert "Did you mean Europe/Berlin?" in err
        assert len(core.asked) == asked  # a wrong file is not even sent
