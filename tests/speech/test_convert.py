"""Recordings of every usual kind become 8 kHz mono at one loudness, or say why not."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from appliance.speech.convert import active_level, levelled, read_sound, trimmed, write_wav
from appliance.speech.whole import LEVEL_DBOV, RATE, SoundError, is_whole

SECONDS = 1.5


def sine(hz: float, rate: int, amplitude: float = 0.3, seconds: float = SECONDS) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)).astype(
        np.float32
    )


def loudest_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * RATE / samples.size)


FORMATS = [
    ("a.wav", 48_000, 2, {"subtype": "PCM_24"}),
    ("a.wav", 8_000, 1, {"subtype": "ALAW"}),
    ("a.flac", 44_100, 2, {}),
    ("a.ogg", 48_000, 2, {"format": "OGG", "subtype": "VORBIS"}),
    ("a.opus", 48_000, 1, {"format": "OGG", "subtype": "OPUS"}),
    ("a.mp3", 44_100, 2, {"format": "MP3"}),
    ("a.aiff", 22_050, 1, {}),
    ("a.gsm", 8_000, 1, {"format": "RAW", "subtype": "GSM610"}),
    ("a.ulaw", 8_000, 1, {"format": "RAW", "subtype": "ULAW"}),
    ("a.sln16", 16_000, 1, {"format": "RAW", "subtype": "PCM_16"}),
]


@pytest.mark.parametrize(("name", "rate", "channels", "how"), FORMATS, ids=[
    f"{name} {rate} {channels}ch" for name, rate, channels, _ in FORMATS
])  # fmt: skip
def test_every_usual_format_is_the_same_sound_at_the_same_loudness(
    tmp_path: Path, name: str, rate: int, channels: int, how: dict[str, str]
) -> None:
    sound = np.column_stack([sine(1000, rate)] * channels)
    soundfile.write(tmp_path / name, sound, rate, **how)
    samples = levelled(read_sound(tmp_path / name))
    assert samples.dtype == np.float32
    assert samples.size / RATE == pytest.approx(SECONDS, abs=0.12)
    assert loudest_hz(samples) == pytest.approx(1000, abs=5)
    assert active_level(samples) == pytest.approx(LEVEL_DBOV, abs=0.5)


def test_both_channels_are_heard(tmp_path: Path) -> None:
    left, right = sine(500, 48_000), sine(1500, 48_000)
    soundfile.write(tmp_path / "a.wav", np.column_stack([left, right]), 48_000)
    spectrum = np.abs(np.fft.rfft(read_sound(tmp_path / "a.wav")))
    at = [spectrum[round(hz * SECONDS)] for hz in (500, 1500, 1000)]
    assert at[0] == pytest.approx(at[1], rel=0.1)
    assert at[2] < at[0] / 100


def test_what_is_above_4_khz_does_not_come_back_as_another_tone(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sine(5000, 48_000), 48_000)
    assert active_level(read_sound(tmp_path / "a.wav")[400:-400]) < -70


def test_a_full_scale_sine_is_3_db_below_overload() -> None:
    """ITU-T G.100.1: 0 dBov is a full-scale rectangle."""
    assert active_level(sine(1000, RATE, 1.0)) == pytest.approx(-3.01, abs=0.02)
    assert active_level(np.ones(RATE, np.float32)) == pytest.approx(0, abs=0.01)


def test_pauses_do_not_make_speech_count_as_quiet() -> None:
    talk = sine(300, RATE, 0.2)
    with_pauses = np.concatenate([talk, np.zeros(5 * RATE, np.float32), talk])
    assert active_level(with_pauses) == pytest.approx(active_level(talk), abs=0.3)


@given(st.floats(-45, -1), st.integers(0, 2**32 - 1), st.floats(1, 12))
def test_any_loudness_in_gives_the_stated_one_out(level: float, seed: int, crest: float) -> None:
    """Also for sounds with single high peaks, which are rounded off and never wrap around."""
    random = np.random.default_rng(seed)
    sound = random.normal(0, 1, RATE).astype(np.float32)
    sound[:: RATE // 7] *= crest
    sound *= 10 ** (level / 20) / np.abs(sound).max()
    out = levelled(sound)
    assert np.abs(out).max() <= 1.0
    assert active_level(out) == pytest.approx(LEVEL_DBOV, abs=1.0)


def test_trimming_takes_the_silence_but_not_the_sound() -> None:
    sound = sine(400, RATE, 0.5, 0.5)
    quiet = np.zeros(RATE, np.float32)
    out = trimmed(np.concatenate([quiet, sound, quiet]))
    assert out.size / RATE == pytest.approx(0.58, abs=0.01)
    assert trimmed(quiet).size == quiet.size


BROKEN = [
    ("missing.wav", None, "There is no file"),
    ("words.wav", b"this is no sound at all", "cannot be read"),
    ("song.m4a", b"\0\0\0\x20ftypM4A ", "Save it as WAV, FLAC, Ogg or MP3"),
    ("empty.wav", b"", "cannot be read"),
    ("nothing.gsm", b"", "holds no sound"),
]


@pytest.mark.parametrize(("name", "content", "says"), BROKEN)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SoundError, match=says) as error:
        read_sound(path)
    assert name in str(error.value)


def test_silence_and_endless_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="silent"):
        levelled(np.zeros(RATE, np.float32))
    soundfile.write(tmp_path / "long.flac", np.zeros(31 * 60 * 100, np.int16), 100)
    with pytest.raises(SoundError, match="longer than 30 minutes"):
        read_sound(tmp_path / "long.flac")


def test_a_finished_file_is_what_calls_play_and_a_cut_one_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, sine(400, RATE))
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype) == (8000, 1, "PCM_16")
    assert is_whole(path)
    assert [one.name for one in tmp_path.iterdir()] == ["a.wav"], "nothing is left over"
    path.write_bytes(path.read_bytes()[:-1000])
    assert not is_whole(path)
    assert not is_whole(tmp_path / "gone.wav")
