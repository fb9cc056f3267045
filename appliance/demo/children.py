"""The demo's processes: started apart from the terminal, stopped whole, never left behind."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

MAIN = "from appliance.cli import main; main()"
LAST_LINES = 12


class Child:
    """One `callfloor` command in a session of its own, so that Ctrl-C reaches the demo only."""

    def __init__(self, name: str, log: Path, *arguments: str) -> None:
        self.name = name
        self.log = log
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                MAIN,
                *self._arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    async def ended(self) -> str:
        """Waits for the end; what is known about it, for people."""
        assert self._process is not None
        code = await self._process.wait()
        return (
            f"The {self.name} ended with status {code}. Last lines of {self.log}:\n{self._tail()}"
        )

    async def stop(self, seconds: float) -> None:
        """SIGTERM; after `seconds` SIGKILL for it and all its children."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await process.wait()
        # Also when it has ended: a process that was killed cannot stop its own children.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    def _tail(self) -> str:
        try:
            lines = self.log.read_text("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in lines[-LAST_LINES:])
