"""The transcribing process: jobs as JSON lines on stdin, answers as JSON lines on stdout.

Run as ``python -m appliance.speech.transcribe.worker`` by `runner.Runner`, which may stop and
continue it (SIGSTOP, SIGCONT) at any moment. It has only what nobody else wants: the processor's
and the disk's idle time, and it is the first to go when memory is short. All of that is settled
before the recogniser is loaded, which takes seconds; so only the standard library is here.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

PARENT = "CALLFLOOR_PARENT"
"""Environment: process id of the office that started this worker."""
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4  # prctl(2)
_SYS_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}  # ioprio_set(2) is not in the C library
_IOPRIO_IDLE = 3 << 13
_libc = ctypes.CDLL(None, use_errno=True)


def deaf() -> None:
    """Signals meant for all processes at once (a terminal, a service manager): the office ends
    this one."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def die_with_parent() -> None:
    """A killed office takes its worker with it, also a stopped one."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        sys.exit("the office has ended already")


def step_back() -> None:
    """Last in the queue for processor and disk, first to go when memory is short."""
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    if (number := _SYS_IOPRIO_SET.get(os.uname().machine)) is not None:
        _libc.syscall(number, 1, 0, _IOPRIO_IDLE)  # 1: a process, 0: this one
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def keep_secret() -> None:
    """What callers say is left in no core file, and no other process of this user reads it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Last: files of /proc/self belong to root from here on.
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def main() -> None:
    deaf()
    die_with_parent()
    step_back()
    keep_secret()
    from appliance.speech.transcribe.transcriber import serve

    serve()


if __name__ == "__main__":
    main()
