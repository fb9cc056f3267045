"""Keeps transcripts.db in step with the event log and the transcripts beside the recordings.

Nothing stands in it that could not be made again; the log is read from where it was left.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from appliance.model import events as ev
from appliance.model.transcript import Transcript, transcript_path
from appliance.store.errors import HistoryDamaged
from appliance.store.historydb import Progress
from appliance.store.reader import EventReader
from appliance.store.transcriptsdb import RecordingRow, SaidRow, TranscriptsDb

BATCH = 5000
LOOK = 200
"""Recordings that are looked at in one go."""
TYPES = ("recording.finished", "recording.transcribed", "transcript.failed")

Told = Callable[[int, int], None]
"""Progress: (events done, events in all)."""


class Transcripts:
    """Owned by the office; the command line may run one beside it."""

    def __init__(
        self, log: EventReader, path: Path, recordings: Path, *, batch: int = BATCH
    ) -> None:
        self._log = log
        self._folder = recordings
        self._batch = batch
        self._db = TranscriptsDb(path)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "Transcripts":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def seq(self) -> int:
        """Last event that is in it."""
        found = self._db.progress()
        return 0 if found is None else found.seq

    # -- from the log -------------------------------------------------------------------------

    def catch_up(self, told: Told | None = None) -> int:
        """Take in what is new in the log; the number of events. Idempotent."""
        try:
            self._db.follow()
            if not self._same_log():
                return self.rebuild(told)
            return self._catch_up(told)
        except HistoryDamaged:
            return self.renew(told)

    def rebuild(self, told: Told | None = None) -> int:
        """Make all of it anew; readers see the old one until the new is whole."""
        try:
            self._db.follow()
            done = 0
            with self._db.transaction():
                self._db.clear()
                while step := self._step(self._log.last_seq(), told):
                    done += step
            return done
        except HistoryDamaged:
            return self.renew(told)

    def renew(self, told: Told | None = None) -> int:
        """Make all of it anew in another file: this one is damaged."""
        self._db.start_over()
        return self._catch_up(told)

    def _catch_up(self, told: Told | None) -> int:
        done, last = 0, self._log.last_seq()
        while self.seq < last:
            with self._db.transaction():
                done += self._step(last, told)
        return done

    def _same_log(self) -> bool:
        progress = self._db.progress()
        return progress is None or (
            progress.generation == self._log.generation()
            and progress.at_us == self._log.at(progress.seq)
        )

    def _step(self, last: int, told: Told | None) -> int:
        """One batch, within a transaction; 0 when there is nothing to do."""
        before = self.seq
        until = min(before + self._batch, last)
        if until <= before:
            return 0
        for record in self._log.read(before, types=TYPES, until_seq=until):
            self._take(record)
        at_us = self._log.at(until) or 0
        self._db.set_progress(Progress(until, at_us, self._log.generation()))
        if told is not None:
            told(until, last)
        return until - before

    def _take(self, record: ev.Record) -> None:
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
        made = read_transcript(self._folder, event.path, event.sha256)
        there = (self._folder / row.path).is_file()
        if made is None or not there:
            row.state = "waiting" if there else "gone"
        else:
            row.state, row.tried, row.cause = "done", "", ""
            row.model, row.language = event.model, event.language
            row.transcript, row.words = event.path, event.words
            said = [SaidRow(u.text, u.channel, u.start, u.end) for u in made.utterances]
            self._db.index(row.n, said)
        self._db.put(row)

    def _failed(self, event: ev.TranscriptFailed) -> None:
        """Who has a text by another model keeps it."""
        row = self._db.find(event.recording)
        if row is not None:
            row.state = row.state if row.state == "done" else "failed"
            row.tried, row.cause = event.model, event.cause
            self._db.put(row)

    # -- what is to be done -------------------------------------------------------------------

    def next(
        self,
        kinds: Collection[str],
        models: dict[str, str],
        language: str,
        poor: Sequence[str] = (),
    ) -> RecordingRow | None:
        """The recording whose text is wanted next; None: all have one.

        A voicemail comes before calls, because somebody has yet to hear it. Then the newest
        first: what people look for is mostly of today, and a floor that has years of recordings
        when this is switched on must not wait for them. `models`: name by language; recordings
        in other languages wait. `language`: of callers whose language nobody asked. What the `poor`
        models made is made again with a better one.
        """
        try:
            return self._next(kinds, models, language, poor)
        except HistoryDamaged:
            self.renew()
            return self._next(kinds, models, language, poor)

    def _next(
        self,
        kinds: Collection[str],
        models: dict[str, str],
        language: str,
        poor: Sequence[str],
    ) -> RecordingRow | None:
        worse = [name for name in poor if name not in models.values()]
        for made in (False, True) if worse else (False,):
            for kind in (each for each in ("voicemail", "call") if each in kinds):
                while rows := self._due(kind, models, language, worse if made else ()):
                    for row in rows:
                        if (self._folder / row.path).is_file():
                            return row
                    if not self._mounted():
                        return None
                    self._gone(rows)
        return None

    def _due(
        self, kind: str, models: dict[str, str], language: str, worse: Sequence[str]
    ) -> list[RecordingRow]:
        """Some that have no text, or one by the `worse` models; newest first."""
        rows = list[RecordingRow]()
        for spoken, model in models.items():
            known = [spoken, ""] if spoken == language else [spoken]
            if worse:
                rows += self._db.made_by(worse, kind, known, model, LOOK)
            else:
                rows += self._db.waiting(kind, known, model, LOOK)
        return sorted(rows, key=lambda row: -row.n)

    def sweep(self) -> int:
        """Texts go with their recordings; the number of those that went."""
        try:
            return self._sweep()
        except HistoryDamaged:
            self.renew()
            return self._sweep()

    def _sweep(self) -> int:
        if not self._mounted():
            return 0
        after, gone = 0, 0
        while rows := self._db.each(("done", "failed", "waiting"), after, LOOK):
            after = rows[-1].n
            lost = [row for row in rows if not (self._folder / row.path).is_file()]
            if lost:
                self._gone(lost)
                gone += len(lost)
        if gone:
            with self._db.transaction():
                self._db.scrub()
        return gone

    def _gone(self, rows: list[RecordingRow]) -> None:
        for row in rows:
            (self._folder / transcript_path(row.path)).unlink(missing_ok=True)
        with self._db.transaction():
            for row in rows:
                self._db.forget(row.n)
                row.state, row.words = "gone", 0
                self._db.put(row)

    def _mounted(self) -> bool:
        """An empty folder is a disk that is not there, not a floor that deleted everything."""
        return self._folder.is_dir() and any(self._folder.iterdir())


def read_transcript(folder: Path, path: str, sha256: str = "") -> Transcript | None:
    """None where it is missing, damaged, or not what the log says (`sha256` '': not compared)."""
    file = folder / path
    try:
        body = file.read_bytes()
        if sha256 and hashlib.sha256(body).hexdigest() != sha256:
            return None
        return msgspec.json.decode(body, type=Transcript)
    except (OSError, msgspec.MsgspecError):
        return None
