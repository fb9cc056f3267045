"""A real softphone, baresip, as caller and as agent: codecs, hold and transfer by its keys."""

import time

from appliance.model import events as ev
from tests.peers.baresip import Baresip
from tests.peers.hearing import hears, taped
from tests.peers.lane import Lane, moment
from tests.peers.together import together
from tests.peers.tones import Samples, check
from tests.peers.witness import witness
from tests.peers.world import AGENT_HZ, CALLER_HZ, MUSIC_HZ, SECOND_HZ, SENT

SEAT = "sip:desk@{ip}4:51%d0"
PAIRS = ["pcma pcma", "pcmu g722", "g722 opus", "opus pcmu"]
TALK_S = 2.5
TOLERANCE_DB = {"opus": 2.5}


def ends_with(
    audio: Samples, seconds: float, wanted: float, absent: float, what: str, tolerance: float
) -> None:
    """The last seconds of what a softphone wrote down; its jitter buffer ends a little early."""
    length = len(audio) / 8000
    span = (length - seconds + 0.7, length - 0.3)
    ended = time.time()
    check(
        audio,
        *span,
        wanted={wanted: SENT},
        absent=(absent, MUSIC_HZ),
        what=what,
        tolerance=tolerance,
        excused=lambda a, b: witness().spoilt(ended - length + a - 0.5, ended - length + b),
    )


async def phone_of(lane: Lane, n: int, codec: str, hz: float) -> Baresip:
    """Seat number n (see `seats=`), ready to answer."""
    place = (lane.box.network.host(4), 5100 + 10 * n)
    return await Baresip(lane.box.folder / f"seat-{lane.index}", "desk", place, codec).start(hz)


async def caller_of(lane: Lane, codec: str) -> Baresip:
    place = (lane.box.network.host(2), 5300 + 10 * lane.index)
    folder = lane.box.folder / f"caller-{lane.index}"
    return await Baresip(folder, lane.caller_number, place, codec).start(CALLER_HZ)


async def both(lane: Lane, n: int, codecs: str) -> None:
    own, other = codecs.split()
    off = [TOLERANCE_DB.get(codec, 2.0) for codec in (own, other)]
    async with (
        await phone_of(lane, n, other, AGENT_HZ) as agent,
        await caller_of(lane, own) as caller,
    ):
        await caller.press("dial", f"sip:{lane.number}@{lane.box.sip[0]}:{lane.box.sip[1]}")
        await lane.event(ev.TalkStarted)
        span = await moment(TALK_S)
        await caller.press("hangup")
        await lane.gone()
        assert [caller.spoke(), agent.spoke()] == [own, other]
        ends_with(caller.heard(), TALK_S, AGENT_HZ, CALLER_HZ, f"caller, {own}", max(off))
        ends_with(agent.heard(), TALK_S, CALLER_HZ, AGENT_HZ, f"agent, {other}", max(off))
    taped(await lane.recording(), span, [CALLER_HZ], [AGENT_HZ], max(off))


@together(seats=[SEAT % 0])
async def test_g711_to_g711(lane: Lane) -> None:
    await both(lane, 0, PAIRS[0])


@together(seats=[SEAT % 1])
async def test_g711_to_g722(lane: Lane) -> None:
    await both(lane, 1, PAIRS[1])


@together(seats=[SEAT % 2])
async def test_g722_to_opus(lane: Lane) -> None:
    await both(lane, 2, PAIRS[2])


@together(seats=[SEAT % 3])
async def test_opus_to_g711(lane: Lane) -> None:
    await both(lane, 3, PAIRS[3])


@together(seats=[SEAT % 4])
async def test_hold_by_the_softphones_key(lane: Lane) -> None:
    async with await phone_of(lane, 4, "pcma", AGENT_HZ) as agent:
        caller = lane.dial(CALLER_HZ)
        await lane.event(ev.TalkStarted)
        first = await moment(1.5)
        await agent.press("hold")
        await lane.event(ev.HoldStarted)
        held = await moment(1.5)
        await agent.press("resume")
        await lane.event(ev.HoldEnded)
        after = await moment(1.5)
        await agent.press("hangup")
        await caller.ended()
        hears(caller, first, AGENT_HZ)
        hears(caller, held, MUSIC_HZ)
        hears(caller, after, AGENT_HZ)


@together(seats=[SEAT % 5], agents=2, second_queue=True)
async def test_blind_transfer_by_the_softphones_key(lane: Lane) -> None:
    lane.phones[1].answers(SECOND_HZ)
    async with await phone_of(lane, 5, "pcma", AGENT_HZ) as agent:
        caller = lane.dial(CALLER_HZ)
        await lane.event(ev.TalkStarted)
        first = await moment(1.5)
        box = lane.box.sip
        await agent.press("transfer", f"sip:{lane.agents[1]}@{box[0]}:{box[1]}")
        await lane.event(ev.TalkStarted, agent=lane.agents[1])
        span = await moment(1.5)
        await caller.bye()
        hears(caller, first, AGENT_HZ)
        hears(caller, span, SECOND_HZ)
        assert lane.all(ev.TransferEnded)[0].result == "completed"
