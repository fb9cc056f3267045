"""The finishing process: jobs as JSON lines on stdin, results as JSON lines on stdout.

Run as ``python -m appliance.recording.worker`` by `finisher.Finisher`, at the lowest
priority for CPU and disk, so that no call notices.
"""

import errno
import os
import sys

import msgspec
import psutil
import soundfile

from appliance.recording.finish import FinishJob, FinishResult, finish
from appliance.recording.wav import BadWav


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
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return failed(job, f"{job.raw}: disk full while finishing; the raw file is kept")
        return failed(job, f"{job.raw}: {error}; the raw file is kept")
    except soundfile.LibsndfileError as error:
        return failed(job, f"{job.raw}: {error}; the raw file is kept")


def be_nice() -> None:
    os.nice(19)
    psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)


def main() -> None:
    be_nice()
    decode = msgspec.json.Decoder(FinishJob).decode
    for line in sys.stdin.buffer:
        result = attempt(decode(line))
        sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
