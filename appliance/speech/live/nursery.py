"""The process that loads a model once and forks a worker for each request.

Workers share the model's memory with it. It is a process of its own so that the core, with all
its threads, never forks. Run as ``python -m appliance.speech.live.nursery FOLDER FD``; FD is a
SOCK_SEQPACKET socket: each request is one byte with the worker's socket beside it, each answer a
`wire.FromNursery`, `Born` with a pidfd beside it.
"""

import contextlib
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path

from appliance.speech.live import wire
from appliance.speech.live.description import Description, UnfitModel, describe
from appliance.speech.live.recogniser import RATE, RecogniserError, VoskModel
from appliance.speech.live.worker import Worker

NICENESS = 3
"""Below the core, which moves the callers' sound; above what is made in the background."""
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4


def main(folder: Path, control: socket.socket) -> int:
    parent = os.getppid()
    _die_with_parent(parent)
    _leave_no_memory()
    os.nice(NICENESS)
    for signum in (signal.SIGINT, signal.SIGTERM):  # meant for all at once; the core ends us
        signal.signal(signum, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    try:
        about = describe(folder)
        model = VoskModel(folder)
        _warm(model)
    except (UnfitModel, RecogniserError) as error:
        control.sendall(wire.encode(wire.Unfit(str(error))))
        return 1
    gc.collect()
    gc.freeze()  # so that collections in the workers copy no page of ours
    control.sendall(wire.encode(wire.Awake(about.id)))
    _serve(control, model, about)
    return 0


def _serve(control: socket.socket, model: VoskModel, about: Description) -> None:
    while True:
        request, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not request:
            return  # the core is gone
        pid = _bear(fds[0], control, model, about) if fds else None
        _tell_birth(control, pid)


def _bear(fd: int, control: socket.socket, model: VoskModel, about: Description) -> int | None:
    """Returns the worker's pid; None where the machine has no room for another process."""
    link = socket.socket(fileno=fd)
    mother = os.getpid()
    with link:
        try:
            pid = os.fork()
        except OSError:
            return None
        if pid == 0:
            _be_worker(mother, control, model, about, link)
    return pid


def _tell_birth(control: socket.socket, pid: int | None) -> None:
    handles = []
    if pid is not None:
        # It is dead already; or without a handle, and ends when the core closes its socket.
        with contextlib.suppress(OSError):
            handles.append(os.pidfd_open(pid))
    socket.send_fds(control, [wire.encode(wire.Born(pid or 0))], handles)
    for handle in handles:
        os.close(handle)


def _be_worker(
    mother: int, control: socket.socket, model: VoskModel, about: Description, link: socket.socket
) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        _die_with_parent(mother)
        Worker(model, about, link).serve()
        code = 0
    except (BrokenPipeError, ConnectionResetError):
        code = 0  # the core is gone
    except BaseException:  # nothing may fall through into the nursery's own loop
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _warm(model: VoskModel) -> None:
    """Touches once what every recogniser needs, so that it is shared; [unk] every model has."""
    word = next((one for one in ("[unk]", "yes", "ja", "the") if model.knows(one)), None)
    if word is None:
        return
    recogniser = model.begin([word])
    recogniser.accept(bytes(RATE))
    recogniser.finish()
    recogniser.close()


def _die_with_parent(parent: int) -> None:
    """Also when we hang: the kernel kills us when `parent` ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _leave_no_memory() -> None:
    """Workers hold the voices of callers: no core file of them, whatever collects those, and no
    look into them by another process of the same user. Goes with a fork."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))))
