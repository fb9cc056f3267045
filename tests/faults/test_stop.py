"""SIGTERM under calls: everybody is hung up, everything closed, nothing to repair afterwards."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from appliance.model import events as ev
from tests.faults import consistent
from tests.faults.crowd import WISHES, all_in
from tests.faults.faultbox import floor, forget_calls
from tests.faults.saying import a_call_gets_through
from tests.peers.lane import Wishes

pytestmark = pytest.mark.timeout(120)


async def test_a_stop_under_calls_in_every_state(tmp_path: Path) -> None:
    async with floor(tmp_path, [*WISHES, Wishes()]) as (box, lanes):
        await all_in(lanes[:-1])
        await asyncio.sleep(1.0)
        callers = [call for lane in lanes for call in lane.caller.calls if not call.over]
        seats = [call for lane in lanes for p in lane.phones for call in p.calls if not call.over]
        began = time.monotonic()
        box._process.send_signal(signal.SIGTERM)
        assert await box.end() == 0
        took = time.monotonic() - began
        for call in callers + seats:
            await call.ended(2.0)  # BYE, CANCEL or a final answer
            assert call.by_peer or call.code >= 300, call.phone.user
        assert took < 10.0
        records = box.on_disk()
        assert isinstance(records[-1].event, ev.CoreStopped)
        assert consistent.log_is_whole(records) == []
        lost, _ = consistent.recordings_are_whole(records, [], box.data / "recordings")
        assert lost == []
        finished = [r.event for r in records if isinstance(r.event, ev.RecordingFinished)]
        assert len(finished) >= 10 and not any(event.recovered for event in finished)
        forget_calls(lanes)

        await box.start()
        news = box.records[len(records) :]
        assert [e.event.after for e in news if isinstance(e.event, ev.CoreStarted)] == [
            "clean stop"
        ]
        assert not [r for r in news if isinstance(r.event, ev.StateRepaired | ev.CallEnded)]
        assert not [r for r in news if isinstance(r.event, ev.RecordingFinished)]
        await a_call_gets_through(lanes[-1])
        assert consistent.log_is_whole(await box.written()) == []
