"""The office: follows the core's events and serves pages and API. The composition root of
this half; ``python -m appliance.office --site site.toml``.

Nothing here can touch a call: the core drops an office that does not keep up, and an office
without a core says so on its pages and comes back by itself.
"""

if __name__ == "__main__":
    from appliance import plain as plain  # before asyncio finds OpenSSL

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from appliance.history.board import Board
from appliance.link import CoreAway, LinkClient, LinkState, LogReset, socket_path
from appliance.model.commands import Snapshot
from appliance.model.events import ConfigApplied
from appliance.officesite import OfficeSite, SiteRefused, read_apart
from appliance.officetranscripts import Transcribing
from appliance.web.app import make_app
from appliance.web.floor import Floor
from appliance.web.listen import Listening, PortTaken
from appliance.web.past import Past
from appliance.web.said import Said
from appliance.web.services import PAGES, Services
from appliance.web.tokens import TokenError, TokenStore

log = logging.getLogger("office")

RETRY_S = 1.0
TICK_S = 0.25
"""How often the day and the tokens are looked at."""


class Office:
    """`start`, then `stop`. `port` overrides site.toml's; 0 takes a free one."""

    def __init__(
        self,
        path: Path,
        site: OfficeSite,
        *,
        port: int | None = None,
        pages: Path | None = None,
    ) -> None:
        data_dir = Path(site.data_dir)
        self._path = path
        self._applied = asyncio.Event()
        self.floor = Floor()
        self.tokens = TokenStore(data_dir)
        self.past = Past(data_dir)
        self.said = Said(data_dir)
        self.client = LinkClient(socket_path(data_dir), on_state=self._link_changed)
        self.transcribing = Transcribing(self.said, self.client, site.transcripts)
        services = Services(
            floor=self.floor,
            core=self.client,
            tokens=self.tokens,
            interactions=self.past,
            said=self.said,
            pages=pages or PAGES,
        )
        self.web = Listening(
            make_app(services),
            site.listen,
            site.port if port is None else port,
            services.limits,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Raises `PortTaken`."""
        await self.web.start()
        self.past.start()
        self.said.start()
        self.transcribing.start()
        self._tasks = [
            asyncio.create_task(self._follow()),
            asyncio.create_task(self._tick()),
            asyncio.create_task(self._rename()),
        ]

    async def stop(self) -> None:
        self.floor.close_all(1001, "the office stops")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.transcribing.stop()
        await self.web.stop()
        await self.said.stop()
        await asyncio.to_thread(self.past.stop)

    async def run_until(self, end: asyncio.Event) -> None:
        """After `start`: runs until `end`. Raises what a task of the office failed with."""
        ended = asyncio.create_task(end.wait())
        try:
            await asyncio.wait({ended, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in self._tasks:
                if task.done():
                    task.result()
        finally:
            ended.cancel()
            _notify("STOPPING=1")
            await self.stop()

    # -- the core ---------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            try:
                board = await self._snapshot()
                self.floor.reset(board)
                self._look()
                self._news(board.seq)
                async for batch in self.client.follow(board.seq, board.at_us):
                    self.floor.apply(batch)
                    self._look()
                    self._news(batch[-1].seq)
                    if any(isinstance(record.event, ConfigApplied) for record in batch):
                        self._applied.set()
            except LogReset as reset:
                log.warning("the core's log is another one now (%s): starting anew", reset)
                self.said.restart()
            except CoreAway as away:
                self._link_changed(LinkState(False, self.floor.link.since_us / 1e6, str(away)))
                await asyncio.sleep(RETRY_S)

    def _look(self) -> None:
        """Callers come first: before anything else is done with the news of them."""
        self.transcribing.look(self.floor.board, up=self.floor.link.up)

    def _news(self, seq: int) -> None:
        self.past.news()
        self.said.news(seq)

    async def _snapshot(self) -> Board:
        reply = await self.client.ask(Snapshot(by="office"), timeout=30.0)
        if not reply.ok:
            raise CoreAway.broken(reply.error)
        return Board().restore(reply.data["board"])

    async def _rename(self) -> None:
        """Takes new names after the core has applied them; events and pages go on meanwhile."""
        while True:
            await self._applied.wait()
            self._applied.clear()
            try:
                site = await read_apart(self._path)
            except SiteRefused as error:
                log.warning("site.toml changed again and cannot be read: %s", error)
                continue
            self.transcribing.configure(site.transcripts)
            if self.floor.board is not None:
                self.floor.board.configure(site.board)
                self.floor.reset(self.floor.board)

    def _link_changed(self, state: LinkState) -> None:
        known = self.floor.link
        if (state.up, state.reason) == (known.up, known.reason):
            return
        log.info("core is %s %s", "up" if state.up else "away:", state.reason)
        self.floor.link_changed(state)
        self._look()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.floor.roll()
            self._look()
            try:
                self.floor.withdraw(self.tokens.holds)
            except TokenError as error:
                log.warning("%s", error)
            _notify("WATCHDOG=1")


def _notify(state: str) -> None:
    """Tells systemd (sd_notify(3)); nothing happens elsewhere."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)


async def serve(path: Path, data: Path | None = None, port: int | None = None) -> None:
    """Runs the office until SIGTERM or SIGINT. Raises `SiteRefused` and `PortTaken`."""
    site = await read_apart(path, data=data, kept=True)
    if (trouble := site.trouble) is not None:
        log.error("%s. %s %s", trouble.what, trouble.meaning, trouble.remedy)
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    office = Office(path, site, port=port)
    await office.start()
    _notify("READY=1")
    log.info("pages: http://%s:%d/", office.web.host, office.web.port)
    await office.run_until(end)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def main() -> None:
    """Serve pages and API of a box."""
    parser = argparse.ArgumentParser(prog="callfloor-office", description=main.__doc__)
    parser.add_argument("--site", type=Path, default=Path("site.toml"))
    parser.add_argument("--data", type=Path, help="if site.toml cannot say it")
    parser.add_argument("--port", type=_port, help="overrides web.port; 0: a free one")
    options = parser.parse_args()
    os.umask(0o077)  # what callers said and did is for nobody else on this machine
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(options.site.absolute(), options.data, options.port))
    except SiteRefused as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except PortTaken as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
