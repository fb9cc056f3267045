"""`callfloor run`: each half is restarted by itself, both end on SIGTERM."""

import asyncio
import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from tests.faults.faultbox import FaultBox, floor, forget_calls
from tests.faults.saying import (
    a_call_gets_through,
    board_troubles,
    both_hear_each_other,
    trouble,
)
from tests.faults.supervised import Watched, another, child
from tests.peers.lane import Wishes

pytestmark = pytest.mark.timeout(150)
RUN = ("-c", "from appliance.cli import main; main()", "run")


async def test_each_half_is_restarted_by_itself_with_growing_pauses(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        box.entry, box.urgent = RUN, False
        await box.start()
        pages = Watched(box)
        await pages.start()
        core, web = child(box, "core").pid, child(box, "office").pid
        caller, seat = await lanes[0].talk()

        os.kill(web, signal.SIGKILL)
        web = await another(box, "office", web)
        await both_hear_each_other(caller, seat)
        await pages.until(lambda shown: shown["calls"] == 1, "the pages show the call")
        assert child(box, "core").pid == core
        assert psutil.Process(web).nice() > psutil.Process(core).nice()

        os.kill(core, signal.SIGKILL)
        forget_calls(lanes)
        second = await another(box, "core", core)
        assert child(box, "office").pid == web
        os.kill(second, signal.SIGKILL)  # dies while it starts
        await another(box, "core", second)
        pauses = re.findall(
            r"The core ended \(signal 9\); it is started again in (\d+) s", box.said()
        )
        assert pauses == ["1", "2"]
        assert "The office ended (signal 9); it is started again in 1 s" in box.said()
        await box._unfollow()
        await box._ready()
        box.records = []
        box._follower = asyncio.create_task(box._follow())
        await box.until(lambda got: len(got) > 10, 20.0, "the log is read")
        await pages.until(lambda shown: shown["core"] == "up", "the pages have the core again")
        await a_call_gets_through(lanes[0])
        await pages.are_whole()

        halves = psutil.Process(box.pid).children(recursive=True)
        assert await box.stop() == 0
        assert not [one for one in halves if one.is_running() and one.status() != "zombie"]
        assert isinstance(box.on_disk()[-1].event, ev.CoreStopped)
        assert "Traceback" not in box.said()


async def test_settings_spoilt_while_it_runs_end_no_call_and_keep_no_half_down(
    tmp_path: Path,
) -> None:
    """The file is wrong and each half dies: it says why and goes on with the settings that the
    box ran with. Nor is the whole box kept down by such a file."""
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        box.entry, box.urgent = RUN, False
        await box.start()
        caller, seat = await lanes[0].talk()
        good = box.site_path.read_text()
        web, core = child(box, "office").pid, child(box, "core").pid
        box.site_path.write_text(good + "\n[nonsense]\n")
        line = good.count("\n") + 2
        os.kill(web, signal.SIGKILL)
        await another(box, "office", web)
        pages = Watched(box)
        await pages.start()
        assert f"site.toml cannot be used: line {line}: nonsense: " in box.said()
        await both_hear_each_other(caller, seat)
        assert child(box, "core").pid == core

        os.kill(core, signal.SIGKILL)
        forget_calls(lanes)
        await another(box, "core", core)
        await follow_again(box)
        told = await trouble(box, "config")
        assert f"line {line}: nonsense" in told.what
        await pages.until(lambda shown: shown["core"] == "up", "the pages have the core again")
        rows = (await pages.get("/status"))["troubles"]
        assert [row["what"] for row in rows if row["where"] == "config"] == [told.what]
        await a_call_gets_through(lanes[0])
        assert await box.stop() == 0

        box.site_path.unlink()
        await box.spawn()
        await follow_again(box)
        assert "There is no such file" in (await trouble(box, "config")).what
        await a_call_gets_through(lanes[0])
        box.site_path.write_text(good)
        assert (await box.send(c.ConfigReload(by="test"))).ok
        await trouble(box, "config", over=True)
        assert await board_troubles(box, "config") == []
        assert await box.stop() == 0


async def follow_again(box: FaultBox) -> None:
    """The log of a core that was started anew, from its newest start on."""
    await box._unfollow()
    await box._ready()
    box.records = []
    box._follower = asyncio.create_task(box._follow())
    known = int((await box.snapshot())["seq"])
    await box.until(lambda got: bool(got) and got[-1].seq >= known, 20.0, "the log is read")
    newest = max(n for n, one in enumerate(box.records) if isinstance(one.event, ev.CoreStarted))
    del box.records[:newest]
