"""From a job to the transcript beside the recording. Runs in the transcribing process, which
`worker` has made ready; this module loads the recogniser.
"""

import contextlib
import errno
import hashlib
import os
import resource
import sys
import time
from pathlib import Path

import msgspec
import soundfile

from appliance.model.transcript import HALF_SUFFIX, SUFFIX, VERSION, Transcript
from appliance.speech.transcribe.hear import BadModel, Damaged, Model, hear
from appliance.speech.transcribe.jobs import Line, Loaded, Result, TranscribeJob

CPU_S, CPU_SHARE = 120.0, 40.0
"""Processor time that a recording may take: so much, and this many times its length."""
LOAD_CPU_S = 600.0
"""And the largest model until it is loaded."""

_encode = msgspec.json.Encoder().encode


class Transcriber:
    """Keeps the last model loaded."""

    def __init__(self) -> None:
        self._model: Model | None = None

    def attempt(self, job: TranscribeJob) -> Result:
        """Never raises for what a job can be guilty of."""
        target = Path(job.folder) / job.path
        if (done := _already(target, job)) is not None:
            return done
        allow_cpu(LOAD_CPU_S)
        try:
            model = self._load(Path(job.model_folder))
        except BadModel as error:
            return Result(recording=job.recording, fault="model", cause=str(error))
        tell(Loaded())
        audio = Path(job.folder) / job.audio
        try:
            made = self._hear(job, model, audio)
        except OSError as error:
            return _away(job, error)
        except (Damaged, soundfile.LibsndfileError) as error:
            if (refused := _refused(audio)) is not None:
                return _away(job, refused)
            why = error.error_string if isinstance(error, soundfile.LibsndfileError) else error
            cause = f"{job.audio} is damaged: {why}"
            return Result(recording=job.recording, fault="recording", cause=cause)
        return _keep(job, made, audio, target)

    def _load(self, folder: Path) -> Model:
        if self._model is None or self._model.folder != folder:
            self._model = None  # two of them may be more than the box has memory for
            self._model = Model(folder)
        return self._model

    def _hear(self, job: TranscribeJob, model: Model, audio: Path) -> Transcript:
        began = time.process_time()
        allow_cpu(CPU_S + CPU_SHARE * job.duration_s)
        heard = hear(audio, model)
        return Transcript(
            recording=job.recording,
            call=job.call,
            audio_sha256=job.sha256,
            duration_s=job.duration_s,
            language=job.language,
            model=job.model,
            utterances=tuple(heard),
            cpu_s=round(time.process_time() - began, 3),
        )


def _keep(job: TranscribeJob, made: Transcript, audio: Path, target: Path) -> Result:
    body = _encode(made)
    try:
        audio.stat()  # who deleted it meanwhile wants no text of it
    except OSError as error:
        return _away(job, error)
    try:
        write(target, body)
    except FileNotFoundError as error:  # the folder went with it
        return _away(job, error)
    except OSError as error:
        cause = f"the transcript of {job.audio} cannot be written: {_why(error)}"
        return Result(recording=job.recording, fault="disk", cause=cause)
    return _result(made, body)


def _away(job: TranscribeJob, error: OSError) -> Result:
    gone = isinstance(error, FileNotFoundError)
    cause = "" if gone else f"{job.audio} cannot be read: {_why(error)}"
    return Result(recording=job.recording, fault="away", cause=cause)


def _refused(audio: Path) -> OSError | None:
    """The disk's reason why a recording looks damaged, if it has one: libsndfile does not tell."""
    try:
        with audio.open("rb") as file:
            while file.read(1 << 20):
                pass
    except OSError as error:
        return error
    return None


def _result(made: Transcript, body: bytes) -> Result:
    digest = hashlib.sha256(body).hexdigest()
    return Result(recording=made.recording, sha256=digest, words=made.words, cpu_s=made.cpu_s)


def _already(target: Path, job: TranscribeJob) -> Result | None:
    """The transcript is there: only the news of it was lost in a crash."""
    try:
        body = target.read_bytes()
        made = msgspec.json.decode(body, type=Transcript)
    except (OSError, msgspec.MsgspecError):
        return None
    same = (made.version, made.recording, made.audio_sha256, made.model)
    wanted = (VERSION, job.recording, job.sha256, job.model)
    return _result(made, body) if same == wanted else None


def write(target: Path, body: bytes) -> None:
    """Whole or not at all, whatever happens; readable by its owner only. Raises OSError."""
    half = target.with_name(target.name.removesuffix(SUFFIX) + HALF_SUFFIX)
    try:
        handle = os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o600)
            file.write(body)
            file.flush()
            os.fsync(handle)
        half.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _why(error: OSError) -> str:
    return "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)


def allow_cpu(seconds: float) -> None:
    """From now on; then the kernel ends this process (SIGXCPU). Stopped time does not count."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def tell(line: Line) -> None:
    sys.stdout.buffer.write(_encode(line) + b"\n")
    sys.stdout.buffer.flush()


def serve() -> None:
    """Jobs from stdin until it ends."""
    transcriber = Transcriber()
    decode = msgspec.json.Decoder(TranscribeJob).decode
    for line in sys.stdin.buffer:
        tell(transcriber.attempt(decode(line)))
