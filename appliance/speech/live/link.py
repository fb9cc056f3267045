"""The core's end of one worker: sends without ever waiting, and sees that answers come in time."""

import asyncio
import contextlib
import os
import signal
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from appliance.speech.live import wire

READY_S = 2.0
"""A grammar is ready within this, or its worker hangs."""
ANSWER_S = 1.0
"""So is the result of an utterance."""
PATIENCE_S, LOOK_S = 3.0, 0.1
"""A worker that is late because others have the processors gets so much longer; looked after so
often. A late answer is better than none."""
SPINS_S = 0.7
"""Processor time within which it must have answered then: it computes for ever."""
_TICKS = os.sysconf("SC_CLK_TCK")


class WorkerLink:
    """`on_reply` and `on_end` are set by who uses the worker; `on_end` comes once, with a reason,
    and the process is gone by then or on its way. Use on the asyncio thread."""

    def __init__(self, core_end: socket.socket, pid: int, handle: int) -> None:
        """`handle`: pidfd of the process, which is ours from now on."""
        self.pid = pid
        self._socket, self._handle = core_end, handle
        self._loop = asyncio.get_running_loop()
        self._due: deque[float] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.on_reply: Callable[[wire.Replies], None] = lambda reply: None
        self.on_end: Callable[[str], None] = lambda why: None
        self.over = False
        self.question = 0
        """Serial of the question that the worker has a grammar for; 0: none."""
        self._slow_since: tuple[float, float] | None = None
        """Our time and its processor time when it was late."""
        self._loop.add_reader(core_end.fileno(), self._read)

    @property
    def owes(self) -> bool:
        """Answers are still to come."""
        return bool(self._due)

    def ask(self, question: bytes) -> None:
        """An encoded `wire.Question`."""
        self._send(wire.QUESTION + question, READY_S)

    def tell(self, kind: bytes, body: bytes = b"") -> None:
        """What has no answer."""
        self._send(kind + body, None)

    def request(self, kind: bytes) -> None:
        """What has one."""
        self._send(kind, ANSWER_S)

    def kill(self, why: str) -> None:
        """At once, whatever it is doing, and reports the end."""
        if self.over:
            return
        self.over = True
        self._loop.remove_reader(self._socket.fileno())
        if self._timer is not None:
            self._timer.cancel()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        os.close(self._handle)
        self._socket.close()
        self.on_end(why)

    def _send(self, packet: bytes, answer_s: float | None) -> None:
        if self.over:
            return
        try:
            self._socket.send(packet)
        except BlockingIOError:
            self._loop.call_soon(self.kill, "takes no more sound: it hangs")
            return
        except OSError as error:
            self._loop.call_soon(self.kill, error.strerror or "its socket is broken")
            return
        if answer_s is not None:
            self._due.append(self._loop.time() + answer_s)
            self._watch()

    def _watch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(min(self._due), self._check) if self._due else None

    def _check(self) -> None:
        """What is late for us may lie in the socket: this loop can have been late itself."""
        self._read()
        slow = self._is_late() and self._is_slow()
        self._read()  # perhaps it has answered since, and waits for us
        if slow and not self.over:
            self._timer = self._loop.call_later(LOOK_S, self._check)
        elif self._is_late():
            self.kill("answers too late: it hangs")
        elif not self.over:
            self._watch()

    def _is_late(self) -> bool:
        return not self.over and bool(self._due) and min(self._due) <= self._loop.time()

    def _is_slow(self) -> bool:
        """It wants to run, and is not let to; or its files have yet to be read."""
        state, used = _process(self.pid)
        if state not in "RD":
            return False
        now = self._loop.time()
        if self._slow_since is None:
            self._slow_since = now, used
        since, used_then = self._slow_since
        return now - since < PATIENCE_S and used - used_then < SPINS_S

    def _read(self) -> None:
        while not self.over:
            try:
                packet = self._socket.recv(2 * wire.LONGEST)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                self.kill("it ended by itself")
                return
            if self._due:
                self._due.popleft()
                self._slow_since = None
                self._watch()
            try:
                reply = wire.read_reply(packet)
            except msgspec.DecodeError:
                self.kill("its answer makes no sense")
                return
            self.on_reply(reply)


def _process(pid: int) -> tuple[str, float]:
    """Its state, as in proc(5), and the seconds of processor time that it has used."""
    try:
        with Path(f"/proc/{pid}/stat").open("rb") as file:
            after_name = file.read().rpartition(b")")[2].split()
    except OSError:
        return "X", 0.0
    return after_name[0].decode(), (int(after_name[11]) + int(after_name[12])) / _TICKS
