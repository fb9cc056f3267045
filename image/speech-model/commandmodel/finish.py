"""The last stage: the model folder, with confidences calibrated on what no table reports."""

import json
import shutil
from pathlib import Path

from appliance.speech.lexicon import adding

from . import calibration, package
from .evaluation import TUNED_ON, Trial, trials
from .network import Network

CONDITIONS = ("g711", "g711+noise15")


def make(network: Network, folder: Path, calibrated: bool = True) -> None:
    """Writes `folder` anew and calibrates it, which takes minutes."""
    if folder.exists():
        shutil.rmtree(folder)
    package.write(network, folder)
    if calibrated:
        calibrate(folder, trials(folder, CONDITIONS, TUNED_ON))


def calibrate(folder: Path, found: list[Trial]) -> None:
    """Writes curve and thresholds into the marker; `found` must come from the bare model."""
    path = folder / adding.MARKER
    told = json.loads(path.read_text("utf-8"))
    if not any(t.heard.inside for t in calibration.usable(found)):
        return  # a model that hears nothing: there is nothing to calibrate
    points = calibration.curve(found)
    accept, confirm = calibration.thresholds(found, points)
    told |= {"calibration": points, "accept": accept, "confirm": confirm}
    adding.write_marker(folder, told)
