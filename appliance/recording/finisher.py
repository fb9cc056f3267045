"""Feeds the finishing process from asyncio: one file at a time, in order, never in the way."""

import asyncio
import contextlib
import logging
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from appliance.model.events import RecordingFailed, RecordingFinished
from appliance.model.ids import CallId, RecordingId
from appliance.recording.jobs import FinishJob, FinishResult

log = logging.getLogger(__name__)

IDLE_S = 30.0
ATTEMPTS = 2
PATIENCE_S = 120.0
"""What the shortest file may take: at the lowest priority, beside a busy box."""
SHARE = 0.25
"""And this much of a recording's length: measured is less than 0.02, alone on the box."""
RAW_BYTES_PER_S = 32_000
"""Of a raw file: 8 kHz, 16 bit, two channels."""
KILL_S = 5.0
"""A process that waits for a dead disk cannot even be killed: it is left behind after this."""
WORKER = (sys.executable, "-m", "appliance.recording.worker")

_decode = msgspec.json.Decoder(FinishResult).decode


class Finisher:
    """Queue of finished calls' raw files. Results come to `on_result` on the loop.

    A worker that dies, or takes longer than `patience_s` and a share of the recording's length,
    is replaced and the file tried once more; then the result is a failure with its cause and the
    raw file stays for the next start of the core.
    """

    def __init__(
        self,
        on_result: Callable[[RecordingFinished | RecordingFailed], None],
        *,
        idle_s: float = IDLE_S,
        patience_s: float = PATIENCE_S,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._on_result = on_result
        self._idle_s = idle_s
        self.patience_s = patience_s
        self._worker = worker
        self._jobs: deque[FinishJob] = deque()
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Files not yet finished, the one at work included."""
        return len(self._jobs)

    @property
    def worker_pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def put(self, job: FinishJob) -> None:
        """Queue a file; returns at once. Call on the loop."""
        self._jobs.append(job)
        self._idle.clear()
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="finisher")

    async def drained(self) -> None:
        """Wait until every queued file has had its result."""
        await self._idle.wait()

    async def close(self, timeout_s: float = 0) -> None:
        """Stop; what is not finished within `timeout_s` is finished after the next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._stop_worker()

    async def _run(self) -> None:
        while True:
            while self._jobs:
                result = await self._finish(self._jobs[0])
                self._jobs.popleft()
                self._deliver(result)
            self._idle.set()
            self._news.clear()
            try:
                async with asyncio.timeout(self._idle_s):
                    await self._news.wait()
            except TimeoutError:
                await self._stop_worker()
                await self._news.wait()

    async def _finish(self, job: FinishJob) -> FinishResult:
        cause = ""
        for _ in range(ATTEMPTS):
            allowed_s = self.patience_s + SHARE * _length_s(job)
            try:
                async with asyncio.timeout(allowed_s):
                    return await self._ask(job)
            except TimeoutError:
                await self._stop_worker()
                cause = f"the finishing process did not answer within {allowed_s:.0f} s"
                log.warning("finishing %s: %s; it is replaced", job.raw, cause)
            except (OSError, EOFError, msgspec.MsgspecError) as error:
                cause = await self._how_it_ended(error)
                log.warning("finishing %s: %s", job.raw, cause)
        return FinishResult(
            call=job.call,
            recording=job.recording,
            recovered=job.recovered,
            failed=f"{job.raw}: {cause}, {ATTEMPTS} times; the raw file is kept",
        )

    async def _ask(self, job: FinishJob) -> FinishResult:
        process = self._process or await self._start_worker()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(job) + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise EOFError
        return _decode(line)

    async def _start_worker(self) -> asyncio.subprocess.Process:
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        self._process = await asyncio.create_subprocess_exec(
            *self._worker,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "CALLFLOOR_PARENT": str(os.getpid())},
        )
        return self._process

    async def _how_it_ended(self, error: Exception) -> str:
        process = self._process
        await self._stop_worker()
        if process is None:
            return f"the finishing process cannot be started ({error})"
        code = process.returncode or 0
        return f"the finishing process ended by {'signal' if code < 0 else 'status'} {abs(code)}"

    async def _stop_worker(self) -> None:
        """May be cancelled and called again."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(0.5):
                await process.wait()
        except TimeoutError:
            if not await _killed(process):
                log.error("the finishing process %d cannot be ended; left behind", process.pid)
                self._process = None
                return
        # The pipes' ends are read and closed here, or they outlive the loop.
        if process.stdout is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await process.stdout.read()
        if process.stdin is not None:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(0.5):
                    await process.stdin.wait_closed()
        await asyncio.sleep(0)
        self._process = None

    def _deliver(self, result: FinishResult) -> None:
        try:
            self._on_result(as_event(result))
        except Exception:
            log.exception("the result for %s found no taker", result.recording)


async def _killed(process: asyncio.subprocess.Process) -> bool:
    """False when it is still there after `KILL_S`."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(KILL_S):
            await process.wait()
    return process.returncode is not None


def _length_s(job: FinishJob) -> float:
    """About what the raw file holds; 0 where there is none."""
    with contextlib.suppress(OSError):
        return (Path(job.folder) / job.raw).stat().st_size / RAW_BYTES_PER_S
    return 0.0


def as_event(result: FinishResult) -> RecordingFinished | RecordingFailed:
    """The result as the log wants it."""
    call, recording = CallId(result.call), RecordingId(result.recording)
    if result.failed:
        return RecordingFailed(call=call, recording=recording, cause=result.failed)
    return RecordingFinished(
        call=call,
        recording=recording,
        path=result.path,
        sha256=result.sha256,
        duration_s=result.duration_s,
        bytes=result.bytes,
        recovered=result.recovered,
    )
