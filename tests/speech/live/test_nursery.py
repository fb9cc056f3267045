"""Where the machine has no room left, nobody waits for ever and nothing ends."""

import errno
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from appliance.model.hearing import SpeechOff, SpeechReport
from appliance.model.ids import LegId
from appliance.speech.live import crew, listening, nursery, nurseryprocess, wire
from tests.speech.live.conftest import Open, line, nurseries, said, until, workers


def no_room(code: int) -> Any:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


@contextmanager
def serving() -> Iterator[socket.socket]:
    """The core's end of a nursery's own loop."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(10)
    with ours, theirs:
        args: Any = (theirs, None, None)
        loop = threading.Thread(target=nursery._serve, args=args)
        loop.start()
        yield ours
        ours.shutdown(socket.SHUT_RDWR)
        loop.join(10)
        assert not loop.is_alive()


def ask(control: socket.socket, with_socket: bool = True) -> tuple[wire.FromNursery, list[int]]:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        socket.send_fds(control, [b"+"], [other.fileno()] if with_socket else [])
        packet, fds, _, _ = socket.recv_fds(control, 4096, 1)
    return wire.read_nursery(packet), fds


def test_no_process_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery.os, "fork", no_room(errno.EAGAIN))
    with serving() as control:
        for _ in range(2):
            assert ask(control) == (wire.Born(0), [])


def test_a_request_that_lost_its_socket_for_want_of_descriptors() -> None:
    with serving() as control:
        assert ask(control, with_socket=False) == (wire.Born(0), [])


def test_a_worker_without_a_handle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery.os, "fork", lambda: 4711)
    monkeypatch.setattr(nursery.os, "pidfd_open", no_room(errno.EMFILE))
    with serving() as control:
        assert ask(control) == (wire.Born(4711), [])


def _is_off(report: SpeechReport, listen: int) -> bool:
    return isinstance(report, SpeechOff) and report.listen == listen


async def test_without_descriptors_a_question_is_deaf_and_the_next_one_is_heard(
    floor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker dies while no other can be asked for."""
    monkeypatch.setattr(crew, "STILLBORN_S", 0.05)
    async with floor() as f:
        monkeypatch.setattr(listening, "WORKER_S", 0.3)
        (nurse,), (worker,) = nurseries(), await until(workers)
        f.listen("a")
        with monkeypatch.context() as full:
            full.setattr(nurseryprocess.socket, "socketpair", no_room(errno.EMFILE))
            worker.kill()
            await until(lambda: not workers())
            for n in (1, 2):
                f.listen("a", n)
                await f.speak("a", line(0.3, said("sales"), 1.0))
                off = await until(lambda n=n: [o for o in f.reports if _is_off(o, n)])
                assert off[0].why == "broken"
        f.service.stop(LegId("a"))
        await until(workers)
        monkeypatch.setattr(listening, "WORKER_S", 10.0)
        assert (await f.ask("a", "sales", listen=3)).choice == "sales"
        assert nurseries() == [nurse]


async def test_what_a_worker_said_at_its_end_is_told(
    floor: Open, caplog: pytest.LogCaptureFixture
) -> None:
    async with floor() as f:
        f.listen("a")
        await f.speak("a", line(0.2, said("sales"))[:3200])
        (worker,) = await until(workers)
        with Path(f"/proc/{worker.pid}/fd/2").open("w") as stderr:
            stderr.write("ASSERTION_FAILED (Compute():nnet-compute.cc:12) Assertion failed: x\n")
        worker.kill()
        (told,) = await until(lambda: [one for one in caplog.messages if "is replaced" in one])
        assert "nnet-compute.cc:12" in told
        assert (await f.ask("a", "sales", listen=2)).choice == "sales"
