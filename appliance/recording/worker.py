"""The finishing process: jobs as JSON lines on stdin, results as JSON lines on stdout.

Run as ``python -m appliance.recording.worker`` by `finisher.Finisher`, at the lowest
priority for CPU and disk, so that no call notices.
"""

import ctypes
import errno
import os
import signal
import sys
from pathlib import Path

import msgspec
import psutil
import soundfile

from appliance.recording.files import free_mb
from appliance.recording.finish import finish
from appliance.recording.jobs import FinishJob, FinishResult
from appliance.recording.wav import BadWav

PARENT = "CALLFLOOR_PARENT"
"""Environment: process id of the core that started this worker."""


def failed(job: FinishJob, cause: str) -> FinishResult:
    return FinishResult(
        call=job.call, recording=job.recording, recovered=job.recovered, failed=cause
    )


def attempt(job: FinishJob) -> FinishResult:
    """Never raises: a failure becomes a result with its cause; the raw file is kept then."""
    try:
        return finish(job)
    except BadWav as error:
        return failed(job, f"{job.raw}: {error}")
    except FileNotFoundError:
        return failed(job, f"{job.raw}: the raw file is missing")
    except (OSError, soundfile.LibsndfileError) as error:
        # libsndfile has words of its own for a full disk; none of them is "full".
        if getattr(error, "errno", 0) == errno.ENOSPC or not free_mb(Path(job.folder)):
            return failed(job, f"{job.raw}: disk full while finishing; the raw file is kept")
        return failed(job, f"{job.raw}: {error}; the raw file is kept")


def be_nice() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, 19)  # whatever the core's own is
    psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)


def die_with_parent() -> None:
    """A killed core takes its worker with it: the next one would work on the same files."""
    PR_SET_PDEATHSIG = 1  # prctl(2)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        sys.exit("the core has ended already")


def main() -> None:
    die_with_parent()
    be_nice()
    decode = msgspec.json.Decoder(FinishJob).decode
    for line in sys.stdin.buffer:
        result = attempt(decode(line))
        sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
