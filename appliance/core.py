"""The core: moves calls and appends events. One of the two composition roots.

``python -m appliance.core --site site.toml``. Nothing here waits for a page, a report or a
CRM. The office and the command line reach it through the local socket.
"""

import argparse
import asyncio
import contextlib
import gc
import itertools
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

import msgspec

from appliance import __version__
from appliance.acd.floor import Floor
from appliance.box.check import load_checked
from appliance.box.checking import CheckFailed, check_apart
from appliance.box.clock import steady_clock
from appliance.box.config import LoadedSite, SiteError, render
from appliance.box.kept import Settings, keep, to_start_with
from appliance.box.memory import Spare
from appliance.box.nightly import Nightly
from appliance.box.shared import Shared
from appliance.calls.addresses import Addresses, resolve
from appliance.calls.controller import Controller
from appliance.calls.setup import Seams, Setup
from appliance.calls.switchboard import Switchboard
from appliance.corelog import LogState
from appliance.coreparts import (
    Prompts,
    Recordings,
    changed_troubles,
    engine_settings,
    line_accounts,
)
from appliance.corespeech import Ears, recognisers
from appliance.coretranscripts import as_event
from appliance.flow.language import FlowSet, compile_flows
from appliance.history.board import Board, BoardSite
from appliance.link import LinkServer, socket_path
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.sip.engine import Engine
from appliance.sip.errors import EngineError
from appliance.store.errors import StoreError
from appliance.store.eventlog import EventLog

log = logging.getLogger("core")

AUDIT_S = 10.0
RESOLVE_EVERY_S = 30.0
FLUSH_S = 4.0
"""A disk that takes nothing must not keep the box from stopping for longer than this, twice."""


class Core:
    """Everything of the core, wired together for one site.toml."""

    def __init__(self, settings: Settings) -> None:
        self.loaded = loaded = settings.loaded
        self._wrong = settings.trouble()
        self.clock = steady_clock()
        self.folder = loaded.data_dir
        self.board = Board(BoardSite.of(loaded.site))
        self.past = LogState(self.board)
        self.prompts = Prompts(loaded)
        self.nightly = Nightly(self.folder, loaded.site, self._trouble)
        self._spare = Spare()
        self.reload = Shared(self._reload)
        self._addresses: Addresses = {}
        self._tasks: list[asyncio.Task[None]] = []

    # -- start -------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Log first, then state, then prompts, then calls. Raises what `main` explains."""
        self.log = EventLog.open(self.folder, on_trouble=self._trouble)
        self.past.follow(self.log)
        flows = compile_flows(self.loaded.site)
        await self.prompts.prepare(self.loaded, flows)
        self.floor = Floor(
            self.loaded.site.queue, self.loaded.site.agent, seed=secrets.randbits(32)
        )
        self.recordings = Recordings(self.loaded, self.past.taped, self._recorded, self._trouble)
        self.log.subscribe(self._appended)
        self.switchboard = Switchboard(
            await self._setup(self.loaded), self._seams(), self.floor, flows
        )
        self.engine = Engine(engine_settings(self.loaded), lambda event: None)
        self.ears = Ears(
            self.loaded,
            flows,
            recognisers,
            lambda report: self.controller.on_engine(report),
            self._trouble,
        )
        self.controller = Controller(
            self.switchboard,
            self.engine,
            self.log,
            self.clock,
            self.recordings.folder,
            self.recordings.closed,
            self.ears,
        )
        self._reopen()
        self.engine.report = self.controller.on_engine
        await self.engine.start()
        self.ears.start(self.engine.hearing)
        self._configure_engine(self.loaded)
        self.controller.run(self.switchboard.start(self.clock()))
        self.link = LinkServer(socket_path(self.folder), self.handle, self.log, version=__version__)
        await self.link.start()
        self._tasks = [
            asyncio.create_task(self._audit()),
            asyncio.create_task(self._follow_addresses()),
            asyncio.create_task(self.nightly.run()),
            asyncio.create_task(self.recordings.watch()),
        ]
        if self._wrong is None:
            await self._keep_settings(flows)

    def _reopen(self) -> None:
        """Close what the last run left open and give the agents their states back."""
        self.past.begin(self.loaded.version)
        for trouble in self.prompts.troubles():
            self.log.append(trouble)
        if self._wrong is not None:
            self.log.append(self._wrong)
        now = self.clock()
        left = self.past.left
        effects = self.floor.restore(left.memories(now), now, left.last_agents)
        self.controller.run(self.switchboard.floor_did(effects, self.clock()))
        self.recordings.recover()

    def _seams(self) -> Seams:
        token = secrets.token_hex(3)
        legs = itertools.count(1)

        def new_id() -> str:
            return f"{int(self.clock() * 1000):011x}{secrets.token_hex(5)}"

        return Seams(
            files=self.prompts.files,
            may_record=self.recordings.may_record,
            new_id=new_id,
            new_leg=lambda: f"o{token}-{next(legs)}",  # type: ignore[arg-type,return-value]
        )

    async def _setup(self, loaded: LoadedSite) -> Setup:
        self._addresses = await resolve(loaded.site.trunk, self._addresses)
        return Setup(loaded.site, loaded.version, self._addresses)

    def _configure_engine(self, loaded: LoadedSite) -> None:
        self.engine.set_lines(line_accounts(loaded))
        for name, path in self.prompts.music(loaded).items():
            self.controller.set_music(name, path)

    # -- what others ask ---------------------------------------------------------------------------

    async def handle(self, command: c.AnyCommand) -> c.Reply:
        """One command of the local socket."""
        if isinstance(command, c.Snapshot):
            legs = len(self.engine.live_legs())
            shown = {"seq": self.board.seq, "board": self.board.snapshot(), "legs": legs}
            return c.Reply(data=shown)
        if isinstance(command, c.ConfigReload):
            return await self.reload(command.by)
        if isinstance(command, c.RecordingReport):
            return c.Reply(ok=False, error="The core finishes its recordings itself.")
        if isinstance(command, c.TranscriptReport):
            return c.Reply(data={"seq": self.log.append(as_event(command)).seq})
        return await self.controller.command(command)

    async def _reload(self, by: str) -> c.Reply:
        """Check the whole file, then apply it; calls in a flow keep the flow they began. One at
        a time: a reload that read the file earlier must not be applied later."""
        try:
            checked = await check_apart(self.loaded.path, self.loaded.site)
        except (SiteError, CheckFailed) as error:
            return c.Reply(ok=False, error=str(error))
        loaded, flows, what = checked.loaded, checked.flows, checked.plan
        if not what.ok:
            return c.Reply(ok=False, error=" ".join(what.refusals))
        before = self.prompts.troubles()
        await self.prompts.prepare(loaded, flows)
        setup = await self._setup(loaded)
        self.loaded = loaded
        self.board.configure(BoardSite.of(loaded.site))
        self._configure_engine(loaded)
        self.recordings.configure(loaded)
        self.nightly.configure(loaded.site)
        for trouble in changed_troubles(before, self.prompts.troubles()):
            self.log.append(trouble)
        self.controller.append(
            ev.ConfigApplied(version=loaded.version, by=by, changed=what.changed)
        )
        if self._wrong is not None:
            self.log.append(msgspec.structs.replace(self._wrong, over=True))
            self._wrong = None
        self.controller.run(self.switchboard.reconfigure(setup, flows, self.clock()))
        self.ears.reconfigure(loaded, flows)
        await self._keep_settings(flows)
        await self.log.flush()
        return c.Reply(data={"version": loaded.version, "changed": what.changed})

    async def _keep_settings(self, flows: FlowSet) -> None:
        """For a start on which site.toml is wrong. Where that fails, those before them stay."""

        def save(loaded: LoadedSite, now: float) -> None:
            keep(loaded, self.prompts.recorded(loaded, flows), now)

        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, save, self.loaded, self.clock())
        except OSError as error:
            log.warning(
                "the settings in use cannot be kept (%s): a start with a wrong site.toml would "
                "find older ones, or none",
                error,
            )

    # -- while it runs -----------------------------------------------------------------------------

    def _appended(self, record: ev.Record) -> None:
        if isinstance(record.event, ev.RecordingFailed):
            self.recordings.look()

    def _trouble(self, trouble: ev.Trouble) -> None:
        self.log.append(trouble)

    def _recorded(self, event: ev.RecordingFinished | ev.RecordingFailed) -> None:
        self.log.append(event, durable=True)

    async def _audit(self) -> None:
        """Put right what has outlived its cause."""
        while True:
            await asyncio.sleep(AUDIT_S)
            try:
                turn = self.switchboard.audit(self.engine.wanted_legs(), self.clock())
                self.controller.run(turn)
            except Exception:
                log.exception("the audit failed; the next one is in %g s", AUDIT_S)
            await self._give_memory_back()

    async def _give_memory_back(self) -> None:
        """What a flood of calls has left behind, once nobody talks."""
        if not self.engine.live_legs() and self._spare.much():
            await asyncio.get_running_loop().run_in_executor(None, self._spare.give_back)

    async def _follow_addresses(self) -> None:
        """Names of providers get other addresses, or had none when the box came up."""
        while True:
            await asyncio.sleep(RESOLVE_EVERY_S)
            loaded, known = self.loaded, self._addresses
            setup = await self._setup(loaded)
            if setup.addresses != known and loaded is self.loaded:
                self.switchboard.desk.setup = setup

    # -- stop --------------------------------------------------------------------------------------

    async def stop(self, cause: str) -> None:
        """Hang up, close recordings, write the last event."""
        for task in self._tasks:
            task.cancel()
        await self.link.stop()
        self.controller.run(self.switchboard.close(cause, self.clock()))
        self.controller.stop()
        await self.ears.close()
        await self.engine.stop()
        await self.recordings.close()
        self.log.append(ev.CoreStopped(cause=cause), durable=True)
        await asyncio.sleep(0)
        self.past.save()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await self.log.flush()
        self.log.close(FLUSH_S)

    def give_up(self) -> None:
        """The start failed: nothing was cut off, so the next one has nothing to repair."""
        with contextlib.suppress(AttributeError, StoreError):
            if self.past.begun:
                self.log.append(ev.CoreStopped(cause="it could not start"), durable=True)
            self.log.close(FLUSH_S)


async def serve(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. Exit code 0, or 1 with a sentence on standard error."""
    stop: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    core = Core(settings)
    sip = settings.loaded.site.sip
    try:
        await core.start()
    except (EngineError, StoreError, OSError, RuntimeError) as error:
        print(f"The core cannot start: {error}", file=sys.stderr)
        core.give_up()
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _ask_stop, stop, number.name)
    gc.collect()
    gc.freeze()
    print(f"core ready: SIP on {sip.listen}:{sip.port}", flush=True)
    cause = await stop
    try:
        await core.stop(cause)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _ask_stop(stop: asyncio.Future[str], cause: str) -> None:
    if not stop.done():
        stop.set_result(cause)


def main() -> None:
    os.umask(0o077)  # numbers and voices of callers are for nobody else on this machine
    parser = argparse.ArgumentParser(prog="callfloor-core", description=__doc__)
    parser.add_argument("--site", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="where the data is, if site.toml cannot say")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(name)s: %(levelname)s: %(message)s",
        stream=sys.stderr,
    )
    sys.setswitchinterval(0.0005)
    try:
        settings = to_start_with(options.site, load_checked, options.data)
    except SiteError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    _tell(settings)
    sys.exit(asyncio.run(serve(settings)))


def _tell(settings: Settings) -> None:
    loaded, trouble = settings.loaded, settings.trouble()
    if trouble is not None:
        print(settings.wrong, file=sys.stderr)
        log.error("%s. %s %s", trouble.what, trouble.meaning, trouble.remedy)
    for warning in settings.findings:
        log.warning("%s", render(loaded.path, warning, loaded.site.model_dump()))


if __name__ == "__main__":
    main()
