"""Recordings become text while the floor is quiet: puts together the index (what is to be done),
the runner (who does it), the floor (may he?) and the core (who writes down that it is done)."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from appliance.history.board import Board
from appliance.link import CoreAway, LinkClient
from appliance.model.commands import TranscriptReport
from appliance.model.ids import CallId, RecordingId
from appliance.speech.transcribe.jobs import Result, TranscribeJob
from appliance.speech.transcribe.quiet import Quiet
from appliance.speech.transcribe.runner import Runner
from appliance.speech.transcribe.wanted import Wanted
from appliance.store.errors import StoreError
from appliance.store.transcriptsdb import RecordingRow
from appliance.web.said import Said

log = logging.getLogger("transcripts")

RETRY_S = 60.0
CORE_RETRY_S = 2.0
REFUSALS = 3
"""So often a report is offered to a core that does not take it; then others go before it."""
LONGEST_S = 6 * 3600.0
"""The longest pause before a recording is tried again that ended without anybody's fault."""
_FLOWS = ("arriving", "flow")


class Transcribing:
    """`start`, then `look` after every change of the floor; `stop`."""

    def __init__(
        self,
        said: Said,
        core: LinkClient,
        wanted: Wanted,
        *,
        runner: Runner | None = None,
        clock: Callable[[], float] = time.monotonic,
        retry_s: float = RETRY_S,
    ) -> None:
        self.runner = runner or Runner()
        self._said = said
        self._core = core
        self._clock = clock
        self._retry_s = retry_s
        self._quiet = Quiet()
        self._bad: set[str] = set()
        self._aside: dict[str, float] = {}
        self._rests: dict[str, int] = {}
        self._tired = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.configure(wanted)

    def configure(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._bad.clear()
        self._aside.clear()
        self._rests.clear()
        names = {language: model.name for language, model in wanted.models.items()}
        self._said.configure(wanted.kinds, names, wanted.language, wanted.poor)
        for missing in wanted.missing:
            log.warning("recordings wait for their text: %s", missing)
        self._changed.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._work(), name="transcribing")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.runner.close()

    def look(self, board: Board | None, *, up: bool) -> None:
        """At the floor as it is now; the process is held before this returns."""
        calls = list(board.calls.values()) if board is not None else []
        quiet = self._quiet.look(
            known=up and board is not None,
            flows=sum(call.stage in _FLOWS for call in calls),
            calls=len(calls),
            channels=self._wanted.channels,
            now=self._clock(),
        )
        if quiet:
            self.runner.go()
        else:
            self.runner.hold()

    # -- the work -----------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            await self.runner.may()
            try:
                await self._next()
            except StoreError as error:
                log.warning("the index of transcripts cannot be read: %s", error)
                await asyncio.sleep(self._retry_s)
            except Exception:
                log.exception("transcribing failed; it goes on in %.0f s", self._retry_s)
                await asyncio.sleep(self._retry_s)

    async def _next(self) -> None:
        self._changed.clear()
        seen = self._said.seq
        now = self._clock()
        self._aside = {each: until for each, until in self._aside.items() if until > now}
        row = await self._said.next(self._bad, set(self._aside))
        if row is not None:
            await self._one(row)
            return
        await self.runner.rest()
        await self._news(seen)

    async def _news(self, seen: int) -> None:
        """Until there may be something to do: events after `seen`, or other settings."""
        waits = [
            asyncio.ensure_future(self._said.grown(seen + 1)),
            asyncio.ensure_future(self._changed.wait()),
        ]
        soon = min(self._aside.values(), default=None)
        patience = None if soon is None else max(0.0, soon - self._clock())
        try:
            await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _one(self, row: RecordingRow) -> None:
        language = self._said.language_of(row)
        model = self._wanted.models.get(language)
        if model is None:  # the settings have changed since
            return
        job = TranscribeJob(
            folder=str(self._said.folder),
            audio=row.path,
            sha256=row.sha256,
            duration_s=row.duration_s,
            call=row.call,
            recording=row.id,
            kind="voicemail" if row.kind == "voicemail" else "call",
            language=language,
            model=model.name,
            model_folder=model.folder,
        )
        result = await self.runner.run(job)
        if result.fault == "disk":
            log.warning("%s. It is tried again in %.0f s.", result.cause, self._retry_s)
            await self.runner.rest()
            await asyncio.sleep(self._retry_s)
        elif result.fault == "away":  # if it was deleted, the index finds out
            pause = self._put_aside(job)
            if result.cause:
                log.warning("%s. It is tried again in %.0f s.", result.cause, pause)
        elif result.fault == "box":
            await self._rest(job, result)
        elif result.fault == "model":
            self._bad.add(model.name)
            log.warning(
                "%s. Recordings in '%s' wait for their text until the settings are loaded again; "
                "calls are not touched. `callfloor models verify` looks at the model.",
                result.cause,
                language,
            )
        else:
            self._tired = 0
            self._rests.pop(job.recording, None)
            await self._report(job, result)

    async def _rest(self, job: TranscribeJob, result: Result) -> None:
        """The box has no memory for it now: others first, and all of them later."""
        pause = self._put_aside(job)
        self._tired += 1
        log.warning("%s. %s is tried again in %.0f s.", result.cause, job.audio, pause)
        await self.runner.rest()
        await asyncio.sleep(min(self._retry_s * self._tired, LONGEST_S))

    def _put_aside(self, job: TranscribeJob) -> float:
        """For so many seconds, longer each time."""
        rests = self._rests[job.recording] = self._rests.get(job.recording, 0) + 1
        pause = min(self._retry_s * 2.0 ** min(rests, 16), LONGEST_S)
        self._aside[job.recording] = self._clock() + pause
        return pause

    async def _report(self, job: TranscribeJob, result: Result) -> None:
        """Until the core has it, and the index has it from the core's log."""
        failed = result.cause if result.fault else ""
        report = TranscriptReport(
            by="transcriber",
            call=CallId(job.call),
            recording=RecordingId(job.recording),
            model=job.model,
            path="" if failed else job.path,
            sha256=result.sha256,
            language=job.language,
            words=result.words,
            cpu_s=result.cpu_s,
            failed=failed,
        )
        refused = 0
        while True:
            try:
                reply = await self._core.ask(report)
            except CoreAway:
                await asyncio.sleep(CORE_RETRY_S)
                continue
            if reply.ok:
                break
            refused += 1
            log.warning("the core does not take the text of %s: %s", job.audio, reply.error)
            if refused >= REFUSALS:  # the text lies there; only its report is made again
                self._put_aside(job)
                return
            await asyncio.sleep(self._retry_s)
        if failed:
            log.warning("no text of %s: %s", job.audio, failed)
        await self._said.grown(int((reply.data or {}).get("seq", 0)))
