"""What the core knows from its log: what the last run left open, which recordings are, the board.

Kept up to date with each event, and put aside as a checkpoint now and then, so that the start
does not get longer with the log.
"""

import msgspec

from appliance import __version__
from appliance.calls.restart import Leftovers
from appliance.history.board import Board
from appliance.model import events as ev
from appliance.recording.recover import OpenRecordings
from appliance.store.eventlog import EventLog

CHECKPOINT = "core.2"
CHECKPOINT_EVERY = 20_000


class LogState:
    """`left`, `taped`, `board`: what all events so far amount to. `begun`: this run has told
    that it has started."""

    def __init__(self, board: Board) -> None:
        self.left = Leftovers()
        self.taped = OpenRecordings()
        self.board = board
        self.begun = False
        self._since_checkpoint = 0

    def follow(self, log: EventLog) -> None:
        """What the log has, from the newest checkpoint on, and from now on each event as it is
        appended. Raises `StoreError`."""
        self._log = log
        log.subscribe(self._appended)
        log.replay(self._fold, CHECKPOINT, self._load)

    def begin(self, config: str) -> None:
        """Tells of the start, and closes what the last run left open. `config`: version of the
        settings."""
        self.begun = True
        log, left = self._log, self.left
        log.append(
            ev.CoreStarted(
                version=__version__,
                after=left.after,
                config=config,
            )
        )
        for event in left.closing():
            log.append(event, durable=isinstance(event, ev.CallEnded))
        for trouble in list(left.troubles.values()):
            if trouble != log.restored:
                log.append(msgspec.structs.replace(trouble, over=True))

    def save(self) -> None:
        """A checkpoint."""
        self._since_checkpoint = 0
        saved = _Saved(left=self.left, taped=self.taped, board=self.board.snapshot())
        self._log.save_checkpoint(self.board.seq, CHECKPOINT, msgspec.json.encode(saved))

    def _load(self, blob: bytes) -> None:
        saved = msgspec.json.decode(blob, type=_Saved)
        self.board.restore(saved.board)
        self.left, self.taped = saved.left, saved.taped

    def _fold(self, record: ev.Record) -> None:
        self.left.fold(record)
        self.taped.fold(record)
        self.board.apply(record)

    def _appended(self, record: ev.Record) -> None:
        self._fold(record)
        self._since_checkpoint += 1
        if self._since_checkpoint >= CHECKPOINT_EVERY:
            self.save()


class _Saved(msgspec.Struct):
    left: Leftovers
    taped: OpenRecordings
    board: dict[str, object]
