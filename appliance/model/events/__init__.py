"""Every event of the log. One class is one kind of fact; the tag is its name in the log.

`docs/events.md` lists all of them; a test compares the two. Elsewhere events are known by this
package, not by its modules.
"""

import msgspec

from appliance.model.events.box import (
    AgentChanged,
    AgentState,
    ConfigApplied,
    CoreStarted,
    CoreStopped,
    EventLost,
    LineChanged,
    StateRepaired,
    Trouble,
)
from appliance.model.events.calls import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallSilent,
    CallTagged,
    Event,
    FlowEntered,
    FlowInput,
    FlowLeft,
    FlowNode,
    Outcome,
)
from appliance.model.events.queues import (
    OfferEnded,
    OfferMade,
    OfferRefused,
    OfferResult,
    OfferRinging,
    QueueAnnounced,
    QueueEntered,
    QueueEstimate,
    QueueLeft,
    QueueLeftReason,
)
from appliance.model.events.speech import (
    RecordingTranscribed,
    SpeechDeaf,
    SpeechHeard,
    TranscriptFailed,
)
from appliance.model.events.talks import (
    ConferenceEnded,
    ConferenceStarted,
    HoldEnded,
    HoldStarted,
    PartyJoined,
    PartyLeft,
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    TalkEnded,
    TalkStarted,
    TargetKind,
    TransferEnded,
    TransferKind,
    TransferStarted,
    VoicemailLeft,
)

__all__ = [
    "AgentChanged",
    "AgentState",
    "AnyEvent",
    "CallAnswered",
    "CallArrived",
    "CallEnded",
    "CallEvent",
    "CallSilent",
    "CallTagged",
    "ConferenceEnded",
    "ConferenceStarted",
    "ConfigApplied",
    "CoreStarted",
    "CoreStopped",
    "Event",
    "EventLost",
    "FlowEntered",
    "FlowInput",
    "FlowLeft",
    "FlowNode",
    "HoldEnded",
    "HoldStarted",
    "LineChanged",
    "OfferEnded",
    "OfferMade",
    "OfferRefused",
    "OfferResult",
    "OfferRinging",
    "Outcome",
    "PartyJoined",
    "PartyLeft",
    "QueueAnnounced",
    "QueueEntered",
    "QueueEstimate",
    "QueueLeft",
    "QueueLeftReason",
    "Record",
    "RecordingFailed",
    "RecordingFinished",
    "RecordingPaused",
    "RecordingResumed",
    "RecordingStarted",
    "RecordingStopped",
    "RecordingTranscribed",
    "SpeechDeaf",
    "SpeechHeard",
    "StateRepaired",
    "TalkEnded",
    "TalkStarted",
    "TargetKind",
    "TranscriptFailed",
    "TransferEnded",
    "TransferKind",
    "TransferStarted",
    "Trouble",
    "VoicemailLeft",
    "event_type",
]

AnyEvent = (
    CallArrived
    | CallAnswered
    | CallTagged
    | CallSilent
    | CallEnded
    | FlowEntered
    | FlowNode
    | FlowInput
    | FlowLeft
    | QueueEntered
    | QueueAnnounced
    | QueueEstimate
    | QueueLeft
    | OfferMade
    | OfferRinging
    | OfferEnded
    | OfferRefused
    | TalkStarted
    | TalkEnded
    | HoldStarted
    | HoldEnded
    | PartyJoined
    | PartyLeft
    | TransferStarted
    | TransferEnded
    | ConferenceStarted
    | ConferenceEnded
    | RecordingStarted
    | RecordingPaused
    | RecordingResumed
    | RecordingStopped
    | RecordingFinished
    | RecordingFailed
    | VoicemailLeft
    | SpeechHeard
    | SpeechDeaf
    | RecordingTranscribed
    | TranscriptFailed
    | AgentChanged
    | LineChanged
    | CoreStarted
    | CoreStopped
    | ConfigApplied
    | StateRepaired
    | EventLost
    | Trouble
)


class Record(msgspec.Struct, frozen=True):
    """An event as it stands in the log: `seq` has no gaps, `at_us` is UTC in microseconds."""

    seq: int
    at_us: int
    event: AnyEvent


def event_type(event: Event) -> str:
    """The event's name in the log, e.g. ``call.arrived``."""
    tag = type(event).__struct_config__.tag
    assert isinstance(tag, str)
    return tag
