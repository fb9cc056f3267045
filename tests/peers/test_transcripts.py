"""What callers and agents really say over SIP becomes text, with a core and an office at work."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from appliance.model import events as ev
from appliance.model.transcript import Transcript
from appliance.recording.verify import TYPES, Report, verify
from appliance.store.eventlog import FILE
from appliance.store.reader import EventReader
from tests.peers import speaking
from tests.peers.box import ROOT, Box
from tests.peers.lane import Lane, moment
from tests.peers.speaking import needs_model, says, speech_site, spoken
from tests.peers.together import together

pytestmark = needs_model
SITE = speech_site(enabled=False, transcribe=["voicemail", "calls"])
WORDS = ("billing", "sales", "support", "tuesday")
NEAR_S = 0.3
DONE_S = 40.0

_office: list[asyncio.subprocess.Process] = []


@asynccontextmanager
async def around(box: Box) -> AsyncIterator[None]:
    """Words to say, and an end for the office."""
    async with speaking.around(*WORDS)(box):
        yield
        for office in _office:
            office.terminate()
            assert await office.wait() == 0
        _office.clear()


async def office(box: Box) -> None:
    """There is one from here on; it begins with what was recorded before."""
    if not _office:
        _office.append(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "appliance.office", "--port", "0"),
                *("--site", str(box.site_path)),
                cwd=ROOT,
            )
        )


async def text(lane: Lane) -> Transcript:
    """The lane's text, as the log says that it is; the lane is empty by then."""
    await lane.gone()
    await office(lane.box)
    told = await lane.event(ev.RecordingTranscribed, DONE_S)
    body = (lane.box.data / "recordings" / told.path).read_bytes()
    assert hashlib.sha256(body).hexdigest() == told.sha256
    made = msgspec.json.decode(body, type=Transcript)
    assert (made.recording, made.words) == (told.recording, told.words)
    return made


MAIL = {
    "start": "mail",
    "fallback": "bye",
    "node": {
        "mail": {"type": "voicemail", "mailbox": "{mailbox}", "prompt": {"file": "greeting.wav"}},
        "bye": {"type": "hang_up"},
    },
}


@together(flow=MAIL)
async def test_a_message_is_read(lane: Lane) -> None:
    caller = await lane.dial(0).answered()
    await lane.event(ev.RecordingStarted)
    await moment(1.0)
    await says(caller, "billing")
    await moment(1.5)
    await says(caller, "tuesday")
    await moment(1.0)
    await caller.bye()
    made = await text(lane)
    heard = [(u.channel, w.word) for u in made.utterances for w in u.words]
    assert heard == [("caller", "billing"), ("caller", "tuesday")]
    first, second = (u.start for u in made.utterances)
    length = len(spoken("billing")) / 8000
    assert abs(second - first - length - 1.5) < NEAR_S


@together(queue={"record": True})
async def test_who_said_what_in_a_talk(lane: Lane) -> None:
    caller, seat = await lane.talk(0, 0, 0)
    await lane.event(ev.RecordingStarted)
    await moment(1.0)
    await says(caller, "sales")
    await moment(1.0)
    await says(seat, "support")
    await moment(1.0)
    await caller.bye()
    made = await text(lane)
    heard = [(u.channel, w.word) for u in made.utterances for w in u.words]
    assert heard == [("caller", "sales"), ("floor", "support")]
    async with asyncio.timeout(10):
        while (report := verified(lane)).texts < 1:  # noqa: ASYNC110  a file has no event
            await asyncio.sleep(0.02)
    assert (report.files, report.missing, report.mismatched) == (1, [], [])


def verified(lane: Lane) -> Report:
    """What `callfloor recordings verify` finds of the lane's calls."""
    with EventReader(lane.box.data / FILE) as log:
        own = [one for id in lane.call_ids for one in log.read(call=id, types=TYPES)]
    return verify(own, lane.box.data / "recordings", lambda queue: True)
