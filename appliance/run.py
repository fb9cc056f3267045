"""`callfloor run`: core and office as child processes, each restarted by itself."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import click

RESTART_S = 1.0
LONGEST_WAIT_S = 30.0
STEADY_S = 60.0
STOP_S = 25.0
CORE_NICE, OFFICE_NICE = -10, 5
"""Added to our own niceness: pages give way to calls wherever both want the processor. Only
root, or a user with CAP_SYS_NICE, may go below zero; others keep what they have."""


class Child:
    """One half of the box. Restarted with growing pauses while it keeps dying."""

    def __init__(self, name: str, arguments: list[str], nice: int = 0) -> None:
        self.name = name
        self.nice = nice
        self.arguments = arguments
        self.process: asyncio.subprocess.Process | None = None
        self._wait_s = RESTART_S

    async def keep(self) -> None:
        """Runs until cancelled. Whatever a half ends with is no reason to end the other one: it
        says what is wrong, each time."""
        while True:
            began = time.monotonic()
            self.process = await asyncio.create_subprocess_exec(sys.executable, *self.arguments)
            with contextlib.suppress(OSError):
                own = os.getpriority(os.PRIO_PROCESS, 0)
                os.setpriority(os.PRIO_PROCESS, self.process.pid, own + self.nice)
            code = await self.process.wait()
            if time.monotonic() - began > STEADY_S:
                self._wait_s = RESTART_S
            click.echo(
                f"The {self.name} ended ({_how(code)}); it is started again in {self._wait_s:g} s.",
                err=True,
            )
            await asyncio.sleep(self._wait_s)
            self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2)

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(STOP_S):  # wait_for of 3.11 can swallow a cancellation
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"status {code}"


async def supervise(site: Path, data_dir: Path, *, office: bool = True) -> int:
    """Both halves until SIGTERM or Ctrl-C; returns the exit code 0. They learn where the data
    is: a site.toml that is wrong later may not say it any more."""
    options = ["--site", str(site), "--data", str(data_dir)]
    children = [Child("core", ["-m", "appliance.core", *options], nice=CORE_NICE)]
    if office:
        children.append(Child("office", ["-m", "appliance.office", *options], nice=OFFICE_NICE))
    tasks = [asyncio.create_task(child.keep(), name=child.name) for child in children]
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _settle, stopped)
    waited: list[asyncio.Future[Any]] = [*tasks, stopped]
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    for child in reversed(children):
        await child.stop()
    for error in ended:
        if isinstance(error, Exception):  # a cancellation is none
            raise error
    return 0


def _settle(stopped: asyncio.Future[int]) -> None:
    if not stopped.done():
        stopped.set_result(0)


@click.command()
@click.option(
    "--site",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("/etc/callfloor/site.toml"),
    show_default=True,
    help="The site's settings.",
)
@click.option("--no-office", is_flag=True, help="Calls only: no pages, no API.")
def run(site: Path, no_office: bool) -> None:
    """Run the whole box: core and office, each restarted if it ends."""
    from appliance.box.check import load_checked
    from appliance.box.kept import to_start_with

    data_dir = to_start_with(site, load_checked).loaded.data_dir
    sys.exit(asyncio.run(supervise(site, data_dir, office=not no_office)))
