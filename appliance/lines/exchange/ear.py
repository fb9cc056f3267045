"""Which tones one party has heard, for how long and how loud: pure, fed with measured windows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WINDOW_S = 0.2
UP_WINDOWS, DOWN_WINDOWS = 3, 3
"""A tone comes up or goes after so many windows in a row: speech holds no tone for 0.6 s."""
LEAST_DBOV = -50.0
LEAST_SHARE_DB = -25.0
"""Against everything in the window: a faint agent's tone is heard below a loud voice."""


@dataclass
class _Tone:
    up: bool = False
    run: int = 0
    windows: int = 0
    power: float = 0.0
    first_s: float = 0.0
    last_s: float = 0.0
    times: int = 0


@dataclass
class Ear:
    """`feed` returns (hz, came up, level dBov) for each change."""

    tones: dict[float, _Tone] = field(default_factory=dict)
    windows: int = 0
    silent: int = 0
    power: float = 0.0

    def feed(
        self, levels: Mapping[float, float], level: float, at_s: float
    ) -> list[tuple[float, bool, float]]:
        """`at_s`: seconds since the call's answer, at the window's end."""
        self.windows += 1
        self.silent += level < LEAST_DBOV
        self.power += 10 ** (level / 10)
        changes = []
        for hz, tone_level in levels.items():
            present = tone_level >= LEAST_DBOV and tone_level - level >= LEAST_SHARE_DB
            if present or hz in self.tones:
                change = self._tone(hz, present, tone_level, at_s)
                if change is not None:
                    changes.append((hz, change, round(tone_level, 1)))
        return changes

    def _tone(self, hz: float, present: bool, level: float, at_s: float) -> bool | None:
        """True: it came up; False: it is gone."""
        tone = self.tones.setdefault(hz, _Tone(first_s=at_s))
        if present:
            tone.windows += 1
            tone.power += 10 ** (level / 10)
            tone.last_s = at_s
        tone.run = tone.run + 1 if present != tone.up else 0
        if tone.run < (DOWN_WINDOWS if tone.up else UP_WINDOWS):
            return None
        tone.run, tone.up = 0, not tone.up
        tone.times += tone.up
        return tone.up

    def summary(self) -> dict[str, Any]:
        """Seconds and mean level of all received audio and of each tone that came up."""
        heard = {
            f"{hz:g}": {
                "seconds": round(tone.windows * WINDOW_S, 1),
                "level_dbov": _mean(tone.power, tone.windows),
                "first_s": round(tone.first_s, 1),
                "last_s": round(tone.last_s, 1),
                "times": tone.times,
            }
            for hz, tone in sorted(self.tones.items())
            if tone.times
        }
        return {
            "audio_s": round(self.windows * WINDOW_S, 1),
            "silent_s": round(self.silent * WINDOW_S, 1),
            "level_dbov": _mean(self.power, self.windows),
            "heard": heard,
        }


def _mean(power: float, windows: int) -> float:
    return round(10 * math.log10(power / windows), 1) if windows and power > 0 else -100.0
