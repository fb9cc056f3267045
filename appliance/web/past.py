"""The history for pages and API: kept up to date, and read, on threads of its own."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from appliance.history.parts import Interaction
from appliance.history.projection import Projection
from appliance.history.queries import Filter, History, Page
from appliance.store.errors import StoreError
from appliance.store.eventlog import FILE as EVENTS_FILE
from appliance.store.historydb import FILE as HISTORY_FILE
from appliance.store.reader import EventReader

log = logging.getLogger(__name__)

T = TypeVar("T")

PAUSE_S = 0.5
"""Events of this long are taken in together."""
RETRY_S = 5.0


class PastAway(Exception):
    """The history cannot be read. The text is for people."""


class Past:
    """`start`, `stop`; `news` tells that the log has grown. Reading raises `PastAway`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir
        self._end = threading.Event()
        self._news = threading.Event()
        self._writer = threading.Thread(target=self._keep_up, name="history", daemon=True)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="past")
        self._history: History | None = None

    def start(self) -> None:
        self._writer.start()

    def news(self) -> None:
        self._news.set()

    def stop(self) -> None:
        """Waits until both threads have let go of their files."""
        self._end.set()
        self._news.set()
        if self._writer.is_alive():
            self._writer.join()
        self._reader.submit(self._close)
        self._reader.shutdown()

    # -- writing, on its thread -------------------------------------------------------------

    def _keep_up(self) -> None:
        told = ""
        while not (self._folder / EVENTS_FILE).exists():  # before the first start of the core
            if self._end.wait(PAUSE_S):
                return
        while not self._end.is_set():
            try:
                self._follow()
            except Exception as error:
                if str(error) != told:
                    told = str(error)
                    log.warning("history waits: %s", told or type(error).__name__)
            self._end.wait(RETRY_S)

    def _follow(self) -> None:
        with (
            EventReader(self._folder / EVENTS_FILE) as reader,
            Projection(reader, self._folder / HISTORY_FILE) as projection,
        ):
            while not self._end.is_set():
                projection.catch_up()
                self._news.wait()
                self._news.clear()
                self._end.wait(PAUSE_S)  # the news of an event comes before it can be read

    # -- reading, on the other thread -------------------------------------------------------

    async def page(self, wanted: Filter, cursor: int | None, limit: int) -> Page:
        return await self._read(lambda history: history.page(wanted, cursor=cursor, limit=limit))

    async def one(self, call: str) -> Interaction | None:
        return await self._read(lambda history: history.show(call))

    async def _read(self, question: Callable[[History], T]) -> T:
        def ask() -> T:
            if self._history is None:
                self._history = History(self._folder / HISTORY_FILE)
            return question(self._history)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, ask)
        except StoreError as error:
            raise PastAway(str(error)) from error

    def _close(self) -> None:
        if self._history is not None:
            self._history.close()
