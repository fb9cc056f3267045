"""The tap of a leg that is listened to: what the caller says and what he hears, side by side."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pjsua2 as pj
import pytest
import soundfile

from appliance.model.ids import LegId
from appliance.model.legs import Answered, Ended, EngineEvent, Invited
from appliance.sip.engine import Engine
from appliance.sip.settings import EngineSettings
from tests.peers.box import Network
from tests.peers.endpoint import Endpoint
from tests.peers.phone import Call
from tests.peers.rtp import Echo
from tests.peers.tones import Samples, level, sine
from tests.peers.witness import witness

SAID_HZ, PLAYED_HZ, LATER_HZ = 450, 850, 1250
PATIENCE_S = 8.0
APART_S = 0.045
"""Two ticks, and something."""
ATTEMPTS = 4
"""Only what this machine itself has spoilt is tried again."""


class Bench:
    """An engine, a phone that has called it, and what the tap of its leg gave so far."""

    def __init__(self, engine: Engine, call: Call, leg: LegId, told: list[EngineEvent]) -> None:
        self.engine, self.call, self.leg, self.told = engine, call, leg, told
        self.near = np.zeros(0, np.int16)
        self.far = np.zeros(0, np.int16)
        self.sizes: set[tuple[int, int]] = set()

    def heard(self, near: memoryview, far: memoryview) -> None:
        self.sizes.add((near.nbytes, far.nbytes))
        self.near = np.append(self.near, np.frombuffer(near, np.int16))
        self.far = np.append(self.far, np.frombuffer(far, np.int16))

    async def seconds(self, more: float) -> tuple[Samples, Samples]:
        """So much audio from here on, in both directions."""
        since = len(self.near)
        until = since + round(more * 8000)
        async with asyncio.timeout(PATIENCE_S):
            while len(self.near) < until:  # noqa: ASYNC110  audio has no event
                await asyncio.sleep(0.02)
        return self.near[since:until], self.far[since:until]

    async def event(self, kind: type[EngineEvent]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not any(isinstance(one, kind) for one in self.told):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def nobody_reads(self, seconds: float) -> None:
        """The program has other things to do for a while."""
        loop, tap = asyncio.get_running_loop(), self.engine.hearing._taps[self.leg]
        loop.remove_reader(tap.near.eventFd())
        await asyncio.sleep(seconds)
        loop.add_reader(tap.near.eventFd(), tap.read)

    def ports(self) -> list[str]:
        """Ports of the bridge that belong to taps."""
        ports = pj.Endpoint.instance().mediaEnumPorts2()
        names = [str(port.getPortInfo().name) for port in ports]
        return [name for name in names if name.startswith(("near-", "far-"))]


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    network = Network()
    told: list[EngineEvent] = []
    engine = Engine(EngineSettings(listen=network.host(1)), told.append)
    endpoint = await Endpoint.open(network.host(2), (network.host(1), 5060), 5070)
    await engine.start()
    try:
        call = endpoint.phone("caller").dial("100", SAID_HZ)
        at = Bench(engine, call, LegId(""), told)
        await at.event(Invited)
        at.leg = next(one.leg for one in told if isinstance(one, Invited))
        engine.answer(at.leg)
        await at.event(Answered)
        yield at
    finally:
        await engine.stop()
        endpoint.close()
        network.close()


def tone(folder: Path, hz: float, seconds: float) -> str:
    path = folder / f"{hz}.wav"
    soundfile.write(path, sine(hz, seconds, -15), 8000)
    return str(path)


def holds(samples: Samples, wanted: float) -> None:
    """Of the three tones this one alone, in the middle of it."""
    found = {hz: level(samples, hz) for hz in (SAID_HZ, PLAYED_HZ, LATER_HZ)}
    assert found.pop(wanted) == pytest.approx(-15, abs=1.5), found
    assert max(found.values()) < -50, found


async def test_both_ways_are_heard_apart_also_what_is_played_later(tmp_path: Path) -> None:
    async with bench() as at:
        at.engine.players.start(1, at.leg, (tone(tmp_path, PLAYED_HZ, 9.0),))
        at.engine.hearing.start(at.leg, at.heard)
        await at.seconds(0.5)
        near, far = await at.seconds(0.4)
        holds(near, SAID_HZ)
        holds(far, PLAYED_HZ)
        at.engine.players.stop(1)
        at.engine.players.start(2, at.leg, (tone(tmp_path, LATER_HZ, 9.0),))
        await at.seconds(0.3)
        holds((await at.seconds(0.4))[1], LATER_HZ)
        at.engine.players.stop(2)
        await at.seconds(0.2)
        assert not (await at.seconds(0.2))[1].any()
        assert all(near == far and near % 320 == 0 for near, far in at.sizes), at.sizes


@pytest.mark.parametrize("late_s", [0.3, 1.5], ids=["kept", "lost"])
async def test_the_two_streams_stay_aligned(tmp_path: Path, late_s: float) -> None:
    """An echo comes back after the same delay before and after the loop was too busy to read,
    whether the rings could hold all of it or not."""
    for attempt in range(ATTEMPTS):
        since = time.time()
        first, second = await echo_delays(tmp_path, late_s)
        if abs(second - first) < APART_S or not witness().spoilt(since, time.time()):
            break
        assert attempt + 1 < ATTEMPTS, "this machine stood still each time"
    assert 0.1 <= first < 0.3
    assert second == pytest.approx(first, abs=APART_S)


async def echo_delays(tmp_path: Path, late_s: float) -> tuple[float, float]:
    async with bench() as at:
        noise = np.random.default_rng(1).normal(0, 3000, 8000 * 9).astype(np.int16)
        soundfile.write(tmp_path / "noise.wav", noise, 8000)
        at.call.media.tone(0)
        at.call.media.echo = Echo(0.1, -6.0)
        at.engine.players.start(1, at.leg, (str(tmp_path / "noise.wav"),))
        at.engine.hearing.start(at.leg, at.heard)
        await at.seconds(0.5)
        first = echo_delay(*(await at.seconds(0.8)))
        await at.nobody_reads(late_s)
        await at.seconds(0.4)
        return first, echo_delay(*(await at.seconds(0.8)))


def echo_delay(near: Samples, far: Samples) -> float:
    """Seconds by which `near` is later."""
    size = 2 * len(near)
    found = np.fft.irfft(
        np.fft.rfft(near.astype(float), size) * np.conj(np.fft.rfft(far.astype(float), size))
    )
    return float(np.argmax(found[: len(near)])) / 8000


async def test_a_tap_leaves_nothing_behind(tmp_path: Path) -> None:
    async with bench() as at:
        at.engine.hearing.start(at.leg, at.heard)
        await at.seconds(0.1)
        assert len(at.ports()) == 2
        for _ in range(5):
            at.engine.hearing.start(at.leg, at.heard)  # another question
        await at.seconds(0.1)
        at.engine.hearing.stop(at.leg)
        at.engine.hearing.stop(at.leg)
        async with asyncio.timeout(PATIENCE_S):
            while at.ports():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        at.engine.hearing.start(at.leg, at.heard)
        await at.seconds(0.1)
        await at.call.bye()
        await at.event(Ended)
        assert at.leg not in at.engine.hearing
        async with asyncio.timeout(PATIENCE_S):
            while at.ports():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert not at.engine.bridge._wanted and not at.engine.bridge._shadows
