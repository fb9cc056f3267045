"""What a box says about a trouble, and short calls to see that it still takes them."""

import asyncio
import time

from appliance.model import events as ev
from tests.faults.faultbox import FaultBox
from tests.peers.hearing import hears
from tests.peers.lane import Lane, moment
from tests.peers.phone import Call
from tests.peers.world import AGENT_HZ, CALLER_HZ


async def refused(box: FaultBox, *wanted: str, status: int = 1, seconds: float = 30.0) -> str:
    """Start it; it ends with this status and says all of that. Returns what it said."""
    before = len(box.said())
    box.write_site()
    await box.spawn()
    assert await box.end(seconds) == status, box.said()[before:]
    said = box.said()[before:]
    for text in wanted:
        assert text in said, said
    assert "Traceback" not in said, said
    return said


async def a_call_gets_through(lane: Lane) -> None:
    caller, seat = await lane.talk()
    await asyncio.sleep(0.3)
    await caller.bye()
    await seat.ended()
    await lane.gone()


async def both_hear_each_other(caller: Call, seat: Call, seconds: float = 1.2) -> None:
    """In every 100 ms of so many seconds from now."""
    span = await moment(seconds)
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


async def trouble(
    box: FaultBox, where: str, *, over: bool = False, seconds: float = 20.0
) -> ev.Trouble:
    """The first such trouble since the start, which says all that it should."""
    found: ev.Trouble = await box.event(ev.Trouble, seconds, where=where, over=over)
    assert found.meaning and found.remedy
    return found


async def board_troubles(box: FaultBox, where: str) -> list[str]:
    """What the wallboard shows of a place."""
    rows = (await box.snapshot())["board"]["troubles"]
    return [str(row["what"]) for row in rows if row["where"] == where]


async def board_is_clear(box: FaultBox, where: str, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while shown := await board_troubles(box, where):
        assert time.monotonic() < deadline, shown
        await asyncio.sleep(0.1)
