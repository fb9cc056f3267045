"""The sounds made by arithmetic are as stated."""

import numpy as np
import pytest
import soundfile

from appliance.speech import tones
from appliance.speech.convert import active_level
from appliance.speech.prompts import MISSING
from appliance.speech.whole import RATE


def test_music_is_long_even_quiet_enough_and_the_same_each_time() -> None:
    music = tones.music()
    assert music.size / RATE >= 20
    assert active_level(music) == pytest.approx(-22, abs=0.5)
    assert np.abs(music).max() < 0.95
    assert np.array_equal(music, tones.music())
    assert not np.array_equal(music, tones.music(seed=8))
    seconds = music[: music.size // RATE * RATE].reshape(-1, RATE)
    loudness = 10 * np.log10(np.mean(seconds**2, axis=1))
    assert loudness.max() - loudness.min() < 12, "no second is silent or startles"


def test_music_has_no_seam_and_fits_the_telephone_band() -> None:
    music = tones.music().astype(np.float64)
    steps = np.abs(np.diff(np.concatenate([music, music[:1]])))
    assert steps[-1] <= np.quantile(steps, 0.999)
    power = np.abs(np.fft.rfft(music)) ** 2
    hz = np.fft.rfftfreq(music.size, 1 / RATE)
    assert power[hz > 3400].sum() < 1e-3 * power.sum()
    assert power[hz < 60].sum() < 1e-2 * power.sum()


def test_beep_and_silence() -> None:
    beep = tones.beep()
    assert beep.size == 0.3 * RATE
    assert np.argmax(np.abs(np.fft.rfft(beep))) / 0.3 == pytest.approx(1000, abs=5)
    assert not tones.silence(0.5).any() and tones.silence(0.5).size == 4000


def test_the_tone_for_what_is_missing_ships_with_the_package() -> None:
    sound, rate = soundfile.read(MISSING, dtype="float32")
    assert rate == RATE
    assert np.allclose(sound, tones.missing(), atol=2 / 32768)
