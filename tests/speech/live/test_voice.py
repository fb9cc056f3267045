"""Voices are told from silence, noise and clicks, at the levels of real lines."""

from collections.abc import Iterator

import numpy as np
import pytest

from appliance.speech.live.ear import Ear
from appliance.speech.live.endpoint import FRAME_S, Cue, Endpoint
from appliance.speech.live.keytone import COLUMNS, ROWS, is_key_tone
from appliance.speech.live.tongues import TONGUES
from appliance.speech.live.voice import FRAME, NoiseFloor, Voice, level, level_of, pitch
from tests.speech.live.conftest import RATE, SILENT, Samples, frames, g711, line, said

VOICES = [("en-us", 45), ("en-us+f3", 60), ("en-gb+m7", 30)]


def cues(sound: Samples, trailing_s: float = 0.6) -> list[tuple[float, Cue]]:
    """What the ear and the endpoint make of a stream; times in seconds."""
    ear, endpoint = Ear(), Endpoint(trailing_s, 8.0)
    found = []
    for at, frame in enumerate(frames(sound)):
        _, voiced = ear.frame(frame, SILENT)
        if cue := endpoint.frame(voiced, ear.pitched):
            found.append(((at + 1) * FRAME_S, cue))
    return found


def noise(kind: str, rms: float, seconds: float, seed: int = 0) -> Samples:
    """White; pink as in rooms; brown as in cars and streets."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 1, int(seconds * RATE)))
    slope = {"white": 0.0, "pink": 0.5, "brown": 1.0}[kind]
    shaped = np.fft.irfft(spectrum / np.maximum(np.arange(spectrum.size), 50.0) ** slope)
    return np.clip(shaped / shaped.std() * rms, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("text", ["sales", "no", "technical support", "eight"])
def test_a_word_begins_within_200_ms(text: str, voice: tuple[str, int]) -> None:
    word = said(text, *voice)
    first = np.argmax(np.abs(word) > 300) / RATE
    (began, cue), *rest = cues(g711(line(1.0, word, 1.2)))
    assert cue is Cue.BEGAN
    assert 0 < began - 1.0 - first <= 0.2
    assert rest[-1][1] is Cue.ENDED


@pytest.mark.parametrize("gain_db", [-24, -12, 0, 12])
def test_soft_and_loud_callers(gain_db: int) -> None:
    word = said("operator").astype(float) * 10 ** (gain_db / 20)
    loud = np.clip(word, -32768, 32767).astype(np.int16)
    found = [cue for _, cue in cues(g711(line(1.0, loud, 1.0, noise=4)))]
    assert found[0] is Cue.BEGAN
    assert found[-1] is Cue.ENDED


@pytest.mark.parametrize("snr_db", [25, 15, 10])
def test_words_in_noise_begin_and_end(snr_db: int) -> None:
    word = said("technical support")
    rms = float(np.std(word)) / 10 ** (snr_db / 20)
    found = cues(line(3.0, word, 2.0, noise=rms))
    assert found[0][1] is Cue.BEGAN
    assert found[-1][1] is Cue.ENDED
    assert 3.0 < found[0][0] < 3.0 + 0.35
    assert found[-1][0] < 3.0 + word.size / RATE + 0.9


@pytest.mark.parametrize("kind", ["white", "pink", "brown"])
@pytest.mark.parametrize("rms", [30, 300, 3000])
def test_noise_is_no_voice_from_the_start_or_all_of_a_sudden(kind: str, rms: float) -> None:
    assert cues(noise(kind, rms, 5.0)) == []
    assert cues(np.concatenate([line(2.0), noise(kind, rms, 5.0)])) == []


def test_a_caller_who_speaks_at_once_is_heard() -> None:
    assert cues(line(said("sales"), 1.0))[0][1] is Cue.BEGAN


def test_clicks_are_no_voice() -> None:
    click = noise("white", 8000, 0.02)
    assert cues(line(1.0, click, 0.3, click, 0.05, click, 0.5)) == []


def key(row: float, column: float, seconds: float, peak: float = 3000) -> Samples:
    """Its tone, the column 2 dB louder as phones send it."""
    at = 2 * np.pi * np.arange(int(seconds * RATE)) / RATE
    return (peak * (np.sin(at * row) + 1.26 * np.sin(at * column + 1))).astype(np.int16)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("column", COLUMNS)
def test_a_held_key_is_no_voice(row: float, column: float) -> None:
    """Not at any length, level or frequency that is allowed, at once or after a while."""
    for seconds, peak, off in ((0.15, 3000, 1.0), (0.3, 300, 0.985), (2.0, 9000, 1.015)):
        tone = key(row * off, column * off, seconds, peak)
        assert cues(g711(line(0.3, tone, 1.0, noise=20))) == []
        assert cues(g711(line(1.507, tone, 0.05, tone, 0.07, tone, 1.0))) == []


def test_keys_in_quick_succession_are_no_voice() -> None:
    one, pause = key(770, 1336, 0.07), 0.06
    assert cues(g711(line(1.0, *[one, pause] * 10, 1.0))) == []


def test_a_voice_after_a_key_is_heard() -> None:
    found = cues(g711(line(0.5, key(697, 1209, 0.2), 0.1, said("sales"), 1.0)))
    assert [cue for _, cue in found][:1] == [Cue.BEGAN]
    assert found[0][0] > 0.8


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("language", TONGUES)
def test_no_word_sounds_like_a_key(language: str, voice: tuple[str, int]) -> None:
    tongue = TONGUES[language]
    words = sorted({word for one in (*tongue.yes, *tongue.digits) for word in one.split()})
    sound = said(" ".join(words), voice[0] if language == "en" else "de", voice[1])
    assert not any(is_key_tone(bytes(frame)) for frame in frames(sound))


def floors(levels: list[float]) -> Iterator[float]:
    floor = NoiseFloor()
    for one in levels:
        floor.follow(one)
        yield floor.level


def test_the_floor_follows_louder_noise_within_seconds_and_softer_noise_sooner() -> None:
    told = list(floors([-60.0] * 150 + [-35.0] * 150 + [-60.0] * 50))
    assert told[149] == pytest.approx(-60.0, abs=0.5)
    assert told[151] < -55
    assert told[290] == pytest.approx(-35.0, abs=0.5)
    assert told[-30] == pytest.approx(-60.0, abs=1.0)


def test_the_floor_is_not_the_voice_that_a_stream_begins_with() -> None:
    assert max(floors([-20.0] * 30)) <= -38.0


def test_levels() -> None:
    square = np.full(FRAME, 32767, np.int16)
    for sound, told in ((square, 0.0), (square // 10, -20.0), (square * 0, -100.0)):
        assert level_of(sound.astype(np.int16).tobytes()) == pytest.approx(told, abs=0.01)
        assert level(sound.astype(np.float32)) == pytest.approx(told, abs=0.01)


@pytest.mark.parametrize("hz", [60, 100, 150, 220, 350])
def test_a_buzz_has_a_pitch(hz: int) -> None:
    phase = 2 * np.pi * hz * np.arange(2 * FRAME) / RATE
    buzz = sum(np.sin(phase * k) / k for k in range(1, 9))
    assert pitch((3000 * buzz).astype(np.int16).tobytes()) > 0.7


@pytest.mark.parametrize("kind", ["white", "pink", "brown"])
def test_noise_has_none(kind: str) -> None:
    sound = noise(kind, 1000, 4.0)
    told = [
        pitch(sound[at : at + 2 * FRAME].tobytes())
        for at in range(0, sound.size - 2 * FRAME, FRAME)
    ]
    assert np.percentile(told, 99) < 0.5


def test_silence_and_full_scale_are_no_fault() -> None:
    voice = Voice()
    for value in (0, 32767, -32768):
        voice.frame(np.full(FRAME, value, np.int16).tobytes())
        assert voice.pitched() in (True, False)
