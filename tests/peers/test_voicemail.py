"""A message ends by itself when the caller says nothing any more."""

import pytest

from appliance.model import events as ev
from tests.peers.lane import Lane, moment
from tests.peers.together import together

FLOW = {
    "start": "mail",
    "fallback": "bye",
    "node": {
        "mail": {"type": "voicemail", "mailbox": "{mailbox}", "prompt": {"file": "greeting.wav"}},
        "bye": {"type": "hang_up"},
    },
}
SILENCE_S = 8.0


@together(flow=FLOW)
async def test_silence_ends_the_message_and_the_call(lane: Lane) -> None:
    caller = await lane.dial().answered()
    await lane.event(ev.RecordingStarted)
    await moment(1.5)
    caller.media.tone(0)
    left = await lane.event(ev.VoicemailLeft, seconds=SILENCE_S + 6)
    assert left.duration_s == pytest.approx(1.5 + SILENCE_S, abs=0.8)
    await caller.ended()
    await lane.gone()
    assert lane.outcome == "voicemail"
