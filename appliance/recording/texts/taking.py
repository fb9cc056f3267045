"""Events of recordings and their texts into the index."""

from appliance.model import events as ev
from appliance.recording.texts.files import read_transcript
from appliance.recording.texts.index import TextIndex
from appliance.recording.texts.sweep import Sweep
from appliance.store.reader import EventReader
from appliance.store.transcriptsdb import RecordingRow

TYPES = ("recording.finished", "recording.transcribed", "transcript.failed")


class Taking:
    """`take` events of TYPES in order, within a transaction."""

    def __init__(self, log: EventReader, index: TextIndex, sweep: Sweep) -> None:
        self._log, self._index, self._sweep = log, index, sweep
        self._db, self._files = index.db, index.files

    def take(self, record: ev.Record) -> None:
        match record.event:
            case ev.RecordingFinished() as event:
                self._finished(record, event)
            case ev.RecordingTranscribed() as event:
                self._transcribed(event)
            case ev.TranscriptFailed() as event:
                self._failed(event)

    def _finished(self, record: ev.Record, event: ev.RecordingFinished) -> None:
        """A file that is finished again has the same sound in it: its text stays."""
        known = self._db.find(event.recording)
        if known is not None:
            known.path, known.sha256 = event.path, event.sha256
            known.duration_s, known.bytes = event.duration_s, event.bytes
            self._db.put(known)
            return
        row = RecordingRow(
            n=record.seq,
            id=event.recording,
            call=event.call,
            kind="call",
            started_us=record.at_us - int(event.duration_s * 1e6),
            path=event.path,
            sha256=event.sha256,
            duration_s=event.duration_s,
            bytes=event.bytes,
        )
        for earlier in self._log.read(call=event.call, until_seq=record.seq):
            match earlier.event:
                case ev.RecordingStarted(recording=event.recording, kind=kind):
                    row.kind, row.started_us = kind, earlier.at_us
                case ev.CallTagged(language=str() as language):
                    row.spoken = language
        self._db.put(row)

    def _transcribed(self, event: ev.RecordingTranscribed) -> None:
        row = self._db.find(event.recording)
        if row is None:
            return
        row.tried = row.cause = ""
        if self._files.has(row) is False:  # also while the disk is away: a sweep finds it later
            self._index.forget(row, "gone")
            if self._sweep.same_folder():
                self._files.delete_text(row)
            return
        made = read_transcript(self._files.folder, event.path, event.sha256)
        if made is None:
            self._index.forget(row, "waiting")
        else:
            self._index.done(row, made, event.path)

    def _failed(self, event: ev.TranscriptFailed) -> None:
        """Who has a text by another model keeps it; who is gone stays so."""
        row = self._db.find(event.recording)
        if row is not None:
            row.state = row.state if row.state in ("done", "gone") else "failed"
            row.tried, row.cause = event.model, event.cause
            self._db.put(row)
