"""Whose text is wanted next."""

from collections.abc import Collection, Sequence

from appliance.recording.texts.index import TextIndex
from appliance.recording.texts.sweep import LOOK, Sweep
from appliance.store.transcriptsdb import RecordingRow


class Choice:
    """Among those that are there; what is found to be gone is forgotten on the way."""

    def __init__(self, index: TextIndex, sweep: Sweep) -> None:
        self._index, self._sweep = index, sweep

    def next(
        self,
        kinds: Collection[str],
        models: dict[str, str],
        language: str,
        poor: Sequence[str],
        aside: Collection[str],
    ) -> RecordingRow | None:
        """As `Transcripts.next`."""
        worse = [name for name in poor if name not in models.values()]
        for made in (False, True) if worse else (False,):
            for kind in (each for each in ("voicemail", "call") if each in kinds):
                while rows := self._due(kind, models, language, worse if made else (), aside):
                    there = {row.id: self._index.files.has(row) for row in rows}
                    if any(there.values()):
                        self._index.scrub()
                        return next(row for row in rows if there[row.id])
                    lost = [row for row in rows if there[row.id] is False]
                    if not lost:  # a disk that answers with errors only
                        break
                    if not self._sweep.same_folder() and not self._sweep.settled():
                        return None
                    self._index.gone(lost)
        self._index.scrub()
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
                rows += self._index.db.made_by(worse, kind, known, model, most)
            else:
                rows += self._index.db.waiting(kind, known, model, most)
        return sorted((row for row in rows if row.id not in aside), key=lambda row: -row.n)
