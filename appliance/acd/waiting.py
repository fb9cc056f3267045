"""Callers in queues: entering, being told, loosening requirements, overflowing, leaving."""

from collections.abc import Mapping

from appliance.acd import announcements, expected, overflow
from appliance.acd.agent import WORKING, Agent
from appliance.acd.caller import NEVER, Entry
from appliance.acd.leaving import Leaving
from appliance.acd.offers import Offers
from appliance.acd.queue import NOBODY, QueueState
from appliance.acd.refused import Refused
from appliance.acd.routing import Routing
from appliance.acd.skills import relaxed
from appliance.acd.state import Out, State
from appliance.acd.timers import Due
from appliance.model.events import QueueEntered, QueueLeftReason
from appliance.model.ids import AgentId, CallId, QueueId


class Waiting:
    __slots__ = ("leaving", "offers", "routing", "state")

    def __init__(self, state: State, routing: Routing, offers: Offers, leaving: Leaving) -> None:
        self.state = state
        self.routing = routing
        self.offers = offers
        self.leaving = leaving

    def enter(
        self,
        call: CallId,
        queue_id: QueueId,
        caller: str,
        priority: int,
        skills: Mapping[str, int],
        preferred: AgentId | None,
        now: float,
        out: Out,
    ) -> None:
        state = self.state
        queue = state.queues.get(queue_id) or state.queue(queue_id)
        if call in state.entries or call in state.direct:
            raise Refused(f"Call {call} waits or rings already; it can be in one place only.")
        entry = self._entry(call, queue, caller, priority, skills, now)
        wanted = self._preferred(entry, preferred)
        out.append(
            QueueEntered(
                call=call,
                queue=queue.id,
                priority=priority,
                skills=dict(skills),
                preferred_agent=None if wanted is None else wanted.id,
                kept_s=now - entry.joined,
            )
        )
        # Looked at before he is counted: `length` is about those who wait already.
        reason = overflow.on_entering(queue)
        state.entries[call] = queue.callers[call] = entry
        queue.order.add(entry.key)
        if wanted is not None:
            entry.preferred = wanted
            entry.hold_until = now + queue.cfg.last_agent_wait_s
        self.routing.caller_open(entry, now, out)
        if reason is not None and not entry.offers:
            self.leaving.divert(entry, reason, now, out)
        else:
            self._schedule(entry)
            if not entry.offers:
                expected.tell((queue,), now, out)

    def back(self, entry: Entry, now: float, out: Out) -> None:
        """A caller whom an agent had taken waits on where he was: place, wait so far and what he
        was told are his. `Divert` where a reload has removed his queue; silent where he is
        elsewhere already."""
        state, call = self.state, entry.call
        queue = state.queues.get(entry.queue.id)
        if call in state.entries or call in state.direct:
            return
        if queue is None:
            out.append(overflow.nobody_here(call, entry.queue.id))
            return
        entry.queue, entry.preferred, entry.hold_until = queue, None, NEVER
        self.review(entry, now)
        out.append(
            QueueEntered(
                call=call,
                queue=queue.id,
                priority=entry.priority,
                skills=dict(entry.skills),
                kept_s=now - entry.joined,
            )
        )
        state.entries[call] = entry
        # Kept in the order of entering.
        callers = sorted([*queue.callers.values(), entry], key=lambda waiting: waiting.entered)
        queue.callers = {waiting.call: waiting for waiting in callers}
        queue.order.add(entry.key)
        self.routing.caller_open(entry, now, out)
        if not queue.logged_in:
            state.emptied.add(queue.id)

    def abandon(self, call: CallId, now: float, out: Out) -> None:
        self.leave(call, "abandoned", now, out)

    def leave(
        self, call: CallId, reason: QueueLeftReason, now: float, out: Out, cause: str = ""
    ) -> None:
        """Out of the queue, or no longer offered by name; silent where the call is in neither."""
        entry = self.state.entries.get(call)
        if entry is not None:
            freed = self.offers.drop_all(entry, cause or _WHY.get(reason, reason), out)
            self.leaving.leave(entry, reason, now, out)
            self._freed(freed, now, out)
            return
        offer = self.state.direct.get(call)
        if offer is not None:
            self.offers.withdraw(offer, cause or _WHY.get(reason, reason), now, out)

    def exit_key(self, call: CallId, now: float, out: Out) -> None:
        entry = self.state.entries.get(call)
        if entry is not None:
            self.divert(entry, "exit_key", now, out)

    def divert(self, entry: Entry, reason: overflow.Reason, now: float, out: Out) -> None:
        freed = self.offers.drop_all(entry, "caller goes elsewhere", out)
        self.leaving.divert(entry, reason, now, out)
        self._freed(freed, now, out)

    def due(self, entry: Entry, now: float, out: Out) -> None:
        """One or more times of this caller have come."""
        entry.timer = None
        if entry.overflow_at <= now:
            if not entry.offers:
                self.divert(entry, "overflow_wait", now, out)
                return
            # He is being offered at this moment: let it ring, he goes if nobody answers.
            entry.overdue, entry.overflow_at = True, NEVER
        if entry.relax_at <= now:
            self._relax(entry, now, out)
        if entry.hold_until <= now:
            self._stop_holding(entry, now, out)
        announcements.speak(entry, now, out)
        self._set_timer(entry)

    def unstaffed(self, now: float, out: Out) -> None:
        """Queues where nobody is logged in any more send their callers away, where set so."""
        emptied = self.state.emptied
        while emptied:
            queue = self.state.queues.get(emptied.pop())
            if queue is None or queue.logged_in or not queue.cfg.overflow.unstaffed:
                continue
            for entry in list(queue.callers.values()):
                self.divert(entry, "overflow_unstaffed", now, out)

    def review(self, entry: Entry, now: float) -> None:
        """Settings changed: place, requirement and times follow from them and from the wait so
        far. Only the entry's own values; the indexes are rebuilt afterwards."""
        queue = entry.queue
        entry.key = queue.key(entry.joined, entry.priority, entry.key[1])
        self._count_relaxed(entry, now)
        entry.overdue = False
        entry.overflow_at = entry.entered + entry.queue.overflow_s
        announcements.reschedule(entry, now)
        self.state.timers.cancel(entry.timer)
        self._set_timer(entry)

    def _entry(
        self,
        call: CallId,
        queue: QueueState,
        caller: str,
        priority: int,
        skills: Mapping[str, int],
        now: float,
    ) -> Entry:
        joined, told = now, None
        if caller and queue.cfg.redial_s:
            place = queue.redial.take(caller, now)
            if place is not None:
                joined, told = place.joined, place.told
        entry = Entry(call, queue, caller, priority, skills or NOBODY, joined, now)
        entry.told = told
        self.state.seq = seq = self.state.seq + 1
        entry.key = queue.key(joined, priority, seq)
        entry.need = queue.requirement(skills)
        return entry

    def _preferred(self, entry: Entry, preferred: AgentId | None) -> Agent | None:
        """The agent to wait for: asked for, or the last one talked with; only one who serves
        this queue and is at work."""
        queue = entry.queue
        if preferred is None and queue.cfg.last_agent and entry.caller:
            preferred = self.state.last_agents.of(entry.caller)
        if preferred is None:
            return None
        agent = self.state.agents.get(preferred)
        if agent is None or queue.id not in agent.memberships:
            return None
        return agent if agent.state in WORKING and not agent.pending else None

    def _schedule(self, entry: Entry) -> None:
        announcements.schedule(entry)
        entry.overflow_at = entry.entered + entry.queue.overflow_s
        if entry.queue.relax:
            self._set_relax(entry)
        self._set_timer(entry)

    def _set_timer(self, entry: Entry) -> None:
        when = entry.next_due()
        if when < NEVER:
            entry.timer = self.state.timers.at(when, Due.CALLER, entry)

    def _set_relax(self, entry: Entry) -> None:
        later = entry.queue.relax[entry.relaxed :]
        entry.relax_at = entry.joined + later[0][0] if later else NEVER

    def _relax(self, entry: Entry, now: float, out: Out) -> None:
        self._count_relaxed(entry, now)
        if entry.tok and entry.preferred is None:
            entry.bucket.close(entry)
            self.routing.caller_open(entry, now, out)

    def _count_relaxed(self, entry: Entry, now: float) -> None:
        relax = entry.queue.relax
        entry.relaxed = sum(entry.joined + after_s <= now for after_s, _ in relax)
        entry.need = self._need(entry)
        self._set_relax(entry)

    def _need(self, entry: Entry) -> tuple[tuple[str, int], ...]:
        need = entry.queue.requirement(entry.skills)
        return relaxed(need, entry.queue.relax[entry.relaxed - 1][1]) if entry.relaxed else need

    def _stop_holding(self, entry: Entry, now: float, out: Out) -> None:
        entry.hold_until = NEVER
        if entry.preferred is None:
            return
        if entry.offers:
            return
        entry.bucket.close(entry)
        entry.preferred = None
        self.routing.caller_open(entry, now, out)

    def _freed(self, agents: list[Agent], now: float, out: Out) -> None:
        for agent in agents:
            self.offers.staff.available(agent, "offer withdrawn", now, out)


_WHY = {"abandoned": "caller hung up", "moved": "caller goes elsewhere"}
