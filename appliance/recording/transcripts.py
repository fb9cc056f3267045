"""Keeps transcripts.db in step with the event log and the transcripts beside the recordings.

Nothing stands in it that could not be made again; the log is read from where it was left.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from appliance.model import events as ev
from appliance.model.transcript import Transcript, transcript_path
from appliance.store.errors import HistoryDamaged
from appliance.store.projected import Progress
from appliance.store.reader import EventReader
from appliance.store.transcriptsdb import RecordingRow, SaidRow, State, TranscriptsDb

log = logging.getLogger("transcripts")

BATCH = 5000
LOOK = 200
"""Recordings that are looked at in one go."""
MANY = 20
"""Where more than half of at least so many are gone at once, it is looked whether the folder is
still the same one."""
READ = 500
"""Texts that a sweep reads, one after the other round the years, to see that they are whole."""
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
        self._dirty = False
        self._refused = self._swept = ""
        self._stuck: set[str] = set()
        self._read_to = 0

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
            self._dirty = True
            self._end_look()
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
        self._end_look()
        return done

    def _end_look(self) -> None:
        """After the log: which folder it was, and no word stays that was forgotten."""
        here = self._here()
        if here and self._db.look() is None:
            with self._db.transaction():
                self._db.set_look(here)
        self._scrub()

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
        there = is_there(self._folder / row.path)
        made = (
            read_transcript(self._folder, event.path, event.sha256) if there is not False else None
        )
        if there is False:  # also while the disk is away: a sweep finds it when it is back
            row.model, row.transcript = event.model, event.path
            self._forget(row, "gone")
            if self._same_folder():
                self._unlink(row)
        elif made is None:
            self._forget(row, "waiting")
        else:
            self._done(row, made, event.path)

    def _done(self, row: RecordingRow, made: Transcript, path: str) -> None:
        row.state, row.tried, row.cause = "done", "", ""
        row.model, row.language = made.model, made.language
        row.transcript, row.words = path, made.words
        said = [SaidRow(u.text, u.channel, u.start, u.end) for u in made.utterances]
        self._db.index(row.n, said)
        self._db.put(row)

    def _forget(self, row: RecordingRow, state: State) -> None:
        """What was said in it, within a transaction."""
        self._dirty |= self._db.forget(row.n)
        row.state, row.words = state, 0
        self._db.put(row)

    def _scrub(self) -> None:
        if self._dirty:
            with self._db.transaction():
                self._db.scrub()
            self._dirty = False

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
        aside: Collection[str] = (),
    ) -> RecordingRow | None:
        """The recording whose text is wanted next; None: all have one.

        A voicemail comes before calls, because somebody has yet to hear it. Then the newest
        first: what people look for is mostly of today, and a floor that has years of recordings
        when this is switched on must not wait for them. `models`: name by language; recordings
        in other languages wait. `language`: of callers whose language nobody asked. What the `poor`
        models made is made again with a better one. `aside`: recordings that others go before.
        """
        try:
            return self._next(kinds, models, language, poor, aside)
        except HistoryDamaged:
            self.renew()
            return self._next(kinds, models, language, poor, aside)

    def _next(
        self,
        kinds: Collection[str],
        models: dict[str, str],
        language: str,
        poor: Sequence[str],
        aside: Collection[str],
    ) -> RecordingRow | None:
        worse = [name for name in poor if name not in models.values()]
        for made in (False, True) if worse else (False,):
            for kind in (each for each in ("voicemail", "call") if each in kinds):
                while rows := self._due(kind, models, language, worse if made else (), aside):
                    there = {row.id: is_there(self._folder / row.path) for row in rows}
                    if any(there.values()):
                        self._scrub()
                        return next(row for row in rows if there[row.id])
                    lost = [row for row in rows if there[row.id] is False]
                    if not lost:  # a disk that answers with errors only
                        break
                    if not self._same_folder() and not self._settled():
                        return None
                    self._gone(lost)
        self._scrub()
        return None

    def _due(
        self,
        kind: str,
        models: dict[str, str],
        language: str,
        worse: Sequence[str],
        aside: Collection[str],
    ) -> list[RecordingRow]:
        """Some that have no text, or one by the `worse` models; newest first."""
        rows, most = list[RecordingRow](), LOOK + len(aside)
        for spoken, model in models.items():
            known = [spoken, ""] if spoken == language else [spoken]
            if worse:
                rows += self._db.made_by(worse, kind, known, model, most)
            else:
                rows += self._db.waiting(kind, known, model, most)
        return sorted((row for row in rows if row.id not in aside), key=lambda row: -row.n)

    def sweep(self) -> int:
        """Texts go with their recordings; the number of those that went."""
        try:
            return self._sweep()
        except HistoryDamaged:
            self.renew()
            return self._sweep()

    @property
    def elsewhere(self) -> bool:
        """The folder is another one than at the last sweep: a disk has gone or come."""
        return self._here() != self._swept

    def again(self, recording: str) -> None:
        """Its text cannot be read: it is made again."""
        row = self._db.find(recording)
        if row is not None and row.state == "done" and not self._whole(row):
            self._wait([row])

    def _sweep(self) -> int:
        self._swept = here = self._here()
        if not here:
            return 0
        self._restore()
        lost, spoiled, count = self._survey()
        if not self._may_forget(here, len(lost), count):
            return 0
        with self._db.transaction():
            self._db.set_look(here)
        for at in range(0, len(lost), LOOK):
            self._gone(lost[at : at + LOOK])
        self._wait(spoiled)
        self._clear_away()
        self._scrub()
        return len(lost)

    def _survey(self) -> tuple[list[RecordingRow], list[RecordingRow], int]:
        """Recordings that are not there, those whose text is not, and how many there were."""
        lost, spoiled, count, after = list[RecordingRow](), list[RecordingRow](), 0, 0
        begin, read = self._read_to, 0
        while rows := self._db.each(("done", "failed", "waiting"), after, LOOK):
            after, count = rows[-1].n, count + len(rows)
            for row in rows:
                if is_there(self._folder / row.path) is False:
                    lost.append(row)
                elif row.state == "done":
                    thorough = row.n > begin and read < READ
                    if thorough:
                        read, self._read_to = read + 1, row.n
                    if not (self._whole(row) if thorough else self._has_text(row)):
                        spoiled.append(row)
        if read < READ:
            self._read_to = 0  # from the first one again
        return lost, spoiled, count

    def _has_text(self, row: RecordingRow) -> bool:
        return is_there(self._folder / row.transcript) is not False

    def _whole(self, row: RecordingRow) -> bool:
        return self._text_of(row) is not None

    def _text_of(self, row: RecordingRow) -> Transcript | None:
        made = read_transcript(self._folder, row.transcript) if row.transcript else None
        # Not the sum of the sound: a file that is finished again may have another one.
        return made if made is not None and made.recording == row.id else None

    def _may_forget(self, here: str, lost: int, count: int) -> bool:
        if count < MANY or lost * 2 <= count or self._db.look() in (None, here):
            self._refused = ""
            return True
        if self._refused != here:
            self._refused = here
            log.warning(
                "%d of %d recordings are not in %s, and it is not the folder that it was. Their "
                "texts are kept and no old ones are made; calls are not touched. Bring the disk "
                "back; if they are gone for good, run: callfloor recordings index",
                lost,
                count,
                self._folder,
            )
        return False

    def _settled(self) -> bool:
        """May be forgotten in another folder than at the last look?"""
        here = self._here()
        if here and here != self._refused:
            self._sweep()
        return self._same_folder()

    def _restore(self) -> None:
        """Those that are there again, with their texts."""
        after = 0
        while rows := self._db.each(("gone",), after, LOOK):
            after = rows[-1].n
            back = [row for row in rows if is_there(self._folder / row.path)]
            if not back:
                continue
            with self._db.transaction():
                for row in back:
                    if (made := self._text_of(row)) is not None:
                        self._done(row, made, row.transcript)
                    else:
                        row.state = "failed" if row.tried else "waiting"
                        self._db.put(row)

    def _wait(self, rows: list[RecordingRow]) -> None:
        with self._db.transaction():
            for row in rows:
                row.model = row.language = row.transcript = ""
                self._forget(row, "waiting")

    def _gone(self, rows: list[RecordingRow]) -> None:
        """What cannot be deleted is at least not found any more."""
        with self._db.transaction():
            for row in rows:
                self._forget(row, "gone")
        for row in rows:
            self._unlink(row)

    def _clear_away(self) -> None:
        """Texts of recordings that are gone, which could not be deleted before."""
        after = 0
        while rows := self._db.each(("gone",), after, LOOK):
            after = rows[-1].n
            for row in rows:
                self._unlink(row)

    def _unlink(self, row: RecordingRow) -> None:
        path = transcript_path(row.path)
        try:
            (self._folder / path).unlink(missing_ok=True)
            self._stuck.discard(path)
        except OSError as error:
            if path not in self._stuck:
                self._stuck.add(path)
                log.warning(
                    "%s, the text of a deleted recording, cannot be deleted: %s. Nobody finds it "
                    "here any more, and calls are not touched. Look at the disk, or delete it.",
                    self._folder / path,
                    error.strerror or error,
                )

    def _same_folder(self) -> bool:
        """As at the last good look, and so what is not in it is gone."""
        return self._here() not in ("", self._refused) and self._db.look() == self._here()

    def _here(self) -> str:
        """Which folder of which file system; '' for none, or an empty one: that is a disk that is
        not there, not a floor that deleted everything."""
        try:
            if not any(self._folder.iterdir()):
                return ""
            return f"{os.statvfs(self._folder).f_fsid}:{self._folder.stat().st_ino}"
        except OSError:
            return ""


def is_there(file: Path) -> bool | None:
    """None where the disk does not say (rights, errors of reading)."""
    try:
        return file.is_file()
    except OSError:
        return None


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
