"""Sees when the processors of a box are held by real-time programs of others.

One small process for each processor, before all others but those: ``python starved.py CPU``
writes "end seconds" of each time that it woke much too late. What keeps even this from running
is no doing of an office that is polite.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Sequence
from types import TracebackType

NAP_S, LATE_S = 0.003, 0.012
MENDED_S = 0.35
"""After this a stall cannot be heard any more: jitter buffers and the box's own delay."""


def watch(cpu: int) -> None:
    os.sched_setaffinity(0, {cpu})
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    parent = os.getppid()
    while os.getppid() == parent:
        before = time.monotonic()
        time.sleep(NAP_S)
        late = time.monotonic() - before - NAP_S
        if late > LATE_S:
            print(time.time(), late, flush=True)


class Starved:
    """``async with Starved(cpus) as starved``, then `starved.spoilt(since, until)`."""

    def __init__(self, cpus: Sequence[int]) -> None:
        self._cpus = cpus
        self._processes: list[asyncio.subprocess.Process] = []
        self._late: list[tuple[float, float]] = []

    async def __aenter__(self) -> "Starved":
        for cpu in self._cpus:
            self._processes.append(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, __file__, str(cpu)), stdout=asyncio.subprocess.PIPE
                )
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()
            out, _ = await process.communicate()
            for line in out.decode().splitlines():
                end, late = map(float, line.split())
                self._late.append((end, late))

    def spoilt(self, since: float, until: float) -> bool:
        return any(end - late <= until and since <= end + MENDED_S for end, late in self._late)


if __name__ == "__main__":
    watch(int(sys.argv[1]))
