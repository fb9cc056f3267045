"""Call centre figures from counts and sums over a named window. Pure.

Definitions: offered = entered a queue; a caller who leaves in the call flow is no abandon;
short abandons are kept out of the abandonment rate and, by formula, of the service level.
All averages are true averages of the window.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

Formula = Literal[
    "answered_and_abandoned", "answered_only", "all_offered", "late_abandons", "short_abandons"
]

FORMULAS: dict[Formula, str] = {
    "answered_and_abandoned": "(answered in time + abandoned in time) / (answered + abandoned)",
    "answered_only": "answered in time / answered",
    "all_offered": "answered in time / (answered + abandoned)",
    "late_abandons": "answered in time / (answered + abandoned after the time)",
    "short_abandons": "(answered in time + short abandons) / (answered + abandoned)",
}
"""In words, for screens: a service level is never shown without its formula."""


class Counts(msgspec.Struct, kw_only=True):
    """Sums over a window. "In time" is within the service level's seconds, wait included.

    `handled` are talks of agents with callers (consultations are not counted); `busy_s` is
    talking, holding and wrapping up, `available_s` ready or ringing, over the agents in
    question.
    """

    offered: int = 0
    answered: int = 0
    answered_in: int = 0
    abandoned: int = 0
    abandoned_in: int = 0
    short_abandoned: int = 0
    wait_answered_s: float = 0.0
    longest_wait_s: float = 0.0
    handled: int = 0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    busy_s: float = 0.0
    available_s: float = 0.0


class Kpi(msgspec.Struct, kw_only=True):
    """Rates are 0 to 1, times are seconds; None where nothing happened to divide by."""

    service_level: float | None
    service_level_formula: Formula
    service_level_s: float
    asa_s: float | None
    aht_s: float | None
    acw_s: float | None
    abandonment: float | None
    occupancy: float | None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


_LEVEL: dict[Formula, Callable[[Counts], float | None]] = {
    "answered_and_abandoned": lambda c: _ratio(
        c.answered_in + c.abandoned_in, c.answered + c.abandoned
    ),
    "answered_only": lambda c: _ratio(c.answered_in, c.answered),
    "all_offered": lambda c: _ratio(c.answered_in, c.answered + c.abandoned),
    "late_abandons": lambda c: _ratio(c.answered_in, c.answered + c.abandoned - c.abandoned_in),
    "short_abandons": lambda c: _ratio(c.answered_in + c.short_abandoned, c.answered + c.abandoned),
}


def service_level(counts: Counts, formula: Formula) -> float | None:
    """0 to 1, None before the first call."""
    return _LEVEL[formula](counts)


def asa_s(counts: Counts) -> float | None:
    """Average speed of answer: waits of the answered / answered."""
    return _ratio(counts.wait_answered_s, counts.answered)


def aht_s(counts: Counts) -> float | None:
    """Average handling time: (talk + hold + wrap-up) / handled."""
    return _ratio(counts.talk_s + counts.hold_s + counts.wrap_up_s, counts.handled)


def acw_s(counts: Counts) -> float | None:
    """Average after-call work: wrap-up / handled."""
    return _ratio(counts.wrap_up_s, counts.handled)


def abandonment(counts: Counts) -> float | None:
    """(abandoned - short) / (offered - short)."""
    short = counts.short_abandoned
    return _ratio(counts.abandoned - short, counts.offered - short)


def occupancy(counts: Counts) -> float | None:
    """(talk + hold + wrap-up) / (that + available), from the agents' states."""
    return _ratio(counts.busy_s, counts.busy_s + counts.available_s)


def kpi(counts: Counts, formula: Formula, seconds: float) -> Kpi:
    """All figures; `counts` must have been made with the same `seconds`."""
    return Kpi(
        service_level=service_level(counts, formula),
        service_level_formula=formula,
        service_level_s=seconds,
        asa_s=asa_s(counts),
        aht_s=aht_s(counts),
        acw_s=acw_s(counts),
        abandonment=abandonment(counts),
        occupancy=occupancy(counts),
    )
