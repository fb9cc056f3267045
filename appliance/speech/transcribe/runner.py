"""Runs the transcribing process: one recording at a time, held still whenever callers need it."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from appliance.model.transcript import HALF_SUFFIX, SUFFIX
from appliance.speech.transcribe.jobs import Line, Loaded, Result, TranscribeJob

log = logging.getLogger(__name__)

ATTEMPTS = 2
LET_GO_S = 600.0
"""Who is held for so long gives its memory back; the recording is begun anew later."""
KILL_S = 5.0
REST_S = 1.0
"""Before the next attempt where the process was ended from outside, most likely for memory."""
OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT)
WORKER = (sys.executable, "-m", "appliance.speech.transcribe.worker")
_ROOT = Path(__file__).parents[3]

_decode = msgspec.json.Decoder(Line).decode


class Runner:
    """`hold` and `go` at any moment, `run` one job after the other, `rest` when there is none.

    It starts held. A process that ends by itself is replaced and the recording tried once more;
    then the recording is at fault, or the model if it was never loaded. One that was ended from
    outside (memory is short, and it is the first to go) says nothing of either.
    """

    def __init__(
        self,
        *,
        worker: Sequence[str] = WORKER,
        let_go_s: float = LET_GO_S,
        rest_s: float = REST_S,
    ) -> None:
        self._worker = worker
        self._rest_s = rest_s
        self._let_go_s = let_go_s
        self._may = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._given_up = self._loaded = self._outside = False

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return self._process.pid if self._process is not None else None

    @property
    def held(self) -> bool:
        return not self._may.is_set()

    def hold(self) -> None:
        """Stop where it is, at once. Call on the loop; may be called again."""
        if not self._may.is_set():
            return
        self._may.clear()
        self._signal(signal.SIGSTOP)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._let_go_s, self._let_go)

    def go(self) -> None:
        """Work, or go on with it. Call on the loop; may be called again."""
        if self._may.is_set():
            return
        if self._timer is not None:
            self._timer.cancel()
        self._may.set()
        self._signal(signal.SIGCONT)

    async def may(self) -> None:
        """Wait until it is not held."""
        await self._may.wait()

    async def run(self, job: TranscribeJob) -> Result:
        """Its result, however long that takes while it is held. One at a time."""
        cause, tries, ended = "", 0, 0
        while tries < ATTEMPTS and ended < ATTEMPTS:
            await self._may.wait()
            self._given_up = self._loaded = False
            if self._process is not None and self._process.returncode is not None:
                await self._end()  # it ended while it had nothing to do
            try:
                return await self._ask(self._process or await self._start(), job)
            except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
                cause = await self._how_it_ended(error)
                self._clean(job)
                if self._given_up:
                    continue
            log.warning("the text of %s: %s", job.audio, cause)
            if self._outside:
                ended += 1
                await asyncio.sleep(self._rest_s * ended)
            else:
                tries += 1
        if ended >= ATTEMPTS:
            return Result(recording=job.recording, fault="box", cause=cause)
        again = f"{cause}, {ATTEMPTS} times"
        if self._loaded:
            return Result(recording=job.recording, fault="recording", cause=again)
        model = f"the speech model in {job.model_folder} cannot be loaded: {again}"
        return Result(recording=job.recording, fault="model", cause=model)

    async def rest(self) -> None:
        """End the process: it has nothing to do."""
        await self._end()

    async def close(self) -> None:
        """At once, whatever it does: it is done again after the next start."""
        if self._timer is not None:
            self._timer.cancel()
        await self._end()

    async def _ask(self, process: asyncio.subprocess.Process, job: TranscribeJob) -> Result:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(job) + b"\n")
        await process.stdin.drain()
        while line := await process.stdout.readline():
            match _decode(line):
                case Loaded():
                    self._loaded = True
                case Result() as result:
                    return result
        raise EOFError

    # -- the process --------------------------------------------------------------------------

    async def _start(self) -> asyncio.subprocess.Process:
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        process = await asyncio.create_subprocess_exec(
            *self._worker,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONPATH": path,
                "CALLFLOOR_PARENT": str(os.getpid()),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        self._process = process
        if not self._may.is_set():  # held while it was being started
            self._signal(signal.SIGSTOP)
        return process

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    def _let_go(self) -> None:
        if self._process is not None:
            self._given_up = True
            self._signal(signal.SIGKILL)

    async def _how_it_ended(self, error: Exception) -> str:
        process = self._process
        ours = await self._end(patience_s=0.5)
        if process is None:
            self._outside = True
            return f"the transcribing process cannot be started ({error})"
        code = process.returncode or 0
        self._outside = code in OUTSIDE and not ours
        if ours:
            return f"the transcribing process does not answer any more ({error or 'no end'})"
        if code == -signal.SIGXCPU:
            return "it took too much processor time"
        return f"the transcribing process ended by {'signal' if code < 0 else 'status'} {abs(code)}"

    async def _end(self, patience_s: float = 0.0) -> bool:
        """SIGKILL ends a stopped process too. May be cancelled and called again. True when it did
        not end by itself."""
        process = self._process
        if process is None:
            return False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await process.wait()  # its own end says more than ours
        ours = process.returncode is None
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        try:
            async with asyncio.timeout(KILL_S):
                await process.wait()
                # The pipes' ends are read and closed here, or they outlive the loop.
                assert process.stdin is not None
                assert process.stdout is not None
                await process.stdout.read()
                process.stdin.close()
                with contextlib.suppress(OSError):
                    await process.stdin.wait_closed()
        except TimeoutError:  # it waits for a dead disk
            log.error("the transcribing process %d cannot be ended; left behind", process.pid)
        await asyncio.sleep(0)
        self._process = None
        return ours

    def _clean(self, job: TranscribeJob) -> None:
        half = Path(job.folder) / (job.path.removesuffix(SUFFIX) + HALF_SUFFIX)
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
