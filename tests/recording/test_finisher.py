"""The finishing process may die; no recording dies with it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from appliance.model.events import RecordingFailed, RecordingFinished
from appliance.recording.finisher import Finisher
from appliance.recording.jobs import FinishJob
from tests.recording.audio import assert_tones, tones, write_raw

ROOT = Path(__file__).parents[2]
Result = RecordingFinished | RecordingFailed


def job(folder: Path, name: str) -> FinishJob:
    return FinishJob(folder=str(folder), raw=f"{name}.part.wav", call=f"c-{name}", recording=name)


async def test_files_are_finished_in_order_by_one_nice_process(tmp_path: Path) -> None:
    results: list[Result] = []
    nice: list[tuple[int, int]] = []

    def take(result: Result) -> None:
        results.append(result)
        pid = finisher.worker_pid
        assert pid is not None
        nice.append((pid, psutil.Process(pid).nice()))

    finisher = Finisher(take)
    for i in range(5):
        write_raw(tmp_path / f"r{i}.part.wav", tones(2))
        finisher.put(job(tmp_path, f"r{i}"))
    assert finisher.waiting == 5
    await asyncio.wait_for(finisher.drained(), 30)
    await finisher.close()
    assert [r.recording for r in results] == [f"r{i}" for i in range(5)]
    assert all(isinstance(r, RecordingFinished) and r.duration_s == 2.0 for r in results)
    assert len({pid for pid, _ in nice}) == 1
    assert nice[0][1] == 19
    assert not psutil.pid_exists(nice[0][0])
    assert_tones(tmp_path / "r4.flac")


async def test_a_failure_of_one_file_does_not_hold_up_the_next(tmp_path: Path) -> None:
    results: list[Result] = []
    finisher = Finisher(results.append)
    (tmp_path / "bad.part.wav").write_bytes(b"")
    write_raw(tmp_path / "good.part.wav", tones(1))
    finisher.put(job(tmp_path, "bad"))
    finisher.put(job(tmp_path, "good"))
    await asyncio.wait_for(finisher.drained(), 30)
    await finisher.close()
    assert isinstance(results[0], RecordingFailed)
    assert "bad.part.wav: the file is empty" in results[0].cause
    assert isinstance(results[1], RecordingFinished)


async def test_kill_9_in_the_middle_of_a_file_costs_nothing(tmp_path: Path) -> None:
    results: list[Result] = []
    finisher = Finisher(results.append)
    write_raw(tmp_path / "long.part.wav", tones(600))  # 19 MB
    finisher.put(job(tmp_path, "long"))
    async with asyncio.timeout(30):
        while not (tmp_path / "long.flac.tmp").exists():  # noqa: ASYNC110  a file has no event
            await asyncio.sleep(0.001)
    pid = finisher.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(finisher.drained(), 60)
    assert finisher.worker_pid != pid
    await finisher.close()
    assert isinstance(results[0], RecordingFinished)
    assert results[0].duration_s == 600.0
    assert os.listdir(tmp_path) == ["long.flac"]  # noqa: PTH208


async def test_a_worker_that_always_dies_gives_a_cause_and_keeps_the_raw_file(
    tmp_path: Path,
) -> None:
    results: list[Result] = []
    dying = (sys.executable, "-c", "import os; input(); os.kill(os.getpid(), 9)")
    finisher = Finisher(results.append, worker=dying)
    raw = write_raw(tmp_path / "r.part.wav", tones(1))
    finisher.put(job(tmp_path, "r"))
    await asyncio.wait_for(finisher.drained(), 30)
    await finisher.close()
    assert isinstance(results[0], RecordingFailed)
    assert "signal 9, 2 times" in results[0].cause
    assert raw.exists()


HANGS_ONCE = """
if mkdir "$0" 2>/dev/null; then exec sleep 600; fi
exec "$1" -m appliance.recording.worker
"""


async def test_a_worker_that_hangs_is_replaced_and_the_recording_finished(tmp_path: Path) -> None:
    results: list[Result] = []
    hanging = ("/bin/sh", "-c", HANGS_ONCE, str(tmp_path / "hangs"), sys.executable)
    finisher = Finisher(results.append, patience_s=2.0, worker=hanging)
    for name in ("hung", "after"):
        write_raw(tmp_path / f"{name}.part.wav", tones(1))
        finisher.put(job(tmp_path, name))
    async with asyncio.timeout(30):
        while (hung := finisher.worker_pid) is None:  # noqa: ASYNC110  a process has no event
            await asyncio.sleep(0.01)
    finisher.patience_s = 60.0  # from the second attempt on
    await asyncio.wait_for(finisher.drained(), 60)
    await finisher.close()
    assert all(isinstance(one, RecordingFinished) for one in results), results
    assert [one.recording for one in results] == ["hung", "after"]
    assert not psutil.pid_exists(hung)


async def test_a_worker_that_always_hangs_is_named_and_keeps_the_raw_file(tmp_path: Path) -> None:
    results: list[Result] = []
    hanging = (sys.executable, "-c", "import time; input(); time.sleep(600)")
    finisher = Finisher(results.append, patience_s=0.2, worker=hanging)
    raw = write_raw(tmp_path / "r.part.wav", tones(1))
    finisher.put(job(tmp_path, "r"))
    await asyncio.wait_for(finisher.drained(), 30)
    assert finisher.worker_pid is None
    await finisher.close()
    assert isinstance(results[0], RecordingFailed)
    assert "did not answer within" in results[0].cause
    assert "r.part.wav" in results[0].cause
    assert "the raw file is kept" in results[0].cause
    assert raw.exists()


async def test_a_long_recording_is_given_longer(tmp_path: Path) -> None:
    """Slower than a short one's limit, and finished all the same."""
    results: list[Result] = []
    slow = "import time; from appliance.recording import worker as w; do = w.attempt\n"
    slow += "w.attempt = lambda job: (time.sleep(1.5), do(job))[1]\nw.main()"
    finisher = Finisher(results.append, patience_s=1.0, worker=(sys.executable, "-c", slow))
    write_raw(tmp_path / "long.part.wav", tones(120))
    finisher.put(job(tmp_path, "long"))
    await asyncio.wait_for(finisher.drained(), 90)
    await finisher.close()
    assert isinstance(results[0], RecordingFinished)


async def test_a_worker_that_cannot_start_is_a_failure_with_its_cause(tmp_path: Path) -> None:
    results: list[Result] = []
    finisher = Finisher(results.append, worker=("/nonexistent/python",))
    write_raw(tmp_path / "r.part.wav", tones(1))
    finisher.put(job(tmp_path, "r"))
    await asyncio.wait_for(finisher.drained(), 30)
    await finisher.close()
    assert isinstance(results[0], RecordingFailed)
    assert "cannot be started" in results[0].cause


async def test_an_idle_worker_ends_and_comes_back(tmp_path: Path) -> None:
    results: list[Result] = []
    finisher = Finisher(results.append, idle_s=0.05)
    for name in ("a", "b"):
        write_raw(tmp_path / f"{name}.part.wav", tones(1))
        finisher.put(job(tmp_path, name))
        await asyncio.wait_for(finisher.drained(), 30)
        async with asyncio.timeout(30):
            while finisher.worker_pid is not None:  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.01)
    await finisher.close()
    assert len(results) == 2


CORE = """
import asyncio, sys
from pathlib import Path
from appliance.recording.finisher import Finisher
from tests.recording.test_finisher import job

async def main() -> None:
    finisher = Finisher(print)
    finisher.put(job(Path(sys.argv[1]), "long"))
    while finisher.worker_pid is None:
        await asyncio.sleep(0.001)
    print(finisher.worker_pid, flush=True)
    await finisher.drained()

asyncio.run(main())
"""


def test_a_killed_core_takes_its_worker_with_it(tmp_path: Path) -> None:
    """The next core finishes the same file: two workers on it would spoil it."""
    write_raw(tmp_path / "long.part.wav", tones(900))
    command = [sys.executable, "-c", CORE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as core:
        assert core.stdout is not None
        worker = psutil.Process(int(core.stdout.readline()))
        deadline = time.monotonic() + 30
        while not (tmp_path / "long.flac.tmp").exists():
            assert time.monotonic() < deadline
            time.sleep(0.001)
        core.kill()
        core.wait()
        worker.wait(5)
    assert (tmp_path / "long.part.wav").exists()
    assert not (tmp_path / "long.flac").exists()


@pytest.mark.slow
async def test_the_loop_is_not_held_up_while_files_are_finished(tmp_path: Path) -> None:
    finisher = Finisher(lambda result: None)
    for i in range(3):
        write_raw(tmp_path / f"r{i}.part.wav", tones(300))
        finisher.put(job(tmp_path, f"r{i}"))
    turns = 0
    while finisher.waiting:
        await asyncio.sleep(0.001)
        turns += 1
    await finisher.close()
    assert turns > 30  # a file that is finished on the loop leaves it one turn
