"""What a model says of itself: `callfloor-model.json` in its folder, and its Kaldi options.

Official Vosk models have no such file; then the defaults below count.
"""

import itertools
from pathlib import Path
from typing import Annotated

import msgspec

from appliance.speech.live.recogniser import RATE

FILE = "callfloor-model.json"
SURE, UNSURE = 0.75, 0.5
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class UnfitModel(Exception):
    """The folder holds no model that can hear a telephone call; the message names the file."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """`accept`: confidence from which an answer is acted on; `confirm`: from which it is asked
    back. `decoys`: words in every grammar that stand for what no question asks for.
    `calibration`: points from the recogniser's own confidence to how often it is right, rising
    in both; between them it is a straight line."""

    id: str = ""
    language: str = ""
    kind: str = ""
    sample_rate: int = RATE
    accept: Share = SURE
    confirm: Share = UNSURE
    decoys: tuple[str, ...] = ()
    calibration: tuple[tuple[Share, Share], ...] = ()

    def calibrated(self, confidence: float) -> float:
        points = self.calibration
        if not points:
            return confidence
        if confidence <= points[0][0]:
            return points[0][1]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if confidence <= x1:
                return y0 + (y1 - y0) * (confidence - x0) / (x1 - x0) if x1 > x0 else y1
        return points[-1][1]


def describe(folder: Path) -> Description:
    """Reads what a model says of itself. Raises `UnfitModel`."""
    for name in ("am/final.mdl", "conf/mfcc.conf"):
        if not (folder / name).is_file() and not (folder / Path(name).name).is_file():
            raise UnfitModel(f"{folder / name} is missing")
    _check_rate(folder)
    file = folder / FILE
    if not file.is_file():
        return Description(id=folder.name)
    try:
        told = msgspec.json.decode(file.read_bytes(), type=Description)
    except (OSError, msgspec.DecodeError) as error:
        raise UnfitModel(f"{file}: {error}") from None
    return msgspec.structs.replace(told, id=told.id or folder.name)


def _check_rate(folder: Path) -> None:
    """A telephone gives 8 kHz; Kaldi fails on it, unless told to upsample, with a model of 16."""
    file = folder / "conf/mfcc.conf"
    if not file.is_file():
        file = folder / "mfcc.conf"
    try:
        options = _options(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitModel(f"{file}: {error}") from None
    rate = options.get("sample-frequency", "16000")
    try:
        wanted = float(rate)
    except ValueError:
        raise UnfitModel(f"{file}: sample-frequency is {rate!r}") from None
    if wanted > RATE and options.get("allow-upsample") not in ("true", ""):
        raise UnfitModel(f"{file}: made for {wanted:.0f} Hz; calls have {RATE} Hz")


def _options(text: str) -> dict[str, str]:
    pairs = (line.strip().removeprefix("--").partition("=") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
