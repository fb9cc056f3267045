"""Recordings with their texts as a box leaves them: files, sums, events."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from appliance.model import events as ev
from appliance.model.transcript import ChannelName, Transcript, Utterance, Word, transcript_path
from appliance.recording.files import FOLDER
from tests.web.standin import StandIn

RATE = 8000
Line = tuple[ChannelName, float, str]
"""Who, from which second on, what: a word takes 0.4 s."""


def said(*lines: Line) -> tuple[Utterance, ...]:
    """Utterances as a recogniser would give them."""
    made = []
    for channel, start, text in lines:
        words = [
            Word(
                word=each,
                start=round(start + 0.4 * n, 2),
                end=round(start + 0.4 * n + 0.35, 2),
                confidence=0.9,
            )
            for n, each in enumerate(text.split())
        ]
        end = words[-1].end
        made.append(Utterance(channel=channel, start=start, end=end, words=tuple(words)))
    return tuple(made)


def audio(path: Path, seconds: float, channels: int = 2) -> str:
    """A quiet tone as FLAC or Opus; its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * RATE)) / RATE
    tone = (2000 * np.sin(2 * np.pi * 440 * time)).astype("int16")
    soundfile.write(path, np.stack([tone] * channels, axis=1), RATE, format=_form(path))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _form(path: Path) -> str:
    return "FLAC" if path.suffix == ".flac" else "OGG"


def finished(
    core: StandIn,
    call: str,
    *,
    kind: str = "call",
    seconds: float = 10.0,
    form: str = "flac",
    before: tuple[ev.AnyEvent, ...] = (),
) -> tuple[str, str]:
    """A call with a finished recording; the recording's id and its path."""
    recording = f"{call}-1"
    path = f"2026/11/23/{recording}.{form}"
    file = core.loaded.data_dir / FOLDER / path
    digest = audio(file, seconds, 1 if kind == "voicemail" else 2)
    core.append(
        ev.CallArrived(call=call, trunk="main", caller="+4930123456"),
        *before,
        ev.RecordingStarted(
            call=call, recording=recording, path=f"2026/11/23/{recording}.part.wav", kind=kind
        ),
        ev.RecordingStopped(call=call, recording=recording, duration_s=seconds),
        ev.CallEnded(call=call, outcome="answered"),
        ev.RecordingFinished(
            call=call,
            recording=recording,
            path=path,
            sha256=digest,
            duration_s=seconds,
            bytes=file.stat().st_size,
        ),
    )
    return recording, path


def transcribed(core: StandIn, call: str, recording: str, path: str, *lines: Line) -> Transcript:
    """Its text, beside it and in the log."""
    made = Transcript(
        recording=recording,
        call=call,
        audio_sha256="",
        duration_s=10.0,
        language="en",
        model="test-model",
        utterances=said(*lines),
    )
    body = msgspec.json.encode(made)
    text = transcript_path(path)
    (core.loaded.data_dir / FOLDER / text).write_bytes(body)
    core.append(
        ev.RecordingTranscribed(
            call=call,
            recording=recording,
            path=text,
            sha256=hashlib.sha256(body).hexdigest(),
            language="en",
            model="test-model",
            words=made.words,
        )
    )
    return made
