"""Recordings and what was said in them, for pages and API: the index is kept up to date on one
thread and read on another. Who makes the texts asks here what is to be done."""

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from appliance.model.transcript import Utterance
from appliance.recording.files import FOLDER
from appliance.recording.texts.files import is_there, read_transcript
from appliance.recording.transcripts import Transcripts
from appliance.store.errors import StoreError
from appliance.store.eventlog import FILE as EVENTS_FILE
from appliance.store.reader import EventReader
from appliance.store.transcriptsdb import FILE, RecordingRow
from appliance.store.transcriptsquery import Query
from appliance.store.transcriptsread import Found, TranscriptsReader
from appliance.web.noted import Noted
from appliance.web.saidreading import Reading

log = logging.getLogger(__name__)

PAUSE_S = 0.5
"""Events of this long are taken in together."""
RETRY_S = 5.0
SWEEP_S = 3600.0
"""How often it is looked for texts whose recordings are gone."""

TextState = Literal["off", "no_model", "waiting", "done", "failed"]


class Said:
    """`start`, `stop`; `news` tells how far the log has grown. Reading raises `PastAway`."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER
        self._data = data_dir
        self._kinds: Collection[str] = ()
        self._models: Mapping[str, str] = {}
        self._poor: Sequence[str] = ()
        self._language = ""
        self._index: Transcripts | None = None
        self._log: EventReader | None = None
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="said-write")
        self._reading = Reading(data_dir / FILE, self._make_anew)
        self._news = asyncio.Event()
        self._turned = asyncio.Event()
        self._epoch = 0
        self._damaged = False
        self._seq = self._told = -1
        self._swept = -SWEEP_S
        self.noted = Noted()
        self._task: asyncio.Task[None] | None = None

    def configure(
        self,
        kinds: Collection[str],
        models: Mapping[str, str],
        language: str,
        poor: Sequence[str] = (),
    ) -> None:
        """As `Transcripts.next` wants it."""
        self._kinds, self._models, self._language = kinds, models, language
        self._poor = poor

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_up())

    def news(self, seq: int) -> None:
        """Event `seq` is, or in a moment will be, in the log."""
        self._told = max(self._told, seq)
        self._news.set()

    def restart(self) -> None:
        """The log is another one now, with other numbers."""
        self._told = -1
        self._new_epoch()
        self._news.set()

    def _new_epoch(self) -> None:
        """Nobody waits any longer for a number of the log that was."""
        self._seq = -1
        self._nudge()

    def _nudge(self) -> None:
        """There may be something to do without a new event."""
        self._epoch += 1
        self._wake()

    def _wake(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()

    async def stop(self) -> None:
        """Waits until both threads have let go of their files."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writing, self._close_index)
        self._writing.shutdown()
        await self._reading.close()

    # -- writing, on its thread -----------------------------------------------------------------

    async def _keep_up(self) -> None:
        trouble = ""
        while True:
            self._news.clear()
            try:
                await self._look()
                trouble, pause = "", PAUSE_S
            except Exception as error:
                if str(error) != trouble:
                    trouble = str(error)
                    log.warning(
                        "the index of transcripts waits: %s", trouble or type(error).__name__
                    )
                pause = RETRY_S
            await asyncio.sleep(pause)
            if self._told <= self._seq and self._seq >= 0:  # else the log is not written so far
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_S):
                        await self._news.wait()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        if not (self._data / EVENTS_FILE).exists():  # before the first start of the core
            return
        seq = await loop.run_in_executor(self._writing, self._catch_up)
        due = loop.time() - self._swept >= SWEEP_S
        if due or await loop.run_in_executor(self._writing, self._elsewhere):
            self._swept = loop.time()
            await loop.run_in_executor(self._writing, self._sweep)
            self._nudge()
        self._turn(seq)

    def _turn(self, seq: int) -> None:
        if seq < self._seq:  # the log ends earlier than it did: it was restored
            self._new_epoch()
        self._seq = seq
        self._wake()

    def _catch_up(self) -> int:
        if self._index is None:
            self._log = EventReader(self._data / EVENTS_FILE)
            self._index = Transcripts(self._log, self._data / FILE, self.folder)
        if self._damaged:
            self._damaged = False
            self._index.renew()
        self._index.catch_up()
        return self._index.seq

    def _make_anew(self) -> None:
        self._damaged = True
        self._news.set()  # at once

    def _elsewhere(self) -> bool:
        return self._index is not None and self._index.elsewhere

    def _sweep(self) -> None:
        assert self._index is not None
        if gone := self._index.sweep():
            log.info("recordings deleted: %d; what was said in them is forgotten", gone)

    def _close_index(self) -> None:
        if self._index is not None and self._log is not None:
            self._index.close()
            self._log.close()

    # -- for who makes the texts --------------------------------------------------------------

    async def next(
        self, but: Collection[str] = (), aside: Collection[str] = ()
    ) -> RecordingRow | None:
        """The recording whose text is wanted next; not with the models named in `but`, and none
        of the recordings `aside`."""
        models = {lang: name for lang, name in self._models.items() if name not in but}

        def ask() -> RecordingRow | None:
            if self._index is None:
                return None
            return self._index.next(self._kinds, models, self._language, self._poor, aside)

        return await asyncio.get_running_loop().run_in_executor(self._writing, ask)

    @property
    def seq(self) -> int:
        """Last event that is taken in; -1 before the first look at the log."""
        return self._seq

    async def grown(self, seq: int) -> None:
        """Wait until event `seq` is taken in, or the log is another one."""
        epoch = self._epoch
        while self._epoch == epoch and self._seq < seq:
            await self._turned.wait()

    def language_of(self, row: RecordingRow) -> str:
        return row.spoken or self._language

    # -- reading, on the other thread -----------------------------------------------------------

    async def recordings(
        self, after: int | None, limit: int
    ) -> tuple[list[RecordingRow], int | None]:
        """Newest first, and where the next page begins. Those whose file is gone are left out,
        so that a page may have fewer."""

        def ask(reader: TranscriptsReader) -> tuple[list[RecordingRow], int | None]:
            rows = reader.recordings(after=after, limit=limit + 1)
            last = rows[limit - 1].n if len(rows) > limit else None
            return [row for row in rows[:limit] if self._there(row)], last

        return await self._reading.ask(ask)

    async def search(
        self, query: Query, after: int | None, limit: int
    ) -> tuple[list[Found], int | None]:
        """As `recordings`, those that fit."""

        def ask(reader: TranscriptsReader) -> tuple[list[Found], int | None]:
            found = reader.search(query, after=after, limit=limit + 1)
            last = found[limit - 1].recording.n if len(found) > limit else None
            return [one for one in found[:limit] if self._there(one.recording)], last

        return await self._reading.ask(ask)

    async def recording(self, id: str) -> RecordingRow | None:
        """None where there is no such recording, or its file is gone."""

        def ask(reader: TranscriptsReader) -> RecordingRow | None:
            row = reader.recording(id)
            return row if row is not None and self._there(row) else None

        return await self._reading.ask(ask)

    async def utterances(self, row: RecordingRow) -> tuple[Utterance, ...] | None:
        """What was said, in order of time; nothing where there is no text. None where it is lost
        or damaged: then it is made again."""
        if row.state != "done":
            return ()

        def ask(_: TranscriptsReader) -> tuple[Utterance, ...] | None:
            made = read_transcript(self.folder, row.transcript)
            return made.utterances if made is not None else None

        def again() -> None:
            if self._index is not None:
                self._index.again(row.id)

        found = await self._reading.ask(ask)
        if found is None:
            try:
                await asyncio.get_running_loop().run_in_executor(self._writing, again)
            except StoreError as error:  # the next sweep sees it too
                log.warning("%s is not made again yet: %s", row.transcript, error)
            self._nudge()
        return found

    def poor(self, row: RecordingRow) -> bool:
        """The text is by a model that knows commands only."""
        return row.state == "done" and row.model in self._poor

    def file(self, row: RecordingRow) -> Path:
        return self.folder / row.path

    def _there(self, row: RecordingRow) -> bool:
        """Asks the disk: not on the loop."""
        return is_there(self.file(row)) is not False

    def state(self, row: RecordingRow) -> TextState:
        if row.state in ("done", "failed"):
            return "done" if row.state == "done" else "failed"
        if row.kind not in self._kinds:
            return "off"
        return "waiting" if self.language_of(row) in self._models else "no_model"
