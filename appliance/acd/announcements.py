"""What a waiting caller is told, and when: place, wait as a range, comfort messages.

What was said never gets worse: a place or a wait above what the caller has heard is told as
what he has heard.
"""

from typing import TypeVar

from appliance.acd.caller import NEVER, Entry, Told
from appliance.acd.effects import Announce, Comfort
from appliance.acd.estimate import estimate
from appliance.acd.state import Out
from appliance.model.events import QueueAnnounced

Number = TypeVar("Number", int, float)


def schedule(entry: Entry) -> None:
    """First times, at entering."""
    entry.announce_at = entry.entered + entry.queue.announce_s
    entry.comfort_at = entry.entered + entry.queue.comfort_s


def reschedule(entry: Entry, now: float) -> None:
    """Settings changed: the rhythm is the new one, and nothing is said twice because of it."""
    cfg = entry.queue.cfg.announce
    announce_at, comfort_at = entry.announce_at, entry.comfort_at
    schedule(entry)
    if entry.announce_at < now:
        entry.announce_at = min(announce_at, now + cfg.every_s if cfg.every_s else NEVER)
    if entry.comfort_at < now:
        entry.comfort_at = min(comfort_at, now + cfg.comfort_every_s)


def speak(entry: Entry, now: float, out: Out) -> None:
    """Says what is due and sets the next time. While an agent is rung nothing is said."""
    cfg = entry.queue.cfg.announce
    if entry.announce_at <= now:
        if not entry.offers:
            announce(entry, now, out)
        entry.announce_at = _following(entry.announce_at, cfg.every_s, now)
    if entry.comfort_at <= now:
        if not entry.offers and cfg.comfort:
            prompt = cfg.comfort[entry.comfort_next % len(cfg.comfort)]
            out.append(Comfort(call=entry.call, queue=entry.queue.id, prompt=prompt))
            entry.comfort_next += 1
        entry.comfort_at = _following(entry.comfort_at, cfg.comfort_every_s, now)


def announce(entry: Entry, now: float, out: Out) -> None:
    """Tells place and wait, as far as the queue says them."""
    queue = entry.queue
    cfg = queue.cfg.announce
    told = hear(entry, now)
    assert told.position is not None
    low, high = (told.low_s, told.high_s) if cfg.estimate else (None, None)
    if not cfg.position and high is None:
        return
    out.append(
        QueueAnnounced(
            call=entry.call, queue=queue.id, position=told.position, low_s=low, high_s=high
        )
    )
    position = told.position if cfg.position else None
    out.append(Announce(call=entry.call, queue=queue.id, position=position, low_s=low, high_s=high))


def hear(entry: Entry, now: float, keep: bool = True) -> Told:
    """What the caller is told now: nothing above what he has heard. `keep`: he hears it."""
    heard, now_told = entry.told, Told()
    if heard is not None:
        now_told.position, now_told.low_s, now_told.high_s = (
            heard.position,
            heard.low_s,
            heard.high_s,
        )
    now_told.position = _least(now_told.position, entry.queue.position(entry))
    wait = estimate(entry, now)
    if wait is not None:
        now_told.low_s = _least(now_told.low_s, wait[0])
        now_told.high_s = _least(now_told.high_s, wait[1])
    if keep:
        entry.told = now_told
    return now_told


def _least(heard: Number | None, value: Number) -> Number:
    return value if heard is None else min(heard, value)


def _following(due: float, every_s: float, now: float) -> float:
    if every_s <= 0:
        return NEVER
    # After a pause of the clock the missed ones are not made up for.
    return due + every_s if due + every_s > now else now + every_s
