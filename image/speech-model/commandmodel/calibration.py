"""From Vosk's confidence to how often it is right, and from which confidence on to act.

Logistic regression on trials that no table reports: the even half of the human recordings and of
the held-out voices, and the languages set aside for tuning.
"""

from collections.abc import Sequence

import numpy as np

from .evaluation import Trial

POINTS = np.array([0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0])
STEPS, RATE, DECAY = 4000, 0.5, 1e-3
WRONG_ASKED, WRONG_ACTED = 0.08, 0.03  # share of other speech that may get as far
LEAST = 0.25  # asking about what is wrong three times of four only annoys


def usable(found: Sequence[Trial]) -> list[Trial]:
    """Trials that may be tuned on."""
    return [t for t in found if t.half in ("even", "tuning") and t.group != "human letters"]


def curve(found: Sequence[Trial]) -> list[tuple[float, float]]:
    """Points (confidence, share right), rising in both."""
    heard = [t for t in usable(found) if t.heard.inside]
    confidence = np.array([t.heard.confidence for t in heard])
    right = np.array([t.right for t in heard], float)
    slope, offset = _logistic(_spread(confidence), right)
    shares = 1 / (1 + np.exp(-(slope * _spread(POINTS) + offset)))
    return [(float(x), round(float(y), 3)) for x, y in zip(POINTS, shares, strict=True)]


def thresholds(
    found: Sequence[Trial], points: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """(accept, confirm) on the calibrated scale: the lowest that keep other speech out."""
    others = [t for t in usable(found) if t.text is None]
    given = [np.interp(t.heard.confidence, *zip(*points, strict=True)) for t in others]
    inside = np.array([t.heard.inside for t in others])
    tried = np.round(np.arange(LEAST, 0.995, 0.01), 2)

    def lowest(allowed: float) -> float:
        passing = [x for x in tried if np.mean(inside & (np.array(given) >= x)) <= allowed]
        return float(passing[0]) if passing else float(tried[-1])

    confirm = lowest(WRONG_ASKED)
    return max(lowest(WRONG_ACTED), confirm), confirm


def _spread(confidence: np.ndarray) -> np.ndarray:
    """Confidences crowd near 1: their log odds, held finite, do not."""
    held = np.clip(confidence, 0.01, 0.995)
    return np.log(held / (1 - held))


def _logistic(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    slope, offset = 0.5, 0.0
    for _ in range(STEPS):
        error = 1 / (1 + np.exp(-(slope * x + offset))) - y
        slope -= RATE * (float((error * x).mean()) + DECAY * slope) / 4
        offset -= RATE * float(error.mean())
    return max(slope, 0.0), offset
