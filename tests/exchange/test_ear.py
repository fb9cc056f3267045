"""Measuring: levels are right to a tenth of a dB, and speech or music is not taken for a tone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.exchange.ear import WINDOW_S, Ear
from appliance.sip.goertzel import FLOOR_DBOV, RATE, Goertzel, amplitude, dbov, loudness

TONES = (600.0, 650.0, 1000.0, 2310.0)
WINDOW = int(WINDOW_S * RATE)
MEASURE = Goertzel(TONES, WINDOW)
Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


def sine(hz: float, level: float, phase: float = 0.0, seconds: float = WINDOW_S) -> Samples:
    at = np.arange(round(seconds * RATE)) * (2 * math.pi * hz / RATE) + phase
    return np.round(amplitude(level) * np.sin(at)).astype(np.int16)


@given(st.sampled_from(TONES), st.floats(-55, -4), st.floats(0, 6.28))
def test_a_tone_is_measured_at_its_level_whatever_its_phase(
    hz: float, level: float, phase: float
) -> None:
    levels = MEASURE.levels(sine(hz, level, phase))
    assert levels[hz] == pytest.approx(level, abs=0.2)
    others = [found for tone, found in levels.items() if tone != hz]
    assert max(others) < level - 40


def test_two_tones_at_once_keep_their_own_levels() -> None:
    levels = MEASURE.levels(sine(600, -20) + sine(2310, -40))
    assert levels[600.0] == pytest.approx(-20, abs=0.2)
    assert levels[2310.0] == pytest.approx(-40, abs=0.5)


def test_levels_are_of_rfc_6465() -> None:
    full_scale_square = np.full(WINDOW, -32768, np.int16)
    assert loudness(full_scale_square) == 0.0
    assert loudness(sine(1000, -3.0103)) == pytest.approx(-3.01, abs=0.01)
    assert loudness(np.zeros(WINDOW, np.int16)) == FLOOR_DBOV == dbov(0)
    assert loudness(np.zeros(0, np.int16)) == FLOOR_DBOV


def hear(ear: Ear, *windows: Samples, at_s: float = 0.0) -> list[tuple[float, bool]]:
    changes = []
    for window in windows:
        at_s += WINDOW_S
        for hz, up, _ in ear.feed(MEASURE.levels(window), loudness(window), at_s):
            changes.append((hz, up))
    return changes


def test_a_tone_comes_up_after_three_windows_and_goes_after_three() -> None:
    ear, silence = Ear(), np.zeros(WINDOW, np.int16)
    tone = sine(1000, -20)
    assert hear(ear, tone, tone) == []
    assert hear(ear, tone) == [(1000.0, True)]
    assert hear(ear, silence, silence, tone) == []
    assert hear(ear, *[silence] * 3) == [(1000.0, False)]
    found = ear.summary()["heard"]["1000"]
    assert found["seconds"] == pytest.approx(0.8) and found["times"] == 1
    assert found["level_dbov"] == pytest.approx(-20, abs=0.1)
    assert ear.summary()["silent_s"] == pytest.approx(1.0)


def test_a_faint_tone_is_heard_below_a_loud_voice() -> None:
    rng = np.random.default_rng(1)
    voice = (rng.normal(0, 1, (10, WINDOW)) * 0.08 * 32768).astype(np.int16)  # about -22 dBov
    windows = [row + sine(2310, -38) for row in voice]
    assert (2310.0, True) in hear(Ear(), *windows)
    assert hear(Ear(), *voice) == []


def test_a_melody_is_no_tone() -> None:
    """Notes at the very frequency, but not held."""
    notes = [sine(1000, -20), sine(1000, -20), sine(1122, -20), sine(891, -20)] * 5
    assert hear(Ear(), *notes) == []


@given(st.lists(st.tuples(st.sampled_from(TONES), st.booleans()), max_size=60))
def test_changes_alternate_and_the_sum_adds_up(plan: list[tuple[float, bool]]) -> None:
    ear, up = Ear(), dict.fromkeys(TONES, False)
    for number, (hz, on) in enumerate(plan):
        levels = {tone: -20.0 if on and tone == hz else FLOOR_DBOV for tone in TONES}
        for tone, is_up, _ in ear.feed(levels, -20.0 if on else FLOOR_DBOV, number * WINDOW_S):
            assert up[tone] != is_up
            up[tone] = is_up
    summary = ear.summary()
    assert summary["audio_s"] == pytest.approx(len(plan) * WINDOW_S)
    assert summary["silent_s"] == pytest.approx(sum(not on for _, on in plan) * WINDOW_S)
