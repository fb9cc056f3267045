"""Durations that differ from time to time: ``5``, ``20..60``, ``exp 30``, ``exp 30 max 90``."""

import random
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

LONGEST_S = 86_400.0
_NUMBER = r"\d+(?:\.\d+)?"
_FIXED = re.compile(rf"^({_NUMBER})$")
_RANGE = re.compile(rf"^({_NUMBER})\.\.({_NUMBER})$")
_EXP = re.compile(rf"^exp ({_NUMBER})(?: max ({_NUMBER}))?$")
HELP = "seconds: 5, 20..60 (evenly), exp 30 (mean of an exponential) or exp 30 max 90"


@dataclass(frozen=True)
class Span:
    """Seconds, drawn anew each time. `mean` > 0: exponential, cut at `high`; else even."""

    low: float = 0.0
    high: float = 0.0
    mean: float = 0.0

    def draw(self, rng: random.Random) -> float:
        if self.mean:
            return min(rng.expovariate(1 / self.mean), self.high)
        return rng.uniform(self.low, self.high) if self.high > self.low else self.low

    def __str__(self) -> str:
        if self.mean:
            cut = f" max {self.high:g}" if self.high < LONGEST_S else ""
            return f"exp {self.mean:g}{cut}"
        return f"{self.low:g}..{self.high:g}" if self.high > self.low else f"{self.low:g}"


def parse_span(text: str) -> Span:
    """Raises ValueError with a text for people."""
    text = " ".join(text.split())
    if found := _FIXED.match(text):
        span = Span(float(found[1]), float(found[1]))
    elif found := _RANGE.match(text):
        span = Span(float(found[1]), float(found[2]))
    elif found := _EXP.match(text):
        span = Span(0.0, float(found[2] or LONGEST_S), float(found[1]))
    else:
        raise ValueError(f"{text!r} is no duration; write {HELP}")
    if span.high > LONGEST_S or span.low > span.high or (text.startswith("exp") and not span.mean):
        raise ValueError(f"{text!r}: write {HELP}, at most {LONGEST_S:g} s, smaller number first")
    return span


def _validate(value: Any) -> Span:
    if isinstance(value, Span):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is no duration; write {HELP}")
    return parse_span(value if isinstance(value, str) else repr(value))


Seconds = Annotated[Span, BeforeValidator(_validate), PlainSerializer(str)]
"""A duration field of the scenario: a number, or a text as above."""
