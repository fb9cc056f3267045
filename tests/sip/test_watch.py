"""One error ends neither the disks' alarm nor the silence alarm, for nobody."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from appliance.model.ids import LegId
from appliance.model.legs import Silence
from appliance.sip.bridge import Bridge
from appliance.sip.silence import SilenceAlarm
from appliance.sip.sound import Recorders
from appliance.sip.watch import Guard, Watch


@dataclass
class TalkingLeg:
    """What the alarm asks of a leg."""

    leg: LegId
    received: int = 0
    broken: bool = False
    confirmed: bool = True
    done: bool = False
    packets: int = -1
    quiet_since: float = 0.0
    quiet: bool = False

    def rtp_packets(self) -> int:
        if self.broken:
            raise RuntimeError(f"no statistics of {self.leg}")
        return self.received


@dataclass
class FailingDisk:
    code: int = 0
    broken: bool = False

    def errorCode(self) -> int:
        if self.broken:
            raise RuntimeError("the recorder is gone")
        return self.code

    def dropped(self) -> int:
        return 0


def test_a_round_that_fails_is_tried_again_and_keeps_no_other_from_its_turn() -> None:
    seen: list[str] = []

    def fail() -> None:
        seen.append("failing")
        raise RuntimeError("boom")

    watch = Watch({"failing": (1, fail), "other": (2, lambda: seen.append("other"))}, Guard())
    for _ in range(4):
        watch.tick()
    assert seen == ["failing", "other", "failing", "failing", "other", "failing"]


async def test_the_watch_goes_on_until_it_is_cancelled() -> None:
    rounds, third = 0, asyncio.Event()

    def fail() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            third.set()
        raise RuntimeError("boom")

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    task = asyncio.create_task(Watch({"failing": (1, fail)}, Guard()).run(at_once))
    await asyncio.wait_for(third.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_each_kind_of_error_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    guard, count = Guard(), 0

    def vary() -> None:
        nonlocal count
        count += 1
        if count % 2:
            raise RuntimeError(f"the {count}th")
        raise ValueError(f"the {count}th")

    with caplog.at_level(logging.ERROR):
        for _ in range(10):
            guard("disks", vary)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [
        RuntimeError,
        ValueError,
    ]
    assert all("disks" in record.getMessage() for record in caplog.records)


@dataclass
class Silences:
    """A silence alarm of 20 s on legs whose clock stands where the test puts it."""

    now: float = 0.0
    told: list[Silence] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.alarm = SilenceAlarm(20.0, cast(Any, self.told.append), Guard(), lambda: self.now)

    def watch(self, *legs: TalkingLeg) -> None:
        self.alarm.watch(cast(Any, legs))


def test_silence_is_told_once_and_so_is_its_end() -> None:
    floor, leg = Silences(), TalkingLeg(LegId("a"), received=5)
    for floor.now in (0.0, 5.0, 19.0, 21.0, 26.0):
        floor.watch(leg)
    assert [(one.leg, one.seconds) for one in floor.told] == [("a", 21.0)]
    leg.received = 6
    floor.watch(leg)
    assert floor.told[1].seconds == 0.0


def test_a_leg_without_statistics_does_not_hide_the_others_silence() -> None:
    floor = Silences()
    broken, silent = TalkingLeg(LegId("a"), broken=True), TalkingLeg(LegId("b"), received=5)
    for floor.now in (0.0, 30.0):
        floor.watch(broken, silent)
    assert [one.leg for one in floor.told] == ["b"]


def test_a_broken_recorder_does_not_hide_anothers_full_disk() -> None:
    told: list[tuple[str, int, int]] = []
    recorders = Recorders(Bridge(), 5.0, lambda *trouble: told.append(trouble))
    recorders._open = {"broken": FailingDisk(broken=True), "full": FailingDisk(code=28)}
    for _ in range(2):
        recorders.watch(Guard())
    assert told == [("full", 28, 0)]
