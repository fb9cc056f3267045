"""Where waiting callers are sent: the targets exist, and nobody is sent round in a circle."""

from collections.abc import Iterator

from appliance.box.checks.names import unknown
from appliance.model.findings import Finding
from appliance.model.numbers import normalise
from appliance.model.site import Overflow, SiteFile

_FORMS = "Write queue:ID, voicemail:ID, number:+49..., or flow."


LEAST_S = 1.0


def check(site: SiteFile) -> Iterator[Finding]:
    """Findings about `[queue.overflow]`."""
    for i, queue in enumerate(site.queue):
        yield from _target(site, i, queue.overflow)
        yield from _too_soon(i, queue.overflow)
    yield from _circles(site)


def _used(overflow: Overflow) -> bool:
    return bool(overflow.after_s or overflow.length or overflow.unstaffed)


def _target(site: SiteFile, i: int, overflow: Overflow) -> Iterator[Finding]:
    path = ("queue", i, "overflow", "to")
    kind, _, name = overflow.to.partition(":")
    means = "Callers would wait on instead of being sent elsewhere."
    if not overflow.to:
        if _used(overflow):
            yield Finding(path, "The overflow has no target.", means, _FORMS)
    elif kind == "queue":
        queues = [queue.id for queue in site.queue]
        if name not in queues:
            yield unknown(path, "queue", name, queues, means)
    elif kind == "voicemail":
        boxes = [mailbox.id for mailbox in site.mailbox]
        if name not in boxes:
            yield unknown(path, "mailbox", name, boxes, means)
    elif kind == "number":
        yield from _number(site, i, name)
    elif overflow.to not in ("flow", "flow:"):
        yield Finding(path, f"'{overflow.to}' is no target.", means, _FORMS)
    if overflow.to and not _used(overflow):
        yield Finding(
            path,
            "The overflow has a target but nothing that sets it off.",
            "Nobody is ever sent there.",
            "Set after_s, length or unstaffed, or remove it.",
            "warning",
        )


def _too_soon(i: int, overflow: Overflow) -> Iterator[Finding]:
    """Queues and flows lead back to queues: each round of such a circle has to take its time."""
    kind = overflow.to.partition(":")[0]
    if 0 < overflow.after_s < LEAST_S and kind in ("queue", "flow"):
        yield Finding(
            ("queue", i, "overflow", "after_s"),
            f"{overflow.after_s:g} s is too short for an overflow to a queue or a flow.",
            "Callers could be sent round in a circle so fast that other calls suffer.",
            f"Write at least {LEAST_S:g}, or 0 for never.",
        )


def _number(site: SiteFile, i: int, name: str) -> Iterator[Finding]:
    path = ("queue", i, "overflow", "to")
    means = "Callers would be sent to nowhere."
    kept = normalise(name, site.site.country)
    if not kept.lstrip("+").isdigit():
        to_do = "Write it as number:+4930123456."
        yield Finding(path, f"'{name}' is no telephone number.", means, to_do)
    elif not any(trunk.enabled for trunk in site.trunk):
        yield Finding(path, "There is no line to dial it.", means, "Add a [[trunk]].")


def _circles(site: SiteFile) -> Iterator[Finding]:
    """A circle of queues that never waits is an error; one that waits is worth a warning."""
    overflow = {queue.id: queue.overflow for queue in site.queue}
    place = {queue.id: i for i, queue in enumerate(site.queue)}
    told: set[str] = set()
    for start in overflow:
        circle = _circle(start, overflow)
        if not circle or told & set(circle):
            continue
        told |= set(circle)
        at_once = all(overflow[one].length or overflow[one].unstaffed for one in circle)
        yield Finding(
            ("queue", place[circle[0]], "overflow", "to"),
            f"The overflow goes round: {' -> '.join([*circle, circle[0]])}.",
            "Callers are sent from queue to queue without end."
            if at_once
            else "Callers change queues again and again, each time at its end.",
            "Let the last queue end at a mailbox, a number or the flow.",
            "error" if at_once else "warning",
        )


def _circle(start: str, overflow: dict[str, Overflow]) -> list[str]:
    """The queues from `start` back to `start`, empty where the way ends elsewhere."""
    way: list[str] = []
    here = start
    while here in overflow and here not in way:
        way.append(here)
        kind, _, name = overflow[here].to.partition(":")
        here = name if kind == "queue" and _used(overflow[here]) else ""
    return way if here == start else []
