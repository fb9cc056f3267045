"""What the office and the transcribing process tell each other.

Apart from the work itself, so that the office loads neither samples nor recogniser.
"""

from typing import Literal

import msgspec

from appliance.model.transcript import transcript_path

Fault = Literal["", "recording", "away", "model", "disk", "box"]


class TranscribeJob(msgspec.Struct, frozen=True, kw_only=True):
    """Make the text of `audio` (relative to `folder`) with the model in `model_folder`."""

    folder: str
    audio: str
    sha256: str
    duration_s: float
    call: str
    recording: str
    kind: Literal["call", "voicemail"]
    language: str
    model: str
    model_folder: str

    @property
    def path(self) -> str:
        """Of the transcript, relative to `folder`."""
        return transcript_path(self.audio)


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The model is in memory: what goes wrong from here on is the recording's fault."""


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="result"):
    """`fault` '' when the transcript is there; else whose it is, and `cause` for people.

    recording: it is not tried again with this model. away: deleted meanwhile (`cause` '') or not
    to be read now, and others go before it. model: no recording can be tried with it.
    disk: no text can be written now. box: it has no memory, or somebody ended the process.
    """

    recording: str
    sha256: str = ""
    words: int = 0
    cpu_s: float = 0.0
    fault: Fault = ""
    cause: str = ""


Line = Loaded | Result
