"""espeak-ng really speaks, and what goes wrong with it is said."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from appliance.speech import tts
from appliance.speech.convert import active_level
from appliance.speech.tts import NICENESS, Espeak, NoEngine, Voice
from appliance.speech.whole import LEVEL_DBOV, RATE, SoundError
from tests.speech.conftest import spoken

ENGLISH = Voice("en-us")


def test_speech_is_real_audio_as_long_as_its_text() -> None:
    short = Espeak().speak("Hello.", ENGLISH)
    long = Espeak().speak("Hello. " + "This is a much longer sentence. " * 3, ENGLISH)
    assert 0.3 < short.size / RATE < 1.2
    assert long.size > 5 * short.size
    for sound in (short, long):
        assert active_level(sound) == pytest.approx(LEVEL_DBOV, abs=0.5)
    power = np.abs(np.fft.rfft(long)) ** 2
    hz = np.fft.rfftfreq(long.size, 1 / RATE)
    assert power[(hz > 100) & (hz < 1500)].sum() > 0.7 * power.sum(), "a voice, not noise"


def test_voices_and_speeds_differ() -> None:
    text = "Der Zug fährt ein."
    german, english = Espeak().speak(text, Voice("de")), Espeak().speak(text, ENGLISH)
    assert german.size != english.size or not np.array_equal(german, english)
    assert Espeak().speak(text, Voice("de", speed=100)).size > 1.2 * german.size


def test_a_text_is_never_an_option(tmp_path: Path, espeak_log: Path) -> None:
    victim = tmp_path / "victim.wav"
    assert Espeak().speak(f"-w {victim}", ENGLISH).size > RATE / 2
    assert not victim.exists()
    assert "victim" not in spoken(espeak_log)[0]


def test_the_version_is_known() -> None:
    assert Espeak().version()[0].isdigit()


def test_without_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoEngine):
        Espeak().speak("Hello", ENGLISH)


def test_an_unknown_voice_and_an_empty_text_are_named() -> None:
    with pytest.raises(SoundError, match="espeak-ng"):
        Espeak().speak("Hello", Voice("xx-none"))
    with pytest.raises(SoundError, match="nothing to be heard"):
        Espeak().speak("   ", ENGLISH)


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder = tmp_path / "fake"
    folder.mkdir()
    (folder / "espeak-ng").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_an_espeak_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr(tts, "TIMEOUT_S", 0.3)
    started = time.monotonic()
    with pytest.raises(SoundError, match="took more than"):
        Espeak().speak("Hello", ENGLISH)
    assert time.monotonic() - started < 20


def test_it_runs_with_low_priority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # It waits for its text, so it is niced before it can go on.
    nice = tmp_path / "nice"
    fake(tmp_path, monkeypatch, f"cat > /dev/null; nice > {nice}; exit 3")
    with pytest.raises(SoundError, match="failed: 3"):
        Espeak().speak("Hello", ENGLISH)
    assert int(nice.read_text()) == NICENESS
