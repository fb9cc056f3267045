"""Disks that are full or cannot be written while calls run: calls go on, people are told."""

import asyncio
from pathlib import Path

import pytest

from appliance.link import LinkClient, socket_path
from appliance.model import commands as c
from appliance.model import events as ev
from tests.faults import consistent
from tests.faults.broken import fill, namespace, remount, small_disk
from tests.faults.faultbox import FaultBox, floor
from tests.faults.saying import (
    a_call_gets_through,
    board_is_clear,
    board_troubles,
    both_hear_each_other,
    trouble,
)
from tests.peers.hearing import taped
from tests.peers.lane import Wishes, moment
from tests.peers.world import AGENT_HZ, CALLER_HZ

pytestmark = pytest.mark.timeout(120)


def failures(box: FaultBox) -> list[ev.RecordingFailed]:
    return [event for _, event in box.events(ev.RecordingFailed)]


async def test_a_disk_that_fills_up_during_a_recording(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        lane, folder = lanes[0], box.data / "recordings"
        box.prefix = namespace(small_disk(folder, "2m"))
        await box.start()
        caller, seat = await lane.talk()
        before = await moment(2.0)
        filler = fill(box.data / "recordings")
        failed = await box.event(ev.RecordingFailed, 15.0)
        assert failed.cause == "the disk is full" and failed.lost_from_s > 1.5
        told = await trouble(box, "recording")
        assert "Calls are not recorded" in told.what and "Free space" in told.remedy
        assert await board_troubles(box, "recording") == [told.what]
        await both_hear_each_other(caller, seat, 2.5)
        assert len(failures(box)) == 1  # said once, not every second
        filler.unlink()
        assert (await trouble(box, "recording", over=True)).what == told.what
        await board_is_clear(box, "recording")
        await caller.bye()
        tape = await lane.recording()
        # The recorder takes room ahead: also what was in memory by then has its place.
        taped(tape, before, [CALLER_HZ], [AGENT_HZ])
        await a_call_gets_through(lane)
        await lane.event(ev.RecordingFinished, seconds=15.0, count=2)
        assert len(failures(box)) == 1
        assert not list((box.data / "recordings").rglob("*.part.wav"))


async def test_a_recording_that_cannot_be_finished_for_want_of_room_is_finished_later(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        lane = lanes[0]
        box.prefix = namespace(small_disk(box.data / "recordings", "2m"))
        await box.start()
        caller, _ = await lane.talk()
        span = await moment(2.0)
        filler = fill(box.data / "recordings")
        await caller.bye()
        failed = await box.event(ev.RecordingFailed, 15.0)
        assert "disk" in failed.cause
        await trouble(box, "recording")
        filler.unlink()
        await trouble(box, "recording", over=True)
        tape = await lane.recording()
        assert not tape.finished.recovered
        taped(tape, span, [CALLER_HZ], [AGENT_HZ])


async def test_a_read_only_recordings_folder(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        lane, folder = lanes[0], box.data / "recordings"
        box.prefix = namespace(small_disk(folder, options=",ro"))
        await box.start()
        caller, seat = await lane.talk()
        failed = await box.event(ev.RecordingFailed, 10.0)
        assert "Read-only file system" in failed.cause
        told = await trouble(box, "recording")
        assert "Read-only file system" in told.what and str(folder) in told.remedy
        await both_hear_each_other(caller, seat)
        await caller.bye()
        await lane.gone()
        assert len(failures(box)) == 1
        remount(box.pid, folder, "rw")
        await trouble(box, "recording", over=True)
        await a_call_gets_through(lane)
        await lane.event(ev.RecordingFinished, seconds=15.0)


async def test_too_little_room_is_told_before_the_first_call(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        box.site["recording"]["min_free_mb"] = 10**9
        await box.start()
        told = await trouble(box, "recording")
        assert "recording.min_free_mb" in told.what
        await a_call_gets_through(lanes[0])
        failed = failures(box)[0]
        assert "recording.min_free_mb" in failed.cause
        box.site["recording"]["min_free_mb"] = 0
        box.write_site()
        assert (await box.send(c.ConfigReload(by="test"))).ok
        await board_is_clear(box, "recording")
        await a_call_gets_through(lanes[0])
        await lanes[0].event(ev.RecordingFinished, seconds=15.0)


async def test_a_full_disk_under_the_event_log_loses_no_event(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes(queue={"record": False})] * 2, start=False) as (box, lanes):
        box.prefix = namespace(small_disk(box.data, "40m"))
        await box.start()
        caller, seat = await lanes[0].talk()
        filler = fill(box.data)
        for _ in range(3):
            await a_call_gets_through(lanes[1])
        told = await trouble(box, "disk")
        assert "The event log cannot be written" in told.what
        assert "kept in memory" in told.meaning and "Free space" in told.remedy
        assert await board_troubles(box, "disk") == [told.what]
        await both_hear_each_other(caller, seat)
        filler.unlink()
        await board_is_clear(box, "disk")
        await caller.bye()
        await lanes[0].gone()
        await box.event(ev.CallEnded, call=lanes[0].call_ids[0])
        last = box.records[-1].seq
        on_disk: list[ev.Record] = []
        async for batch in LinkClient(socket_path(box.data)).follow(0):
            on_disk += batch
            if batch[-1].seq >= last:
                break
        assert on_disk[: len(box.records)] == box.records
        assert consistent.log_is_whole(on_disk) == []
        assert await box.stop() == 0


async def test_a_box_whose_disk_stays_full_stops_all_the_same_and_says_what_is_lost(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, [Wishes(queue={"record": False})], start=False) as (box, lanes):
        box.prefix = namespace(small_disk(box.data, "40m"))
        await box.start()
        fill(box.data)
        await a_call_gets_through(lanes[0])
        await trouble(box, "disk")
        async with asyncio.timeout(25):
            assert await box.stop() == 1
        assert "events could not be written before the end and are lost" in box.said()
        assert "Traceback" not in box.said()
