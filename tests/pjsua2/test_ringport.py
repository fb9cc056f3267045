"""RingPort: samples go through whole, and the clock does not care what Python does."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.pjsua2.audio import level_db

pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]  # a first build


@pytest.mark.parametrize("load", ["calm", "busy"])
def test_a_tone_goes_through_whole(run: Callable[..., str], tmp_path: Path, load: str) -> None:
    output = run("ring_box.py", tmp_path / "heard.raw", 4, load)
    facts = json.loads(output.splitlines()[-1])
    assert facts["rate"] == pytest.approx(50, abs=1), "frames per second of the clock"
    assert facts["dropped"] == 0 and facts["under"] == 0
    heard = np.fromfile(tmp_path / "heard.raw", "<i2").astype(float)
    tone = heard[np.flatnonzero(heard)[0] :][: 3 * 8000]
    assert tone.size == 3 * 8000
    # One missing or doubled frame would spread the tone's energy.
    assert level_db(tone, 1000) > level_db(tone, 1050) + 60
    expected = 8000 * np.sin(2 * np.pi * np.arange(8) / 8)
    periods = tone.reshape(-1, 8)
    assert np.abs(np.abs(np.fft.fft(periods)[:, 1]) - np.abs(np.fft.fft(expected)[1])).max() < 100
