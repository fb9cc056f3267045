"""Who hears whom, asked of both ends and of the recording."""

from collections.abc import Iterable

from tests.peers.lane import Tape
from tests.peers.phone import Call
from tests.peers.tones import Samples, check
from tests.peers.witness import witness
from tests.peers.world import (
    EVERYTHING,
    PROMPT_DBOV,
    PROMPTS,
    SENT,
)

EDGE_S = 0.4
"""Left out at the beginning of a span: jitter buffers, and the moment of the bridge."""
TAIL_S = 0.1
"""Left out at its end: what is said then is still on its way when a party hangs up."""
TOLERANCE_DB = 2.0
Span = tuple[float, float]


def hears(call: Call, span: Span, *wanted: float, edge: float = EDGE_S) -> None:
    """In each 100 ms of the span (Unix times) `call` hears these tones and no others."""
    since, until = span
    audio = call.media.heard(since, until)
    _check(audio, since, (edge, until - since - TAIL_S), wanted, call.phone.user)


def hears_nothing(call: Call, span: Span) -> None:
    hears(call, span)


def taped(
    tape: Tape,
    span: Span,
    caller: Iterable[float],
    floor: Iterable[float],
    tolerance: float = TOLERANCE_DB,
) -> None:
    """What the recording's two channels hold in a span of Unix times."""
    since, until = (at - tape.began for at in span)
    for name, channel, wanted in (("caller", tape.caller, caller), ("floor", tape.floor, floor)):
        part = (since + EDGE_S, until - TAIL_S)
        _check(channel, tape.began, part, tuple(wanted), f"recording, {name}", tolerance)


def _check(
    samples: Samples,
    began: float,
    part: Span,
    wanted: Iterable[float],
    what: str,
    tolerance: float = TOLERANCE_DB,
) -> None:
    levels = {hz: PROMPT_DBOV if hz in PROMPTS else SENT for hz in wanted}
    absent = [hz for hz in EVERYTHING if hz not in levels]
    check(
        samples,
        *part,
        wanted=levels,
        absent=absent,
        tolerance=tolerance,
        what=f"{what}, span from {began % 1000:.3f}",
        excused=lambda a, b: witness().spoilt(began + a, began + b),
    )
