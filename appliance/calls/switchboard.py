"""All calls of the box as one pure machine: engine events and commands in, effects out.

`handle`, `command`, `tick` and `reconfigure` each return what is to be done and logged, in
order. `now` is UTC seconds that never go backwards.
"""

import logging
from functools import partial
from typing import Any

from appliance.acd.floor import Floor
from appliance.acd.refused import Refused
from appliance.calls import (
    commands,
    departures,
    ending,
    fault,
    fromengine,
    fromqueues,
    line,
    repair,
    rescue,
)
from appliance.calls.desk import Desk, Turn
from appliance.calls.setup import Seams, Setup
from appliance.flow.language import FlowSet
from appliance.model import legs
from appliance.model.commands import AnyCommand, Reply
from appliance.model.events import Event
from appliance.model.hearing import SpeechReport
from appliance.model.ids import CallId, LegId

log = logging.getLogger(__name__)


class Switchboard:
    """The one owner of all calls, offers and lines."""

    def __init__(self, setup: Setup, seams: Seams, floor: Floor, flows: FlowSet) -> None:
        self.desk = Desk(setup, seams, floor, flows)

    # -- in -----------------------------------------------------------------------------------

    def start(self, now: float) -> Turn:
        """Begin to watch the lines."""
        self.desk.now = now
        for trunk in self.desk.setup.site.trunk:
            line.set_up(self.desk, trunk)
        return self._finish()

    def handle(self, event: legs.EngineEvent | SpeechReport, now: float) -> Turn:
        self.desk.now = now
        rescue.guarded(
            self.desk, self._call_id(event), lambda: fromengine.ACTS[type(event)](self.desk, event)
        )
        return self._finish()

    def _call_id(self, event: Any) -> CallId | None:
        """The call that an engine event or an effect of the floor is about."""
        leg = getattr(event, "leg", None)
        return self.desk.legs.get(leg) if leg else getattr(event, "call", None)

    def command(self, command: AnyCommand, now: float) -> tuple[Reply, Turn]:
        """The reply and what follows from the command."""
        self.desk.now = now
        try:
            problem = commands.perform(self.desk, command)
        except Refused as refused:
            problem = str(refused)
        except Exception as error:
            log.exception("command %r failed", command)
            problem = f"the command failed inside the box ({error}); see the core's log"
        reply = Reply(ok=not problem, error=problem)
        return reply, self._finish()

    def floor_did(self, effects: list[Any], now: float) -> Turn:
        """Carry out what a method of the floor returned (start, restore)."""
        self.desk.now = now
        self.desk.floor_did(effects)
        return self._finish()

    def tick(self, now: float) -> Turn:
        """Everything that is due."""
        self.desk.now = now
        while due := self.desk.timers.pop_due(now):
            rescue.guarded(
                self.desk, due.call, partial(departures.due, self.desk, due.call, due.name)
            )
            self._drain()
        self.desk.floor_did(self.desk.floor.tick(now))
        return self._finish()

    def next_deadline(self) -> float | None:
        times = [self.desk.timers.next_deadline(), self.desk.floor.next_deadline()]
        return min((when for when in times if when is not None), default=None)

    def reconfigure(self, setup: Setup, flows: FlowSet, now: float) -> Turn:
        """A new version of the site; calls in a flow go on in the version they began."""
        desk = self.desk
        desk.now = now
        desk.setup, desk.flows = setup, flows
        for over in desk.unplayed.reloaded():
            desk.log(over)
        desk.floor_did(desk.floor.reconfigure(setup.site.queue, setup.site.agent, now))
        for gone in set(desk.lines) - set(setup.trunks):
            del desk.lines[gone]
            desk.timers.cancel_all(CallId(f"line:{gone}"))
        for trunk in setup.site.trunk:
            line.set_up(desk, trunk)
        return self._finish()

    def audit(self, legs_alive: set[LegId], now: float) -> Turn:
        """Put right what has outlived its cause; each repair is an event."""
        self.desk.now = now
        repair.audit(self.desk, legs_alive)
        return self._finish()

    def close(self, cause: str, now: float) -> Turn:
        """The box stops: every call ends."""
        self.desk.now = now
        for call in list(self.desk.calls.values()):
            told = f"the box stops: {cause}"
            end = partial(ending.end, self.desk, call, "interrupted", cause=told, by="box")
            fault.survived(self.desk, call.id, end)
        return self._finish()

    # -- turn ---------------------------------------------------------------------------------

    def _finish(self) -> Turn:
        self._drain()
        return self.desk.end_turn()

    def _drain(self) -> None:
        pending = self.desk.pending
        while pending:
            item = pending.popleft()
            act = fromqueues.happened if isinstance(item, Event) else _PENDING[type(item)]
            rescue.guarded(self.desk, self._call_id(item), partial(act, self.desk, item))


_PENDING = fromqueues.ACTS | {legs.PlayDone: fromengine.play_done}
