"""A data folder as a box leaves it: log, recordings, texts and their index."""

import hashlib
from pathlib import Path

import msgspec
from click.testing import CliRunner, Result

from appliance.model import events as ev
from appliance.model.ids import CallId, RecordingId, TrunkId
from appliance.model.transcript import Transcript, Utterance, Word, transcript_path
from appliance.recording.cli import recordings as command
from appliance.recording.transcripts import Transcripts
from appliance.store.eventlog import EventLog
from appliance.store.reader import EventReader
from appliance.store.transcriptsdb import FILE
from appliance.store.transcriptsquery import parse
from appliance.store.transcriptsread import TranscriptsReader

KINDS = ("voicemail", "call")
SMALL = {"en": "small"}


class Box:
    """A data folder with a log, recordings and their index."""

    def __init__(self, folder: Path) -> None:
        self.data = folder
        self.folder = folder / "recordings"
        self.log = EventLog.open(folder)
        self.reader = EventReader(folder / "events.db")
        self.open()

    def open(self) -> None:
        self.index = Transcripts(self.reader, self.data / FILE, self.folder, batch=7)

    def close(self) -> None:
        self.index.close()
        self.reader.close()
        self.log.close()

    def say(self, *events: ev.AnyEvent) -> None:
        for event in events:
            self.log.append(event)
        self.log.flush_now()

    def record(self, name: str, *, kind: str = "call", language: str = "") -> str:
        """A finished recording; its path."""
        call, path = CallId(f"c-{name}"), f"2026/11/23/{name}.flac"
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"sound of " + name.encode())
        tagged = [ev.CallTagged(call=call, language=language)] if language else []
        self.say(
            ev.CallArrived(call=call, trunk=TrunkId("t"), caller="+4930123456"),
            *tagged,
            ev.RecordingStarted(
                call=call,
                recording=RecordingId(name),
                path=f"2026/11/23/{name}.part.wav",
                kind="voicemail" if kind == "voicemail" else "call",
            ),
            self.finished(name),
        )
        return path

    def finished(self, name: str) -> ev.RecordingFinished:
        return ev.RecordingFinished(
            call=CallId(f"c-{name}"),
            recording=RecordingId(name),
            path=f"2026/11/23/{name}.flac",
            sha256="0" * 64,
            duration_s=3.0,
            bytes=9 + len(name),
        )

    def transcribe(self, name: str, text: str, model: str = "small") -> None:
        words = [
            Word(word=each, start=n, end=n + 0.5, confidence=0.8)
            for n, each in enumerate(text.split())
        ]
        said = Utterance(channel="caller", start=0.0, end=len(words), words=tuple(words))
        made = Transcript(
            recording=name,
            call=f"c-{name}",
            audio_sha256="0" * 64,
            duration_s=3.0,
            language="en",
            model=model,
            utterances=(said,),
        )
        body = msgspec.json.encode(made)
        path = transcript_path(f"2026/11/23/{name}.flac")
        (self.folder / path).write_bytes(body)
        self.say(
            ev.RecordingTranscribed(
                call=CallId(f"c-{name}"),
                recording=RecordingId(name),
                path=path,
                sha256=hashlib.sha256(body).hexdigest(),
                language="en",
                model=model,
                words=made.words,
            )
        )

    def fail(self, name: str, model: str = "small") -> None:
        self.say(
            ev.TranscriptFailed(
                call=CallId(f"c-{name}"), recording=RecordingId(name), model=model, cause="damaged"
            )
        )

    def next(
        self,
        models: dict[str, str] = SMALL,
        language: str = "en",
        poor: tuple[str, ...] = ("commands",),
    ) -> str:
        self.index.catch_up()
        row = self.index.next(KINDS, models, language, poor)
        return "" if row is None else row.id

    def found(self, text: str) -> list[str]:
        with TranscriptsReader(self.data / FILE) as reader:
            return [one.recording.id for one in reader.search(parse(text), after=None, limit=50)]


def run(box: Box, *arguments: str) -> Result:
    site = box.data / "site.toml"
    if not site.exists():
        site.write_text(f'[site]\nname = "Test"\ndata_dir = "{box.data}"\n')
    return CliRunner().invoke(command, [*arguments, "--site", str(site)])
