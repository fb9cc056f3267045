"""`callfloor demo`: a box with a virtual floor at work, until Ctrl-C."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import aiohttp
import click

from appliance.demo import people, place, voices
from appliance.demo.children import Child
from appliance.demo.place import DemoError, Place
from appliance.link import CoreAway, LinkClient, socket_path
from appliance.model.commands import Snapshot
from appliance.progress import progress
from appliance.web.tokens import Role, TokenStore

HEALTHY_S = 60.0
BOX_STOP_S, EXCHANGE_STOP_S = 20.0, 6.0
ROLES: tuple[Role, ...] = ("supervisor", "kiosk", "technician")
NAME = "demo"
"""Name of the tokens that the demo makes, and withdraws when it ends."""


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=place.DEFAULT,
    show_default=True,
    help="Folder of settings, history and recordings; kept from one start to the next.",
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Stop after this time.")
@click.option("--seed", type=click.IntRange(0), help="Other callers, other chance.")
def demo(data: Path, seconds: float | None, seed: int | None) -> None:
    """Run a box with a virtual floor at work: 8 lines, 6 agents, two queues.

    Everything stays on this machine. Ctrl-C ends it.
    """
    folder = data.expanduser().absolute()
    try:
        with place.taken(folder):
            asyncio.run(_run(folder, seconds, seed))
    except DemoError as error:
        raise click.ClickException(str(error)) from error


async def _run(folder: Path, seconds: float | None, seed: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    with progress("Preparing voices"):
        spoken = await asyncio.to_thread(voices.speak_all, folder)
    where = place.write(folder, place.free_ports())
    async with _floor(where, seed, stop) as (children, tokens):
        if not stop.is_set():
            click.echo(_where_to_look(where, tokens, spoken))
            sys.stdout.flush()
            await _watch(children, where, seed or 0, seconds, stop)
            click.echo("Stopping: calls are ended, recordings are finished.")
    click.echo("Stopped.")


@asynccontextmanager
async def _floor(
    where: Place, seed: int | None, stop: asyncio.Event
) -> AsyncIterator[tuple[list[Child], dict[Role, str]]]:
    """Box and exchange at work; stopped and tidied up at the end, however it comes."""
    box = Child("box", where.folder / "box.log", "run", "--site", str(where.site))
    chance = [] if seed is None else ["--seed", str(seed)]
    exchange = Child(
        "exchange",
        where.folder / "exchange.log",
        *("exchange", str(where.scenario), "--report", str(where.report), *chance),
    )
    tokens = _new_tokens(where)
    try:
        await box.start()
        await _until_healthy(box, where, tokens["supervisor"], stop)
        if not stop.is_set():
            await exchange.start()
        yield [box, exchange], tokens
    finally:
        await exchange.stop(EXCHANGE_STOP_S)
        await box.stop(BOX_STOP_S)
        _withdraw_tokens(where)


async def _watch(
    children: list[Child], where: Place, seed: int, seconds: float | None, stop: asyncio.Event
) -> None:
    """Until it is to stop. Raises `DemoError` when a child ends by itself."""
    ends = [asyncio.create_task(child.ended()) for child in children]
    stopped = asyncio.create_task(stop.wait())
    living = asyncio.create_task(people.live(LinkClient(socket_path(where.data)), seed))
    everything: list[asyncio.Task[Any]] = [*ends, stopped, living]
    try:
        await asyncio.wait(everything, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in ends:
            if task.done():
                raise DemoError(task.result())
        if living.done():
            living.result()
    finally:
        for one in everything:
            one.cancel()


async def _until_healthy(box: Child, where: Place, token: str, stop: asyncio.Event) -> None:
    """The core answers and so does the API. Raises `DemoError`."""
    died = asyncio.create_task(box.ended())
    deadline = time.monotonic() + HEALTHY_S
    try:
        with progress("Starting the box"):
            while not stop.is_set() and not await _healthy(where, token):
                if died.done():
                    raise DemoError(died.result())
                if time.monotonic() > deadline:
                    raise DemoError(f"The box did not come up in {HEALTHY_S:.0f} s. See {box.log}.")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await stop.wait()
    finally:
        died.cancel()


async def _healthy(where: Place, token: str) -> bool:
    client = LinkClient(socket_path(where.data))
    try:
        if not (await client.ask(Snapshot(by="demo"))).ok:
            return False
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(where.url + "api/v1/status") as answer,
        ):
            return answer.status == 200 and (await answer.json())["core"] == "up"
    except (CoreAway, aiohttp.ClientError, OSError):
        return False


def _new_tokens(where: Place) -> dict[Role, str]:
    _withdraw_tokens(where)
    store = TokenStore(where.data)
    assert set(ROLES) <= set(get_args(Role))
    return {role: store.create(role, name=NAME)[1] for role in ROLES}


def _withdraw_tokens(where: Place) -> None:
    """They were shown on a terminal, where they may be found later."""
    store = TokenStore(where.data)
    for token in store.list():
        if token.name == NAME:
            store.revoke(token.id)


def _where_to_look(where: Place, tokens: dict[Role, str], spoken: bool) -> str:
    keys = "\n".join(f"    {role:<12}{tokens[role]}" for role in ROLES)
    ports = where.ports
    silent = "" if spoken else "\nespeak-ng is not installed: the people of the demo say nothing.\n"
    return f"""
Callfloor is at work: 8 lines, 6 agents, the queues Support and Sales.

  Wallboard     {where.url}
  Log in with   one of these tokens, good until the demo ends:
{keys}
  Recordings    {where.data / "recordings"}
  Settings      {where.site}
  Logs          {where.folder / "box.log"}, {where.report}
  Ports         SIP {ports.box} (box), {ports.exchange} (exchange), pages {ports.web}
  Try           callfloor history list --site {where.site}
  Stop          Ctrl-C
{silent}"""
