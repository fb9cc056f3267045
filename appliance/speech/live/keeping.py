"""The sound of what was not understood, as WAV files by day, for tuning. A setting."""

import asyncio
import contextlib
import itertools
import logging
import os
import shutil
import wave
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from appliance.model.ids import LegId
from appliance.speech.live.recogniser import RATE

LOG = logging.getLogger("callfloor.speech")
FOLDER = "speech"
"""Where it is kept, below the data folder, if nothing else is said."""
LARGEST = 200_000_000
"""Bytes of all files; the oldest days go first."""
PRUNE_S = 3600.0
_BACKLOG = 20
"""Files that wait for a slow disk; more are not kept."""


class Keep(Protocol):
    """Keeps the sound of what was not understood."""

    def __call__(self, pcm: bytes, leg: LegId, listen: int) -> str:
        """8 kHz int16 samples. Returns the file's name relative to the data folder, or ''."""


class Keeper:
    """`folder`: below `data`, ``YYYY-MM-DD/HHMMSS-LEG-N.wav`` in it, readable by its owner only.
    Files are written by a thread."""

    def __init__(self, data: Path, folder: Path, days: int) -> None:
        self._data, self._folder, self._days = data, folder, days
        self._numbers = itertools.count(1)
        self._waiting = 0
        self._closed = False
        self._written, self._pruned = 0, date.min
        self._thread = ThreadPoolExecutor(1, "speech-kept")

    def keep(self, pcm: bytes, leg: LegId, listen: int) -> str:
        """8 kHz int16 samples. Returns the file's name relative to the data folder, at once; ''
        if it is not kept."""
        if self._closed or self._waiting >= _BACKLOG or not pcm:
            return ""
        now = datetime.now()
        safe = "".join(sign for sign in leg if sign.isalnum() or sign in "-_")[:40]
        name = f"{now:%H%M%S}-{safe}-{listen}-{next(self._numbers)}.wav"
        file = self._folder / now.date().isoformat() / name
        self._waiting += 1
        self._thread.submit(self._write, file, pcm, now.date())
        try:
            return str(file.relative_to(self._data))
        except ValueError:
            return str(file)

    def retire(self) -> None:
        """Nothing more is kept; what waits is written, and the thread ends then. Returns at
        once."""
        self._closed = True
        self._thread.shutdown(wait=False)

    async def close(self) -> None:
        """Returns when all is written."""
        self._closed = True
        await asyncio.to_thread(self._thread.shutdown)

    def _write(self, file: Path, pcm: bytes, today: date) -> None:
        try:
            if today != self._pruned or self._written % 50 == 0:
                self._pruned = today
                prune(self._folder, today, self._days)
            self._written += 1
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream, wave.open(stream, "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(2)
                out.setframerate(RATE)
                out.writeframes(pcm)
        except OSError as error:
            LOG.warning("%s is not kept: %s", file, error.strerror)
        finally:
            self._waiting -= 1


async def prune_hourly(folder: Path, days: int) -> None:
    """Callers' voices go when their days are over, also where nothing is kept any more. Until
    cancelled; works in a thread."""
    while True:
        await asyncio.to_thread(_pruned, folder, days)
        await asyncio.sleep(PRUNE_S)


def _pruned(folder: Path, days: int) -> None:
    try:
        prune(folder, date.today(), days)
    except OSError as error:
        LOG.warning("%s: old sound cannot be looked through: %s", folder, error.strerror)


def prune(folder: Path, today: date, days: int, largest: int = LARGEST) -> None:
    """Deletes days that are too old, and the oldest ones until the rest fits."""
    kept = []
    for day in sorted(_days(folder)):
        if day <= today - timedelta(days=days):
            shutil.rmtree(folder / day.isoformat(), ignore_errors=True)
        else:
            kept.append(day)
    sizes = [(day, _size(folder / day.isoformat())) for day in kept]
    total = sum(size for _, size in sizes)
    for day, size in sizes:
        if total <= largest:
            return
        shutil.rmtree(folder / day.isoformat(), ignore_errors=True)
        total -= size


def _days(folder: Path) -> list[date]:
    found = []
    for one in folder.iterdir() if folder.is_dir() else ():
        try:
            found.append(date.fromisoformat(one.name))
        except ValueError:
            continue
    return found


def _size(folder: Path) -> int:
    """Of what is there: another thread may delete or write meanwhile."""
    total = 0
    with contextlib.suppress(OSError):
        for one in folder.iterdir():
            total += one.stat().st_size
    return total
