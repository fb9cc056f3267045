"""What callers said lies in the memory of workers, and nowhere else when they crash."""

import subprocess
import sys
from pathlib import Path

from tests.speech.live.conftest import Open, nurseries, until, workers

FORKED = """
import ctypes, os
from appliance.speech.live import nursery
nursery._leave_no_memory()
pid = os.fork()
if pid == 0:
    os._exit(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
print(os.waitpid(pid, 0)[1])
"""


def core_limit(pid: int) -> list[str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(one for one in lines if one.startswith("Max core file size")).split()[4:6]


async def test_no_core_file_has_what_callers_said(floor: Open) -> None:
    async with floor():
        (worker,) = await until(workers)
        for process in (*nurseries(), worker):
            assert core_limit(process.pid) == ["0", "0"]


def test_workers_are_not_dumpable() -> None:
    """Also not by a program that collects core files, which no limit keeps from it."""
    command = [sys.executable, "-c", FORKED]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"0\n"
