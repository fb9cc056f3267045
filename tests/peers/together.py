"""Tests of one module run together on one box, each on a lane of its own.

Calls take seconds of real time, mostly waiting; fifty of them side by side take as long as
the longest. `@together(...)` marks the coroutine; pytest still reports every test by itself.
"""

import asyncio
import itertools
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.peers import rules
from tests.peers.box import Box, Network, calm, told
from tests.peers.lane import Ends, Lane, Wishes
from tests.peers.tones import sine
from tests.peers.witness import Spoilt, witness
from tests.peers.world import (
    BYE_HZ,
    GREETING_HZ,
    MENU_HZ,
    MUSIC_HZ,
    PROMPT_DBOV,
    PROVIDER_PORT,
    WHISPER_HZ,
)

AT_ONCE = 14
"""Tests that run side by side."""
START_EVERY_S = 0.12
LONGEST_S = 60.0
ATTEMPTS = 4
"""Only what this machine itself has spoilt is tried again."""


@dataclass
class Scenario:
    name: str
    run: Callable[..., Awaitable[None]]
    wishes: Wishes
    case: Any = None


def together(cases: Sequence[Any] = (), **wishes: Any) -> Callable[[Any], Any]:
    """`cases`: the test runs once for each, as its second argument. The rest is `Wishes`."""

    def mark(run: Callable[..., Awaitable[None]]) -> Any:
        def test(floor: "Floor") -> None:
            floor.outcome(run.__name__)

        def test_case(floor: "Floor", case: Any) -> None:
            floor.outcome(f"{run.__name__}[{case}]")

        made: Any = test_case if cases else test
        made.__name__ = made.__qualname__ = run.__name__
        made.__doc__, made.__module__ = run.__doc__, run.__module__
        made.scenario = Scenario(run.__name__, run, Wishes(**wishes))
        return pytest.mark.parametrize("case", cases, ids=str)(made) if cases else made

    return mark


@asynccontextmanager
async def no_more(_box: Box) -> AsyncIterator[None]:
    """Nothing else is needed."""
    yield


@dataclass
class Floor:
    """A box with everything that the chosen tests of a module need of it."""

    folder: Path
    prompts: Path
    scenarios: list[Scenario]
    site: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Secrets beside site.toml: name to content."""
    around: Callable[[Box], AbstractAsyncContextManager[None]] = no_more
    """What must be there before the box starts."""
    failed: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    spoilt: int = 0
    _ran: bool = False

    def outcome(self, name: str) -> None:
        """Runs all on the first call; fails as the test of that name did."""
        if not self._ran:
            self._ran = True
            try:
                asyncio.run(self._all())
            except Exception as error:
                story = "".join(traceback.format_exception(error)[-3:])
                self.failed = {scenario.name: story for scenario in self.scenarios}
        if name in self.failed:
            pytest.fail(self.failed[name], pytrace=False)

    def close(self) -> None:
        """What must hold for the box as a whole after all of them."""
        if self.broken:
            pytest.fail("\n".join(self.broken) + f"\nfiles: {self.folder}", pytrace=False)

    async def _all(self) -> None:
        witness()
        network = Network()
        box = Box(self.folder, network, {})
        ends = await Ends.open(box)
        lanes = [Lane(box, n, s.wishes, ends) for n, s in enumerate(self.scenarios)]
        box.site = make_site(box, lanes, self.site)
        for name, text in self.files.items():
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o600)
        try:
            async with self.around(box):
                await box.start(self.prompts)
                gate = asyncio.Semaphore(AT_ONCE)
                await asyncio.gather(*(self._one(n, lane, gate) for n, lane in enumerate(lanes)))
                self.broken += await rules.after_all(box)
                await box.stop()
        finally:
            ends.close()
            await box.stop()
            network.close()
            calm()
        self.broken += rules.after_stop(box)

    async def _one(self, n: int, lane: Lane, gate: asyncio.Semaphore) -> None:
        scenario = self.scenarios[n]
        async with gate:
            await asyncio.sleep(n % AT_ONCE * START_EVERY_S)
            for attempt in range(ATTEMPTS):
                try:
                    await self._run(scenario, lane)
                    return
                except Spoilt as error:
                    self.spoilt += 1
                    if attempt + 1 == ATTEMPTS:
                        self.failed[scenario.name] = self._story(lane, error)
                    await lane.begin_again()
                except Exception as error:
                    self.failed[scenario.name] = self._story(lane, error)
                    await lane.hang_up_all()
                    return

    async def _run(self, scenario: Scenario, lane: Lane) -> None:
        async with asyncio.timeout(LONGEST_S):
            arguments = [lane] if scenario.case is None else [lane, scenario.case]
            await scenario.run(*arguments)
            await lane.hang_up_all()
            await lane.gone()
        rules.after_test(lane)

    def _story(self, lane: Lane, error: BaseException) -> str:
        lines = traceback.format_exception(error)
        return (
            f"{''.join(lines[-4:])}\nevents of {lane.number}:\n{told(lane.records())}\n"
            f"{_gaps(lane)}\nthis machine stood still at: {witness().told() or 'never'}\n"
            f"files: {self.folder}"
        )


def make_site(box: Box, lanes: list[Lane], more: dict[str, Any]) -> dict[str, Any]:
    """site.toml for these lanes, with `more` on top; also writes the prompts' files."""
    network = box.network
    site: dict[str, Any] = {
        "site": {"name": "Peers", "language": "en", "country": "DE"},
        "sip": {
            "listen": network.host(1), "rtp_port_first": 20000, "rtp_port_last": 24000,
            "max_calls": 120, "silence_alarm_s": 2.0,
        },
        "recording": {"min_free_mb": 0},
        "trunk": [
            {
                "id": "line", "host": network.host(2), "port": PROVIDER_PORT,
                "addresses": [network.host(2)],
                "options_s": 0.0, "channels": 120,
                "numbers": {lane.number: lane.flow for lane in lanes},
            }
        ],
        "queue": [], "agent": [], "mailbox": [],
        "flow": {lane.flow: lane.flow_site() for lane in lanes},
    }  # fmt: skip
    for lane in lanes:
        for name, entries in lane.site().items():
            site[name] += entries
    _merge(site, more, network.prefix)
    for trunk in site["trunk"]:
        if trunk.get("numbers") == "{numbers}":
            trunk["numbers"] = site["trunk"][0]["numbers"]
    sounds = box.folder.parent / "sounds"
    _write_prompts(sounds)
    placed = _at(site, sounds)
    assert isinstance(placed, dict)
    return placed


def _at(value: Any, sounds: Path) -> Any:
    """File names of prompts as whole paths, the same for all boxes: rendered once."""
    if isinstance(value, str):
        return str(sounds / value) if value.endswith(".wav") else value
    if isinstance(value, list):
        return [_at(item, sounds) for item in value]
    if isinstance(value, dict):
        return {key: _at(item, sounds) for key, item in value.items()}
    return value


def _merge(site: dict[str, Any], more: dict[str, Any], prefix: str) -> None:
    for key, value in more.items():
        if isinstance(value, list):
            site.setdefault(key, []).extend(_placed(value, prefix))
        elif isinstance(value, dict):
            _merge(site.setdefault(key, {}), value, prefix)
        else:
            site[key] = _placed(value, prefix)


def _placed(value: Any, prefix: str) -> Any:
    if isinstance(value, str):
        return value.replace("{ip}", prefix)
    if isinstance(value, list):
        return [_placed(item, prefix) for item in value]
    if isinstance(value, dict):
        return {key: _placed(item, prefix) for key, item in value.items()}
    return value


def _write_prompts(folder: Path) -> None:
    """Music short enough to begin anew within a test, where no hole may be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, hz, seconds in (
        ("greeting", GREETING_HZ, 0.6), ("music", MUSIC_HZ, 2.0), ("whisper", WHISPER_HZ, 0.8),
        ("menu", MENU_HZ, 1.0), ("bye", BYE_HZ, 0.5), ("long", MENU_HZ, 6.0),
    ):  # fmt: skip
        if not (folder / f"{name}.wav").exists():
            soundfile.write(folder / f"{name}.wav", sine(hz, seconds, PROMPT_DBOV), 8000)


def _gaps(lane: Lane) -> str:
    """Where the box sent no packet for more than 35 ms."""
    found = []
    for phone in (lane.caller, lane.outside, *lane.phones):
        for call in phone.calls:
            packets = call.media.packets
            for one, two in itertools.pairwise(packets):
                if two.at - one.at > 0.035:
                    gap = f"{two.at % 1000:.3f} {(two.at - one.at) * 1000:.0f} ms"
                    found.append(f"  {phone.user}: {gap}, stamp {two.stamp - one.stamp:+}")
    return "gaps in what the box sent:\n" + "\n".join(found[-20:])
