"""Callers' voices for tests, made by espeak-ng when they are asked for, and the model that hears
them: the built-in one, or a folder named by CALLFLOOR_TEST_MODEL."""

import asyncio
import functools
import os
import shutil
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import pytest

from appliance.model import events as ev
from appliance.speech.catalog.shelf import BUILT_IN
from appliance.speech.convert import read_sound
from appliance.speech.tts import Espeak, Voice
from tests.peers.box import Box
from tests.peers.lane import Lane
from tests.peers.phone import Call
from tests.peers.tones import RATE, Samples
from tests.peers.witness import Spoilt, witness

OTHER = os.environ.get("CALLFLOOR_TEST_MODEL", "")
CALLER = Voice("en-us", speed=150, pitch=45)
SAID_DBOV = -22.0
"""Level of active speech on a telephone line, ITU-T P.56."""
HUMAN = Path("/usr/share/asterisk/sounds/en")
"""asterisk-core-sounds-en: one human speaker."""
READY_S = 20.0
LONGEST_SAID_S = 3.0
STALL_S = 0.02

needs_model = pytest.mark.skipif(
    not OTHER and not BUILT_IN.is_dir(), reason="this version brings no speech model along"
)


def speech_site(**more: Any) -> dict[str, Any]:
    """[speech] for the model of these tests."""
    return {"speech": {**({"models": {"en": "test"}} if OTHER else {}), **more}}


def around(
    *words: str, humans: Iterable[str] = ()
) -> Callable[[Box], AbstractAsyncContextManager[None]]:
    """For a module: what its callers will say is made or read before, because no packet may
    wait for it; and another model than the built-in one is put where the box looks for it."""

    @asynccontextmanager
    async def prepared(box: Box) -> AsyncIterator[None]:
        for text in words:
            _spoken[text] = levelled(Espeak().speak(text, CALLER).astype(np.float64))
        for name in humans:
            human(name)
        if OTHER:
            shutil.copytree(OTHER, box.data / "models" / "test", dirs_exist_ok=True)
        yield
        _, alive = psutil.wait_procs(_seen, timeout=5)
        assert not alive, f"recognisers outlive their box: {alive}"

    return prepared


async def ears(box: Box) -> list[psutil.Process]:
    """The box's recognisers, waited for until all of them are there."""
    wanted = box.site["speech"]["recognisers"]
    async with asyncio.timeout(READY_S):
        while len(found := await asyncio.to_thread(recognisers, box)) < wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    _seen.update(found)
    return found


def recognisers(box: Box) -> list[psutil.Process]:
    """Children of the one process that has loaded the model."""
    return [
        worker
        for child in psutil.Process(box.pid).children()
        if _is_nursery(child)
        for worker in child.children()
        if worker.status() != psutil.STATUS_ZOMBIE
    ]


def _is_nursery(process: psutil.Process) -> bool:
    """One that ends just now is none any more."""
    try:
        return "nursery" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def levelled(samples: npt.NDArray[np.float64], dbov: float = SAID_DBOV) -> Samples:
    """As loud as a caller is on the line."""
    rms = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    loud = samples * (32768 * 10 ** (dbov / 20) / rms)
    return np.clip(np.round(loud), -32768, 32767).astype(np.int16)


_spoken: dict[str, Samples] = {}
_seen: set[psutil.Process] = set()
"""Recognisers that were there."""


def spoken(text: str) -> Samples:
    """A text of `around` at 8 kHz, beginning and ending with the voice itself."""
    return _spoken[text]


@functools.cache
def human(name: str) -> Samples:
    """A prompt of asterisk-core-sounds, such as ``digits/1``."""
    samples = read_sound(HUMAN / f"{name}.wav").astype(np.float64)
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return levelled(samples[max(0, loud[0] - 400) : loud[-1] + 400])


def noise(seconds: float, dbov: float, seed: int = 1) -> Samples:
    """Of a line: white within the telephone band, more of it at low frequencies."""
    size = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=size))
    hz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum *= np.where((hz > 200) & (hz < 3600), 1 / np.sqrt(np.maximum(hz, 200)), 0)
    return levelled(np.fft.irfft(spectrum, size), dbov)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


def _choices() -> dict[str, Any]:
    """What the demo's menu understands, led to this lane's queue and mailbox."""
    text = resources.files("appliance.demo").joinpath("site.toml").read_text()
    menu = tomllib.loads(text)["flow"]["main"]["node"]["menu"]["choice"]
    to = {"1": "wait", "2": "wait", "3": "mail"}
    return {key: {**choice, "next": to[key]} for key, choice in menu.items()}


def menu(**more: Any) -> dict[str, Any]:
    """A flow with the demo's menu; `more` for its menu node."""
    return {
        "start": "menu",
        "fallback": "wait",
        "node": {
            "menu": {
                "type": "menu",
                "prompt": {"file": "menu.wav"},
                "first_key_s": 6.0,
                "retries": 2,
                "choice": _choices(),
                **more,
            },
            "wait": {"type": "queue", "queue": "{queue}"},
            "mail": {"type": "voicemail", "mailbox": "{mailbox}"},
        },
    }


async def says(call: Call, what: str | Samples) -> None:
    """Says it, and is quiet afterwards as a telephone is: with comfort, not without packets."""
    call.media.tone(0)
    call.media.say(spoken(what) if isinstance(what, str) else what)
    await call.media.spoken()


async def listened_to(lane: Lane) -> Call:
    """A caller in the menu, while somebody listens, quiet so far."""
    await ears(lane.box)
    call = await lane.dial(0).answered()
    await lane.event(ev.FlowNode, node="menu")
    return call


@contextmanager
def unless_spoilt(before_s: float = 0.0) -> Iterator[None]:
    """What fails because this machine stood still, within or so long before, is tried again:
    jitter buffers grow then, words come in pieces and echoes later."""
    since = time.time() - before_s
    try:
        yield
    except AssertionError as error:
        if any(by > STALL_S for at, by in witness().late if at > since):
            raise Spoilt(str(error)) from error
        raise


async def chosen(lane: Lane, name: str) -> ev.SpeechHeard:
    """What was heard when the flow went on because of it. Raises Spoilt where words came in
    pieces because this machine stood still."""
    with unless_spoilt(LONGEST_SAID_S):
        given = await lane.event(ev.FlowInput, kind="speech", choice=name)
    heard = lane.all(ev.SpeechHeard)[-1]
    assert (heard.choice, heard.text) == (name, given.value)
    assert 0 < heard.confidence <= 1 and heard.verdict == "sure"
    return heard
