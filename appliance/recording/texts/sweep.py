"""Texts go with their recordings, and not with a disk that is away for a while."""

import logging

from appliance.recording.texts.index import TextIndex
from appliance.store.transcriptsdb import RecordingRow

log = logging.getLogger("transcripts")

LOOK = 200
"""Recordings that are looked at in one go."""
MANY = 20
"""Where more than half of at least so many are gone at once, it is looked whether the folder is
still the same one."""
READ = 500
"""Texts that a sweep reads, one after the other round the years, to see that they are whole."""


class Sweep:
    """`run` now and then; `same_folder` and `settled` before anything is forgotten."""

    def __init__(self, index: TextIndex) -> None:
        self._index, self._db, self._files = index, index.db, index.files
        self._refused = self._swept = ""
        self._read_to = 0

    @property
    def elsewhere(self) -> bool:
        """The folder is another one than at the last sweep: a disk has gone or come."""
        return self._files.here() != self._swept

    def run(self) -> int:
        """The number of recordings that are gone."""
        self._swept = here = self._files.here()
        if not here:
            return 0
        self._restore()
        lost, spoiled, count = self._survey()
        if not self._may_forget(here, len(lost), count):
            return 0
        with self._db.transaction():
            self._db.set_look(here)
        for at in range(0, len(lost), LOOK):
            self._index.gone(lost[at : at + LOOK])
        self._index.wait(spoiled)
        self._clear_away()
        self._index.scrub()
        return len(lost)

    def same_folder(self) -> bool:
        """As at the last good look, and so what is not in it is gone."""
        here = self._files.here()
        return here not in ("", self._refused) and self._db.look() == here

    def settled(self) -> bool:
        """May be forgotten in another folder than at the last look?"""
        here = self._files.here()
        if here and here != self._refused:
            self.run()
        return self.same_folder()

    def first_look(self) -> None:
        """Which folder it was, where nobody has looked yet."""
        here = self._files.here()
        if here and self._db.look() is None:
            with self._db.transaction():
                self._db.set_look(here)

    def _survey(self) -> tuple[list[RecordingRow], list[RecordingRow], int]:
        """Recordings that are not there, those whose text is not, and how many there were."""
        lost, spoiled, count, after = list[RecordingRow](), list[RecordingRow](), 0, 0
        begin, read = self._read_to, 0
        while rows := self._db.each(("done", "failed", "waiting"), after, LOOK):
            after, count = rows[-1].n, count + len(rows)
            for row in rows:
                if self._files.has(row) is False:
                    lost.append(row)
                elif row.state == "done":
                    thorough = row.n > begin and read < READ
                    if thorough:
                        read, self._read_to = read + 1, row.n
                    if not (self._whole(row) if thorough else self._files.has_text(row)):
                        spoiled.append(row)
        if read < READ:
            self._read_to = 0  # from the first one again
        return lost, spoiled, count

    def _whole(self, row: RecordingRow) -> bool:
        return self._files.text_of(row, row.transcript) is not None

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
                self._files.folder,
            )
        return False

    def _restore(self) -> None:
        """Those that are there again, with their texts."""
        after = 0
        while rows := self._db.each(("gone",), after, LOOK):
            after = rows[-1].n
            if back := [row for row in rows if self._files.has(row)]:
                self._index.back(back)

    def _clear_away(self) -> None:
        """Texts of recordings that are gone, which could not be deleted before."""
        after = 0
        while rows := self._db.each(("gone",), after, LOOK):
            after = rows[-1].n
            for row in rows:
                self._files.delete_text(row)
