"""Every second that an agent talked with a caller: recorded, or not for a named reason. Pure."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from appliance.model import events as ev

TOLERANCE_S = 1.0
"""Seconds at either end of a talk that the recorder and the log may differ by."""

PAUSED = "paused"
NOT_DUE = "its queue does not record"
STOPPED = "the recording was stopped before the talk ended"
LATE = "the recording was started during the talk"
UNEXPLAINED = "nobody knows why"

Span = tuple[float, float]


class Talk(msgspec.Struct):
    agent: str
    queue: str
    start: float
    end: float | None = None


class Tape(msgspec.Struct):
    """One recording; moments in seconds since 1970, `pauses` in seconds of the file."""

    recording: str
    raw: str = ""
    start: float | None = None
    duration: float | None = None
    stopped: bool = False
    lost_from: float | None = None
    failed: str = ""
    finished: ev.RecordingFinished | None = None
    transcribed: ev.RecordingTranscribed | None = None
    pauses: list[list[float]] = msgspec.field(default_factory=list)


class Account(msgspec.Struct):
    """What one call owes. `due` says whether a queue records."""

    call: str
    start: float
    talks: list[Talk] = msgspec.field(default_factory=list)
    tapes: dict[str, Tape] = msgspec.field(default_factory=dict)
    ended: bool = False
    last: float = 0.0

    def take(self, record: ev.Record) -> None:
        at = record.at_us / 1e6
        handler = _HANDLERS.get(type(record.event))
        if handler is not None:
            handler(self, record.event, at)
        if not self.ended:
            self.last = at

    def tape(self, recording: str) -> Tape:
        return self.tapes.setdefault(recording, Tape(recording))

    def reckon(self, due: Callable[[str], bool]) -> Iterator[tuple[Talk, dict[str, float], Span]]:
        """For each talk: seconds by reason ('' = recorded), and its span."""
        for talk in self.talks:
            end = self.last if talk.end is None else talk.end
            yield talk, self._seconds(talk, (talk.start, end), due(talk.queue)), (talk.start, end)

    def _seconds(self, talk: Talk, span: Span, due: bool) -> dict[str, float]:
        left, found = [span], dict[str, float]()
        for reason, part in self._parts():
            taken, left = _take(left, part)
            if taken:
                found[reason] = found.get(reason, 0.0) + taken
        for gap in left:
            why = self._why(gap, span, due)
            if why is not None:
                found[why] = found.get(why, 0.0) + gap[1] - gap[0]
        return found

    def _parts(self) -> Iterator[tuple[str, Span]]:
        """Spans that tapes account for; the first that names a second has it."""
        for tape in self.tapes.values():
            if tape.start is None:
                continue
            for begin, end in tape.pauses:
                yield PAUSED, (tape.start + begin, tape.start + end)
        for tape in self.tapes.values():
            if tape.start is None:
                continue
            end = tape.start + (tape.duration if tape.duration is not None else 0.0)
            if tape.lost_from is not None:
                yield tape.failed, (tape.start + tape.lost_from, max(end, self.last))
                end = min(end, tape.start + tape.lost_from)
            if tape.finished is not None:
                yield "", (tape.start, end)
            elif tape.failed:
                yield tape.failed, (tape.start, max(end, self.last))

    def _why(self, gap: Span, talk: Span, due: bool) -> str | None:
        """A reason for an unrecorded span; None: too short to speak of; UNEXPLAINED else."""
        if not due and not self.tapes:
            return NOT_DUE
        refused = [t.failed for t in self.tapes.values() if t.start is None and t.failed]
        if refused:
            return refused[0]
        stops = [t.start + t.duration for t in self.tapes.values()
                 if t.start is not None and t.duration is not None and t.stopped]  # fmt: skip
        if any(abs(stop - gap[0]) <= TOLERANCE_S for stop in stops) and gap[1] - gap[0] > 1:
            return STOPPED
        if not due:
            return LATE if gap[0] <= talk[0] else NOT_DUE
        return None if gap[1] - gap[0] <= TOLERANCE_S else UNEXPLAINED


def _take(spans: list[Span], part: Span) -> tuple[float, list[Span]]:
    """Cut `part` out of `spans`: seconds cut out, and what is left."""
    taken, left = 0.0, list[Span]()
    for begin, end in spans:
        low, high = max(begin, part[0]), min(end, part[1])
        if high <= low:
            left.append((begin, end))
            continue
        taken += high - low
        left += [piece for piece in ((begin, low), (high, end)) if piece[1] > piece[0]]
    return taken, left


def _talk(account: Account, event: ev.TalkStarted, at: float) -> None:
    if event.role != "consult":
        account.talks.append(Talk(event.agent, event.queue or "", at))


def _talk_ended(account: Account, event: ev.TalkEnded, at: float) -> None:
    for talk in reversed(account.talks):
        if talk.agent == event.agent and talk.end is None:
            lasted = event.talk_s + event.hold_s
            # A clock that jumped in between: the duration is right, the end is the newer fact.
            if abs(at - talk.start - lasted) > 2 * TOLERANCE_S:
                talk.start = at - lasted
            talk.end = at
            return


def _started(account: Account, event: ev.RecordingStarted, at: float) -> None:
    tape = account.tape(event.recording)
    tape.raw, tape.start = event.path, at


def _paused(account: Account, event: ev.RecordingPaused, at: float) -> None:
    account.tape(event.recording).pauses.append([event.at_s, float("inf")])


def _resumed(account: Account, event: ev.RecordingResumed, at: float) -> None:
    tape = account.tape(event.recording)
    if tape.pauses:
        tape.pauses[-1][1] = event.at_s


def _stopped(account: Account, event: ev.RecordingStopped, at: float) -> None:
    tape = account.tape(event.recording)
    tape.stopped, tape.duration = True, event.duration_s
    if tape.start is not None and abs(at - tape.start - event.duration_s) > 2 * TOLERANCE_S:
        tape.start = at - event.duration_s


def _finished(account: Account, event: ev.RecordingFinished, at: float) -> None:
    tape = account.tape(event.recording)
    tape.finished, tape.duration = event, event.duration_s
    if tape.lost_from is None:
        tape.failed = ""


def _failed(account: Account, event: ev.RecordingFailed, at: float) -> None:
    tape = account.tape(event.recording)
    if tape.finished is None:
        tape.failed = event.cause or "failed"
        tape.lost_from = event.lost_from_s or tape.lost_from


def _transcribed(account: Account, event: ev.RecordingTranscribed, at: float) -> None:
    account.tape(event.recording).transcribed = event


def _ended(account: Account, event: ev.CallEnded, at: float) -> None:
    if event.outcome != "interrupted":
        account.last = at
    account.ended = True


_HANDLERS: dict[type[ev.Event], Callable[[Account, Any, float], None]] = {
    ev.TalkStarted: _talk,
    ev.TalkEnded: _talk_ended,
    ev.RecordingStarted: _started,
    ev.RecordingPaused: _paused,
    ev.RecordingResumed: _resumed,
    ev.RecordingStopped: _stopped,
    ev.RecordingFinished: _finished,
    ev.RecordingFailed: _failed,
    ev.RecordingTranscribed: _transcribed,
    ev.CallEnded: _ended,
}
