"""The tone of a key that is left in the sound: not a voice, though it is as loud and as steady."""

import numpy as np

from appliance.speech.live.recogniser import RATE

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
"""Hz, ITU-T Q.23."""
SHARE = 0.8
"""Of a frame's energy in one row and one column; a tone has 0.92 and more, of 80,000 frames of
people who speak none."""
EACH = 0.1
_DEVIATIONS = (0.988, 1.0, 1.012)
_SIZE = RATE // 50
_HZ = np.outer(ROWS + COLUMNS, _DEVIATIONS).ravel()
_TURNS = np.exp(-2j * np.pi * np.outer(_HZ, np.arange(_SIZE)) / RATE)
_ROWS = len(ROWS) * len(_DEVIATIONS)


def is_key_tone(frame: bytes) -> bool:
    """Of 20 ms of int16 samples at 8 kHz: Goertzel's sums at each frequency and 1.2 % beside."""
    wide = np.frombuffer(frame, np.int16).astype(np.float64)
    energy = float(np.dot(wide, wide))
    if energy == 0.0:
        return False
    shares = np.abs(_TURNS @ wide) ** 2 * (2 / _SIZE / energy)
    row, column = float(np.max(shares[:_ROWS])), float(np.max(shares[_ROWS:]))
    return row + column > SHARE and min(row, column) > EACH
