"""What was said in a recording, as it lies beside the recording's file.

One JSON file, `<recording>.transcript.json`, mode 0600. Moments are seconds from the begin of the
recording's file. Who deletes a recording deletes this file with it.
"""

from pathlib import PurePosixPath
from typing import Literal

import msgspec

SUFFIX = ".transcript.json"
HALF_SUFFIX = SUFFIX + ".tmp"
"""While it is written; a crash may leave one."""
VERSION = 1
UNKNOWN = "…"
"""Something was said that the model has no word for."""

ChannelName = Literal["caller", "floor"]


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """`confidence` 0 to 1, as the recogniser gives it."""

    word: str
    start: float
    end: float
    confidence: float


class Utterance(msgspec.Struct, frozen=True, kw_only=True):
    """Words of one party without a longer pause between them."""

    channel: ChannelName
    start: float
    end: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.word for word in self.words)


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """`utterances` of all channels in the order of their begin. `audio_sha256`: of the recording
    that this is the text of."""

    version: int = VERSION
    recording: str
    call: str
    audio_sha256: str
    duration_s: float
    language: str
    model: str
    utterances: tuple[Utterance, ...]
    cpu_s: float = 0.0

    @property
    def words(self) -> int:
        return sum(word.word != UNKNOWN for one in self.utterances for word in one.words)


def transcript_path(audio: str) -> str:
    """The transcript's path for that of a finished recording, both relative."""
    return str(PurePosixPath(audio).with_suffix(SUFFIX))
