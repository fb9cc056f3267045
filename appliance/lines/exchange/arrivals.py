"""When callers come: fixed times, and a Poisson process whose rate may swing."""

import heapq
import math
import random
from collections.abc import Iterator

from appliance.lines.exchange.scenario import CallerGroup


def arrivals(group: CallerGroup, rng: random.Random) -> Iterator[float]:
    """Seconds after the start, rising. Without end where per_hour has no `calls`."""
    return heapq.merge(iter(sorted(group.at)), _random(group, rng))


def _random(group: CallerGroup, rng: random.Random) -> Iterator[float]:
    """Thinning (Lewis & Shedler 1979): arrivals at the peak rate, of which some are kept."""
    if not group.per_hour:
        return
    wave = group.wave
    swing = wave.swing if wave else 0.0
    peak = group.per_hour / 3600 * (1 + swing)
    now, count = 0.0, 0
    while not group.calls or count < group.calls:
        now += rng.expovariate(peak)
        angle = 2 * math.pi * now / wave.period_s if wave else 0.0
        if rng.random() * (1 + swing) < 1 + swing * math.sin(angle):
            count += 1
            yield now


def draw_number(pattern: str, rng: random.Random) -> str:
    """``+4930200####`` with a digit for each #."""
    return "".join(rng.choice("0123456789") if c == "#" else c for c in pattern)
