"""kill -9 of the core with calls in every state: history, recordings, agents, the next call."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from tests.faults import consistent
from tests.faults.crowd import WISHES, all_in, lane_of, wrapping_up
from tests.faults.faultbox import FaultBox, floor, forget_calls
from tests.peers.lane import Lane, Wishes

WRAP_UP_S = 9.0
BACK_S = 20.0
"""From the kill to a new caller who talks, with the time that the core needs to start."""


class Figures:
    """What the kills cost, over all of them."""

    def __init__(self) -> None:
        self.open: list[int] = []
        self.back_s: list[float] = []
        self.start_s: list[float] = []
        self.short_s: list[float] = []
        self.wrap_up_s: list[float] = []

    def told(self) -> dict[str, object]:
        return {
            "kills": len(self.open),
            "open calls at the kill (min, median, max)": _three(self.open),
            "recordings cut": len(self.short_s),
            "recording short of the kill, s (median, max)": _three(self.short_s)[1:],
            "kill to core ready, s (median, max)": _three(self.start_s)[1:],
            "kill to new call talking, s (median, max)": _three(self.back_s)[1:],
            "wrap-up ends later than due, s (max)": round(max(self.wrap_up_s, default=0.0), 3),
        }


def _three(values: Sequence[float]) -> list[float]:
    ordered = sorted(values) or [0.0]
    return [round(ordered[0], 3), round(ordered[len(ordered) // 2], 3), round(ordered[-1], 3)]


async def one_kill(
    box: FaultBox, lanes: list[Lane], fresh: Lane, dice: random.Random, figures: Figures
) -> float:
    """Calls in all states (or on the way into them), kill -9, start, look; returns when."""
    steady = dice.random() < 0.5
    if steady:
        await all_in(lanes)
        await asyncio.sleep(dice.uniform(0.1, 1.5))
    else:
        entering = asyncio.create_task(all_in(lanes))
        await asyncio.sleep(dice.uniform(0.2, 2.5))
    at = await box.kill()
    if not steady:
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
    before = box.on_disk()
    figures.open.append(_open(before))
    forget_calls([*lanes, fresh])
    await box.start()
    figures.start_s.append(time.time() - at)
    caller, _ = await fresh.talk()
    figures.back_s.append(time.time() - at)
    await agents_are_usable(box, lanes, before, at)
    await asyncio.sleep(0.3)
    await caller.bye()
    await fresh.gone()
    return at


def _open(records: Sequence[ev.Record]) -> int:
    arrived = {r.event.call for r in records if isinstance(r.event, ev.CallArrived)}
    return len(arrived - {r.event.call for r in records if isinstance(r.event, ev.CallEnded)})


async def agents_are_usable(
    box: FaultBox, lanes: Sequence[Lane], before: Sequence[ev.Record], at: float
) -> None:
    """Everybody is what they were; who was in a call is ready again."""
    was = {r.event.agent: r for r in before if isinstance(r.event, ev.AgentChanged)}
    agents = (await box.snapshot())["board"]["agents"]
    for agent, record in was.items():
        state = record.event.state
        expected = "ready" if state in ("ringing", "talking") else state
        found = agents[agent]["state"]
        left = (record.event.limit_s or 0) - (time.time() - record.at_us / 1e6)
        if state == "wrap_up" and left < 1:
            continue
        if found in ("ringing", "talking") and expected == "ready":
            continue  # it has a caller again
        assert found == expected, (
            f"{agent} was {state} and is {found} {time.time() - at:.1f} s later"
        )


async def kills(folder: Path, count: int, seed: int) -> Figures:
    dice, figures, moments = random.Random(seed), Figures(), []
    async with floor(folder, [*WISHES, Wishes(), Wishes()]) as (box, lanes):
        fresh, resting = lanes[-2:]
        await box.send(c.AgentPause(agent=resting.agents[0], reason="", by="test"))
        for _ in range(count):
            moments.append(await one_kill(box, lanes[:-2], fresh, dice, figures))
            wrong = consistent.log_is_whole(await box.written())
            assert not wrong, f"after kill {len(moments)}:\n" + "\n".join(wrong)
        moments.append(await wrap_up_goes_on(box, lane_of(lanes, "wrap-up"), figures))
        await _finished(box)
        assert await box.stop() == 0
        records = box.on_disk()
        wrong = consistent.log_is_whole(records) + consistent.nothing_after_the_end(records)
        lost, figures.short_s = consistent.recordings_are_whole(
            records, moments, box.data / "recordings"
        )
        wrong += lost + consistent.history_agrees(box.data, records, folder / "scratch")
        wrong += [line for line in box.said().splitlines() if "Traceback" in line]
        assert not wrong, "\n".join(wrong)
        assert len(figures.short_s) >= 2 * count
    return figures


async def wrap_up_goes_on(box: FaultBox, lane: Lane, figures: Figures) -> float:
    """After-call work that a kill interrupts ends when it would have ended."""
    box.site["queue"] = [
        {**queue, "wrap_up_s": WRAP_UP_S} if queue["id"] == lane.queue else queue
        for queue in box.site["queue"]
    ]
    box.write_site()
    assert (await box.send(c.ConfigReload(by="test"))).ok
    await wrapping_up(lane)
    began = lane.when(ev.AgentChanged, state="wrap_up")
    at = await box.kill()
    forget_calls([lane])
    await box.start()
    await lane.agent_is("ready", seconds=12)
    figures.wrap_up_s.append(lane.when(ev.AgentChanged, state="ready") - began - WRAP_UP_S)
    assert abs(figures.wrap_up_s[-1]) < 1.0, figures.wrap_up_s
    return at


async def _finished(box: FaultBox) -> None:
    """No recording is on its way to its finished form."""
    folder = box.data / "recordings"
    deadline = time.monotonic() + 60
    while any(folder.rglob("*.part.wav")) and time.monotonic() < deadline:  # noqa: ASYNC110 # files have no event
        await asyncio.sleep(0.2)


@pytest.mark.timeout(180)
def test_five_kills_under_calls_in_every_state(tmp_path: Path) -> None:
    figures = asyncio.run(kills(tmp_path, 4, seed=1))
    assert max(figures.back_s) < BACK_S, figures.told()


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_kills_under_calls_in_every_state(tmp_path: Path) -> None:
    figures = asyncio.run(kills(tmp_path, 50, seed=50))
    print(json.dumps(figures.told(), indent=2))
    assert max(figures.back_s) < BACK_S, figures.told()
