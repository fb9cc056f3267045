"""Do the recordings hold what the log says? Seconds, files, checksums."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from appliance.model.events import CallEvent, Record
from appliance.model.transcript import HALF_SUFFIX, SUFFIX, transcript_path
from appliance.recording.accounts import UNEXPLAINED, Account, Tape
from appliance.recording.files import BROKEN_SUFFIX, FINISHED_SUFFIXES, RAW_SUFFIX
from appliance.recording.finish import sha256

Told = Callable[[float, float], None]

TYPES = (
    "call.arrived",
    "call.ended",
    "talk.started",
    "talk.ended",
    "recording.started",
    "recording.paused",
    "recording.resumed",
    "recording.stopped",
    "recording.finished",
    "recording.failed",
    "recording.transcribed",
)


class Gap(msgspec.Struct, frozen=True):
    """Talk that no recording holds and no event explains."""

    call: str
    agent: str
    at_us: int
    seconds: float


class Wrong(msgspec.Struct, frozen=True):
    """A recording whose file is not what the log says."""

    call: str
    recording: str
    path: str
    what: str


class Report(msgspec.Struct):
    """Seconds of talk: all, recorded, not recorded by named reason; and what is wrong.

    `waiting` are still to be finished, `failed` have said why: neither is wrong by itself.
    """

    calls: int = 0
    files: int = 0
    texts: int = 0
    talk_s: float = 0.0
    recorded_s: float = 0.0
    named_s: dict[str, float] = msgspec.field(default_factory=dict)
    unexplained: list[Gap] = msgspec.field(default_factory=list)
    missing: list[Wrong] = msgspec.field(default_factory=list)
    mismatched: list[Wrong] = msgspec.field(default_factory=list)
    orphans: list[str] = msgspec.field(default_factory=list)
    waiting: list[str] = msgspec.field(default_factory=list)
    failed: list[Wrong] = msgspec.field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.unexplained or self.missing or self.mismatched or self.orphans)


def verify(
    records: Iterable[Record],
    folder: Path,
    due: Callable[[str], bool],
    *,
    since_us: int = 0,
    checksums: bool = True,
    told: Told = lambda done, total: None,
) -> Report:
    """`records` of TYPES in order, `folder` of recordings; `due` tells if a queue records.

    Calls that arrived before `since_us` are only known, not checked; calls that go on are
    checked without their newest talk. `told` hears of bytes read and bytes in all.
    """
    accounts = _accounts(records)
    report, known = Report(), set[str]()
    to_read: list[tuple[Account, Tape]] = []
    for account in accounts.values():
        checked = account.start * 1e6 >= since_us
        report.calls += checked
        if checked:
            _reckon(account, due, report)
        for tape in account.tapes.values():
            known.update(_paths(tape))
            if checked:
                _look(account, tape, folder, report, to_read)
    report.orphans = sorted(p for p in _files(folder, since_us) if p not in known)
    if checksums:
        _read(to_read, folder, report, told)
    return report


def _accounts(records: Iterable[Record]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for record in records:
        if isinstance(record.event, CallEvent):
            call = record.event.call
            if call not in found:
                found[call] = Account(call, record.at_us / 1e6)
            found[call].take(record)
    return found


def _reckon(account: Account, due: Callable[[str], bool], report: Report) -> None:
    if not account.ended:
        return
    for talk, seconds, span in account.reckon(due):
        report.talk_s += span[1] - span[0]
        report.recorded_s += seconds.pop("", 0.0)
        gap = seconds.pop(UNEXPLAINED, 0.0)
        if gap:
            at_us = int(talk.start * 1e6)
            report.unexplained.append(Gap(account.call, talk.agent, at_us, round(gap, 1)))
        for reason, length in seconds.items():
            report.named_s[reason] = report.named_s.get(reason, 0.0) + length


def _paths(tape: Tape) -> set[str]:
    """Every name that a file of this recording may have."""
    found = {tape.raw, tape.raw + BROKEN_SUFFIX} if tape.raw else set[str]()
    if tape.finished is not None:
        text = transcript_path(tape.finished.path)
        # A half one, or one without news of it: the office goes on with it.
        found |= {tape.finished.path, text, text.removesuffix(SUFFIX) + HALF_SUFFIX}
    elif tape.raw:
        # Finished before a crash, its news is on the way with the next start.
        found |= {tape.raw.removesuffix(RAW_SUFFIX) + end for end in FINISHED_SUFFIXES}
    return found


def _look(
    account: Account, tape: Tape, folder: Path, report: Report, to_read: list[tuple[Account, Tape]]
) -> None:
    if tape.finished is not None:
        _look_at_finished(account, tape, folder, report, to_read)
    elif tape.raw and (folder / tape.raw).exists():
        report.waiting.append(tape.raw)
    elif tape.failed:
        report.failed.append(Wrong(account.call, tape.recording, tape.raw, tape.failed))
    else:
        report.missing.append(
            Wrong(account.call, tape.recording, tape.raw, "neither the raw nor a finished file")
        )


def _look_at_finished(
    account: Account, tape: Tape, folder: Path, report: Report, to_read: list[tuple[Account, Tape]]
) -> None:
    assert tape.finished is not None
    path = folder / tape.finished.path
    report.files += 1
    wrong = Wrong(account.call, tape.recording, tape.finished.path, "the file is missing")
    if not path.exists():
        report.missing.append(wrong)
    elif path.stat().st_size != tape.finished.bytes:
        what = f"{path.stat().st_size} bytes instead of {tape.finished.bytes}"
        report.mismatched.append(msgspec.structs.replace(wrong, what=what))
    else:
        to_read.append((account, tape))
        _look_at_text(account, tape, folder, report)


def _look_at_text(account: Account, tape: Tape, folder: Path, report: Report) -> None:
    """What was said in it, where that was made."""
    if tape.transcribed is None:
        return
    report.texts += 1
    if not (folder / tape.transcribed.path).exists():
        what = "the text of the recording is missing"
        report.missing.append(Wrong(account.call, tape.recording, tape.transcribed.path, what))


def _read(to_read: list[tuple[Account, Tape]], folder: Path, report: Report, told: Told) -> None:
    total = sum(tape.finished.bytes for _, tape in to_read if tape.finished is not None)
    done = 0
    for account, tape in to_read:
        assert tape.finished is not None
        for event in (tape.finished, tape.transcribed):
            if event is not None and (what := _differs(folder / event.path, event.sha256)):
                report.mismatched.append(Wrong(account.call, tape.recording, event.path, what))
        done += tape.finished.bytes
        told(done, total)


def _differs(path: Path, digest: str) -> str:
    """'' when it is what the log says; a missing file has been told already."""
    try:
        return "" if sha256(path) == digest else "not what was finished (SHA-256)"
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _files(folder: Path, since_us: int) -> Iterator[str]:
    """Everything in the day folders from the day of `since_us` on, relative to `folder`."""
    first = f"{datetime.fromtimestamp(since_us / 1e6, UTC):%Y/%m/%d}"
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name >= first:
            yield name
