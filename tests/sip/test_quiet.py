"""Quiet is measured by level, not by packets."""

import numpy as np
import pytest

from appliance.sip.quiet import QuietMeter, level_dbov


def block(dbov: float, ms: int = 100) -> memoryview:
    """A 400 Hz tone of this RMS level."""
    times = np.arange(8 * ms) / 8000
    wave = 32768 * 10 ** (dbov / 20) * np.sqrt(2) * np.sin(2 * np.pi * 400 * times)
    return memoryview(wave.astype(np.int16).tobytes())


@pytest.mark.parametrize("level", [-10.0, -30.0, -50.0])
def test_level_of_a_tone(level: float) -> None:
    assert level_dbov(block(level).cast("h")) == pytest.approx(level, abs=0.3)


def test_quiet_adds_up_and_speech_starts_it_anew() -> None:
    meter = QuietMeter()
    for _ in range(20):
        meter.feed(block(-60.0))
    assert meter.quiet_s == pytest.approx(2.0)
    assert meter.feed(block(-38.0)) == 0.0
    assert meter.feed(memoryview(bytes(1600))) == pytest.approx(0.1)


def test_no_samples_change_nothing() -> None:
    assert QuietMeter().feed(memoryview(b"")) == 0.0
