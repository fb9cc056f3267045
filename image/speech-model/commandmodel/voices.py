"""The voices: which engine speaks, how it is varied, under which licence it comes.

`HELD_OUT` are heard in no training: they are what the evaluation is made with.
"""

import random
from dataclasses import dataclass

from .vocabulary import listed

CMU = "CMU Flite/Festvox licence (BSD-like, free use with notice)"
GPL3 = "GPL-3.0-or-later (engine and voice data; what it speaks is not covered)"


@dataclass(frozen=True)
class Voice:
    """A voice of a Debian package; `share` is its part of the training sentences."""

    engine: str
    name: str
    package: str
    licence: str
    share: float
    pitch: tuple[int, int] = (0, 0)


VOICES = [
    Voice("flite", "slt", "flite", CMU, 0.20, (140, 260)),
    Voice("flite", "rms", "flite", CMU, 0.13, (80, 200)),
    Voice("flite", "awb", "flite", CMU, 0.08, (90, 200)),
    Voice("flite", "kal16", "flite", CMU, 0.10, (80, 190)),
    Voice("flite", "kal", "flite", CMU, 0.02, (80, 190)),
    Voice("festival", "cmu_us_slt_arctic_hts", "festvox-us-slt-hts", "EST (BSD-like), BSD-3", 0.12),
    Voice("festival", "kal_diphone", "festvox-kallpc16k", "CMU (BSD-like, free use)", 0.07),
    Voice("espeak", "variants", "espeak-ng-data", GPL3, 0.28),
]
HELD_OUT = [
    Voice("festival", "ked_diphone", "festvox-kdlpc16k", "CMU (BSD-like, free use)", 0.5),
    *(
        Voice("espeak", f"en-us+{name}", "espeak-ng-data", GPL3, 0.1)
        for name in ("f5", "m7", "m8", "Annie", "Michael")
    ),
]
ACCENTS = ["en-us"] * 8 + ["en-gb", "en-gb-x-rp", "en-us-nyc", "en-gb-scotland"]
VARIANTS = listed(
    """
    adam Alex Alicia Andrea Andy antonio belinda benjamin boris caleb david Denis Diogo ed
    edward edward2 Gene Gene2 Henrique Hugo Jacky iven iven2 iven3 iven4 john kaukovalta Lee
    linda marcelo Marco Mario max michel miguel Mike Nguyen pablo paul pedro quincy
    RicishayMax RicishayMax2 rob robert steph steph2 steph3 Storm zac anika aunty grandma
    grandpa norbert sandro shelby travis victor f1 f2 f3 f4 klatt klatt2 klatt3 klatt4 m1 m2
    m3 m4 m5 m6
    """
)


@dataclass(frozen=True)
class Job:
    """One sentence by one voice. `pitch` in Hz (flite) or 0 to 99 (espeak); `pace` 1 is normal
    (flite, festival: stretch of time; espeak: words a minute)."""

    text: str
    engine: str
    voice: str
    pace: float = 1.0
    pitch: int = 0
    lilt: int = 0


def draw(text: str, rng: random.Random) -> Job:
    """`text` by a training voice in a random manner."""
    voice = rng.choices(VOICES, [v.share for v in VOICES])[0]
    if voice.engine == "flite":
        stretch = rng.choice([0.75, 0.85, 0.95, 1.0, 1.1, 1.2, 1.35])
        return Job(
            text, "flite", voice.name, stretch, rng.randint(*voice.pitch), rng.randint(6, 40)
        )
    if voice.engine == "festival":
        return Job(text, "festival", voice.name, rng.choice([0.8, 0.9, 1.0, 1.1, 1.25, 1.4]))
    name = f"{rng.choice(ACCENTS)}+{rng.choice(VARIANTS)}"
    return Job(text, "espeak", name, rng.randint(110, 195), rng.randint(25, 80), rng.randint(0, 4))


def draw_held_out(text: str, rng: random.Random) -> Job:
    """`text` by a voice that no training hears, at its usual pace."""
    voice = rng.choices(HELD_OUT, [v.share for v in HELD_OUT])[0]
    if voice.engine == "festival":
        return Job(text, "festival", voice.name)
    return Job(text, "espeak", voice.name, 150, 50)
