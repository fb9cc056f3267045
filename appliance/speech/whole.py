"""What a finished prompt is. Known to the core, which makes none and so loads no numpy."""

import wave
from pathlib import Path

RATE = 8000
LEVEL_DBOV = -20.0


class SoundError(Exception):
    """A file that cannot be played. Says what is wrong and what to do, in two sentences."""


def is_whole(path: Path) -> bool:
    """Is this a prompt that `write_wav` finished? Looks at the header and the size only.

    Not with libsndfile, which takes a cut file for a shorter one.
    """
    try:
        with wave.open(str(path), "rb") as sound:
            shape = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            frames = sound.getnframes()
        return shape == (RATE, 1, 2) and 0 < 2 * frames <= path.stat().st_size - 44
    except (wave.Error, EOFError, OSError):
        return False
