"""What a crash left of recordings: found at the start, repaired, finished or named."""

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from appliance.model.events import (
    Record,
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from appliance.model.ids import CallId, RecordingId
from appliance.recording.files import BROKEN_SUFFIX, RAW_SUFFIX, already_finished, recording_id
from appliance.recording.jobs import FinishJob
from appliance.recording.wav import BadWav, RawWav, repair

DAYS = 14


class OpenRecording(msgspec.Struct):
    """A recording that the log saw start and not finish. `path` is relative, raw. `stopped`:
    ended in order, so that only its finishing is left to do."""

    call: CallId
    path: str
    started_us: int
    pauses: list[tuple[float, float]] = msgspec.field(default_factory=list)
    paused_at: float | None = None
    stopped: bool = False


class OpenRecordings(msgspec.Struct):
    """Folds the log; what is left in `open` after the last record is to be recovered. Also a
    checkpoint: what it holds does not grow with the log."""

    open: dict[RecordingId, OpenRecording] = {}
    failed: set[RecordingId] = set()

    def fold(self, record: Record) -> None:
        event = record.event
        if isinstance(event, RecordingStarted):
            self.open[event.recording] = OpenRecording(event.call, event.path, record.at_us)
        elif isinstance(event, RecordingFinished):
            self.open.pop(event.recording, None)
            self.failed.discard(event.recording)
        elif isinstance(event, RecordingFailed):
            if event.recording in self.open:  # else it never began: nothing is left of it
                self.failed.add(event.recording)
        elif isinstance(event, RecordingStopped) and event.recording in self.open:
            self.open[event.recording].stopped = True
        elif isinstance(event, RecordingPaused | RecordingResumed):
            self._pause(event)

    def _pause(self, event: RecordingPaused | RecordingResumed) -> None:
        state = self.open.get(event.recording)
        if state is None:
            return
        if isinstance(event, RecordingPaused):
            state.paused_at = event.at_s
        elif state.paused_at is not None:
            state.pauses.append((state.paused_at, event.at_s))
            state.paused_at = None


class Recovery(msgspec.Struct):
    """`jobs` go to the finisher, `failed` to the log; `unknown` are raw files (relative)
    that no event names: they stay where they are, for a person to hear.
    """

    jobs: list[FinishJob] = msgspec.field(default_factory=list)
    failed: list[RecordingFailed] = msgspec.field(default_factory=list)
    unknown: list[str] = msgspec.field(default_factory=list)


def recover(folder: Path, seen: OpenRecordings, form: Literal["flac", "opus"] = "flac") -> Recovery:
    """Repair what the log names and what lies in the newest day folders.

    Only headers are read and written here; the work is the finisher's. A file without a
    single sample is renamed to *.broken, or removed when no event names it. What has failed
    before is not reported as missing again.
    """
    found = Recovery()
    for recording, state in seen.open.items():
        raw = folder / state.path
        if raw.exists():
            _take(folder, raw, recording, state, form, found)
        elif already_finished(folder, state.path) is not None:
            found.jobs.append(_job(folder, recording, state, form))
        elif recording not in seen.failed:
            found.failed.append(_failed(recording, state, "the raw file is missing"))
    for raw in _raw_files(folder):
        if RecordingId(recording_id(raw)) not in seen.open and not _is_nothing(raw):
            found.unknown.append(str(raw.relative_to(folder)))
    return found


def _is_nothing(raw: Path) -> bool:
    """Repairs a file that no event names; True when it held no sample, and is gone."""
    with contextlib.suppress(BadWav, OSError):
        if not repair(raw).frames:
            raw.unlink()
            return True
    return False


def _take(
    folder: Path,
    raw: Path,
    recording: RecordingId,
    state: OpenRecording,
    form: Literal["flac", "opus"],
    found: Recovery,
) -> None:
    try:
        wav = repair(raw)
        if not wav.frames:
            raise BadWav("no sample was written")
    except BadWav as error:
        with contextlib.suppress(OSError):
            raw.rename(raw.with_name(raw.name + BROKEN_SUFFIX))
        found.failed.append(_failed(recording, state, f"{error}; kept as *{BROKEN_SUFFIX}"))
    except OSError as error:
        found.failed.append(_failed(recording, state, f"cannot be read: {error.strerror}"))
    else:
        found.jobs.append(_job(folder, recording, state, form, wav))


def _job(
    folder: Path,
    recording: RecordingId,
    state: OpenRecording,
    form: Literal["flac", "opus"],
    wav: RawWav | None = None,
) -> FinishJob:
    pauses = list(state.pauses)
    if state.paused_at is not None and wav is not None:
        pauses.append((state.paused_at, max(state.paused_at, wav.seconds)))
    return FinishJob(
        folder=str(folder),
        raw=state.path,
        call=state.call,
        recording=recording,
        form=form,
        pauses=tuple(pauses),
        started_us=state.started_us,
        recovered=not state.stopped or (wav is not None and wav.stale),
    )


def _failed(recording: RecordingId, state: OpenRecording, why: str) -> RecordingFailed:
    return RecordingFailed(
        call=state.call, recording=recording, cause=f"{state.path}: {why} (after a crash)"
    )


def _raw_files(folder: Path) -> Iterator[Path]:
    """Raw files of the newest day folders; half-written finished files are removed."""
    days = sorted(folder.glob("[0-9]*/[0-9]*/[0-9]*"), reverse=True)
    for day in itertools.islice(days, DAYS):
        for half in [*day.glob("*.flac.tmp"), *day.glob("*.opus.tmp")]:
            half.unlink(missing_ok=True)
        yield from sorted(day.glob(f"*{RAW_SUFFIX}"))
