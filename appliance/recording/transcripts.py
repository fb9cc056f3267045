"""Keeps transcripts.db in step with the event log and the transcripts beside the recordings.

Nothing stands in it that could not be made again; the log is read from where it was left.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from appliance.recording.texts.choice import Choice
from appliance.recording.texts.files import TextFiles
from appliance.recording.texts.index import TextIndex
from appliance.recording.texts.sweep import Sweep
from appliance.recording.texts.taking import TYPES, Taking
from appliance.store.errors import HistoryDamaged
from appliance.store.projected import Progress, Projecting
from appliance.store.reader import EventReader
from appliance.store.transcriptsdb import RecordingRow, TranscriptsDb

BATCH = 5000

Told = Callable[[int, int], None]
"""Progress: (events done, events in all)."""


class Transcripts(Projecting):
    """Owned by the office; the command line may run one beside it."""

    def __init__(
        self, log: EventReader, path: Path, recordings: Path, *, batch: int = BATCH
    ) -> None:
        self._batch = batch
        self._db = TranscriptsDb(path)
        super().__init__(log, self._db)
        self._files = TextFiles(recordings)
        self._index = TextIndex(self._db, self._files)
        self._sweep = Sweep(self._index)
        self._taking = Taking(log, self._index, self._sweep)
        self._choice = Choice(self._index, self._sweep)

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
            self._index.dirty = True
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
        self._sweep.first_look()
        self._index.scrub()

    def _step(self, last: int, told: Told | None) -> int:
        """One batch, within a transaction; 0 when there is nothing to do."""
        before = self.seq
        until = min(before + self._batch, last)
        if until <= before:
            return 0
        for record in self._log.read(before, types=TYPES, until_seq=until):
            self._taking.take(record)
        at_us = self._log.at(until) or 0
        self._db.set_progress(Progress(until, at_us, self._log.generation()))
        if told is not None:
            told(until, last)
        return until - before

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
            return self._choice.next(kinds, models, language, poor, aside)
        except HistoryDamaged:
            self.renew()
            return self._choice.next(kinds, models, language, poor, aside)

    def sweep(self) -> int:
        """Texts go with their recordings; the number of those that went."""
        try:
            return self._sweep.run()
        except HistoryDamaged:
            self.renew()
            return self._sweep.run()

    @property
    def elsewhere(self) -> bool:
        """The folder is another one than at the last sweep: a disk has gone or come."""
        return self._sweep.elsewhere

    def again(self, recording: str) -> None:
        """Its text cannot be read: it is made again."""
        row = self._db.find(recording)
        if row is None or row.state != "done":
            return
        if self._files.text_of(row, row.transcript) is None:
            self._index.wait([row])
