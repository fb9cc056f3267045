"""More callers than recognisers: who speaks gets one, and nothing piles up."""

import asyncio

import psutil

from appliance.model.hearing import SpeechOff
from appliance.model.ids import LegId
from appliance.speech.live.service import CROWD
from tests.speech.live.conftest import (
    Open,
    line,
    said,
    until,
    workers,
)


async def test_who_speaks_while_all_are_busy_is_told_and_heard_the_next_time(floor: Open) -> None:
    async with floor() as f:
        f.listen("a")
        f.listen("b", 7)
        await f.speak("a", line(0.3, said("technical support"))[:8000])
        assert f.service.busy() == (1, 1)
        await f.speak("b", line(0.3, said("sales"), 1.0))
        (off,) = [one for one in f.reports if one.leg == "b"]
        assert isinstance(off, SpeechOff)
        assert (off.why, off.listen, off.once) == ("busy", 7, True)
        await f.speak("a", line(1.0))
        await until(lambda: f.done("a"))
        assert f.service.busy() == (0, 1)
        assert (await f.hear("b", "billing")).choice == "billing"
        assert (await f.hear("a", "sales")).choice == "sales"


async def test_more_silent_callers_than_recognisers_keep_nobody_from_being_heard(
    floor: Open,
) -> None:
    """Each speaks in his turn, with a question of his own."""
    words = ["sales", "billing", "operator", "technical support"] * 2
    async with floor(recognisers=2) as f:
        for n, word in enumerate(words):
            f.listen(f"{n}", n, choices={f"{n}": (word,), "other": ("goodbye",)})
        for turn in range(2):
            heard = [(await f.hear(f"{n}", word)).choice for n, word in enumerate(words)]
            assert heard == [f"{n}" for n in range(len(words))], turn
        assert f.service.busy() == (0, 2)
        assert not [one for one in f.reports if isinstance(one, SpeechOff)]


async def test_words_that_nobody_knows_are_told_before_anybody_speaks_also_in_a_crowd(
    floor: Open,
) -> None:
    async with floor() as f:
        f.listen("a")
        sound = line(0.3, said("technical support"), 1.0)
        await f.speak("a", sound[:8000])
        f.listen("b", choices={"x": ("floccinaucinihilipilification",)})
        await f.speak("a", sound[8000:])
        (off,) = await until(lambda: [one for one in f.reports if one.leg == "b"])
        assert (off.why, off.once) == ("words", False)
        assert [one.choice for one in f.done("a")] == ["support"]


async def test_far_more_callers_than_recognisers_have_keys(floor: Open) -> None:
    """Each that is listened to costs the core some time, also while he is silent."""
    async with floor() as f:
        for n in range(CROWD + 1):
            f.listen(f"{n}")
        (off,) = await until(lambda: f.reports)
        assert (off.leg, off.why, off.once) == (f"{CROWD}", "busy", False)
        assert f.service.busy() == (1, 1), "as long as questions are turned away"
        f.service.stop(LegId("0"))
        assert f.service.busy() == (0, 1)
        assert (await f.ask("x", "sales")).choice == "sales"


async def test_hundreds_of_questions_leak_nothing(floor: Open) -> None:
    async with floor(recognisers=2) as f:
        sound = line(0.1, said("sales"))[:4800]

        async def rounds(first: int, many: int) -> None:
            for n in range(first, first + many):
                f.listen("a", n)
                if n % 10 == 0:
                    await f.speak("a", sound, pace=0)
                f.service.stop(LegId("a"))
                await asyncio.sleep(0.005)  # 200 questions a second, not thousands

        await rounds(0, 50)
        us = psutil.Process()
        before = us.num_fds(), len(workers()), us.memory_info().rss
        pids = {one.pid for one in workers()}
        await rounds(50, 200)
        assert (await f.ask("a", "sales", listen=999)).choice == "sales"
        assert (us.num_fds(), len(workers())) == before[:2]
        assert {one.pid for one in workers()} == pids, "none of them failed"
        assert us.memory_info().rss - before[2] < 5_000_000
        assert sum(one.memory_info().rss for one in workers()) < 300_000_000


async def test_recognisers_that_others_take_the_time_from_are_not_flooded(floor: Open) -> None:
    """Callers come and go; the grammars of those who have gone do not pile up."""
    async with floor(recognisers=2) as f:
        before = await until(lambda: len(workers()) == 2 and workers())
        for worker in before:
            worker.suspend()
        for n in range(1000):
            f.listen("a", n)
            await asyncio.sleep(0)
            f.service.stop(LegId("a"))
        f.listen("b", 7, choices={"x": ("floccinaucinihilipilification",)})
        for worker in before:
            worker.resume()
        assert (await f.ask("a", "sales", listen=9999)).choice == "sales"
        (off,) = await until(lambda: [one for one in f.reports if one.leg == "b"])
        assert off.why == "words"
        assert workers() == before
