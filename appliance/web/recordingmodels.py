"""Shapes of recordings and of what was said in them. Moments `*_us` are UTC microseconds, those
in a recording seconds from its begin."""

from typing import Literal

import msgspec

from appliance.model.transcript import ChannelName, Utterance
from appliance.store.transcriptsquery import Why


class Name(msgspec.Struct, kw_only=True):
    """An agent, a queue or a mailbox: `name` as it is shown, the id where it is not known."""

    id: str
    name: str


class RecordingView(msgspec.Struct, kw_only=True):
    """A finished recording.

    `text`: done; waiting; failed, with `cause`; off: site.toml does not want it; no_model: there
    is none for the caller's language. `model` made the text, or failed to. `poor`: that model
    knows commands only.
    """

    recording: str
    call: str
    kind: Literal["call", "voicemail"]
    started_us: int
    duration_s: float
    caller: str
    caller_name: str
    anonymous: bool
    agents: list[Name]
    queues: list[Name]
    mailbox: str
    text: Literal["off", "no_model", "waiting", "done", "failed"]
    model: str
    poor: bool
    language: str
    words: int
    cause: str


class SiteView(msgspec.Struct, kw_only=True):
    """How a page writes its name, times and texts."""

    name: str = ""
    language: str = ""
    timezone: str = "UTC"


class RecordingPage(msgspec.Struct, kw_only=True):
    """`next` is the `after` of the next page, null on the last one."""

    recordings: list[RecordingView]
    next: int | None
    site: SiteView


class PlaceView(msgspec.Struct, kw_only=True):
    """What was said at a moment. Every second one of `parts` is what was searched for."""

    channel: ChannelName
    start_s: float
    end_s: float
    parts: list[str]


class FoundView(RecordingView, kw_only=True):
    """A recording that fits, and the first of its `count` places."""

    count: int
    places: list[PlaceView]


class FoundPage(msgspec.Struct, kw_only=True):
    """`next` is the `after` of the next page, null on the last one. `wrong`: why nothing can be
    found by these words; `why` says the same to programs."""

    results: list[FoundView]
    next: int | None
    wrong: str = ""
    why: Why | Literal[""] = ""


class TranscriptView(msgspec.Struct, kw_only=True):
    """`utterances` of both channels in order of time; none while there is no text."""

    recording: RecordingView
    utterances: list[Utterance]
