"""A prompt that cannot be played is told once, and the call goes on without it."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from appliance.calls import effects as fx
from appliance.calls.controller import Controller
from appliance.calls.setup import Setup
from appliance.flow.language import compile_flows
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.ids import CallId, LegId
from tests.calls.world import World

MENU = "text/One for support, two for all."


@pytest.fixture
def world() -> World:
    world = World()
    world.missing = {MENU}
    return world


def told(world: World) -> list[bool]:
    """Troubles of prompts: True where one is over."""
    return [e.over for e in world.of(ev.Trouble) if e.where == "prompts"]


def reload(world: World) -> None:
    setup = Setup(world.site, "v2", world.box.desk.setup.addresses)
    world.take(world.box.reconfigure(setup, compile_flows(world.site), world.now))


def test_ten_callers_meet_it_and_it_is_told_once(world: World) -> None:
    for n in range(10):
        world.arrive(caller=f"+493055{n}")
        world.pass_time(1)
    (trouble,) = world.of(ev.Trouble)
    assert MENU in trouble.what and "no such file" in trouble.what
    assert len(world.of(ev.CallEnded)) == 0


def test_the_call_goes_on_without_it(world: World) -> None:
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    seat = world.seat_leg("a1")
    world.pick_up(seat)
    assert world.heard_by(caller) == {f"leg:{seat}"}


def test_it_is_over_when_it_is_heard_and_told_again_when_it_fails_again(world: World) -> None:
    world.arrive()
    world.missing.clear()
    world.arrive(caller="+4930556")
    assert told(world) == [False]
    world.play_out()
    assert told(world) == [False, True]
    first, over = world.of(ev.Trouble)
    assert first.what == over.what
    world.missing = {MENU}
    for n in range(3):
        world.arrive(caller=f"+493055{n}")
    assert told(world) == [False, True, False]


def test_a_prompt_that_was_cut_off_was_not_heard(world: World) -> None:
    world.arrive()
    world.missing.clear()
    caller = world.arrive(caller="+4930556")
    world.hang_up(caller)
    assert told(world) == [False]


def test_a_reload_ends_it_and_what_still_fails_is_told_anew(world: World) -> None:
    world.arrive()
    reload(world)
    assert told(world) == [False, True]
    for n in range(3):
        world.arrive(caller=f"+493055{n}")
    assert told(world) == [False, True, False]
    world.missing.clear()
    reload(world)
    assert told(world) == [False, True, False, True]
    assert not world.board.troubles
    world.arrive(caller="+4930558")
    world.play_out()
    assert told(world) == [False, True, False, True]


def test_two_prompts_are_two_troubles(world: World) -> None:
    world.missing.add("phrase/beep")
    world.arrive()
    world.arrive("+49303000", "+4930556")
    assert [MENU in e.what for e in world.of(ev.Trouble)] == [True, False]


class Books:
    """Keeps what is appended, as the event log does."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def append(self, event: Any, *, durable: bool = False) -> ev.Record:
        self.events.append(event)
        return ev.Record(len(self.events), 0, event)

    def durable(self, seq: int) -> "asyncio.Future[None]":
        raise NotImplementedError


def refuses(play: int, leg: str, files: tuple[str, ...]) -> None:
    raise RuntimeError(f"cannot play {', '.join(files)}: PJ says no")


@pytest.mark.parametrize("gone", [True, False])
def test_of_several_files_the_missing_one_is_named(tmp_path: Path, gone: bool) -> None:
    there, bad = tmp_path / "there.wav", tmp_path / "bad.wav"
    there.touch()
    if not gone:
        bad.touch()
    world, books = World(), Books()
    engine = SimpleNamespace(players=SimpleNamespace(start=refuses))
    controller = Controller(
        world.box, engine, books, lambda: world.now, tmp_path, lambda recording: None
    )

    async def three_plays() -> None:
        for play in (101, 102, 103):
            files = (str(there), str(bad))
            controller.run([fx.PlayFiles(play=play, leg=LegId("x"), files=files)])
        await asyncio.sleep(0)
        controller.stop()

    asyncio.run(three_plays())
    (trouble,) = [e for e in books.events if isinstance(e, ev.Trouble)]
    blamed = str(bad) if gone else f"{there}, {bad}"
    assert trouble.what == f"cannot play {blamed}: PJ says no"


def test_a_failed_whisper_does_not_keep_the_agent_from_the_caller(world: World) -> None:
    world.missing = {"text/Call for all"}
    caller = world.arrive("+49306000")
    seat = world.seat_leg("a2")
    world.pick_up(seat)
    assert world.heard_by(seat) == {f"leg:{caller}"}
    (call,) = world.box.desk.calls
    assert [e.call for e in world.of(ev.TalkStarted)] == [CallId(call)]


class Music:
    """Players whose music files are all broken, and the bridge beside them."""

    def __init__(self) -> None:
        self.wanted: dict[str, fx.Links] = {}
        self.players = self.bridge = self

    def need_music(self, name: str) -> None:
        raise RuntimeError(f"{name} is no WAV file")

    def set_music(self, name: str, path: Path) -> None:
        raise RuntimeError(f"{path.name} is no WAV file")

    def want(self, owner: str, links: fx.Links) -> None:
        self.wanted[owner] = links


def test_broken_music_changes_nothing_but_the_music(tmp_path: Path) -> None:
    """The caller is off the agent all the same, and the recording gets both its channels."""
    world, books, engine = World(), Books(), Music()
    controller = Controller(world.box, engine, books, lambda: world.now, tmp_path, lambda r: None)
    links = frozenset({("music:m", "leg:x"), ("leg:x", "left:r"), ("leg:y", "right:r")})

    async def hold_twice() -> None:
        for call in ("c1", "c2"):
            controller.run([fx.Mix(call=CallId(call), links=links)])
        controller.set_music("other", tmp_path / "other.wav")
        await asyncio.sleep(0)
        controller.stop()

    asyncio.run(hold_twice())
    assert engine.wanted == {"call:c1": links, "call:c2": links}
    told = [e.what for e in books.events if isinstance(e, ev.Trouble)]
    assert told == [
        "cannot play music m: m is no WAV file",
        "cannot play music other: other.wav is no WAV file",
    ]
