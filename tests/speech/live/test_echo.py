"""Our own prompt comes back from the caller's phone: it is no speech, and he is heard over it.

The echo goes through a reflection spread over some milliseconds, and through G.711 both ways.
"""

import functools

import numpy as np
import numpy.typing as npt
import pytest

from appliance.speech.live.ear import Ear
from appliance.speech.live.echo import TAPS, correlations, solve
from appliance.speech.live.endpoint import FRAME_S, Cue, Endpoint
from tests.speech.live.conftest import RATE, Samples, frames, g711, said

PROMPTS = (
    (
        "Welcome to our office. For sales, say sales or press one. For billing, say billing.",
        "en-us",
    ),
    ("Guten Tag. Bitte sagen Sie uns, worum es geht. Sie erreichen den Vertrieb.", "de"),
)
DELAYS_MS = (5, 20, 60, 150, 400)
LEVELS_DB = (-6, -10, -20, -30)
Sound = npt.NDArray[np.float64]


@functools.cache
def prompt(which: int) -> Samples:
    text, voice = PROMPTS[which]
    return np.pad(said(text, voice), (RATE // 5, RATE))


def echo(played: Samples, delay_ms: float, level_db: float, seed: int = 0) -> Sound:
    """As it comes back. The energy of the whole reflection is `level_db` of what was played."""
    path = np.random.default_rng(seed).normal(0, 1, 40) * np.exp(-np.arange(40) / 8)
    path[0] += 2.0
    path *= 10 ** (level_db / 20) / np.linalg.norm(path)
    late = np.pad(np.convolve(g711(played).astype(float), path), (int(delay_ms * 8), 0))
    return late[: played.size]


def room(played: Samples, delay_ms: float, level_db: float, seed: int) -> Sound:
    """As a speakerphone hears itself: six to nine ways up to 120 ms apart, each spread over
    1.5 ms, softer the later they come (-60 dB in 0.7 s), the strongest anywhere among the first."""
    rng = np.random.default_rng(seed)
    path = np.zeros(1000)
    for late in (0.0, *rng.uniform(2, 120, 5 + seed % 4)):
        gain = rng.choice([-1, 1]) * 10 ** (-late * 60 / 700 / 20) * rng.uniform(0.5, 1)
        way = rng.normal(0, 1, 12) * np.exp(-np.arange(12) / 3)
        way[0] += 1.0
        path[int(late * 8) : int(late * 8) + 12] += gain * way
    path *= 10 ** (level_db / 20) / np.linalg.norm(path)
    late_ = np.pad(np.convolve(g711(played).astype(float), path), (int(delay_ms * 8), 0))
    return late_[: played.size]


def mixed(back: Sound, *voices: tuple[float, Samples]) -> Samples:
    """What comes from the caller: the echo, and what he says from some second on."""
    near = back + np.random.default_rng(1).normal(0, 8, back.size)
    for second, voice in voices:
        at = int(second * RATE)
        near[at : at + voice.size] += voice[: near.size - at]
    return g711(np.clip(near, -32768, 32767))


def began(far: Samples, near: Samples, ear: Ear | None = None) -> tuple[list[float], Samples]:
    """The seconds in which an utterance begins, and what the recogniser gets to hear."""
    ear, endpoint = ear or Ear(), Endpoint(0.6, 8.0)
    found, clean = [], []
    for at, (one, other) in enumerate(zip(frames(near), frames(far), strict=True)):
        heard, voiced = ear.frame(one, other)
        clean.append(heard)
        if endpoint.frame(voiced, ear.pitched) is Cue.BEGAN:
            found.append((at + 1) * FRAME_S)
    return found, np.frombuffer(b"".join(clean), np.int16)


def level_db(sound: npt.NDArray[np.generic]) -> float:
    return float(20 * np.log10(np.std(sound.astype(float)) + 1e-9))


@pytest.mark.parametrize("level", LEVELS_DB)
@pytest.mark.parametrize("delay", DELAYS_MS)
def test_the_echo_of_a_prompt_is_no_caller(delay: int, level: int) -> None:
    for which in range(len(PROMPTS)):
        far = prompt(which)
        assert began(far, mixed(echo(far, delay, level, delay)))[0] == []


@pytest.mark.parametrize("level", [None, *LEVELS_DB])
def test_a_caller_is_heard_over_the_prompt(level: int | None) -> None:
    """Within 200 ms where the echo is softer than 6 dB below the prompt; there within 300 ms."""
    words = [("sales", "en-us+f3"), ("technical support", "en-gb+m7"), ("operator", "en-us+m3")]
    late = []
    for n, (text, voice) in enumerate(words):
        for delay in (5, 60, 400):
            far, word = prompt(n % 2), said(text, voice)
            back = echo(far, delay, level, n) if level is not None else np.zeros(far.size)
            near = mixed(back, (2.0 + n / 2, word))
            first = 2.0 + n / 2 + np.argmax(np.abs(word) > 300) / RATE
            (time, *_), _ = began(far, near)
            late.append(time - first)
    assert min(late) > 0
    assert np.median(late) <= 0.18
    assert max(late) <= (0.32 if level == -6 else 0.25)


@pytest.mark.parametrize("delay", [5, 60, 150])
@pytest.mark.parametrize("level", [-10, -15, -20])
def test_the_echo_of_a_whole_room_is_no_caller(level: int, delay: int) -> None:
    for seed in (0, 1, 4, 7):
        far = prompt(seed % 2)
        assert began(far, mixed(room(far, delay, level, seed)))[0] == [], seed


@pytest.mark.parametrize("level", [-10, -15, -20])
def test_a_caller_is_heard_over_the_echo_of_a_whole_room(level: int) -> None:
    words = [("sales", "en-us+f3"), ("technical support", "en-gb+m7"), ("yes", "en-us+m7")]
    late = []
    for seed in (0, 1, 4):
        for n, (text, voice) in enumerate(words):
            far, word, when = prompt(n % 2), said(text, voice), 2.0 + (n + seed) / 3
            near = mixed(room(far, 60, level, seed), (when, word))
            (time, *_), _ = began(far, near)
            late.append(time - when - np.argmax(np.abs(word) > 300) / RATE)
    assert min(late) > 0
    assert np.median(late) <= 0.2
    assert max(late) <= 0.32


def test_a_caller_who_speaks_from_the_first_moment_of_a_prompt() -> None:
    far = prompt(0)
    word = said("technical support", "en-gb+m7")
    (time, *_), _ = began(far, mixed(echo(far, 60, -20), (0.25, word)))
    assert time < 0.25 + 0.45


@pytest.mark.parametrize("level", [0, -12])
def test_without_any_echo_no_caller_is_taken_for_that_of_a_room(level: int) -> None:
    """What a room's long filter explains of a caller is chance: it is not asked."""
    for text, voice in (("yes", "en-us+f3"), ("support", "en-us"), ("one two", "en-us+f3")):
        word = (said(text, voice, 55, 150) * 10 ** (level / 20)).astype(np.int16)
        for when in (0.1, 0.35):
            far = prompt(0)[RATE // 5 :]
            (time, *_), _ = began(far, mixed(np.zeros(far.size), (when, word)))
            assert when < time < when + 0.55, (text, when)


def test_a_soft_caller_is_heard_over_a_loud_prompt() -> None:
    far = prompt(0)
    soft = (said("operator", "en-us+f3") * 0.25).astype(np.int16)
    (time, *_), _ = began(far, mixed(echo(far, 40, -20), (2.5, soft)))
    assert 2.5 < time < 3.0


@pytest.mark.parametrize("delay", DELAYS_MS)
def test_the_echo_is_taken_out_of_what_the_recogniser_hears(delay: int) -> None:
    far = prompt(0)
    near = mixed(echo(far, delay, -10, 3))
    _, clean = began(far, near)
    settled = slice(2 * RATE, far.size - far.size % 160)
    assert level_db(clean[settled]) < level_db(near[settled]) - 12


def test_the_caller_stays_in_it() -> None:
    far, word = prompt(0), said("technical support", "en-gb+m7")
    near = mixed(echo(far, 60, -10, 3), (2.5, word))
    _, clean = began(far, near)
    there = slice(int(2.5 * RATE), int(2.5 * RATE) + word.size)
    alike = np.corrcoef(clean[there].astype(float), word.astype(float))[0, 1]
    assert alike > 0.9


def test_another_delay_in_the_middle_of_a_prompt() -> None:
    """The buffer of a phone has grown: found anew, before it counts as a caller."""
    far = np.tile(prompt(0), 2)
    half = far.size // 2
    back = np.concatenate([echo(far, 60, -15)[:half], echo(far, 140, -15)[half:]])
    assert began(far, mixed(back))[0] == []


def test_what_was_learnt_of_a_line_holds_for_its_next_question() -> None:
    ear, far = Ear(), prompt(0)
    began(far, mixed(echo(far, 60, -10, 3)), ear)
    ear.gap()
    assert ear._guard.path.taps is not None
    near = mixed(echo(far, 60, -10, 3))
    found, clean = began(far, near, ear)
    assert found == []
    early = slice(RATE // 4, RATE)
    assert level_db(clean[early]) < level_db(near[early]) - 10


def test_without_a_prompt_sound_passes_untouched() -> None:
    word = mixed(np.zeros(2 * RATE), (0.5, said("sales")))
    _, clean = began(np.zeros(2 * RATE, np.int16), word)
    assert np.array_equal(clean, word)


def test_silence_that_is_played_is_no_prompt() -> None:
    ear = Ear()
    frame = memoryview(np.full(160, 100, np.int16).tobytes())
    for far in (memoryview(b""), memoryview(bytes(320))):
        assert ear.frame(frame, far)[0] == bytes(frame)


def test_a_reflection_is_found_from_its_correlations() -> None:
    random = np.random.default_rng(2)
    played = random.normal(0, 1000, 1280 + TAPS - 1).astype(np.float32)
    path = (random.normal(0, 1, TAPS) * np.exp(-np.arange(TAPS) / 10)).astype(np.float32)
    sound = np.convolve(played, path, "valid").astype(np.float32)
    assert np.allclose(solve(*correlations(played, sound)), path, atol=0.15)


def test_full_scale_and_silence_are_no_fault() -> None:
    loud = np.tile(np.array([32767, -32768], np.int16), RATE)
    for far, near in ((loud, loud), (loud, np.zeros_like(loud)), (np.zeros_like(loud), loud)):
        _, clean = began(far, near)
        assert clean.size == near.size
