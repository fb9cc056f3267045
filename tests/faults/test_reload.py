"""New settings under live calls: no call dropped, nobody logged out, wrap-up kept."""

import asyncio
import copy
import sys
from pathlib import Path
from typing import Any

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from tests.faults import consistent
from tests.faults.crowd import MENU, next_event
from tests.faults.faultbox import FaultBox, floor
from tests.faults.saying import a_call_gets_through, both_hear_each_other
from tests.peers.box import ROOT
from tests.peers.lane import Wishes

pytestmark = pytest.mark.timeout(120)


async def reload(box: FaultBox) -> list[str]:
    """Through the command line, as a person does it; returns the changes that it shows."""
    box.write_site()
    code, said = await command(box, "config", "reload")
    assert code == 0, said
    return said.splitlines()


async def command(box: FaultBox, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from appliance.cli import main; main()", *words,
        "--site", str(box.site_path), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, cwd=ROOT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def entry(box: FaultBox, table: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in box.site[table] if one["id"] == id)
    return found


async def test_everything_may_change_under_calls(tmp_path: Path) -> None:
    """Names, strategy, an agent more, an agent less, the flow that a caller is in."""
    wishes = [
        Wishes(agents=2),
        Wishes(queue={"wrap_up_s": 60.0}),
        Wishes(flow=MENU),
        Wishes(agents=0),
    ]
    async with floor(tmp_path, wishes) as (box, (talks, rests, asks, waits)):
        caller, seat = await talks.talk()
        done, _ = await rests.talk()
        await asyncio.sleep(0.3)
        await done.bye()
        await rests.agent_is("wrap_up")
        since = rests.when(ev.AgentChanged, state="wrap_up")
        await box.send(c.AgentPause(agent=talks.agents[1], reason="", by="test"))
        asked = next_event(asks, ev.FlowNode, node="ask")
        menu = asks.dial()
        await asked()
        queued = next_event(waits, ev.QueueEntered)
        waiting = waits.dial()
        await queued()

        entry(box, "queue", talks.queue).update(name="Sales, renamed", strategy="ring_all")
        entry(box, "agent", talks.agents[0])["name"] = "Erika Mustermann"
        entry(box, "agent", talks.agents[1])["name"] = "Max Mustermann"
        entry(box, "queue", rests.queue)["wrap_up_s"] = 1.0
        entry(box, "agent", rests.agents[0])["queues"] = []
        late = waits.ends.seats.phone("late").answers(1000)
        box.site["agent"].append(
            {"id": "late", "seat": late.uri, "queues": [{"id": waits.queue}], "login": True}
        )
        flow = copy.deepcopy(box.site["flow"][asks.flow])
        flow["node"]["ask"]["choice"] = {"2": {"next": "wait"}}
        flow["node"]["ask"]["prompt"] = "Now press 2."
        box.site["flow"][asks.flow] = flow
        shown = await reload(box)
        assert any("strategy" in line for line in shown) and any("late" in line for line in shown)

        # The new agent gets who was waiting.
        await waits.event(ev.TalkStarted, agent="late")
        await both_hear_each_other(caller, seat)
        # The caller in the menu is in the flow that it began: 1 still leads to the queue.
        led = next_event(asks, ev.QueueEntered)
        menu.media.press("1")
        await led()
        # Wrap-up keeps the limit that it began with, pause stays a pause, talk a talk.
        board = (await box.snapshot())["board"]
        assert board["agents"][rests.agents[0]]["state"] == "wrap_up"
        assert rests.when(ev.AgentChanged, state="wrap_up") == since
        assert board["agents"][talks.agents[1]]["state"] == "paused"
        assert board["agents"][talks.agents[1]]["name"] == "Max Mustermann"
        assert board["agents"][talks.agents[0]]["state"] == "talking"
        assert board["queues"][talks.queue]["name"] == "Sales, renamed"

        # An agent who is removed while talking talks on, and is gone afterwards.
        box.site["agent"] = [a for a in box.site["agent"] if a["id"] != talks.agents[0]]
        await reload(box)
        await both_hear_each_other(caller, seat)
        await caller.bye()
        await talks.agent_is("logged_out")
        for call in (menu, waiting):
            await call.bye()
        logins = [e for _, e in box.events(ev.AgentChanged) if e.state == "logged_out"]
        assert [e.agent for e in logins] == [talks.agents[0]]  # nobody else was logged out
        ends = {e.call: e.outcome for _, e in box.events(ev.CallEnded)}
        assert "failed" not in ends.values() and "interrupted" not in ends.values()
        await _all_ended(box)
        assert consistent.log_is_whole(await box.written()) == []


async def _all_ended(box: FaultBox) -> None:
    def found(_records: list[ev.Record]) -> bool:
        arrived = {e.call for _, e in box.events(ev.CallArrived)}
        return arrived == {e.call for _, e in box.events(ev.CallEnded)}

    await box.until(found, 10.0, "all calls have ended")


async def test_a_caller_of_a_removed_queue_reaches_a_person(tmp_path: Path) -> None:
    """The flow's fallback names another queue by now: the call goes on by its own flow."""
    async with floor(tmp_path, [Wishes(agents=0), Wishes()]) as (box, (gone, stays)):
        queued = next_event(gone, ev.QueueEntered)
        caller = gone.dial()
        await queued()
        box.site["queue"] = [q for q in box.site["queue"] if q["id"] != gone.queue]
        box.site["flow"][gone.flow]["node"]["wait"]["queue"] = stays.queue
        await reload(box)
        left = await gone.event(ev.QueueLeft)
        assert left.reason == "overflow_unstaffed"
        await asyncio.sleep(0.5)
        assert not caller.over or gone.outcome != ""
        await gone.hang_up_all()
        await _all_ended(box)
        await a_call_gets_through(stays)


async def test_a_file_with_an_error_is_refused_whole_and_calls_go_on(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()]) as (box, (lane,)):
        caller, seat = await lane.talk()
        before = (await box.snapshot())["board"]["core"]["config"]
        entry(box, "queue", lane.queue)["name"] = "Not taken"
        entry(box, "agent", lane.agents[0])["queues"] = [{"id": "nowhere"}]
        box.write_site()
        code, said = await command(box, "config", "reload")
        assert code == 2 and "nowhere" in said and f"{box.site_path}:" in said
        reply = await box.send(c.ConfigReload(by="test"))
        assert not reply.ok and "nowhere" in reply.error
        entry(box, "agent", lane.agents[0])["queues"] = [{"id": lane.queue}]
        box.site["sip"]["port"] = 5999
        box.write_site()
        reply = await box.send(c.ConfigReload(by="test"))
        assert not reply.ok and "sip.port cannot change while the box runs" in reply.error
        await both_hear_each_other(caller, seat)
        board = (await box.snapshot())["board"]
        assert board["core"]["config"] == before
        assert board["queues"][lane.queue]["name"] != "Not taken"
        assert not list(box.events(ev.ConfigApplied))
        await caller.bye()
        await lane.gone()


async def test_ten_reloads_at_once_end_in_the_file_as_it_is(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()]) as (box, (lane,)):
        caller, seat = await lane.talk()
        asks = []
        for number in range(10):
            entry(box, "queue", lane.queue)["name"] = f"Name {number}"
            box.write_site()
            asks.append(asyncio.create_task(box.link.ask(c.ConfigReload(by="test"), timeout=30.0)))
            await asyncio.sleep(0.03)
        replies = await asyncio.gather(*asks)
        assert all(reply.ok for reply in replies), [r.error for r in replies]
        board = (await box.snapshot())["board"]
        assert board["queues"][lane.queue]["name"] == "Name 9"
        await both_hear_each_other(caller, seat)
        await caller.bye()
        await lane.gone()
