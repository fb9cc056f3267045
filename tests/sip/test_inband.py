"""Keys as tones: spandsp hears all sixteen, at the levels and noise of a real line."""

import numpy as np
import pytest

from appliance.sip.inband import ToneKeys

LOW = (697, 770, 852, 941)
HIGH = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
RATE = 8000


def tone(key: str, ms: int = 100, dbm0: float = -12.0) -> np.ndarray:
    """One key as in ITU-T Q.23, each tone at `dbm0` (0 dBm0 is 3.14 dB below full scale)."""
    row = next(r for r, keys in enumerate(KEYS) if key in keys)
    times = np.arange(RATE * ms // 1000) / RATE
    peak = 32768 * 10 ** ((dbm0 - 3.14) / 20)
    wave = sum(np.sin(2 * np.pi * f * times) for f in (LOW[row], HIGH[KEYS[row].index(key)]))
    return np.asarray(peak * wave)


def heard(signal: np.ndarray) -> str:
    samples = np.clip(signal, -32768, 32767).astype(np.int16)
    detector = ToneKeys()
    blocks = [samples[i : i + 320] for i in range(0, len(samples), 320)]
    return "".join(detector.feed(block.tobytes()) for block in blocks)


def dialled(keys: str, **how: float) -> np.ndarray:
    gap = np.zeros(RATE // 10)
    parts = [part for key in keys for part in (tone(key, **how), gap)]
    return np.concatenate([gap, *parts])


@pytest.mark.parametrize("level", [-3.0, -12.0, -24.0])
def test_all_sixteen_keys(level: float) -> None:
    assert heard(dialled("0123456789*#ABCD", dbm0=level)) == "0123456789*#ABCD"


def test_repeated_key_counts_each_press() -> None:
    assert heard(dialled("1100")) == "1100"


def test_tone_shorter_than_a_key_press_is_not_a_key() -> None:
    assert heard(dialled("5", ms=15)) == ""


def test_noise_at_20_db_below_the_tones() -> None:
    rng = np.random.default_rng(1)
    signal = dialled("159#", dbm0=-12.0)
    noise = rng.normal(0, 32768 * 10 ** ((-32 - 3.14) / 20), len(signal))
    assert heard(signal + noise) == "159#"


def test_loud_noise_alone_is_no_key() -> None:
    rng = np.random.default_rng(2)
    assert heard(rng.normal(0, 3000, RATE * 10)) == ""
