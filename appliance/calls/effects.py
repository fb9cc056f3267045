"""What the switchboard asks of the SIP engine. Each is carried out in order, none waits."""

import msgspec

from appliance.model.hearing import Hearing
from appliance.model.ids import CallId, LegId, RecordingId, TrunkId

Node = str
"""A place in the audio graph: ``leg:ID``, ``music:NAME``, ``left:RECORDING``,
``right:RECORDING``."""
Links = frozenset[tuple[Node, Node]]
"""Who is heard where: (source, sink) pairs."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all effects."""


class SendRinging(Effect, frozen=True, kw_only=True):
    leg: LegId


class AnswerLeg(Effect, frozen=True, kw_only=True):
    leg: LegId


class RejectLeg(Effect, frozen=True, kw_only=True):
    leg: LegId
    code: int
    reason: str = ""


class HangUpLeg(Effect, frozen=True, kw_only=True):
    """BYE, CANCEL or a final answer, whatever the leg's state needs."""

    leg: LegId
    cause: str = ""


class DialLeg(Effect, frozen=True, kw_only=True):
    """Call `target` (SIP URI; for a trunk just the number). `leg` is chosen by us."""

    leg: LegId
    target: str
    trunk: TrunkId | None = None
    caller: str = ""
    caller_name: str = ""
    headers: dict[str, str] = {}


class PlayFiles(Effect, frozen=True, kw_only=True):
    """Play WAV files one after another to a leg; `PlayDone(play)` at the end."""

    play: int
    leg: LegId
    files: tuple[str, ...]


class StopPlaying(Effect, frozen=True, kw_only=True):
    play: int


class Mix(Effect, frozen=True, kw_only=True):
    """The whole wanted audio graph of one call; the engine applies the difference."""

    call: CallId
    links: Links


class StartRecording(Effect, frozen=True, kw_only=True):
    """Create `path` (absolute) with two channels, `left:` and `right:` of this recording."""

    recording: RecordingId
    path: str


class PauseRecording(Effect, frozen=True, kw_only=True):
    recording: RecordingId
    paused: bool


class StopRecording(Effect, frozen=True, kw_only=True):
    recording: RecordingId


class ReferProgress(Effect, frozen=True, kw_only=True):
    """Tell the transferring phone (NOTIFY sipfrag); `final` closes the subscription."""

    leg: LegId
    code: int
    final: bool = False


class KeepAlive(Effect, frozen=True, kw_only=True):
    """Send one OPTIONS to the trunk; the answer comes as `LineSignal`."""

    trunk: TrunkId


class ListenInband(Effect, frozen=True, kw_only=True):
    """Hear keys sent as tones on this leg, for a line without RFC 4733."""

    leg: LegId


class ListenQuiet(Effect, frozen=True, kw_only=True):
    """Report `Quiet` once this leg has been quiet for `seconds`; 0 stops listening."""

    leg: LegId
    seconds: float


class HearSpeech(Effect, frozen=True, kw_only=True):
    """Listen to what is said on this leg. Reports carry the number `listen`; a new one on the
    same leg replaces the old."""

    leg: LegId
    listen: int
    hearing: Hearing


class StopHearing(Effect, frozen=True, kw_only=True):
    """Nobody listens on this leg any more; nothing is reported of it from here."""

    leg: LegId
