"""A core without telephony: the real event log, the real local socket, the real board.

It runs in a thread of the test; the office under test is a process of its own. Commands are
answered the way the core does: with events.
"""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance.box.config import LoadedSite, load_site
from appliance.coretranscripts import as_event
from appliance.history.board import Board, BoardSite
from appliance.link import LinkServer, socket_path
from appliance.model import commands as cmd
from appliance.model import events as ev
from appliance.store.eventlog import EventLog

STATES: dict[type, ev.AgentState] = {
    cmd.AgentLogin: "ready",
    cmd.AgentReady: "ready",
    cmd.AgentPause: "paused",
    cmd.AgentLogout: "logged_out",
}


class StandIn:
    """`start`, `append` events from any thread, `stop`; `start` again is a restart."""

    def __init__(self, site: Path | LoadedSite) -> None:
        self.loaded = load_site(site) if isinstance(site, Path) else site
        self.commands: list[cmd.AnyCommand] = []
        self.refuse = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def running(self) -> bool:
        return self._loop is not None and self._thread.is_alive()

    @property
    def socket(self) -> Path:
        return socket_path(self.loaded.data_dir)

    def start(self) -> "StandIn":
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10), "the stand-in did not start"
        return self

    def stop(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the stand-in did not stop"

    def append(self, *events: ev.AnyEvent) -> None:
        """In order, stamped by the log."""
        for event in events:
            self.log.append(event)

    def call(self, function: Callable[[], Any]) -> Any:
        """Runs something on the stand-in's loop."""

        async def run() -> Any:
            return function()

        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    # -- on its own thread ------------------------------------------------------------------

    def _run(self, started: threading.Event) -> None:
        asyncio.run(self._serve(started))

    async def _serve(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        with EventLog.open(self.loaded.data_dir) as self.log:
            self.board = Board(BoardSite.of(self.loaded.site))
            self.log.replay(self.board.apply)
            self.log.subscribe(self.board.apply)
            server = LinkServer(self.socket, self.handle, self.log, version="test")
            await server.start()
            self.log.append(ev.CoreStarted(version="test", after="clean stop"))
            started.set()
            await self._end.wait()
            await server.stop()

    async def handle(self, command: cmd.AnyCommand) -> cmd.Reply:
        if isinstance(command, cmd.Snapshot):
            return cmd.Reply(data={"seq": self.board.seq, "board": self.board.snapshot()})
        self.commands.append(command)
        if isinstance(command, cmd.TranscriptReport):
            return cmd.Reply(data={"seq": self.log.append(as_event(command)).seq})
        if self.refuse:
            return cmd.Reply(ok=False, error=self.refuse)
        state = STATES.get(type(command))
        if state is not None:
            self._change(command, state)
        return cmd.Reply()

    def _change(self, command: Any, state: ev.AgentState) -> None:
        was = self.board.agents[command.agent].state
        reason = getattr(command, "reason", "")
        self.append(
            ev.AgentChanged(
                agent=command.agent, was=was, state=state, cause=command.by, reason=reason
            )
        )
