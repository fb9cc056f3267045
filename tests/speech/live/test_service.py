"""Real recognisers in real processes: what they hear, and what happens when they fail."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

from appliance.model.hearing import Hearing, SpeechBegan, SpeechDone, SpeechOff
from appliance.model.ids import LegId
from appliance.speech.live import crew, link
from appliance.speech.live.service import CROWD
from tests.speech.live.conftest import (
    MENU,
    SILENT,
    Open,
    frames,
    g711,
    line,
    nurseries,
    said,
    until,
    workers,
)


async def test_a_word_is_heard(floor: Open) -> None:
    async with floor() as f:
        done = await f.ask("a", "sales")
        assert (done.text, done.choice, done.verdict, done.missed) == ("sales", "sales", "sure", "")
        assert [type(one) for one in f.reports] == [SpeechBegan, SpeechDone]
        assert 0.3 < done.spoken_s < 0.8
        assert done.confidence > 0.8
        assert done.model


async def test_one_question_hears_one_utterance_after_the_other(floor: Open) -> None:
    async with floor() as f:
        f.listen("a")
        heard = [(await f.hear("a", text)).choice for text in ("sales", "banana", "billing")]
        assert heard == ["sales", "", "billing"]
        assert f.done("a")[1].missed == "no_match"


async def test_a_complete_answer_does_not_wait_for_the_longer_silence(floor: Open) -> None:
    """In true time. Of the 0.14 s that it waits the rest is room for a busy machine."""
    async with floor() as f:
        f.listen("a", trailing_s=6.0)
        for text in ("sales", "technical support"):
            await f.speak("a", line(0.2, said(text), 1.0), pace=0.02)
        await until(lambda: len(f.done("a")) == 2)
        assert [one.choice for one in f.done("a")] == ["sales", "support"]
        assert all(0.12 < one.latency_s < 3.0 for one in f.done("a"))


@pytest.mark.parametrize(
    ("hearing", "text", "choice"),
    [
        (Hearing(kind="yes_no", language="en"), "yes please", "yes"),
        (Hearing(kind="yes_no", language="en"), "no", "no"),
        (Hearing(kind="digits", language="en", least=4, most=4), "4 7 1 9", "4719"),
        (Hearing(kind="number", language="en"), "twenty three", "23"),
        (Hearing(kind="day", language="en", today="2026-11-23"), "tomorrow", "2026-11-24"),
    ],
)
async def test_ready_made_questions(floor: Open, hearing: Hearing, text: str, choice: str) -> None:
    async with floor() as f:
        assert (await f.ask("a", text, hearing=hearing)).choice == choice


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
        f.service.stop(LegId("0"))
        assert (await f.ask("x", "sales")).choice == "sales"


async def test_callers_are_heard_at_the_same_time(floor: Open) -> None:
    async with floor(recognisers=3) as f:
        texts = {"a": "sales", "b": "billing", "c": "operator"}
        heard = await asyncio.gather(*(f.ask(leg, text) for leg, text in texts.items()))
        assert [one.choice for one in heard] == list(texts.values())


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


DAMAGES = {
    "cut off": lambda folder: os.truncate(folder / "am/final.mdl", 100_000),
    "empty": lambda folder: os.truncate(folder / "am/final.mdl", 0),
    "no graph": lambda folder: shutil.rmtree(folder / "graph"),
    "no network": lambda folder: (folder / "am/final.mdl").unlink(),
    "another rate": lambda folder: (folder / "conf/mfcc.conf").write_text(
        "--sample-frequency=16000\n"
    ),
    "a wrong description": lambda folder: (folder / "callfloor-model.json").write_text("{"),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_model_is_a_trouble_and_no_more(
    floor: Open, model: Path, tmp_path: Path, damage: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(model, broken, copy_function=shutil.copyfile)
    for one in broken.rglob("*"):
        one.chmod(0o755 if one.is_dir() else 0o644)
    DAMAGES[damage](broken)
    async with floor(models={"en": model, "de": broken}) as f:
        (trouble,) = f.troubles
        assert "broken" in trouble.what
        f.listen("a", hearing=msgspec.structs.replace(MENU, language="de"))
        (off,) = await until(lambda: f.reports)
        assert (off.why, off.listen) == ("broken", 1)
        f.reports.clear()
        assert (await f.ask("b", "sales")).choice == "sales"


async def test_a_missing_folder_too(floor: Open, tmp_path: Path) -> None:
    async with floor(models={"en": tmp_path / "none"}) as f:
        assert "none" in f.troubles[0].what
        f.listen("a")
        (off,) = await until(lambda: f.reports)
        assert off.why == "broken"


async def test_a_model_that_is_put_right_is_found_by_itself(
    floor: Open, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried again and again, told once, and once that it is over."""
    monkeypatch.setattr(crew, "PAUSES_S", (0.05,))
    later = tmp_path / "later"
    async with floor(models={"en": later}) as f:
        tried = {one.pid for one in nurseries()}
        await until(lambda: {one.pid for one in nurseries()} - tried)
        assert [one.over for one in f.troubles] == [False]
        shutil.copytree(model, tmp_path / "copy")
        (tmp_path / "copy").rename(later)
        await until(lambda: len(f.troubles) > 1)
        assert [one.over for one in f.troubles] == [False, True]
        assert (await f.ask("a", "sales")).choice == "sales"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"language": "fr"}, "no_model"),
        ({"choices": {"x": ("floccinaucinihilipilification",)}}, "words"),
        ({"choices": {}}, "words"),
        ({"choices": {"x": ("sales " * 20_000,)}}, "words"),
        (
            {"choices": {str(n): tuple(f"sales {n} {i}" for i in range(9)) for n in range(999)}},
            "words",
        ),
        ({"kind": "day", "today": "no day"}, "words"),
    ],
)
async def test_questions_that_nobody_can_listen_to(
    floor: Open, changes: dict[str, object], why: str
) -> None:
    async with floor() as f:
        f.listen("a", **changes)
        (off,) = await until(lambda: f.reports)
        assert isinstance(off, SpeechOff)
        assert off.why == why
        assert off.detail
        assert f.service.busy()[0] == 0 or await until(lambda: f.service.busy()[0] == 0)
        assert (await f.ask("a", "sales", listen=2)).choice == "sales"


async def test_who_speaks_to_a_question_that_cannot_be_heard_harms_no_worker(floor: Open) -> None:
    """What is said reaches the worker before we know."""
    async with floor() as f:
        (worker,) = await until(workers)
        worker.suspend()
        f.listen("a", choices={"x": ("floccinaucinihilipilification",)})
        for frame in frames(line(0.3, said("sales"), 1.0)):
            f.service.feed(LegId("a"), frame, SILENT)
        worker.resume()
        await until(lambda: [one for one in f.reports if isinstance(one, SpeechOff)])
        assert f.done("a")[-1].missed in ("lost", "no_match")
        assert (await f.ask("a", "sales", listen=2)).choice == "sales"
        assert workers() == [worker]


async def test_a_menu_of_hundreds_of_phrases(floor: Open) -> None:
    many = {str(n): (f"extension {a} {b}",) for n, (a, b) in enumerate(_pairs())}
    async with floor() as f:
        done = await f.ask("a", "sales", choices={**many, "sales": ("sales",)})
        assert done.choice == "sales"


def _pairs() -> list[tuple[str, str]]:
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return [(a, b) for a in digits for b in digits]


async def test_stopped_in_the_middle_and_asked_anew_at_once(floor: Open) -> None:
    """Nothing of the first question is told after its stop, nor heard by the second one."""
    async with floor() as f:
        f.listen("a", 1)
        await f.speak("a", line(0.3, said("technical support"))[:9600])
        f.service.stop(LegId("a"))
        told = len(f.reports)
        done = await f.ask("a", "sales", listen=2)
        assert (done.listen, done.text) == (2, "sales")
        assert all(one.listen == 2 for one in f.reports[told:])


async def test_listening_again_without_a_stop_is_a_new_question(floor: Open) -> None:
    async with floor() as f:
        f.listen("a", 1)
        assert (await f.ask("a", "billing", listen=2)).listen == 2
        assert f.service.busy() == (0, 1)


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


async def test_other_settings_leave_running_questions_alone(
    floor: Open, model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(model, other)
    async with floor() as f:
        f.listen("a")
        old = nurseries()[0]
        settings = msgspec.structs.replace(f.settings, models={"en": other}, recognisers=2)
        await f.service.configure(settings)
        assert len(nurseries()) == 2
        assert (await f.hear("a", "sales")).choice == "sales"
        assert (await f.ask("b", "billing")).choice == "billing"
        f.service.stop(LegId("a"))
        await until(lambda: not old.is_running())
        assert f.service.busy() == (0, 2)


@pytest.mark.parametrize("same_folder", [True, False])
async def test_an_unfit_model_takes_no_recogniser_away(
    floor: Open,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    same_folder: bool,
) -> None:
    """The one before listens on, until the other is put right."""
    monkeypatch.setattr(crew, "PAUSES_S", (0.05,))
    first = tmp_path / "first"
    shutil.copytree(model, first, copy_function=shutil.copyfile)
    other = first if same_folder else tmp_path / "other"
    async with floor(models={"en": first}) as f:
        (old,) = nurseries()
        other.mkdir(exist_ok=True)
        (other / "callfloor-model.json").write_text("{")
        await f.service.configure(msgspec.structs.replace(f.settings, models={"en": other}))
        assert [one.meaning for one in f.troubles] == [
            "Callers are heard by the model from before."
        ]
        assert (await f.ask("a", "sales")).choice == "sales"
        shutil.copytree(model, other, copy_function=shutil.copyfile, dirs_exist_ok=True)
        if not (model / "callfloor-model.json").exists():
            (other / "callfloor-model.json").unlink()
        await until(lambda: f.troubles[-1].over)
        f.service.stop(LegId("a"))
        await until(lambda: not old.is_running())
        assert (await f.ask("b", "billing")).choice == "billing"


async def test_while_another_model_loads_the_one_before_listens(
    floor: Open, model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(model, other)
    async with floor() as f:
        (old,) = nurseries()
        settings = msgspec.structs.replace(f.settings, models={"en": other})
        change = asyncio.create_task(f.service.configure(settings))
        (new,) = await until(lambda: [one for one in nurseries() if one != old])
        new.suspend()
        assert (await f.ask("a", "sales")).choice == "sales"
        f.service.stop(LegId("a"))
        new.resume()
        await change
        await until(lambda: not old.is_running())
        assert (await f.ask("a", "billing")).choice == "billing"


async def test_a_question_that_waits_for_its_recogniser_gets_it_from_the_old_settings(
    floor: Open, model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(model, other)
    async with floor() as f:
        (worker,) = await until(workers)
        worker.kill()
        await until(lambda: not worker.is_running())
        f.listen("a")
        await f.service.configure(msgspec.structs.replace(f.settings, models={"en": other}))
        assert (await f.hear("a", "sales")).choice == "sales"
        assert not [one for one in f.reports if isinstance(one, SpeechOff)]


async def test_fewer_recognisers_and_none_at_all(floor: Open) -> None:
    async with floor(recognisers=3) as f:
        await until(lambda: len(workers()) == 3)
        await f.service.configure(msgspec.structs.replace(f.settings, recognisers=1))
        await until(lambda: len(workers()) == 1)
        await f.service.configure(msgspec.structs.replace(f.settings, enabled=False))
        await until(lambda: not nurseries())
        assert f.service.busy() == (0, 0)
        f.listen("a")
        (off,) = await until(lambda: f.reports)
        assert off.why == "no_model"
        await f.service.configure(f.settings)
        assert (await f.ask("a", "sales", listen=2)).choice == "sales"


@pytest.mark.parametrize("level_db", [-12, -25])
async def test_a_caller_is_understood_over_the_echo_of_the_prompt(
    floor: Open, level_db: int
) -> None:
    far = np.pad(said("Welcome to our office. Please say what you want.", "en-gb"), (1600, 8000))
    back = np.pad(g711(far) * 10 ** (level_db / 20), (480, 0))[: far.size]
    word = said("technical support")
    spoken = back.copy()
    spoken[12_000 : 12_000 + word.size] += word
    async with floor() as f:
        f.listen("a")
        await f.speak("a", g711(line(back)), far=far)
        await f.speak("a", line(1.0))
        assert f.reports == []
        await f.speak("a", g711(line(spoken)), far=far)
        await f.speak("a", line(1.0))
        await until(lambda: f.done("a"))
        assert [one.choice for one in f.done("a")] == ["support"]


async def test_what_was_not_understood_is_kept(floor: Open, tmp_path: Path) -> None:
    async with floor(keep_failed=tmp_path / "speech-failed") as f:
        assert (await f.ask("a/../b", "sales")).audio == ""
        missed = await f.hear("a/../b", "banana")
        assert missed.verdict == "none"
        file = tmp_path / missed.audio
        await until(file.is_file)
        assert file.parent.parent == tmp_path / "speech-failed"
        assert file.stat().st_mode & 0o777 == 0o600


async def test_what_is_secret_is_never_kept(floor: Open, tmp_path: Path) -> None:
    async with floor(keep_failed=tmp_path / "speech-failed") as f:
        f.listen("a", secret=True)
        missed = await f.hear("a", "banana")
        assert (missed.verdict, missed.audio) == ("none", "")
        await f.service.close()  # waits for what is being written
        assert not (tmp_path / "speech-failed").exists()


async def test_a_long_utterance_is_cut_off(floor: Open) -> None:
    async with floor() as f:
        f.listen("a", longest_s=1.0)
        await f.speak("a", line(0.3, said("i want to talk to sales please"), 1.0))
        await until(lambda: f.done("a"))
        assert (f.done("a")[0].missed, f.done("a")[0].verdict) == ("too_long", "none")
        assert f.done("a")[0].spoken_s <= 1.0
        assert (await f.hear("a", "sales")).choice == "sales"


async def test_with_a_voice_all_the_time_the_question_is_deaf(floor: Open) -> None:
    """Else it would go on for ever, and no prompt would be heard to its end."""
    text = said("Good evening and welcome to the news of this day, from all over the world.")
    voiced = [one for one in frames(text) if np.abs(np.frombuffer(one, np.int16)).max() > 500]
    news = np.frombuffer(b"".join(voiced), np.int16)
    async with floor() as f:
        f.listen("a", longest_s=1.0)
        await f.speak("a", line(0.3, *[news] * 3))
        off = await until(lambda: [one for one in f.reports if isinstance(one, SpeechOff)])
        assert (off[0].why, off[0].detail) == ("broken", "there is a voice all the time")
        assert len(f.began("a")) == len(f.done("a")) == 1
        assert f.service.busy() == (0, 1)
        assert (await f.ask("a", "sales", listen=2)).choice == "sales"


async def test_silence_and_noise_and_clicks_are_no_speech(floor: Open) -> None:
    async with floor() as f:
        f.listen("a")
        click = line(0.01, noise=9000)
        await f.speak("a", line(1.0, noise=8))
        await f.speak("a", line(1.0, noise=300))
        await f.speak("a", line(0.5, click, 0.5, click, 0.5))
        assert f.reports == []


def _family(pid: int) -> list[psutil.Process]:
    """A nursery with its two workers, once all are there."""
    found = psutil.Process(pid).children(recursive=True)
    return found if len(found) == 3 else []


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
