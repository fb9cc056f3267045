"""sipp on both sides: several calls at once, the voices proved in every recording."""

import asyncio

from appliance.model import events as ev
from tests.peers.box import matching
from tests.peers.hearing import taped
from tests.peers.lane import Lane
from tests.peers.sipp import Sipp
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ

AGENTS = 4
TALK_MS = 3000


@together(agents=AGENTS, seats=[f"sip:agent{n}@{{ip}}4:5200" for n in range(AGENTS)])
async def test_four_sipp_callers_talk_with_four_sipp_agents(lane: Lane) -> None:
    network, folder = lane.box.network, lane.box.folder
    agents = Sipp(folder / "agents", (network.host(4), 5200), AGENT_HZ)
    callers = Sipp(folder / "callers", (network.host(2), 5210), CALLER_HZ)
    try:
        await agents.start("agent", "-m", str(AGENTS), "-mp", "30000")
        target = f"{lane.box.sip[0]}:{lane.box.sip[1]}"
        await callers.start(
            "caller", target, "-s", lane.number, "-m", str(AGENTS), "-l", str(AGENTS),
            "-r", "4", "-d", str(TALK_MS), "-mp", "31000",
        )  # fmt: skip
        await asyncio.gather(callers.done(), agents.done())
    finally:
        await callers.stop()
        await agents.stop()
    await lane.gone()
    assert [e.outcome for e in lane.all(ev.CallEnded)] == ["answered"] * AGENTS
    assert {e.agent for e in lane.all(ev.TalkStarted)} == set(lane.agents)
    tapes = [await lane.recording(n + 1) for n in range(AGENTS)]
    for tape in tapes:
        call = tape.finished.call
        span = [
            at
            for kind in (ev.TalkStarted, ev.TalkEnded)
            for at, _ in matching(lane.records(), kind, call=call)
        ]
        taped(tape, (span[0], span[1]), [CALLER_HZ], [AGENT_HZ])
