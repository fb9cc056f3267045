"""The transcribing process is the least of all before it loads anything, and keeps its secrets."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
SLOW = """
import os, time
open(os.environ["LOADING"], "w").close()
time.sleep(60)
"""
"""In place of the recogniser: it takes very long to load."""


@pytest.fixture
def loading(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real process while it loads the recogniser."""
    mark = tmp_path / "loading"
    for name in ("vosk", "numpy", "soundfile", "psutil", "msgspec"):
        (tmp_path / f"{name}.py").write_text(SLOW)
    environment = {**os.environ, "LOADING": str(mark), "CALLFLOOR_PARENT": str(os.getpid())}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(ROOT)])
    command = (sys.executable, "-m", "appliance.speech.transcribe.worker")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    try:
        end = time.monotonic() + 30
        while not mark.exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.005)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_all_is_settled_before_the_recogniser_is_loaded(loading: subprocess.Popen[bytes]) -> None:
    process = psutil.Process(loading.pid)
    assert process.nice() == 19
    assert process.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
    assert os.sched_getscheduler(loading.pid) == os.SCHED_IDLE
    about = Path(f"/proc/{loading.pid}")
    assert (about / "oom_score_adj").read_text().strip() == "1000"
    cores = next(line for line in (about / "limits").read_text().splitlines() if "core" in line)
    assert cores.split()[4:6] == ["0", "0"]


def test_no_other_process_of_its_user_looks_into_it(loading: subprocess.Popen[bytes]) -> None:
    """Its memory is root's: that is what the kernel does with who is not dumpable."""
    tried = subprocess.run(
        [sys.executable, "-c", f"open('/proc/{loading.pid}/mem', 'rb')"],
        user=65534 if os.getuid() == 0 else None,
        check=False,
        stderr=subprocess.DEVNULL,
    )
    assert tried.returncode != 0
    assert Path(f"/proc/{loading.pid}/mem").stat().st_uid == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_that_are_for_all_do_not_end_it(
    loading: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    loading.send_signal(number)
    status = Path(f"/proc/{loading.pid}/status").read_text()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn")).split()[1]
    assert int(ignored, 16) & 1 << (number - 1)
    assert loading.poll() is None
