"""When a call is recorded: by its queue's rule or on demand; pauses; the end."""

from datetime import UTC, datetime
from errno import ENOSPC
from os import strerror

from appliance.calls.desk import Desk
from appliance.calls.effects import PauseRecording, StartRecording, StopRecording
from appliance.calls.state import Call, Stage, Taping
from appliance.model.events import (
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from appliance.model.ids import QueueId, RecordingId
from appliance.model.legs import RecorderTrouble


def begin_by_rule(desk: Desk, call: Call, queue: QueueId) -> None:
    """Start when this queue records its calls. A running recording simply goes on."""
    rule = desk.setup.queues.get(queue)
    if rule is not None and rule.record:
        begin(desk, call, f"queue {queue} records its calls")


def begin(desk: Desk, call: Call, cause: str, *, voicemail: bool = False) -> str:
    """Start a recording; returns '' or why there is none. The call goes on in any case."""
    if call.taping is not None:
        return ""
    call.tapes += 1
    recording = RecordingId(f"{call.id}-{call.tapes}")
    kind = "voicemail" if voicemail else "call"
    why_not = desk.seams.may_record()
    if why_not:
        desk.log(RecordingFailed(call=call.id, recording=recording, cause=why_not))
        return why_not
    day = datetime.fromtimestamp(desk.now, UTC)
    path = f"{day:%Y/%m/%d}/{recording}.part.wav"
    call.taping = Taping(recording, path, desk.now, "voicemail" if voicemail else "call")
    desk.do(StartRecording(recording=recording, path=path))
    desk.log(
        RecordingStarted(
            call=call.id,
            recording=recording,
            path=path,
            kind="voicemail" if kind == "voicemail" else "call",
            cause=cause,
        )
    )
    if not voicemail:
        desk.timer(call, "tape", desk.setup.site.recording.max_hours * 3600)
    desk.touch(call)
    return ""


def pause(desk: Desk, call: Call, paused: bool, cause: str) -> str:
    """Silence in the file from here, or voices again; '' or what is wrong."""
    tape = call.taping
    if tape is None:
        return "this call is not recorded"
    if tape.paused == paused:
        return ""
    tape.paused = paused
    at_s = round(desk.now - tape.started, 3)
    desk.do(PauseRecording(recording=tape.recording, paused=paused))
    if paused:
        desk.log(RecordingPaused(call=call.id, recording=tape.recording, at_s=at_s, cause=cause))
    else:
        desk.log(RecordingResumed(call=call.id, recording=tape.recording, at_s=at_s))
    return ""


def stop(desk: Desk, call: Call, cause: str) -> Taping | None:
    """Close the file; finishing it is another process's work."""
    tape = call.taping
    if tape is None:
        return None
    call.taping = None
    desk.timers.cancel(call.id, "tape")
    desk.do(StopRecording(recording=tape.recording))
    desk.log(
        RecordingStopped(
            call=call.id,
            recording=tape.recording,
            duration_s=round(desk.now - tape.started, 3),
            cause=cause,
        )
    )
    if call.stage is not Stage.ENDED:
        desk.touch(call)
    return tape


def trouble(desk: Desk, call: Call, told: RecorderTrouble) -> None:
    """The disk failed: say so once; the caller and the agent notice nothing."""
    tape = call.taping
    if tape is None or tape.recording != told.recording or not told.errno or tape.failed:
        return
    tape.failed = True
    cause = "the disk is full" if told.errno == ENOSPC else f"the disk says: {strerror(told.errno)}"
    desk.log(
        RecordingFailed(
            call=call.id,
            recording=tape.recording,
            cause=cause,
            lost_from_s=round(desk.now - tape.started, 3),
        )
    )
