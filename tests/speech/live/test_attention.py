"""A leg that is listened to from question to question: no syllable falls between them."""

from pathlib import Path

import pytest

from appliance.model.hearing import Hearing, SpeechDone
from appliance.speech.live.attention import GAP_S, PRE_ROLL, Attention
from appliance.speech.live.ear import FRAME_BYTES
from appliance.speech.live.endpoint import Cue
from appliance.speech.live.offline import hear_file, load
from tests.speech.live.conftest import SILENT, Floor, Open, Samples, frames, line, said, until

PIN = Hearing(kind="digits", language="en", least=1, most=4)
PINS = ["8474", "8656", "8952", "1247", "8145"]


def spoken(pin: str) -> Samples:
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return said(" ".join(names[int(digit)] for digit in pin), "en-us", 45, 150)


def hear(attention: Attention, sound: Samples, now: float = 0.0) -> list[Cue]:
    told = []
    for frame in frames(sound):
        for _, _, cue in attention.hear(frame, SILENT, now):
            if cue:
                told.append(cue)
                if cue is Cue.BEGAN:
                    return told
    return told


def onset(sound: Samples) -> int:
    """Frames until an utterance has begun."""
    attention = Attention()
    attention.ask(0.6, 8.0, 0.0)
    for at, frame in enumerate(frames(sound), 1):
        if any(cue is Cue.BEGAN for _, _, cue in attention.hear(frame, SILENT, 0.0)):
            return at
    raise AssertionError("nobody speaks")


def test_what_was_heard_just_before_a_question_belongs_to_it() -> None:
    sound = line(1.0, said("sales"))
    at = onset(sound)
    whole = sound.tobytes()
    for before in range(at - 6, at):
        attention = Attention()
        attention.ask(0.6, 8.0, 0.0)
        assert hear(attention, sound[: before * 160]) == []
        attention.ask(0.6, 8.0, GAP_S)
        assert hear(attention, sound[before * 160 :], GAP_S) == [Cue.BEGAN]
        first = attention.beginning()
        assert len(first) >= (PRE_ROLL + 5) * FRAME_BYTES
        assert whole[: at * FRAME_BYTES].endswith(first)


def test_a_beginning_that_nobody_was_told_of_belongs_to_the_next_question() -> None:
    attention, sound = Attention(), line(1.0, said("sales"))
    attention.ask(0.6, 8.0, 0.0)
    at = onset(sound)
    hear(attention, sound[: at * 160])
    attention.ask(0.6, 8.0, 0.0)
    assert hear(attention, sound[at * 160 :]) == [Cue.BEGAN]


def test_after_a_gap_nothing_is_left_but_what_was_learnt() -> None:
    attention = Attention()
    attention.ask(0.6, 8.0, 0.0)
    hear(attention, line(1.0, said("sales"))[: onset(line(1.0, said("sales"))) * 160])
    attention.known()
    attention.ask(0.6, 8.0, GAP_S + 0.1)
    assert hear(attention, line(0.1, said("sales")), 1.0) == [Cue.BEGAN]
    assert attention.beginning().startswith(bytes(FRAME_BYTES)), "silence where there was nothing"


@pytest.mark.parametrize("lead", [0.0, 0.1, 1.0])
def test_who_speaks_from_the_first_moment_loses_no_digit(model: Path, lead: float) -> None:
    loaded = load(model)
    for pin in PINS:
        (done,) = hear_file(loaded, PIN, line(lead, spoken(pin)))
        assert (done.choice, done.verdict) == (pin, "sure")


async def _pin(f: Floor, leg: str, before: int, sound: Samples) -> SpeechDone:
    """Frames of it `before` the question changes."""
    f.listen(leg, 1, PIN)
    await f.speak(leg, sound[: before * 160])
    assert not f.began(leg)
    f.listen(leg, 2, PIN)
    await f.speak(leg, sound[before * 160 :])
    await until(lambda: f.done(leg))
    return f.done(leg)[0]


async def test_who_speaks_as_one_prompt_gives_way_to_the_next_question_loses_no_digit(
    floor: Open,
) -> None:
    async with floor() as f:
        for n, pin in enumerate(PINS):
            sound = line(1.0, spoken(pin), 1.0)
            done = await _pin(f, f"{n}", onset(sound) - 1, sound)
            assert (done.listen, done.choice, done.verdict) == (2, pin, "sure")
