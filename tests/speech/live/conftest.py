"""Spoken words, a telephone line, and a running service to speak to."""

import asyncio
import functools
import itertools
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import psutil
import pytest

import appliance
from appliance.model.events.box import Trouble
from appliance.model.hearing import Hearing, SpeechBegan, SpeechDone, SpeechReport
from appliance.model.ids import LegId
from appliance.speech.live import link, listening
from appliance.speech.live.service import SpeechService, SpeechSettings
from appliance.speech.tts import Espeak, Voice

RATE, FRAME = 8000, 160
WAIT_S = 20.0
BUILT_IN = Path(appliance.__file__).parent / "speech/models/en-commands"
Samples = npt.NDArray[np.int16]
MENU = Hearing(
    kind="choices",
    language="en",
    choices={
        "sales": ("sales",),
        "billing": ("billing", "accounts"),
        "support": ("support", "technical support"),
        "operator": ("operator",),
    },
)


@pytest.fixture(scope="session")
def model() -> Path:
    """The built-in model, or one that is named for trying out."""
    named = os.environ.get("CALLFLOOR_TEST_MODEL")
    if named:
        return Path(named)
    if not BUILT_IN.is_dir():
        pytest.skip(f"there is no built-in model in {BUILT_IN}")
    return BUILT_IN


@functools.cache
def said(text: str, voice: str = "en-us", pitch: int = 45, speed: int = 155) -> Samples:
    """A text as espeak-ng says it, at the level of all our prompts."""
    sound = Espeak().speak(text, Voice(voice, speed=speed, pitch=pitch))
    return np.asarray(sound if sound.dtype == np.int16 else np.round(sound * 32767), np.int16)


def line(*parts: Samples | float, noise: float = 8.0, seed: int = 1) -> Samples:
    """Sounds and silences (in seconds) one after the other, with the noise of a line."""
    sounds = [np.zeros(int(p * RATE)) if isinstance(p, float) else p for p in parts]
    whole = np.concatenate([one.astype(float) for one in sounds])
    whole = whole + np.random.default_rng(seed).normal(0, noise, whole.size)
    return np.clip(whole, -32768, 32767).astype(np.int16)[: whole.size // FRAME * FRAME]


def g711(sound: npt.NDArray[Any]) -> Samples:
    """Through an A-law line and back (ITU-T G.711): 13 segments, 4 bits each."""
    level = np.minimum(np.abs(sound.astype(float)), 32767.0)
    step = np.where(level < 512, 16.0, 2.0 ** (np.floor(np.log2(np.maximum(level, 512))) - 4))
    return (np.sign(sound) * (np.floor(level / step) + 0.5) * step).astype(np.int16)


def frames(sound: Samples) -> list[memoryview]:
    data = memoryview(sound.tobytes())
    return [data[at : at + 2 * FRAME] for at in range(0, len(data) - 2 * FRAME + 1, 2 * FRAME)]


SILENT = memoryview(b"")


async def until(found: Callable[[], Any], seconds: float = WAIT_S) -> Any:
    """What it finds, once it finds something."""
    async with asyncio.timeout(seconds):
        while not (what := found()):  # noqa: ASYNC110 - most of it only the kernel tells
            await asyncio.sleep(0.005)
    return what


class Floor:
    """A service, what it told, and callers. Sound comes in as fast as `pace` says."""

    def __init__(self, settings: SpeechSettings) -> None:
        self.settings = settings
        self.reports: list[SpeechReport] = []
        self.troubles: list[Trouble] = []
        self.service = SpeechService(settings, self.reports.append, self.troubles.append)

    def listen(self, leg: str, listen: int = 1, hearing: Hearing = MENU, **more: Any) -> None:
        self.service.listen(LegId(leg), listen, msgspec.structs.replace(hearing, **more))

    async def speak(
        self, leg: str, sound: Samples, pace: float = 0.004, far: Samples | None = None
    ) -> None:
        """`pace`: seconds for each frame of 20 ms. `far`: what the caller is played meanwhile."""
        played = frames(far) if far is not None else itertools.repeat(SILENT)
        for near, other in zip(frames(sound), played, strict=False):
            self.service.feed(LegId(leg), near, other)
            await asyncio.sleep(pace)

    async def ask(self, leg: str, text: str, **more: Any) -> SpeechDone:
        """The answer to something that is said."""
        self.listen(leg, **more)
        return await self.hear(leg, text)

    async def hear(self, leg: str, text: str) -> SpeechDone:
        before = len(self.done(leg))
        await self.speak(leg, line(0.3, said(text), 0.8))
        await until(lambda: len(self.done(leg)) > before)
        return self.done(leg)[before]

    def done(self, leg: str) -> list[SpeechDone]:
        return [one for one in self.reports if isinstance(one, SpeechDone) and one.leg == leg]

    def began(self, leg: str) -> list[SpeechBegan]:
        return [one for one in self.reports if isinstance(one, SpeechBegan) and one.leg == leg]


Open = Callable[..., Any]


@pytest.fixture
def floor(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """``async with floor(recognisers=2) as f``: a started service, all gone afterwards.

    A test machine with too much to do is no recogniser that hangs."""
    monkeypatch.setattr(link, "READY_S", 10.0)
    monkeypatch.setattr(link, "ANSWER_S", 10.0)
    monkeypatch.setattr(listening, "WORKER_S", 10.0)

    @asynccontextmanager
    async def make(**changes: Any) -> AsyncIterator[Floor]:
        settings = SpeechSettings(
            models={"en": model}, recognisers=1, data_dir=tmp_path, enabled=True
        )
        one = Floor(msgspec.structs.replace(settings, **changes))
        await one.service.start()
        try:
            yield one
        finally:
            await one.service.close()
        await until(lambda: not nurseries())

    return make


def nurseries() -> list[psutil.Process]:
    """Those that this process started."""
    return [one for one in psutil.Process().children() if _is_nursery(one)]


def workers() -> list[psutil.Process]:
    return [worker for one in nurseries() for worker in one.children() if _runs(worker)]


def _is_nursery(process: psutil.Process) -> bool:
    try:
        return _runs(process) and "appliance.speech.live.nursery" in process.cmdline()
    except psutil.Error:
        return False


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
