"""One raw WAV becomes one FLAC or Opus file with its checksum. Runs in the worker process."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import soundfile

from appliance.recording.files import (
    BROKEN_SUFFIX,
    already_finished,
    finished_path,
    fsync_folder,
)
from appliance.recording.jobs import FinishJob, FinishResult
from appliance.recording.wav import BadWav, RawWav, inspect

BLOCK = 256 * 1024
# libsndfile's scale from 0 (256 kbit/s for each channel) to 1 (6): about 48 kbit/s in stereo,
# where tones in one channel stay more than 60 dB below in the other (measured).
OPUS_COMPRESSION = 0.93


def finish(job: FinishJob) -> FinishResult:
    """Compress, check, sync, rename, and only then remove the raw file.

    Memory use does not depend on the length. May be repeated after a crash at any point.
    Raises BadWav, OSError, soundfile.LibsndfileError; the raw file is kept then, one without
    a single sample as *.broken.
    """
    folder = Path(job.folder)
    raw = folder / job.raw
    if not raw.exists() and (done := already_finished(folder, job.raw)):
        return _result(job, done, _seconds(done), sha256(done))
    target = folder / finished_path(job.raw, job.form)
    part = target.with_name(f"{target.name}.tmp")
    wav = inspect(raw)
    if not wav.frames:
        raw.rename(raw.with_name(raw.name + BROKEN_SUFFIX))
        raise BadWav(f"no sample was written, the talk was too short; kept as *{BROKEN_SUFFIX}")
    try:
        _encode(raw, wav, part, job)
        digest = _check(part, wav)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)
    raw.unlink()
    return _result(job, target, wav.seconds, digest)


def _result(job: FinishJob, target: Path, seconds: float, digest: str) -> FinishResult:
    return FinishResult(
        call=job.call,
        recording=job.recording,
        path=str(target.relative_to(job.folder)),
        sha256=digest,
        duration_s=round(seconds, 3),
        bytes=target.stat().st_size,
        recovered=job.recovered,
    )


def _seconds(path: Path) -> float:
    with soundfile.SoundFile(path) as sound:
        return float(sound.frames / sound.samplerate)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encode(raw: Path, wav: RawWav, part: Path, job: FinishJob) -> None:
    form = ("OGG", "OPUS") if job.form == "opus" else ("FLAC", "PCM_16")
    level = OPUS_COMPRESSION if job.form == "opus" else None
    with soundfile.SoundFile(
        part, "w", wav.rate, wav.channels, format=form[0], subtype=form[1], compression_level=level
    ) as sound:
        sound.title = job.call
        sound.comment = _tags(job)
        for block in _blocks(raw, wav):
            sound.buffer_write(block, dtype="int16")


def _tags(job: FinishJob) -> str:
    return json.dumps(
        {
            "call": job.call,
            "recording": job.recording,
            "channels": "left caller, right floor",
            "started_us": job.started_us,
            "pauses_s": [[round(a, 3), round(b, 3)] for a, b in job.pauses],
            "recovered": job.recovered,
        }
    )


def _blocks(raw: Path, wav: RawWav) -> Iterator[bytes]:
    left = wav.data_bytes
    with raw.open("rb") as file:
        file.seek(wav.data_at)
        while left:
            block = file.read(min(BLOCK, left))
            if not block:
                raise OSError(f"{raw.name} became shorter while it was read")
            left -= len(block)
            yield block


def _check(part: Path, wav: RawWav) -> str:
    """Sync and read back what was written; returns the SHA-256 in hex."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    with soundfile.SoundFile(part) as sound:
        if sound.frames != wav.frames or sound.channels != wav.channels:
            raise OSError(
                f"the finished file has {sound.frames} frames instead of {wav.frames}; "
                "the disk may be full or failing"
            )
    return sha256(part)
