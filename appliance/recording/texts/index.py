"""A recording's way through the index: it waits, is done, has failed or is gone."""

from appliance.model.transcript import Transcript, transcript_path
from appliance.recording.texts.files import TextFiles
from appliance.store.transcriptsdb import RecordingRow, SaidRow, State, TranscriptsDb


class TextIndex:
    """Within a transaction of `db`, unless it says otherwise."""

    def __init__(self, db: TranscriptsDb, files: TextFiles) -> None:
        self.db = db
        self.files = files
        self.dirty = False
        """Words that are forgotten are still in the file."""

    def done(self, row: RecordingRow, made: Transcript, path: str) -> None:
        row.state, row.tried, row.cause = "done", "", ""
        row.model, row.language = made.model, made.language
        row.transcript, row.words = path, made.words
        said = [SaidRow(u.text, u.channel, u.start, u.end) for u in made.utterances]
        self.db.index(row.n, said)
        self.db.put(row)

    def forget(self, row: RecordingRow, state: State) -> None:
        """What was said in it, and all about the text."""
        self.dirty |= self.db.forget(row.n)
        row.state, row.words = state, 0
        row.model = row.language = row.transcript = ""
        self.db.put(row)

    def wait(self, rows: list[RecordingRow]) -> None:
        """Their texts are made again. A transaction of its own."""
        with self.db.transaction():
            for row in rows:
                self.forget(row, "failed" if row.tried else "waiting")

    def gone(self, rows: list[RecordingRow]) -> None:
        """What cannot be deleted is at least not found any more. A transaction of its own."""
        with self.db.transaction():
            for row in rows:
                self.forget(row, "gone")
        for row in rows:
            self.files.delete_text(row)

    def back(self, rows: list[RecordingRow]) -> None:
        """There again, with their texts if they have one. A transaction of its own."""
        with self.db.transaction():
            for row in rows:
                path = transcript_path(row.path)
                if (made := self.files.text_of(row, path)) is not None:
                    self.done(row, made, path)
                else:
                    row.state = "failed" if row.tried else "waiting"
                    self.db.put(row)

    def scrub(self) -> None:
        """No word stays that was forgotten. A transaction of its own."""
        if self.dirty:
            with self.db.transaction():
                self.db.scrub()
            self.dirty = False
