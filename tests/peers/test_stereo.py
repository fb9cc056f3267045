"""Softphones that speak Opus in two channels (RFC 7587 6.1) are heard as loud as all others."""

from unittest.mock import patch

from appliance.model import events as ev
from tests.peers import baresip
from tests.peers.hearing import taped
from tests.peers.lane import Lane, moment
from tests.peers.test_baresip import ends_with
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ

SEAT = "sip:desk@{ip}4:5100"
TALK_S = 2.5
OFF_DB = 2.5
CONFIG = baresip.CONFIG.replace("opus_stereo no", "opus_stereo yes").replace(
    "opus_sprop_stereo no", "opus_sprop_stereo yes"
)


async def stereo(lane: Lane, user: str, place: tuple[int, int], hz: float) -> baresip.Baresip:
    """All softphones of this module are of this kind, so nobody else meets the changed names."""
    assert CONFIG.count("stereo yes") == 2
    phone = baresip.Baresip(
        lane.box.folder / user, user, (lane.box.network.host(place[0]), place[1]), "opus"
    )
    with (
        patch.object(baresip, "CONFIG", CONFIG),
        patch.dict(baresip.CODECS, opus="opus/48000/2"),
        patch.dict(baresip.SOURCE, opus=(48_000, 2)),
    ):
        return await phone.start(hz)


@together(seats=[SEAT])
async def test_two_channels_are_no_louder_than_one(lane: Lane) -> None:
    async with (
        await stereo(lane, "desk", (4, 5100), AGENT_HZ) as agent,
        await stereo(lane, lane.caller_number, (2, 5300), CALLER_HZ) as caller,
    ):
        await caller.press("dial", f"sip:{lane.number}@{lane.box.sip[0]}:{lane.box.sip[1]}")
        await lane.event(ev.TalkStarted)
        span = await moment(TALK_S)
        await caller.press("hangup")
        await lane.gone()
        assert [caller.spoke(), agent.spoke()] == ["opus", "opus"]
        ends_with(caller.heard(), TALK_S, AGENT_HZ, CALLER_HZ, "caller", OFF_DB)
        ends_with(agent.heard(), TALK_S, CALLER_HZ, AGENT_HZ, "agent", OFF_DB)
    taped(await lane.recording(), span, [CALLER_HZ], [AGENT_HZ], OFF_DB)
