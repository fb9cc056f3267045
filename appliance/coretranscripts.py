"""What the transcriber reports, as the event that goes into the log."""

from appliance.model.commands import TranscriptReport
from appliance.model.events import RecordingTranscribed, TranscriptFailed


def as_event(report: TranscriptReport) -> RecordingTranscribed | TranscriptFailed:
    """The same report twice makes the same event twice; readers take the last one."""
    if report.failed:
        return TranscriptFailed(
            call=report.call, recording=report.recording, model=report.model, cause=report.failed
        )
    return RecordingTranscribed(
        call=report.call,
        recording=report.recording,
        path=report.path,
        sha256=report.sha256,
        language=report.language,
        model=report.model,
        words=report.words,
        cpu_s=report.cpu_s,
    )
