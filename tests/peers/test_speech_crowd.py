"""More callers who speak than recognisers, and recognisers that die: speech is lost, no call."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest

from appliance.model import events as ev
from appliance.model.commands import ConfigReload
from tests.peers import speaking
from tests.peers.lane import Lane
from tests.peers.phone import Call
from tests.peers.speaking import (
    chosen,
    ears,
    listened_to,
    menu,
    needs_model,
    recognisers,
    says,
    speech_site,
    spoken,
)
from tests.peers.together import together
from tests.peers.tones import level
from tests.peers.world import CALLER_HZ, MENU_HZ

pytestmark = [needs_model, pytest.mark.timeout(180)]
RECOGNISERS = 2
SITE = speech_site(recognisers=RECOGNISERS)
TALK = "I would like to know when you will be open on Monday and on Tuesday next week"
around = speaking.around("support", "sales", "help", TALK)
turns: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}


@asynccontextmanager
async def alone() -> AsyncIterator[None]:
    """The tests of this module share two recognisers: one test at a time."""
    loop = asyncio.get_running_loop()
    async with turns.setdefault(loop, asyncio.Lock()):
        yield


async def deaf(lane: Lane, count: int = 1) -> ev.SpeechDeaf:
    return await lane.event(ev.SpeechDeaf, count=count)


async def in_menu(lane: Lane, callers: int) -> list[Call]:
    """Callers who are listened to, and silent."""
    await ears(lane.box)
    calls = []
    for n in range(callers):
        calls.append(await lane.dial(0).answered())
        await lane.event(ev.FlowNode, node="menu", count=n + 1)
    return calls


async def talks(call: Call) -> None:
    """Begins to talk, and has been noticed: the prompt has stopped."""

    def menu_db() -> float:
        now = time.time()
        return level(call.media.heard(now - 0.2, now - 0.1), MENU_HZ)

    async with asyncio.timeout(20):
        while menu_db() < -22:  # noqa: ASYNC110  sound makes no event
            await asyncio.sleep(0.02)
        call.media.tone(0)
        call.media.say(spoken(TALK))
        while menu_db() > -40:  # noqa: ASYNC110  sound makes no event
            await asyncio.sleep(0.02)


@together(flow=menu(first_key_s=9.0, prompt={"file": "long.wav"}, speech={"longest_s": 20.0}))
async def test_who_speaks_beyond_the_recognisers_has_keys_and_it_is_said_once(lane: Lane) -> None:
    async with alone():
        calls = await in_menu(lane, RECOGNISERS + 3)
        heard, others = calls[:RECOGNISERS], calls[RECOGNISERS:]
        await asyncio.gather(*(talks(call) for call in heard))
        await asyncio.gather(*(says(call, "sales") for call in others))
        assert (await deaf(lane, 3)).why == "busy"
        board = (await lane.box.snapshot())["board"]
        assert [row["keys_only"] for row in board["calls"].values()].count("busy") == 3
        told = [one for one in board["troubles"] if one["where"] == "speech"]
        assert len(told) == 1 and "all 2 recognisers" in told[0]["what"]
        assert len(list(lane.box.events(ev.Trouble, where="speech", over=False))) == 1

        for n, call in enumerate(others, 1):
            call.media.tone(CALLER_HZ)
            call.media.press("2")
            await lane.event(ev.FlowInput, kind="key", choice="Sales", count=n)
        await asyncio.gather(*(call.media.spoken() for call in heard))
        await lane.event(ev.SpeechHeard, count=RECOGNISERS)
        await says(await listened_to(lane), "sales")  # and there is room again
        await chosen(lane, "Sales")


@together(flow=menu(first_key_s=20.0))
async def test_silent_callers_keep_nobody_from_being_heard(lane: Lane) -> None:
    """More of them than recognisers; each speaks in his turn."""
    async with alone():
        for n, call in enumerate(await in_menu(lane, 2 * RECOGNISERS + 1), 1):
            await says(call, "sales")
            await lane.event(ev.FlowInput, kind="speech", choice="Sales", count=n)
        assert not lane.all(ev.SpeechDeaf)


@together(flow=menu(first_key_s=9.0))
async def test_who_was_not_heard_once_is_heard_the_next_time(lane: Lane) -> None:
    async with alone():
        *talkers, call = await in_menu(lane, RECOGNISERS + 1)
        await asyncio.gather(*(talks(one) for one in talkers))
        await says(call, "support")
        await deaf(lane)
        await asyncio.gather(*(one.media.spoken() for one in talkers))
        await lane.event(ev.SpeechHeard, count=RECOGNISERS)
        await says(call, "support")
        await lane.event(ev.FlowInput, kind="speech", choice="Support")
        assert len(lane.all(ev.SpeechDeaf)) == 1


async def killed(lane: Lane, worker: psutil.Process) -> psutil.Process:
    """The one that comes in its place."""
    before = {one.pid for one in recognisers(lane.box)}
    worker.kill()
    await asyncio.to_thread(worker.wait, 5)
    return next(one for one in await ears(lane.box) if one.pid not in before)


@together(flow=menu(first_key_s=9.0))
async def test_a_recogniser_that_dies_is_replaced_and_the_caller_is_heard(lane: Lane) -> None:
    async with alone():
        calls = await in_menu(lane, RECOGNISERS)
        await killed(lane, recognisers(lane.box)[0])
        for n, call in enumerate(calls, 1):
            await says(call, "sales")
            await lane.event(ev.FlowInput, kind="speech", choice="Sales", count=n)
        assert not lane.all(ev.SpeechDeaf)


@together(flow=menu(first_key_s=9.0))
async def test_a_recogniser_that_dies_again_leaves_the_keys_and_harms_nobody_else(
    lane: Lane,
) -> None:
    """Who was just speaking is asked again once; then his keys count."""
    async with alone():
        loser, other = await in_menu(lane, RECOGNISERS)
        for n in (1, 2):
            await talks(loser)
            for worker in await ears(lane.box):
                worker.kill()
            await lane.event(ev.SpeechHeard, missed="lost", count=n)
            await loser.media.spoken()
        loser.media.press("2")
        await lane.event(ev.FlowInput, kind="key", choice="Sales")
        await ears(lane.box)
        await says(other, "support")  # who was not concerned
        await lane.event(ev.FlowInput, kind="speech", choice="Support")
        await says(await listened_to(lane), "help")  # who comes next
        await lane.event(ev.FlowInput, kind="speech", choice="Support", count=2)


@together(flow=menu(first_key_s=9.0))
async def test_all_recognisers_may_die_at_once(lane: Lane) -> None:
    """What holds the model dies, and its children with it."""
    async with alone():
        calls = await in_menu(lane, RECOGNISERS)
        parent = recognisers(lane.box)[0].parent()
        assert parent is not None
        parent.kill()
        await asyncio.to_thread(parent.wait, 5)
        calls[0].media.press("1")
        await lane.event(ev.FlowInput, kind="key", choice="Support")
        await ears(lane.box)
        await says(await listened_to(lane), "sales")
        await lane.event(ev.FlowInput, kind="speech", choice="Sales")


@together(flow=menu(first_key_s=9.0))
async def test_speech_is_switched_off_and_on_by_a_reload_without_touching_calls(lane: Lane) -> None:
    async with alone():
        call = await listened_to(lane)
        workers = await ears(lane.box)
        await switch(lane, on=False)
        off = await deaf(lane)
        assert (off.why, off.detail) == ("broken", "speech was switched off")
        call.media.press("2")
        await lane.event(ev.FlowInput, kind="key", choice="Sales")
        _, alive = await asyncio.to_thread(psutil.wait_procs, workers, 5)
        assert not alive and not recognisers(lane.box)

        silent = await lane.dial(0).answered()
        await lane.event(ev.FlowNode, node="menu", count=2)
        silent.media.say(spoken("support"))
        await silent.media.spoken()
        silent.media.press("1")
        await lane.event(ev.FlowInput, kind="key", choice="Support")
        assert len(lane.all(ev.SpeechDeaf)) == 1, "nobody was promised to be heard"

        await switch(lane, on=True)
        await says(await listened_to(lane), "sales")
        await chosen(lane, "Sales")


async def switch(lane: Lane, *, on: bool) -> None:
    lane.box.site["speech"]["enabled"] = on
    lane.box.write_site()
    reply = await lane.box.send(ConfigReload(by="test"))
    assert reply.ok, reply.error
