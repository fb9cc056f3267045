"""Runs an office that burns: ``python tests/faults/burning.py [run] --site ...``; with run, the
whole box under its supervisor.

SIGUSR1 sets fire to it, SIGUSR2 puts it out: its event loop spins between two requests, two
more threads and one child process burn beside it.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from appliance import office, run  # after its path

burning = threading.Event()
SLICE_S = 0.05
children: list[int] = []


def burn(seconds: float) -> int:
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        count += sum(range(500))
    return count


def beside() -> None:
    while True:
        burning.wait()
        burn(SLICE_S)


async def spin() -> None:
    while True:
        if burning.is_set():
            burn(SLICE_S)
        await asyncio.sleep(0 if burning.is_set() else 0.05)


def alight(*_: object) -> None:
    if not burning.is_set():
        burning.set()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            while os.getppid() == parent:
                burn(SLICE_S)
            os._exit(0)
        children.append(child)


def out(*_: object) -> None:
    burning.clear()
    while children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(children[-1], signal.SIGKILL)
        os.waitpid(children.pop(), 0)


def serve() -> None:
    """The office itself."""
    office.Office.start = start
    for _ in range(2):
        threading.Thread(target=beside, daemon=True).start()
    signal.signal(signal.SIGUSR1, alight)
    signal.signal(signal.SIGUSR2, out)
    office.main()


def supervise() -> None:
    """`callfloor run` with this office in the place of the real one."""

    class Child(run.Child):
        def __init__(self, name: str, arguments: list[str], nice: int = 0) -> None:
            if name == "office":
                arguments = [__file__, *arguments[2:]]
            super().__init__(name, arguments, nice)

    run.Child = Child
    run.run(sys.argv[2:])


started = office.Office.start


async def start(self: office.Office) -> None:
    await started(self)
    self._tasks.append(asyncio.create_task(spin()))


if sys.argv[1] == "run":
    supervise()
else:
    serve()
