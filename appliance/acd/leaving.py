"""The end of an entry: every caller leaves a queue exactly once, for one reason."""

from appliance.acd import overflow
from appliance.acd.caller import Entry
from appliance.acd.effects import Divert
from appliance.acd.redial import Place
from appliance.acd.state import Out, State
from appliance.model.events import QueueLeft, QueueLeftReason


class Leaving:
    __slots__ = ("state",)

    def __init__(self, state: State) -> None:
        self.state = state

    def leave(
        self, entry: Entry, reason: QueueLeftReason, now: float, out: Out, target: str = ""
    ) -> None:
        """Takes the caller out of the line. His offers are closed already."""
        queue = entry.queue
        if entry.tok:
            entry.bucket.close(entry)
        del self.state.entries[entry.call]
        del queue.callers[entry.call]
        queue.order.remove(entry.key)
        if not queue.callers:
            queue.expected = None
        self.state.timers.cancel(entry.timer)
        entry.timer = None
        waited_s = now - entry.entered
        queue.pace.left(waited_s, reason == "abandoned")
        if reason == "abandoned" and entry.caller and queue.cfg.redial_s:
            place = Place(entry.joined, now + queue.cfg.redial_s, entry.told)
            queue.redial.keep(entry.caller, place, now)
        out.append(
            QueueLeft(
                call=entry.call, queue=queue.id, reason=reason, waited_s=waited_s, target=target
            )
        )

    def divert(self, entry: Entry, reason: overflow.Reason, now: float, out: Out) -> None:
        """The caller goes elsewhere. His offers are closed already."""
        target = overflow.target(entry.queue, reason)
        self.leave(entry, reason, now, out, target)
        out.append(Divert(call=entry.call, queue=entry.queue.id, target=target, reason=reason))
