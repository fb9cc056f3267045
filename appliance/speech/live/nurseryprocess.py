"""One run of a nursery as the core sees it: started, asked for workers, ended. Never waits."""

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from appliance.speech.live import wire
from appliance.speech.live.link import WorkerLink

LOG = logging.getLogger("callfloor.speech")
_LAST_WORDS = 2000
"""Bytes of standard error that are kept: Kaldi says there which assertion failed."""


class NurseryProcess:
    """`on_awake` when the model is loaded, `on_worker` for each worker that was asked for or
    None for one that died at birth; `on_end` once, with a reason for people. Raises OSError if it
    cannot be started at all."""

    def __init__(
        self,
        folder: Path,
        on_awake: Callable[[str], None],
        on_worker: Callable[[WorkerLink | None], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._on_awake, self._on_worker, self._on_end = on_awake, on_worker, on_end
        self._loop = asyncio.get_running_loop()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asked: list[socket.socket] = []
        self._said, self._reason = b"", ""
        self.over = False
        self.buried = asyncio.Event()
        """The process is gone, after `end`."""
        with theirs:
            self._process = _start(folder, theirs.fileno())
        self._control.setblocking(False)
        assert self._process.stderr is not None
        self._stderr = self._process.stderr.fileno()
        os.set_blocking(self._stderr, False)
        self._loop.add_reader(self._control.fileno(), self._read)
        self._loop.add_reader(self._stderr, self._listen)

    @property
    def pid(self) -> int:
        return self._process.pid

    def fork(self) -> bool:
        """Asks for a worker. Returns whether that was possible: not without free descriptors, nor
        once it has ended or hangs, which is told otherwise."""
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            LOG.warning("no recogniser can be asked for: %s", error.strerror)
            return False
        ours.setblocking(False)
        with theirs:
            try:
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
            except OSError:
                ours.close()
                return False
        self._asked.append(ours)
        return True

    def end(self, why: str = "") -> None:
        """Kills it, and with it its workers; reports the end unless it has no reason."""
        if self.over:
            return
        self.over = True
        self._loop.remove_reader(self._control.fileno())
        self._listen()
        self._loop.remove_reader(self._stderr)
        self._process.kill()
        self._control.close()
        for asked in self._asked:
            asked.close()
        assert self._process.stderr is not None
        self._process.stderr.close()
        self._bury()
        if why:
            self._on_end(self._why(why))

    def _bury(self, after: float = 0.01) -> None:
        if self._process.poll() is not None:
            self.buried.set()
        else:
            self._loop.call_later(after, self._bury, min(1.0, after * 2))

    def last_words(self) -> str:
        """What Kaldi said of a failure, in a worker too, since this was asked last; '' if
        nothing. It names the file or the assertion."""
        if not self.over:
            self._listen()
        lines = self._said.decode(errors="replace").splitlines()
        self._said = b""
        told = next((one.strip() for one in lines if "ERROR" in one or "ASSERT" in one), "")
        return "".join(sign if sign.isprintable() else "?" for sign in told[:300])

    def _why(self, why: str) -> str:
        seen = self.last_words()
        reason = self._reason or why
        return f"{reason} ({seen})" if seen else reason

    def _read(self) -> None:
        while not self.over:
            try:
                packet, fds, _, _ = socket.recv_fds(self._control, 4096, 1)
            except BlockingIOError:
                return
            except OSError:
                packet, fds = b"", []
            if not packet:
                self.end("its process ended")
                return
            self._take(wire.read_nursery(packet), fds)

    def _take(self, told: wire.FromNursery, fds: list[int]) -> None:
        match told:
            case wire.Awake(model):
                self._on_awake(model)
            case wire.Unfit(detail):
                self._reason = detail
            case wire.Born(pid) if fds:
                self._on_worker(WorkerLink(self._asked.pop(0), pid, fds[0]))
            case wire.Born():
                self._asked.pop(0).close()
                self._on_worker(None)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            if said := os.read(self._stderr, 65536):
                self._said = (self._said + said)[-_LAST_WORDS:]
            else:
                self._loop.remove_reader(self._stderr)


def _start(folder: Path, fd: int) -> subprocess.Popen[bytes]:
    # With more threads each worker would take the cores of the others; and none survives a fork.
    one = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "appliance.speech.live.nursery", str(folder), str(fd)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **one},
        pass_fds=[fd],
    )
