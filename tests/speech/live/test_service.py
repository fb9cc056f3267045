"""Real recognisers in real processes: what they hear, for whom, and what they cannot hear."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from appliance.model.hearing import Hearing, SpeechBegan, SpeechDone, SpeechOff
from appliance.model.ids import LegId
from tests.speech.live.conftest import (
    SILENT,
    Open,
    frames,
    g711,
    line,
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


async def test_callers_are_heard_at_the_same_time(floor: Open) -> None:
    async with floor(recognisers=3) as f:
        texts = {"a": "sales", "b": "billing", "c": "operator"}
        heard = await asyncio.gather(*(f.ask(leg, text) for leg, text in texts.items()))
        assert [one.choice for one in heard] == list(texts.values())


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
