"""`callfloor run`: core and office as child processes, each restarted by itself."""

import asyncio
import contextlib
import signal
import sys
import time
from pathlib import Path

import click

RESTART_S = 1.0
LONGEST_WAIT_S = 30.0
STEADY_S = 60.0
STOP_S = 15.0
FATAL = 2
"""Exit code of a child whose settings are wrong: starting it again would not help."""


class Child:
    """One half of the box. Restarted with growing pauses while it keeps dying."""

    def __init__(self, name: str, arguments: list[str]) -> None:
        self.name = name
        self.arguments = arguments
        self.process: asyncio.subprocess.Process | None = None
        self._wait_s = RESTART_S

    async def keep(self) -> int:
        """Runs until cancelled, or until the child says that it cannot run at all."""
        while True:
            began = time.monotonic()
            self.process = await asyncio.create_subprocess_exec(sys.executable, *self.arguments)
            code = await self.process.wait()
            if code == FATAL:
                return code
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


async def supervise(site: Path, *, office: bool = True) -> int:
    """Both halves until SIGTERM or Ctrl-C; returns the exit code."""
    children = [Child("core", ["-m", "appliance.core", "--site", str(site)])]
    if office:
        children.append(Child("office", ["-m", "appliance.office", "--site", str(site)]))
    tasks = [asyncio.create_task(child.keep(), name=child.name) for child in children]
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _settle, stopped)
    await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
    code = stopped.result() if stopped.done() else FATAL
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    for child in reversed(children):
        await child.stop()
    return code


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

    load_checked(site)
    sys.exit(asyncio.run(supervise(site, office=not no_office)))
