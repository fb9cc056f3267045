"""The transcribing process is held at any moment, dies at any moment, and nothing is lost."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from appliance.model.transcript import Transcript
from appliance.speech.transcribe.jobs import Result, TranscribeJob
from appliance.speech.transcribe.runner import Runner
from tests.speech.transcribe.said import channel, needs_model, record

JOB = TranscribeJob(
    folder="/nowhere",
    audio="r1.flac",
    sha256="",
    duration_s=1.0,
    call="c",
    recording="r1",
    kind="call",
    language="en",
    model="m",
    model_folder="/models/m",
)
AWAKE = """
import os, sys
def tell(text): os.write(1, text + b"\\n")
LOADED, DONE = b'{"type":"loaded"}', b'{"type":"result","recording":"r1","words":3}'
tries = sys.argv[1]
def once():
    "True only for the first process that asks."
    try: os.close(os.open(tries, os.O_CREAT | os.O_EXCL)); return True
    except FileExistsError: return False
def spin():
    while True: pass
for line in sys.stdin:
"""
"""A stand-in without a model: what it does with a job follows."""

Make = Callable[..., Runner]


@pytest.fixture
async def runner(tmp_path: Path) -> AsyncIterator[Make]:
    made: list[Runner] = []

    def make(does: str, **given: float) -> Runner:
        script = tmp_path / "worker.py"
        script.write_text(AWAKE + "\n".join(f"    {line}" for line in does.splitlines()))
        command = (sys.executable, str(script), str(tmp_path / "tried"))
        made.append(Runner(worker=command, **given))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def until(true: Callable[[], object], seconds: float = 10.0) -> float:
    """Waits for a state; how long that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "did not come true in time"
        await asyncio.sleep(0.002)
    return time.monotonic() - began


def state(runner: Runner) -> str:
    """As the kernel has it: stopped is T."""
    try:
        return "" if runner.pid is None else str(psutil.Process(runner.pid).status())
    except psutil.NoSuchProcess:
        return ""


async def within(work: Awaitable[Result], seconds: float = 20.0) -> Result:
    async with asyncio.timeout(seconds):
        return await work


async def test_it_begins_held_and_nothing_is_started_before_it_may(runner: Make) -> None:
    one = runner("tell(LOADED); tell(DONE)")
    work = asyncio.create_task(one.run(JOB))
    await asyncio.sleep(0)
    assert one.held
    assert one.pid is None
    one.go()
    assert (await within(work)).words == 3
    await one.rest()
    assert one.pid is None


async def test_it_stops_at_once_wherever_it_is_and_goes_on(runner: Make) -> None:
    one = runner("tell(LOADED)\nfor n in range(3_000_000): pass\ntell(DONE)")
    one.go()
    work = asyncio.create_task(one.run(JOB))
    await until(lambda: one.pid)
    pid, took = one.pid, list[float]()
    for _ in range(5):
        one.hold()
        took.append(await until(lambda: state(one) == "stopped"))
        cpu = sum(psutil.Process(pid).cpu_times()[:2])
        await asyncio.sleep(0.05)
        assert sum(psutil.Process(pid).cpu_times()[:2]) == cpu  # it does nothing at all
        one.go()
        await until(lambda: state(one) != "stopped")
    assert min(took) < 0.1  # who gets no processor time cannot show that it stopped
    assert (await within(work)).fault == ""
    assert one.pid == pid


async def test_who_is_held_while_it_is_started_stops_too(runner: Make) -> None:
    one = runner("tell(LOADED); tell(DONE)")
    one.go()
    work = asyncio.create_task(one.run(JOB))
    await asyncio.sleep(0)  # the process is on its way
    one.hold()
    await until(lambda: state(one) == "stopped")
    assert not work.done()
    one.go()
    assert (await within(work)).words == 3


async def test_a_stopped_one_ends_when_the_office_does(runner: Make) -> None:
    one = runner("spin()")
    one.go()
    work = asyncio.create_task(one.run(JOB))
    await until(lambda: one.pid)
    one.hold()
    await until(lambda: state(one) == "stopped")
    pid = one.pid
    assert pid is not None
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    async with asyncio.timeout(3):
        await one.close()
    assert not psutil.pid_exists(pid)


async def test_kill_9_costs_nothing_but_time(runner: Make) -> None:
    one = runner("first = once(); tell(LOADED)\nif first: spin()\ntell(DONE)")
    one.go()
    work = asyncio.create_task(one.run(JOB))
    await until(lambda: one.pid and one._loaded)
    assert one.pid is not None
    os.kill(one.pid, signal.SIGKILL)
    assert (await within(work)).words == 3


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("loaded", ["tell(LOADED)", ""])
async def test_who_is_ended_from_outside_each_time_blames_neither_recording_nor_model(
    runner: Make, number: str, loaded: str
) -> None:
    """As the kernel does when memory is short."""
    one = runner(f"import signal\n{loaded}\nos.kill(os.getpid(), signal.{number})", rest_s=0.01)
    one.go()
    result = await within(one.run(JOB))
    assert result.fault == "box"
    assert "ended by signal" in result.cause


async def test_memory_that_is_back_is_enough(runner: Make) -> None:
    one = runner(
        "import signal\nif once(): os.kill(os.getpid(), signal.SIGKILL)\ntell(LOADED); tell(DONE)",
        rest_s=0.01,
    )
    one.go()
    assert (await within(one.run(JOB))).words == 3


async def test_who_says_nothing_sensible_and_does_not_end_is_at_fault(runner: Make) -> None:
    """It is this side that ends it then."""
    one = runner("tell(LOADED); tell(b'nonsense')\nspin()")
    one.go()
    result = await within(one.run(JOB))
    assert result.fault == "recording"
    assert "does not answer" in result.cause


async def test_a_recording_that_kills_the_recogniser_is_at_fault_and_the_next_one_is_not(
    runner: Make,
) -> None:
    one = runner("tell(LOADED)\nif 'bad.flac' in line: os.abort()\ntell(DONE)")
    one.go()
    bad = msgspec.structs.replace(JOB, audio="bad.flac")
    result = await within(one.run(bad))
    assert result.fault == "recording"
    assert result.cause == "the transcribing process ended by signal 6, 2 times"
    assert (await within(one.run(JOB))).words == 3


async def test_a_model_that_kills_the_recogniser_is_at_fault(runner: Make) -> None:
    one = runner("os.abort()")
    one.go()
    result = await within(one.run(JOB))
    assert result.fault == "model"
    assert "/models/m cannot be loaded" in result.cause


async def test_too_much_processor_time_is_named(runner: Make) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 9))"
    one = runner(f"tell(LOADED)\n{limit}\nspin()")
    one.go()
    result = await within(one.run(JOB))
    assert result.fault == "recording"
    assert "too much processor time" in result.cause


async def test_who_is_held_for_long_gives_its_memory_back_and_begins_anew(runner: Make) -> None:
    one = runner("first = once(); tell(LOADED)\nif first: spin()\ntell(DONE)", let_go_s=0.2)
    one.go()
    work = asyncio.create_task(one.run(JOB))
    await until(lambda: one.pid and one._loaded)
    one.hold()
    await until(lambda: one.pid is None)
    assert not work.done()
    one.go()
    assert (await within(work)).words == 3  # and it was no failure


async def test_one_that_died_idle_is_no_failure_of_the_next_recording(runner: Make) -> None:
    one = runner("tell(LOADED); tell(DONE)")
    one.go()
    await within(one.run(JOB))
    assert one.pid is not None
    os.kill(one.pid, signal.SIGKILL)
    await until(lambda: state(one) in ("zombie", ""))
    assert (await within(one.run(JOB))).words == 3


async def test_what_cannot_be_started_is_said(tmp_path: Path) -> None:
    one = Runner(worker=(str(tmp_path / "nothing"),), rest_s=0.01)
    one.go()
    result = await within(one.run(JOB))
    assert result.fault == "box"  # no process, no memory for one: nobody's fault
    assert "cannot be started" in result.cause


# -- the real one -----------------------------------------------------------------------------
# It gets the processor's idle time only: it is tested where no other test runs.


@pytest.mark.peers
@needs_model
async def test_the_real_process_is_the_least_of_all_and_goes_on_where_it_was_stopped(
    tmp_path: Path,
) -> None:
    spoken = [(n * 2.0, "sales") for n in range(100)]
    job = record(tmp_path, "long", channel(205, *spoken), channel(205, *spoken))
    one = Runner()
    one.go()
    work = asyncio.create_task(one.run(job))
    try:
        await until(lambda: one.pid and one._loaded)
        process = psutil.Process(one.pid)
        assert process.nice() == 19
        assert process.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
        assert os.sched_getscheduler(process.pid) == os.SCHED_IDLE
        assert Path(f"/proc/{process.pid}/oom_score_adj").read_text().strip() == "1000"
        took = []
        for _ in range(3):
            one.hold()
            took.append(await until(lambda: state(one) == "stopped"))
            one.go()
        assert min(took) < 0.1
        assert not work.done()
        result = await within(work, 60)
    finally:
        await one.close()
    assert result.fault == ""
    text = msgspec.json.decode((tmp_path / job.path).read_bytes(), type=Transcript)
    for who in ("caller", "floor"):
        starts = [each.start for each in text.utterances if each.channel == who]
        assert len(starts) == 100  # whatever was understood: nothing is lost, nothing twice
        assert all(abs(at - n * 2.0) < 0.3 for n, at in enumerate(starts))


@pytest.mark.peers
@needs_model
async def test_kill_9_of_the_real_process_in_the_middle_of_a_recording(tmp_path: Path) -> None:
    spoken = [(n * 2.0, "sales") for n in range(100)]
    job = record(tmp_path, "long", channel(205, *spoken))
    one = Runner()
    one.go()
    work = asyncio.create_task(one.run(job))
    try:
        await until(lambda: one.pid and one._loaded)
        assert one.pid is not None
        os.kill(one.pid, signal.SIGKILL)
        result = await within(work, 60)
    finally:
        await one.close()
    assert result.fault == ""
    text = msgspec.json.decode((tmp_path / job.path).read_bytes(), type=Transcript)
    assert len(text.utterances) == 100
    assert not list(tmp_path.rglob("*.tmp"))
