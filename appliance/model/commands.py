"""What people and programs ask of the core, over the local socket or in the same process.

Every command gets one `Reply`. `docs/commands.md` lists all of them; a test compares the two.
"""

from typing import Any, Literal

import msgspec

from appliance.model.events import TargetKind
from appliance.model.ids import AgentId, CallId, RecordingId


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", omit_defaults=True):
    """Base of all commands. `by` names who asks, for the event's cause."""

    by: str = ""


class AgentLogin(Command, frozen=True, kw_only=True, tag="agent.login"):
    """The agent takes calls from now on."""

    agent: AgentId


class AgentLogout(Command, frozen=True, kw_only=True, tag="agent.logout"):
    """During a call it takes effect after the call."""

    agent: AgentId


class AgentPause(Command, frozen=True, kw_only=True, tag="agent.pause"):
    """During a call it takes effect after the call."""

    agent: AgentId
    reason: str = ""


class AgentReady(Command, frozen=True, kw_only=True, tag="agent.ready"):
    """Ends pause, not-ready and wrap-up."""

    agent: AgentId


class CallHold(Command, frozen=True, kw_only=True, tag="call.hold"):
    """The agent puts the caller on hold with music."""

    agent: AgentId


class CallResume(Command, frozen=True, kw_only=True, tag="call.resume"):
    """The caller is off hold."""

    agent: AgentId


class CallTransfer(Command, frozen=True, kw_only=True, tag="call.transfer"):
    """Blind transfer of the agent's current call."""

    agent: AgentId
    target_kind: TargetKind
    target: str


class CallConsult(Command, frozen=True, kw_only=True, tag="call.consult"):
    """Caller on hold, the agent is connected to the target."""

    agent: AgentId
    target_kind: TargetKind
    target: str


class ConsultComplete(Command, frozen=True, kw_only=True, tag="consult.complete"):
    """Attended transfer: the caller goes to the consulted party, the agent leaves."""

    agent: AgentId


class ConsultCancel(Command, frozen=True, kw_only=True, tag="consult.cancel"):
    """Back to the caller; the consulted party is hung up."""

    agent: AgentId


class ConsultConference(Command, frozen=True, kw_only=True, tag="consult.conference"):
    """Caller, agent and consulted party talk together."""

    agent: AgentId


class CallHangup(Command, frozen=True, kw_only=True, tag="call.hangup"):
    """Ends the call for everybody in it; an agent who is only consulted in it (`by` is `agent`
    and his id) ends his own part, and caller and agent go on."""

    call: CallId


class RecordingControl(Command, frozen=True, kw_only=True, tag="recording.control"):
    """Starts, stops, pauses or resumes the recording of a call on demand."""

    call: CallId
    action: Literal["start", "stop", "pause", "resume"]


class ConfigReload(Command, frozen=True, kw_only=True, tag="config.reload"):
    """Reads site.toml again; refused whole when it has an error. No call is dropped."""


class Snapshot(Command, frozen=True, kw_only=True, tag="snapshot"):
    """The board as of a sequence number: `Reply.data` = {"seq": int, "board": {...}, "legs": int}.

    `legs`: SIP dialogs that the engine holds."""


class RecordingReport(Command, frozen=True, kw_only=True, tag="recording.report"):
    """The finisher of recordings tells its result, so that it becomes an event."""

    call: CallId
    recording: str
    path: str = ""
    sha256: str = ""
    duration_s: float = 0.0
    bytes: int = 0
    recovered: bool = False
    failed: str = ""


class TranscriptReport(Command, frozen=True, kw_only=True, tag="transcript.report"):
    """The transcriber tells its result, so that it becomes an event. `failed`: why there is
    none."""

    call: CallId
    recording: RecordingId
    model: str
    path: str = ""
    sha256: str = ""
    language: str = ""
    words: int = 0
    cpu_s: float = 0.0
    failed: str = ""


AnyCommand = (
    AgentLogin
    | AgentLogout
    | AgentPause
    | AgentReady
    | CallHold
    | CallResume
    | CallTransfer
    | CallConsult
    | ConsultComplete
    | ConsultCancel
    | ConsultConference
    | CallHangup
    | RecordingControl
    | ConfigReload
    | Snapshot
    | RecordingReport
    | TranscriptReport
)


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`ok` false: `error` says what was wrong and what to do, in one sentence each."""

    ok: bool = True
    error: str = ""
    data: Any = None
