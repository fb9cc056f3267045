"""Keeps history.db in step with the event log. Every row follows from the log alone.

A call that has new events is folded again from all its events, so that it does not matter in
how many steps the log was read, how often, or by which process.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from appliance.history.agents import Stretch, Timeline
from appliance.history.interactions import WrapUp, interaction
from appliance.history.parts import Interaction
from appliance.model.events import Record
from appliance.store.errors import HistoryDamaged
from appliance.store.historydb import (
    HistoryDb,
    InteractionRow,
    StretchRow,
    TalkRow,
    VisitRow,
)
from appliance.store.projected import Progress, Projecting
from appliance.store.reader import EventReader

BATCH = 5000

Told = Callable[[int, int], None]
"""Progress: (events done, events in all)."""

_encode = msgspec.json.Encoder().encode


class Projection(Projecting):
    """Owned by the office; the command line may run one beside it."""

    def __init__(self, log: EventReader, path: Path, *, batch: int = BATCH) -> None:
        self._path = path
        self._batch = batch
        self._db = HistoryDb(path)
        super().__init__(log, self._db)

    def catch_up(self, told: Told | None = None, *, until_seq: int | None = None) -> int:
        """Take in what is new in the log; the number of events. Idempotent.

        Starts anew by itself when the log is not the one that history was made from (a backup
        was restored, or a power cut took the log's last second).
        """
        last = self._log.last_seq() if until_seq is None else until_seq
        self._db.follow()
        try:
            if not self._same_log():
                return self.rebuild(told)
            return self._catch_up(last, told)
        except HistoryDamaged:
            self._db.start_over()
            return self._catch_up(last, told)

    def _catch_up(self, last: int, told: Told | None) -> int:
        done = 0
        while step := self._step(last):
            done += step
            if told is not None:
                told(self.seq, last)
        return done

    def rebuild(self, told: Told | None = None) -> int:
        """Make history anew from the log; readers see the old one until the new is whole."""
        with tempfile.TemporaryDirectory(dir=self._path.parent, prefix="rebuild-") as folder:
            fresh = Projection(self._log, Path(folder) / self._path.name, batch=self._batch)
            try:
                done = fresh.catch_up(told)
            finally:
                fresh.close()
            self._db.follow()
            self._db.replace_by(Path(folder) / self._path.name)
        return done

    def _step(self, last: int) -> int:
        """One batch in one transaction; 0 when there is nothing to do."""
        db = self._db
        if self.seq >= last:
            return 0
        with db.transaction():
            before = db.progress() or Progress(0, 0, self._log.generation())
            limit = min(self._batch, last - before.seq)
            records = list(self._log.read(before.seq, limit=limit)) if limit > 0 else []
            if records:
                self._project(records, before)
        return len(records)

    def _project(self, records: list[Record], before: Progress) -> None:
        timeline = Timeline(_latest(self._db), before.at_us)
        touched: dict[str, list[Record]] = {}
        for record in records:
            timeline.take(record)
            call = getattr(record.event, "call", None)
            if call:
                touched.setdefault(call, []).append(record)
        self._db.put_stretches(StretchRow(*_values(s)) for s in timeline.changed)
        for stretch in timeline.changed:
            if stretch.call:
                touched.setdefault(stretch.call, [])
        until = records[-1].seq
        for call, news in touched.items():
            self._interaction(call, news, until)
        self._db.set_progress(Progress(until, records[-1].at_us, before.generation))

    def _interaction(self, call: str, news: list[Record], until: int) -> None:
        """`news` are all its records of this batch: all there are when it is not known yet."""
        wrap_ups = (WrapUp(*row) for row in self._db.wrap_ups(call))
        known = self._db.knows(call)
        made = interaction(self._log.read(call=call, until_seq=until) if known else news, wrap_ups)
        if made is not None:
            self._db.put_interaction(_row(made))


def _values(stretch: Stretch) -> tuple[Any, ...]:
    return msgspec.structs.astuple(stretch)


def _latest(db: HistoryDb) -> list[Stretch]:
    names = Stretch.__struct_fields__
    return [
        Stretch(**dict(zip(names, msgspec.to_builtins(row), strict=True)))
        for row in db.latest_stretches()
    ]


def _row(made: Interaction) -> InteractionRow:
    return InteractionRow(
        seq=made.seq,
        call=made.call,
        started_us=made.started_us,
        ended_us=made.ended_us,
        trunk=made.trunk,
        caller=made.caller,
        called=made.called,
        outcome=made.outcome,
        body=_encode(made),
        visits=[VisitRow(v.queue, v.entered_us, v.left_us, v.waited_s, v.reason)
                for v in made.visits],
        talks=[
            TalkRow(t.agent, t.queue, t.role, t.started_us, t.ended_us, t.talk_s, t.hold_s,
                    t.wrap_up_s)
            for t in made.talks
        ],
    )  # fmt: skip
