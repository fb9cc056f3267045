"""Packets that come unevenly, as they do through the internet, are heard evenly."""

import asyncio

from tests.peers.hearing import hears, taped
from tests.peers.lane import Lane, moment
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ

JITTER_S = 0.012
LONG_S = 6.0
"""PJSIP's own buffer gives back every 2 s what it has learned."""


@together(cases=range(8))
async def test_uneven_packets_leave_no_hole_whatever_their_phase(lane: Lane, phase: int) -> None:
    """Eight calls, begun an eighth of a frame apart: some lie close to the bridge's own tick."""
    await asyncio.sleep(phase * 0.020 / 8)
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    caller.media.jitter_s = seat.media.jitter_s = JITTER_S
    span = await moment(LONG_S)
    await caller.bye()
    hears(seat, span, CALLER_HZ)
    hears(caller, span, AGENT_HZ)
    tape = await lane.recording()
    taped(tape, span, [CALLER_HZ], [AGENT_HZ])
