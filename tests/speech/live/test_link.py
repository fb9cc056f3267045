"""The core's end of a worker: late answers, full sockets, nonsense."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import psutil
import pytest

from appliance.model.hearing import Hearing
from appliance.speech.live import link, wire
from appliance.speech.live.link import WorkerLink
from tests.speech.live.conftest import until

QUESTION = wire.encode(wire.Question(1, Hearing(kind="yes_no", language="en")))


@dataclass
class Worker:
    """A process that does nothing, with a socket that the test answers on."""

    link: WorkerLink
    theirs: socket.socket
    process: subprocess.Popen[bytes]
    replies: list[wire.Replies] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def say(self, reply: wire.Replies) -> None:
        self.theirs.send(wire.encode(reply))


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setattr(link, "READY_S", 0.4)
    monkeypatch.setattr(link, "ANSWER_S", 0.2)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    process = subprocess.Popen(["sleep", "60"])
    one = Worker(WorkerLink(ours, process.pid, os.pidfd_open(process.pid)), theirs, process)
    one.link.on_reply, one.link.on_end = one.replies.append, one.ends.append
    yield one
    one.link.kill("the test is over")
    process.wait()
    theirs.close()


async def test_answers_arrive(worker: Worker) -> None:
    worker.link.ask(QUESTION)
    assert wire.read_question(worker.theirs.recv(9999)[1:]).serial == 1
    worker.say(wire.Ready(1))
    worker.link.request(wire.PAUSE)
    worker.say(wire.NotYet(1, "so far"))
    await until(lambda: len(worker.replies) == 2)
    await asyncio.sleep(0.5)  # longer than any answer may take: nothing is due any more
    assert worker.ends == []


@pytest.mark.parametrize("ready", [False, True])
async def test_an_answer_that_does_not_come_is_the_end(worker: Worker, ready: bool) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    worker.link.ask(QUESTION)
    if ready:
        worker.say(wire.Ready(1))
        await until(lambda: worker.replies)
        worker.link.request(wire.FINISH)
    await until(lambda: worker.ends)
    assert "late" in worker.ends[0]
    assert loop.time() - began >= (0.2 if ready else 0.4)
    assert worker.process.wait(10) == -9


async def test_an_answer_that_is_there_is_not_late_because_we_are(worker: Worker) -> None:
    worker.link.request(wire.FINISH)
    worker.say(wire.NotYet(1))
    until_then = asyncio.get_running_loop().time() + 0.3
    while asyncio.get_running_loop().time() < until_then:
        pass  # this loop does something else for too long
    await until(lambda: worker.replies)
    assert worker.ends == []


BUSY = """
import socket, sys, time
theirs = socket.socket(fileno=int(sys.argv[1]))
while packet := theirs.recv(9999):
    began = time.process_time()
    while time.process_time() - began < float(sys.argv[2]):
        pass
    theirs.send(bytes.fromhex(sys.argv[3]))
"""


@pytest.mark.parametrize(("computes_s", "in_time"), [(0.5, True), (60.0, False)])
async def test_a_worker_that_computes_longer_is_waited_for_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, computes_s: float, in_time: bool
) -> None:
    """As where others take the processors; one that sleeps hangs, which is tested above."""
    monkeypatch.setattr(link, "ANSWER_S", 0.1)
    monkeypatch.setattr(link, "PATIENCE_S", 30.0)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    answer = wire.encode(wire.NotYet(1)).hex()
    args = [sys.executable, "-c", BUSY, str(theirs.fileno()), str(computes_s), answer]
    process = subprocess.Popen(args, pass_fds=[theirs.fileno()])
    theirs.close()
    try:
        one = WorkerLink(ours, process.pid, os.pidfd_open(process.pid))
        replies: list[wire.Replies] = []
        ends: list[str] = []
        one.on_reply, one.on_end = replies.append, ends.append
        await until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING)
        one.request(wire.FINISH)
        assert one.owes
        await until(lambda: replies or ends)
        assert (bool(replies), one.owes) == (in_time, not in_time)
        assert (ends == []) == in_time
        one.kill("the test is over")
    finally:
        process.kill()
        process.wait()


async def test_a_full_socket_is_the_end_and_never_waited_for(worker: Worker) -> None:
    for _ in range(2000):
        worker.link.tell(wire.SOUND, bytes(1600))
    await until(lambda: worker.ends)
    assert "hangs" in worker.ends[0]
    worker.link.tell(wire.SOUND, bytes(1600))
    worker.link.request(wire.FINISH)
    assert len(worker.ends) == 1


@pytest.mark.parametrize("packet", [b"\xc1", b"{}", b"\x93\x09\x01\x02"])
async def test_nonsense_is_the_end(worker: Worker, packet: bytes) -> None:
    worker.theirs.send(packet)
    await until(lambda: worker.ends)
    assert worker.replies == []


async def test_a_worker_that_ends_is_told_once(worker: Worker) -> None:
    worker.theirs.close()
    await until(lambda: worker.ends)
    worker.link.kill("again")
    assert worker.ends == ["it ended by itself"]
