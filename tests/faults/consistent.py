"""What must hold in log, history and recordings after any number of kills."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from appliance.calls.restart import Leftovers
from appliance.history.projection import Projection
from appliance.history.queries import Filter, History
from appliance.model import events as ev
from appliance.store.eventlog import FILE
from appliance.store.historydb import FILE as HISTORY
from appliance.store.historydb import export
from appliance.store.reader import EventReader

LOST_S = 1.0
"""Audio that a kill may cost."""

Key = Callable[[ev.Event], object]
_PAIRS: tuple[tuple[type[ev.Event], type[ev.Event], Key], ...] = (
    (ev.CallArrived, ev.CallEnded, lambda e: e.call),
    (ev.QueueEntered, ev.QueueLeft, lambda e: (e.call, e.queue)),
    (ev.OfferMade, ev.OfferEnded, lambda e: (e.call, e.offer)),
    (ev.TalkStarted, ev.TalkEnded, lambda e: (e.call, e.agent)),
    (ev.HoldStarted, ev.HoldEnded, lambda e: (e.call, e.agent)),
    (ev.PartyJoined, ev.PartyLeft, lambda e: (e.call, e.party)),
    (ev.TransferStarted, ev.TransferEnded, lambda e: (e.call, e.transfer)),
    (ev.ConferenceStarted, ev.ConferenceEnded, lambda e: e.call),
)


def log_is_whole(records: Sequence[ev.Record]) -> list[str]:
    """Numbers without a gap, times that never go back, and every beginning has one end."""
    wrong = []
    if [r.seq for r in records] != list(range(1, len(records) + 1)):
        wrong.append("the log's numbers have gaps")
    if any(b.at_us < a.at_us for a, b in itertools.pairwise(records)):
        wrong.append("time goes back in the log")
    for begin, end, key in _PAIRS:
        begun = Counter(key(r.event) for r in records if isinstance(r.event, begin))
        ended = Counter(key(r.event) for r in records if isinstance(r.event, end))
        if begun != ended:
            wrong.append(
                f"{begin.__name__}/{end.__name__}: without end {begun - ended}, "
                f"end without beginning {ended - begun}"
            )
    left = Leftovers()
    for record in records:
        left.fold(record)
    if left.calls:
        wrong.append(f"still open: {left.calls}")
    return wrong


def nothing_after_the_end(records: Sequence[ev.Record]) -> list[str]:
    """Only the news of a finished recording comes after a call's end."""
    ended: set[str] = set()
    wrong = []
    for record in records:
        event = record.event
        if not isinstance(event, ev.CallEvent):
            continue
        if event.call in ended and not isinstance(
            event, ev.RecordingFinished | ev.RecordingFailed | ev.VoicemailLeft
        ):
            wrong.append(f"after the end of {event.call}: {event}")
        if isinstance(event, ev.CallEnded):
            ended.add(event.call)
    return wrong


def recordings_are_whole(
    records: Sequence[ev.Record], kills: Sequence[float], folder: Path
) -> tuple[list[str], list[float]]:
    """Each recording that began is finished once and lost at most the last second.

    Returns what is wrong, and the seconds that each cut recording is short of its kill.
    """
    wrong, short = [], []
    begun = {
        r.event.recording: (r.at_us / 1e6, r.event)
        for r in records
        if isinstance(r.event, ev.RecordingStarted)
    }
    stopped = {
        r.event.recording: r.at_us / 1e6
        for r in records
        if isinstance(r.event, ev.RecordingStopped)
    }
    finished = Counter(
        r.event.recording for r in records if isinstance(r.event, ev.RecordingFinished)
    )
    failed = {
        r.event.recording: r.event.cause for r in records if isinstance(r.event, ev.RecordingFailed)
    }
    done = {
        r.event.recording: r.event for r in records if isinstance(r.event, ev.RecordingFinished)
    }
    for recording, (at, event) in begun.items():
        killed = next((moment for moment in kills if moment >= at), None)
        if finished[recording] > 1:
            wrong.append(f"{recording} is finished {finished[recording]} times")
        if recording not in done:
            until = stopped.get(recording, killed)
            cut = until is not None and killed is not None and killed - until < LOST_S
            if until is None or until - at > (LOST_S if cut else 0.1):
                wrong.append(f"{event.path} is lost: {failed.get(recording, 'no reason')}")
            continue
        path = folder / done[recording].path
        if not path.exists() or path.stat().st_size != done[recording].bytes:
            wrong.append(f"{path} is not what the log says")
        if recording in stopped or killed is None:
            continue
        if not done[recording].recovered:
            wrong.append(f"{recording} was cut and is not marked as recovered")
        missing = killed - at - done[recording].duration_s
        short.append(missing)
        if not -0.5 <= missing <= LOST_S:
            wrong.append(f"{recording} is {missing:.2f} s short of the kill")
    return wrong, short


def history_agrees(data: Path, records: Sequence[ev.Record], scratch: Path) -> list[str]:
    """The grown history knows each call with its one outcome, and equals a rebuilt one."""
    wrong = []
    with EventReader(data / FILE) as reader, Projection(reader, data / HISTORY) as grown:
        grown.catch_up()
    outcomes = {r.event.call: r.event.outcome for r in records if isinstance(r.event, ev.CallEnded)}
    with History(data / HISTORY) as history:
        known = {item.call: item for item in history.each(Filter())}
    if set(known) != set(outcomes):
        wrong.append(f"history knows {len(known)} calls, the log {len(outcomes)}")
    for call, item in known.items():
        if item.outcome != outcomes.get(call) or item.ended_us is None:
            wrong.append(f"{call}: history says {item.outcome!r}, the log {outcomes.get(call)!r}")
        open_ = [
            part
            for part in (*item.visits, *item.talks, *item.offers)
            if (part.ended_us if hasattr(part, "ended_us") else part.left_us) is None
        ]
        if open_:
            wrong.append(f"{call}: still open in history: {open_}")
    scratch.mkdir(parents=True, exist_ok=True)
    with EventReader(data / FILE) as reader, Projection(reader, scratch / HISTORY) as fresh:
        fresh.catch_up()
    files = [scratch / "grown", scratch / "fresh"]
    for source, target in zip((data / HISTORY, scratch / HISTORY), files, strict=True):
        target.unlink(missing_ok=True)
        export(source, target)
    if files[0].read_bytes() != files[1].read_bytes():
        wrong.append("the grown history differs from one made anew")
    return wrong
