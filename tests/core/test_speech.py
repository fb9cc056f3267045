"""Recognisers joined with legs: what a caller loses when they fail is speech, and nothing else."""

import asyncio
import functools
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from appliance.box.config import LoadedSite, load_site
from appliance.corespeech import Ears
from appliance.flow.language import FlowSet, compile_flows
from appliance.model.events import Trouble
from appliance.model.hearing import Hearing, SpeechBegan, SpeechOff, SpeechReport
from appliance.model.ids import LegId
from appliance.speech.live import keeping
from appliance.speech.live.crowd import FREE_S, Crowd
from appliance.speech.live.service import SpeechSettings

A, B = LegId("a"), LegId("b")
WORDS = Hearing(kind="choices", language="en", choices={"1": ("support",)})


MENU: dict[str, Any] = {
    "start": "menu",
    "node": {"menu": {"type": "menu", "prompt": "What?", "choice": {"1": {"say": ["support"]}}}},
}


def loaded(folder: Path, flow: dict[str, Any] = MENU, **speech: Any) -> tuple[LoadedSite, FlowSet]:
    path = folder / "site.toml"
    site = {"site": {"data_dir": "var"}, "speech": speech, "flow": {"main": flow}}
    path.write_text(tomlkit.dumps(site))
    found = load_site(path)
    return found, compile_flows(found.site)


class Taps:
    """Legs that are tapped; one of them cannot be."""

    def __init__(self) -> None:
        self.on: dict[LegId, Callable[[memoryview, memoryview], None]] = {}
        self.broken: set[LegId] = set()

    def start(self, leg: LegId, heard: Callable[[memoryview, memoryview], None]) -> None:
        if leg in self.broken:
            raise RuntimeError("too many ports")
        self.on[leg] = heard

    def stop(self, leg: LegId) -> None:
        self.on.pop(leg, None)

    def close(self) -> None:
        self.on.clear()


@dataclass
class Recognisers:
    """The service's side, with so many recognisers that never hear anything by themselves."""

    settings: SpeechSettings
    report: Callable[[SpeechReport], None]
    trouble: Callable[[Trouble], None]
    in_use: dict[LegId, int] = field(default_factory=dict)
    fed: list[tuple[LegId, bytes, bytes]] = field(default_factory=list)
    configured: list[SpeechSettings] = field(default_factory=list)
    started: bool = False
    closed: bool = False

    async def start(self) -> None:
        await asyncio.sleep(0)
        self.started = True

    async def configure(self, settings: SpeechSettings) -> None:
        self.configured.append(settings)

    def listen(self, leg: LegId, listen: int, hearing: Hearing) -> None:
        if len(self.in_use) >= self.settings.recognisers:
            off = SpeechOff(leg=leg, listen=listen, why="busy", detail="all are busy")
            asyncio.get_running_loop().call_soon(self.report, off)
        else:
            self.in_use[leg] = listen

    def feed(self, leg: LegId, near: memoryview, far: memoryview) -> None:
        self.fed.append((leg, bytes(near), bytes(far)))

    def stop(self, leg: LegId) -> None:
        self.in_use.pop(leg, None)

    async def close(self) -> None:
        self.closed = True

    def busy(self) -> tuple[int, int]:
        return len(self.in_use), self.settings.recognisers


@dataclass
class Bench:
    ears: Ears
    taps: Taps
    made: list[Recognisers]
    reports: list[SpeechReport]
    troubles: list[Trouble]

    @property
    def service(self) -> Recognisers:
        return self.made[-1]

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110  another task's work
                await asyncio.sleep(0.001)

    async def ready(self) -> None:
        await self.until(lambda: self.made and self.service.started and self.ears._service)


def bench(
    **speech: Any,
) -> Callable[[Callable[[Bench, Path], Coroutine[Any, Any, None]]], Callable[[Path], None]]:
    """A test with ears that are started and closed around it."""

    def around(
        test: Callable[[Bench, Path], Coroutine[Any, Any, None]],
    ) -> Callable[[Path], None]:
        @functools.wraps(test)
        def run(tmp_path: Path) -> None:
            asyncio.run(_with_ears(test, tmp_path, speech))

        del run.__wrapped__  # pytest reads the arguments there
        return run

    return around


async def _with_ears(test: Callable[..., Any], folder: Path, speech: dict[str, Any]) -> None:
    made: list[Recognisers] = []
    reports: list[SpeechReport] = []
    troubles: list[Trouble] = []

    def make(*given: Any) -> Recognisers:
        made.append(Recognisers(*given))
        return made[-1]

    ears = Ears(*loaded(folder, **speech), make, reports.append, troubles.append)
    at = Bench(ears, Taps(), made, reports, troubles)
    ears.start(at.taps)
    try:
        await test(at, folder)
    finally:
        await ears.close()
    assert all(one.closed for one in made)


@bench(recognisers=2)
async def test_a_leg_is_tapped_and_fed_until_it_is_stopped(at: Bench, _folder: Path) -> None:
    await at.ready()
    at.ears.listen(A, 1, WORDS)
    at.taps.on[A](memoryview(b"near"), memoryview(b"far."))
    assert at.service.fed == [(A, b"near", b"far.")]
    at.service.report(SpeechBegan(leg=A, listen=1))
    assert at.reports == [SpeechBegan(leg=A, listen=1)]
    at.ears.stop(A)
    assert not at.taps.on and not at.service.in_use
    at.service.report(SpeechBegan(leg=A, listen=1))
    assert len(at.reports) == 1


@bench(recognisers=1)
async def test_before_the_recognisers_are_there_callers_have_keys(at: Bench, _: Path) -> None:
    at.ears.listen(A, 1, WORDS)
    assert at.reports == [], "never within the turn that asked for it"
    await at.until(lambda: at.reports)
    (off,) = at.reports
    assert isinstance(off, SpeechOff) and (off.why, off.leg, off.listen) == ("broken", A, 1)
    assert "not ready" in off.detail
    assert at.troubles == [] and not at.taps.on


@bench(recognisers=1)
async def test_one_trouble_for_all_who_are_turned_away(at: Bench, _: Path) -> None:
    await at.ready()
    at.ears.listen(A, 1, WORDS)
    for n in range(3):
        at.ears.listen(B, n, WORDS)
        await at.until(lambda n=n: len(at.reports) == n + 1)
        at.ears.stop(B)
    assert [(t.where, t.over) for t in at.troubles] == [("speech", False)]
    assert set(at.taps.on) == {A}, "who is not heard is not tapped"


@bench()
async def test_a_leg_that_cannot_be_tapped_has_keys(at: Bench, _: Path) -> None:
    await at.ready()
    at.taps.broken.add(A)
    at.ears.listen(A, 4, WORDS)
    await at.until(lambda: at.reports)
    (off,) = at.reports
    assert isinstance(off, SpeechOff) and off.why == "broken" and "too many ports" in off.detail
    assert not at.service.in_use


@bench(recognisers=2)
async def test_a_late_end_of_the_last_question_leaves_the_next_one_alone(
    at: Bench, _: Path
) -> None:
    await at.ready()
    at.ears.listen(A, 1, WORDS)
    at.ears.stop(A)
    at.ears.listen(A, 2, WORDS)
    at.service.report(SpeechOff(leg=A, listen=1, why="broken"))
    assert at.reports == [] and set(at.taps.on) == {A}


@bench(enabled=False)
async def test_speech_that_is_switched_off_starts_nothing(at: Bench, folder: Path) -> None:
    await at.ears.configure(*loaded(folder, enabled=False, recognisers=3))
    assert at.made == []
    await at.ears.configure(*loaded(folder, recognisers=3))
    assert at.service.started and at.service.settings.recognisers == 3


@pytest.mark.parametrize("how", ["at the start", "later"])
def test_voices_that_were_kept_go_in_time_also_while_speech_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(keeping, "PRUNE_S", 0.01)
    old, young = (tmp_path / "var/speech" / day for day in ("2020-01-01", str(date.today())))
    for day in (old, young):
        day.mkdir(parents=True)

    async def test(at: Bench, folder: Path) -> None:
        if how == "later":
            await at.ready()
            assert old.exists(), "the service sees to it, and this one is none"
            await at.ears.configure(*loaded(folder, enabled=False))
        await at.until(lambda: not old.exists())
        old.mkdir()  # a day later
        await at.until(lambda: not old.exists())
        assert young.exists()

    asyncio.run(_with_ears(test, tmp_path, {"enabled": how == "later"}))


def test_the_core_loads_nothing_of_speech_before_it_is_switched_on() -> None:
    """Numbers and voice detectors are 12 MB that a box without speech does not need."""
    ask = "import sys, appliance.core; print(*{'numpy', 'webrtcvad', 'vosk'} & set(sys.modules))"
    run = [sys.executable, "-c", ask]
    assert subprocess.run(run, check=True, capture_output=True, text=True).stdout.split() == []


@bench(recognisers=2)
async def test_where_nothing_is_asked_that_can_be_said_nobody_listens(
    at: Bench, folder: Path
) -> None:
    await at.ready()
    keys_only = {"start": "end", "node": {"end": {"type": "hang_up"}}}
    await at.ears.configure(*loaded(folder, keys_only))
    assert at.service.closed
    await at.ears.configure(*loaded(folder))
    assert len(at.made) == 2 and at.service.started


@bench(recognisers=2)
async def test_switching_off_tells_those_who_are_listened_to(at: Bench, folder: Path) -> None:
    await at.ready()
    at.ears.listen(A, 1, WORDS)
    await at.ears.configure(*loaded(folder, enabled=False))
    (off,) = at.reports
    assert isinstance(off, SpeechOff) and off.listen == 1 and "switched off" in off.detail
    assert not at.taps.on and at.service.closed


@bench(recognisers=2)
async def test_a_reload_reaches_the_running_recognisers(at: Bench, folder: Path) -> None:
    await at.ready()
    at.ears.listen(A, 1, WORDS)
    await at.ears.configure(*loaded(folder, recognisers=5, sure=0.7, keep_failed=True))
    (settings,) = at.service.configured
    assert (settings.recognisers, settings.sure, len(at.made)) == (5, 0.7, 1)
    assert settings.keep_failed == folder / "var" / "speech"
    assert at.service.in_use == {A: 1}


@bench(models={"en": "no-such-model"})
async def test_a_model_that_is_not_there_is_told_and_taken_back(at: Bench, folder: Path) -> None:
    await at.ready()
    assert [(t.where, t.over) for t in at.troubles] == [("speech", False)]
    assert "no-such-model" in at.troubles[0].what
    await at.ears.configure(*loaded(folder))
    assert at.troubles[1:] == [
        Trouble(**{f: getattr(at.troubles[0], f) for f in ("where", "what", "meaning", "remedy")},
                over=True)
    ]  # fmt: skip


@pytest.mark.parametrize("fails", ["start", "configure"])
def test_recognisers_that_cannot_be_had_are_told_and_stop_nothing(
    tmp_path: Path, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> None:
        raise OSError("no process can be started")

    monkeypatch.setattr(Recognisers, fails, refuse)

    async def test(at: Bench, folder: Path) -> None:
        if fails == "configure":
            await at.ready()
        else:
            await at.until(lambda: at.troubles)
        await at.ears.configure(*loaded(folder))
        assert at.troubles and "no process can be started" in at.troubles[-1].what

    asyncio.run(_with_ears(test, tmp_path, {}))


@pytest.mark.parametrize("then", ["other settings", "off"])
def test_what_could_not_be_taken_over_is_told_until_it_can(
    tmp_path: Path, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> None:
        raise OSError("no process can be started")

    async def test(at: Bench, folder: Path) -> None:
        await at.ready()
        with monkeypatch.context() as broken:
            broken.setattr(Recognisers, "configure", refuse)
            for _ in range(2):
                await at.ears.configure(*loaded(folder))
        assert [(t.where, t.over) for t in at.troubles] == [("speech", False)]
        await at.ears.configure(*loaded(folder, enabled=then != "off"))
        assert [(t.what, t.over) for t in at.troubles[1:]] == [(at.troubles[0].what, True)]
        await at.ears.configure(*loaded(folder))
        assert len(at.troubles) == 2

    asyncio.run(_with_ears(test, tmp_path, {}))


def test_a_core_that_stops_does_not_wait_for_models_that_are_made_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, told = tmp_path / "python", tmp_path / "pid"
    slow.write_text(f"#!/bin/sh\necho $$ > {told}.new\nmv {told}.new {told}\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))

    async def test(at: Bench, _: Path) -> None:
        await at.until(told.exists)
        await at.ears.close()
        assert not psutil.pid_exists(int(told.read_text()))
        assert at.made == [] and at.troubles == []

    asyncio.run(_with_ears(test, tmp_path, {}))


# -- when all are busy ----------------------------------------------------------------------


def test_a_crowd_is_over_when_there_was_room_for_a_while() -> None:
    crowd = Crowd()
    told = crowd.turned_away(2)
    assert told is not None and "all 2 recognisers" in told.what and not told.over
    assert "not heard" in told.meaning, "once: what he says next is heard"
    assert crowd.look(2, 2, 0.0) is None
    assert crowd.look(1, 2, 1.0) is None
    assert crowd.look(2, 2, 5.0) is None, "busy again: it counts anew"
    assert crowd.look(1, 2, 6.0) is None
    assert crowd.look(0, 2, 5.9 + FREE_S) is None
    over = crowd.look(0, 2, 6.0 + FREE_S)
    assert over is not None and over.over and over.what == told.what
    assert crowd.look(0, 2, 99.0) is None


ACTS = st.lists(st.tuples(st.sampled_from(["turned", "look", "over"]), st.integers(0, 2)))


@given(ACTS)
def test_at_most_one_trouble_is_open_and_each_ends_once(acts: list[tuple[str, int]]) -> None:
    crowd, open_, now = Crowd(), 0, 0.0
    for act, in_use in acts:
        now += FREE_S / 2
        told = (
            crowd.turned_away(2)
            if act == "turned"
            else crowd.over()
            if act == "over"
            else crowd.look(in_use, 2, now)
        )
        if told is not None:
            open_ += -1 if told.over else 1
        assert open_ in (0, 1) and open_ == (crowd.trouble is not None)
