"""What happens to callers when recognisers fail: their processes, and the core's own."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from appliance.model.hearing import Hearing, SpeechOff
from appliance.model.ids import LegId
from appliance.speech.live import crew, link
from tests.speech.live.conftest import (
    SILENT,
    Open,
    frames,
    line,
    nurseries,
    said,
    until,
    workers,
)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGABRT, signal.SIGSTOP])
async def test_a_worker_that_fails_costs_one_utterance(
    floor: Open, how: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed, ended as by a failed assertion, or hung."""
    async with floor() as f:
        await f.ask("a", "sales")
        f.service.stop(LegId("a"))
        f.reports.clear()
        monkeypatch.setattr(link, "ANSWER_S", 1.0)
        f.listen("a")
        (worker,) = await until(workers)
        sound = line(0.3, said("technical support"), 1.0)
        await f.speak("a", sound[:8000])
        await until(lambda: f.began("a"))
        os.kill(worker.pid, how)
        await f.speak("a", sound[8000:])
        await until(lambda: f.done("a"))
        lost = f.done("a")[0]
        assert (lost.verdict, lost.choice, lost.missed) == ("none", "", "lost")
        monkeypatch.setattr(link, "ANSWER_S", 10.0)
        assert (await f.hear("a", "sales")).choice == "sales"
        assert not worker.is_running()
        assert [one for one in f.reports if isinstance(one, SpeechOff)] == []


async def test_a_second_failure_within_a_question_leaves_the_keys(floor: Open) -> None:
    async with floor() as f:
        f.listen("a")
        for n in (1, 2):
            await f.speak("a", line(0.5, said("technical support"))[:8000])
            await until(lambda n=n: len(f.began("a")) == n)
            asked = time.monotonic()
            await until(lambda: f.service.busy() == (1, 1) and len(workers()) == 1)
            assert time.monotonic() - asked < 10
            workers()[0].kill()
            await until(lambda n=n: len(f.done("a")) == n)
            await f.speak("a", line(1.0))
        assert [one.missed for one in f.done("a")] == ["lost", "lost"]
        off = await until(lambda: [one for one in f.reports if isinstance(one, SpeechOff)])
        assert off[0].why == "broken"
        f.service.stop(LegId("a"))
        assert (await f.ask("a", "billing", listen=2)).choice == "billing"


async def test_workers_that_die_all_at_once_are_one_failure(floor: Open) -> None:
    async with floor(recognisers=3) as f:
        await until(lambda: len(workers()) == 3)
        f.listen("a")
        sound = line(0.3, said("technical support"), 1.0)
        await f.speak("a", sound[:8000])
        await until(lambda: f.began("a"))
        for worker in workers():
            worker.kill()
        await f.speak("a", sound[8000:])
        await until(lambda: [one.missed for one in f.done("a")] == ["lost"])
        assert (await f.hear("a", "sales")).choice == "sales"
        assert not [one for one in f.reports if isinstance(one, SpeechOff)]


async def test_a_hung_worker_never_holds_the_core(
    floor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far more sound than its socket takes, all at once: no call waits for it."""
    async with floor() as f:
        monkeypatch.setattr(link, "ANSWER_S", 1.0)
        monkeypatch.setattr(link, "READY_S", 1.0)
        f.listen("a", longest_s=60.0)
        (worker,) = await until(workers)
        worker.suspend()
        sound = frames(line(*[said("technical support")] * 30))
        longest = 0.0
        for frame in sound:
            before = time.thread_time()
            f.service.feed(LegId("a"), frame, SILENT)
            longest = max(longest, time.thread_time() - before)
        assert longest < 0.05
        await until(lambda: not worker.is_running())
        monkeypatch.setattr(link, "ANSWER_S", 10.0)
        monkeypatch.setattr(link, "READY_S", 10.0)
        assert (await f.ask("a", "sales", listen=2)).choice == "sales"


async def test_a_nursery_that_is_killed_comes_back(floor: Open) -> None:
    async with floor() as f:
        (nursery,) = nurseries()
        nursery.kill()
        await until(lambda: len(f.troubles) == 2)
        began, over = f.troubles
        assert began.where == "speech"
        assert not began.over
        assert over == msgspec.structs.replace(began, over=True)
        assert (await f.ask("a", "sales")).choice == "sales"


async def test_a_question_outlives_the_nursery_of_its_worker(floor: Open) -> None:
    async with floor() as f:
        f.listen("a")
        assert (await f.hear("a", "billing")).choice == "billing"
        nurseries()[0].kill()
        await until(lambda: len(f.troubles) == 2)
        assert (await f.hear("a", "sales")).choice == "sales"


async def test_a_hung_nursery_is_replaced(floor: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "FORKING_S", 0.3)
    async with floor() as f:
        (nursery,) = nurseries()
        (worker,) = await until(workers)
        nursery.suspend()
        worker.kill()
        await until(lambda: not nursery.is_running())
        await until(lambda: f.troubles and f.troubles[-1].over)
        assert (await f.ask("a", "sales")).choice == "sales"


def _family(pid: int) -> list[psutil.Process]:
    """A nursery with its two workers, once all wait for work: one that was just forked has not
    asked the kernel yet to end with its mother."""
    found = psutil.Process(pid).children(recursive=True)
    waiting = all(one.status() == psutil.STATUS_SLEEPING for one in found)
    return found if len(found) == 3 and waiting else []


async def test_the_core_that_is_killed_takes_its_recognisers_along(
    model: Path, tmp_path: Path
) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from appliance.speech.live.service import SpeechService, SpeechSettings\n"
        "async def main():\n"
        "    one = SpeechService(SpeechSettings(models={'en': Path(sys.argv[1])}, recognisers=2,"
        " data_dir=Path(sys.argv[2])), print, print)\n"
        "    await one.start()\n"
        "    print('up', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    core = await asyncio.create_subprocess_exec(
        *(os.sys.executable, "-c", code, str(model), str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert core.stdout is not None
    assert await core.stdout.readline() == b"up\n"
    family = await until(lambda: _family(core.pid))
    family[-1].suspend()  # a hung worker too
    core.kill()
    await core.wait()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, family, 20)
    assert not alive
    assert len(gone) == 3


async def test_the_trouble_of_a_model_ends_with_speech_itself(
    model: Path, tmp_path: Path, floor: Open
) -> None:
    """A board that shows it on after speech was switched off tells of nothing."""
    shutil.copytree(model, tmp_path / "bad")
    (tmp_path / "bad/conf/mfcc.conf").write_text("--sample-frequency=16000\n")
    async with floor(models={"en": tmp_path / "bad"}) as f:
        (began,) = await until(lambda: f.troubles)
    assert f.troubles[1:] == [msgspec.structs.replace(began, over=True)]


async def test_half_an_answer_is_none_where_its_first_half_found_all_busy(floor: Open) -> None:
    number = Hearing(kind="number", language="en")
    async with floor() as f:
        f.listen("a")
        f.listen("b", hearing=number)
        await f.speak("a", line(0.3, said("technical support"))[:8000])
        await f.speak("b", line(0.3, said("two thousand")))
        f.service.stop(LegId("a"))
        await f.speak("b", line(0.3, said("three hundred"), 1.2))
        assert f.service.busy() == (0, 1)
        done = await f.hear("b", "two thousand three hundred")
        assert [one.choice for one in f.done("b")] == [done.choice] == ["2300"]


async def test_half_an_answer_is_none_where_its_first_half_got_lost(floor: Open) -> None:
    async with floor() as f:
        f.listen("b", hearing=Hearing(kind="number", language="en"))
        (worker,) = await until(workers)
        await f.speak("b", line(0.3, said("two thousand"))[:-1600])
        await until(lambda: f.began("b"))
        worker.kill()
        await until(lambda: f.done("b"))
        await f.speak("b", line(0.3, said("three hundred"), 1.2))
        await f.hear("b", "two thousand three hundred")
        assert [one.choice for one in f.done("b")] == ["", "2300"]
