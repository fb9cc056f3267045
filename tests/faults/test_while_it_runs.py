"""Clocks that jump, databases that are locked: calls go on, nothing is lost, people are told."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.store.backup import backups
from appliance.store.eventlog import FILE
from appliance.store.reader import EventReader
from tests.faults import consistent
from tests.faults.faultbox import FaultBox, floor
from tests.faults.saying import (
    a_call_gets_through,
    board_is_clear,
    board_troubles,
    both_hear_each_other,
    trouble,
)
from tests.peers.lane import Lane, Wishes

pytestmark = pytest.mark.timeout(120)
LOCKED_S = 10.0
SHIFTED = Path(__file__).with_name("shifted.py")


async def test_another_program_locks_the_database_for_ten_seconds(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes(), Wishes(), Wishes()]) as (box, lanes):
        caller, seat = await lanes[0].talk()
        other = sqlite3.connect(box.data / FILE, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        locked = time.monotonic()
        try:
            calls = 0
            while time.monotonic() - locked < LOCKED_S:
                await a_call_gets_through(lanes[1])
                calls += 1
            told = await trouble(box, "database")
            assert await board_troubles(box, "database") == [told.what]
            await both_hear_each_other(caller, seat)
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert "locked" in told.what and "kept in memory" in told.meaning
        assert "Close the other program" in told.remedy
        assert calls >= 5
        await board_is_clear(box, "database")
        await caller.bye()
        await lanes[0].gone()
        records = await box.written(20.0)
        assert records == box.records[: len(records)]
        ended = [r for r in records if isinstance(r.event, ev.CallEnded)]
        assert len(ended) == calls + 1
        assert consistent.log_is_whole(records) == []


async def test_what_a_person_does_while_the_database_is_locked_is_not_acknowledged_too_soon(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, [Wishes()]) as (box, lanes):
        other = sqlite3.connect(box.data / FILE, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        asked = asyncio.create_task(
            box.link.ask(c.AgentPause(agent=lanes[0].agents[0], by="test"), timeout=30.0)
        )
        await lanes[0].agent_is("paused")  # it is done at once
        assert not asked.done()  # but said to be done when the disk has it
        other.execute("ROLLBACK")
        other.close()
        assert (await asked).ok


async def _shift(box: FaultBox, file: Path, seconds: float) -> None:
    file.write_text(str(seconds))
    os.kill(box.pid, signal.SIGUSR1)


@contextlib.asynccontextmanager
async def shiftable(
    tmp_path: Path, wishes: list[Wishes]
) -> AsyncIterator[tuple[FaultBox, list[Lane], Path]]:
    """A box whose clock can be set: the file says by how much, SIGUSR1 does it."""
    async with floor(tmp_path, wishes, start=False) as (box, lanes):
        file = tmp_path / "shift"
        file.write_text("0")
        box.entry = (str(SHIFTED),)
        box.env = {"CALLFLOOR_SHIFT": str(file)}
        await box.start()
        yield box, lanes, file


@pytest.mark.parametrize("by", [-3600.0, 3600.0], ids=["back", "forward"])
async def test_the_clock_is_set_during_a_call(tmp_path: Path, by: float) -> None:
    async with shiftable(tmp_path, [Wishes(queue={"wrap_up_s": 2.0})]) as (box, lanes, file):
        lane = lanes[0]
        caller, seat = await lane.talk()
        began = time.monotonic()
        await both_hear_each_other(caller, seat)
        await _shift(box, file, by)
        await box.send(c.CallHold(agent=lane.agents[0]))
        await asyncio.sleep(0.5)
        await box.send(c.CallResume(agent=lane.agents[0]))
        told = await trouble(box, "clock")
        assert ("set back by 3600 s" if by < 0 else "jumped forward by 36") in told.what
        assert "Calls go on" in told.meaning and "timedatectl" in told.remedy
        assert await board_troubles(box, "clock") == [told.what]
        await both_hear_each_other(caller, seat)
        talked = time.monotonic() - began
        await caller.bye()
        await lane.agent_is("wrap_up")
        rested = time.monotonic()
        await lane.agent_is("ready")
        assert 1.5 < time.monotonic() - rested < 4.0  # wrap-up is as long as ever
        end = lane.all(ev.TalkEnded)[0]
        assert abs(end.talk_s + end.hold_s - talked) < 1.0
        assert 0.4 < end.hold_s < 1.5
        tape = await lane.recording(seconds=20.0)
        assert abs(tape.seconds - (end.talk_s + end.hold_s)) < 0.5
        records = await box.written()
        assert consistent.log_is_whole(records) == []
        await a_call_gets_through(lane)


async def test_a_start_after_the_clock_was_set_back_keeps_order_and_wrap_up(
    tmp_path: Path,
) -> None:
    async with shiftable(tmp_path, [Wishes(queue={"wrap_up_s": 60.0})]) as (box, lanes, file):
        await a_call_gets_through_to_wrap_up(lanes[0])
        await box.written()
        await box.kill()
        file.write_text("-7200")
        await box.start()
        assert lanes[0].state_of(0) == "wrap_up"
        assert consistent.log_is_whole(await box.written()) == []
        await box.send(c.AgentReady(agent=lanes[0].agents[0], by="test"))
        await a_call_gets_through_to_wrap_up(lanes[0])
        assert consistent.log_is_whole(await box.written()) == []


async def a_call_gets_through_to_wrap_up(lane: Lane) -> None:
    caller, _ = await lane.talk()
    await asyncio.sleep(0.3)
    await caller.bye()
    await lane.agent_is("wrap_up")


async def test_the_nightly_backup_is_made_at_its_hour(tmp_path: Path) -> None:
    """The clock stands shortly before the hour; the core that runs makes the copy."""
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        zone = ZoneInfo("Europe/Berlin")
        now = datetime.now(zone)
        hour = now.replace(hour=3, minute=0, second=0, microsecond=0)
        file = tmp_path / "shift"
        file.write_text(str((hour - now).total_seconds() - 5))
        box.entry = (str(SHIFTED),)
        box.env = {"CALLFLOOR_SHIFT": str(file)}
        folder = box.data / "backups"
        folder.mkdir(parents=True)
        (folder / "events-20200101T020000Z.db").write_bytes(b"")
        (folder / f"events-{hour:%Y%m%d}T000000Z.db").write_bytes(b"")  # made 2 hours ago
        await box.start()
        await a_call_gets_through(lanes[0])
        file.write_text(str((hour - now).total_seconds() + 60))
        os.kill(box.pid, signal.SIGUSR1)
        deadline = time.monotonic() + 40
        while len(backups(folder)) < 3:
            assert time.monotonic() < deadline
            await a_call_gets_through(lanes[0])
        with EventReader(backups(folder)[0]) as reader:
            assert reader.last_seq() > 10
