"""Callers who speak to the box, and recordings that become text."""

from appliance.model.events.calls import CallEvent
from appliance.model.hearing import Deaf, Missed, Verdict
from appliance.model.ids import FlowId, NodeId, RecordingId


class SpeechHeard(CallEvent, frozen=True, kw_only=True, tag="speech.heard"):
    """One utterance at a node. `choice`: its meaning there; '' with the reason in `missed`.

    `confidence`: 0 to 1, calibrated. `spoken_s`: length of the speech; `latency_s`: from its last
    sound to the decision. `audio`: file kept for tuning, relative to the data folder.
    """

    flow: FlowId
    node: NodeId
    text: str
    choice: str
    confidence: float
    verdict: Verdict
    missed: Missed = ""
    spoken_s: float = 0.0
    latency_s: float = 0.0
    model: str = ""
    audio: str = ""


class SpeechDeaf(CallEvent, frozen=True, kw_only=True, tag="speech.deaf"):
    """Nobody could listen at this node: keys only. `detail` is for people."""

    flow: FlowId
    node: NodeId
    why: Deaf
    detail: str = ""


class RecordingTranscribed(CallEvent, frozen=True, kw_only=True, tag="recording.transcribed"):
    """A recording became text. `path`: the transcript, relative to the recordings folder; it
    goes when the recording goes, so the text itself is not in the log. `words` in all channels.
    """

    recording: RecordingId
    path: str
    sha256: str
    language: str
    model: str
    words: int
    cpu_s: float = 0.0


class TranscriptFailed(CallEvent, frozen=True, kw_only=True, tag="transcript.failed"):
    """A recording could not become text; it is not tried again with this model."""

    recording: RecordingId
    model: str
    cause: str
