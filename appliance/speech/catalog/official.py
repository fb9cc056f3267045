"""Models that the Vosk project publishes and that can listen for the words of a menu.

Names, addresses and licences as its list has them (https://alphacephei.com/vosk/models). The
project publishes no SHA-256. Those here were measured on what its server sends, by at least two
parties independent of each other who published the same value; one that only one party or
nobody told is empty, and what the first fetch gets is pinned then.
"""

import re
from dataclasses import dataclass

BASE = "https://alphacephei.com/vosk/models/"
LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class Official:
    """One model. `size`: bytes of the zip. `sha256`: of the zip, '' when not known for sure."""

    name: str
    language: str
    size: int
    sha256: str = ""
    note: str = ""
    licence: str = LICENCE

    @property
    def address(self) -> str:
        return f"{BASE}{self.name}.zip"


OFFICIAL = (
    Official(
        "vosk-model-small-en-us-0.15",
        "en",
        41_205_931,
        "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
        "US English",
    ),
    Official(
        "vosk-model-small-en-in-0.4",
        "en",
        37_573_330,
        "20663dcac4d5cb783a579c54d98339344a688e4ec6e1b4a4b059fd1235454cc7",
        "Indian English",
    ),
    Official(
        "vosk-model-small-de-0.15",
        "de",
        46_499_967,
        "b7e53c90b1f0a38456f4cd62b366ecd58803cd97cd42b06438e2c131713d5e43",
    ),
    Official(
        "vosk-model-small-fr-0.22",
        "fr",
        42_233_323,
        "cabf6180e177eb9b3a9a9d43a437bd5e549f3a7d09525e5d69a3fed787be12ad",
    ),
    Official(
        "vosk-model-small-es-0.42",
        "es",
        39_817_833,
        "09b239888f633ef2f0b4e09736e3d9936acfd810bc65d53fad45261762c6511f",
    ),
    Official(
        "vosk-model-small-it-0.22",
        "it",
        49_665_141,
        "9ec65e75861d1c6c2e457cccd932705340dcdf233f5b239f00733b4de0bf3267",
    ),
    Official(
        "vosk-model-small-nl-0.22",
        "nl",
        40_441_176,
        "039811c3b829de64e4f123a9f684a53784005b212a346ac0b899dc7efce2ed0a",
    ),
    Official(
        "vosk-model-small-pl-0.22",
        "pl",
        52_979_372,
        "c4cd16498ea544f446f9e9a55cbd602b71cfe5a2b6f2b0834d81e1b6fce15f0d",
    ),
    Official(
        "vosk-model-small-pt-0.3",
        "pt",
        32_453_112,
        "6e1ce909032e1afa7a88e68a3d628ecafff302bdf195befab308826c395e93b7",
    ),
    Official(
        "vosk-model-small-ru-0.22",
        "ru",
        46_236_750,
        "961d5ff98a17f4aa6de69864d0aa71fa5bac682301d2b5d17a3f24c5c99a46d4",
    ),
    Official(
        "vosk-model-small-tr-0.3",
        "tr",
        36_855_784,
        "8c8d07cec1bce31add14967c16891c84152cdf76d391e33c08278119b9ea96e5",
    ),
    Official(
        "vosk-model-small-cs-0.4-rhasspy",
        "cs",
        46_088_666,
        "287c3bbefc8ad67b4ab9636eecef3d62acc3719990777d03e226db5a7f19fbda",
    ),
    Official(
        "vosk-model-small-hi-0.22",
        "hi",
        44_458_845,
        "7c50a10866889f0ac21d912c20537a055a597ed09fc1d3e5bcd798f9f0017e48",
    ),
    Official("vosk-model-small-uk-v3-small", "uk", 143_914_407),
    Official(
        "vosk-model-small-ca-0.4",
        "ca",
        43_405_881,
        "99f90bfff5c2b187c705ddbc20aaa2600eddc359466f404404f1db6029fba5d4",
    ),
    Official("vosk-model-small-sv-rhasspy-0.15", "sv", 303_504_931, licence="MIT"),
)

BY_NAME = {one.name: one for one in OFFICIAL}

_VOSK = re.compile(r"vosk-model(?:-small)?-([a-z]{2})-")
_OTHERWISE = {"cn": "zh", "vn": "vi", "kz": "kk", "ua": "uk", "br": "pt"}
"""Country codes that the Vosk project uses as languages."""


def language_of(name: str) -> str:
    """ISO 639-1 language that a name in the Vosk project's manner tells, '' for others."""
    found = _VOSK.match(f"{name}-")
    return _OTHERWISE.get(found[1], found[1]) if found else ""
