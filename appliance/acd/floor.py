"""The whole floor of queues and agents as one pure machine.

Nothing here reads a clock, waits or does I/O. `now` is seconds of a monotonic clock and never
goes backwards. Every method returns what happened, in order: an `Event` is to be appended to the
log, an `Effect` to be carried out. `next_deadline` tells when `tick` is wanted.

Not from here: talk.started and talk.ended (the call knows about whisper, hold and transfer).
"""

from collections.abc import Container, Iterable, Mapping

from appliance.acd import expected, invariants, repair, unheard, views
from appliance.acd.desk import Desk
from appliance.acd.leaving import Leaving
from appliance.acd.offers import Failure, Offers
from appliance.acd.queue import NOBODY
from appliance.acd.reload import AgentMemory, Reload
from appliance.acd.routing import Routing
from appliance.acd.staff import Staff
from appliance.acd.state import Out, State
from appliance.acd.timers import Due
from appliance.acd.waiting import Waiting
from appliance.model import site
from appliance.model.events import QueueLeftReason
from appliance.model.ids import AgentId, CallId, OfferId, QueueId

__all__ = ["AgentMemory", "Floor", "Out"]


class Floor:
    """All agents are logged out at first: call `restore` once, also when there is no log.

    Methods raise `Refused`, and have changed nothing then, where a name is unknown or a request
    makes no sense. `seed` makes weighted_random repeatable.
    """

    def __init__(
        self, queues: Iterable[site.Queue], agents: Iterable[site.Agent], *, seed: int
    ) -> None:
        self._state = state = State(seed)
        self._routing = routing = Routing(state)
        self._staff = staff = Staff(state, routing)
        leaving = Leaving(state)
        self._offers = offers = Offers(state, staff, leaving)
        self._waiting = waiting = Waiting(state, routing, offers, leaving)
        self._desk = Desk(state, routing, staff, offers)
        self._reload = Reload(state, routing, staff, offers, waiting)
        self._reload.load(queues, agents)

    # -- callers ----------------------------------------------------------------------------

    def enter(
        self,
        call: CallId,
        queue: QueueId,
        *,
        caller: str = "",
        priority: int = 0,
        skills: Mapping[str, int] = NOBODY,
        preferred_agent: AgentId | None = None,
        now: float,
    ) -> Out:
        """queue.entered, then an offer where an agent is idle, or queue.left and `Divert` where
        the queue overflows, else queue.estimate where the expected wait is another now.
        `caller`: number for redials and last agent, '' if withheld."""
        out: Out = []
        self._waiting.enter(call, queue, caller, priority, skills, preferred_agent, now, out)
        return out

    def abandon(self, call: CallId, now: float) -> Out:
        """The caller hung up. Nothing where he is in no queue and not offered by name."""
        out: Out = []
        self._waiting.abandon(call, now, out)
        return self._settled(now, out)

    def exit_key(self, call: CallId, now: float) -> Out:
        """The caller pressed the queue's exit key: `Divert` to the flow."""
        out: Out = []
        self._waiting.exit_key(call, now, out)
        return self._settled(now, out)

    def leave(self, call: CallId, reason: QueueLeftReason, now: float) -> Out:
        """The box takes the caller out of the queue, or takes back an offer by name."""
        out: Out = []
        self._waiting.leave(call, reason, now, out)
        return self._settled(now, out)

    # -- offers -----------------------------------------------------------------------------

    def offer_agent(
        self,
        call: CallId,
        agent: AgentId,
        ring_s: float,
        now: float,
        queue: QueueId | None = None,
    ) -> Out:
        """Rings one agent by name, for a flow or a transfer. Ends in offer.ended like any other,
        with busy or unreachable at once where he is not ready; `Connect` when accepted.

        `queue`: whose call it is. The caller does not wait there, and `Ring` and the offer's
        events name no queue; talk, wrap-up and handling time are that queue's."""
        out: Out = []
        self._desk.offer_by_name(call, agent, ring_s, now, out, queue)
        return out

    def offer_ringing(self, offer: OfferId, now: float) -> Out:
        """The seat rings (SIP 180)."""
        out: Out = []
        self._offers.ringing(offer, out)
        return out

    def offer_accepted(self, offer: OfferId, now: float) -> Out:
        """The agent picked up: `Connect`, or `CancelRing` when the offer is over already."""
        out: Out = []
        self._offers.accepted(offer, now, out)
        return self._settled(now, out)

    def offer_failed(self, offer: OfferId, result: Failure, now: float, cause: str = "") -> Out:
        """The seat said no. Nothing where the offer is over already."""
        out: Out = []
        found = self._state.offers.get(offer)
        if found is not None:
            self._offers.failed(found, result, cause, now, out)
        return self._settled(now, out)

    def hung_up_unheard(
        self, call: CallId, agent: AgentId, now: float, cause: str = "hung up unheard"
    ) -> Out:
        """The agent who was connected hung up before he and the caller heard each other. It
        counts like a refused offer, and no wrap-up follows; the caller waits on at his old place
        (queue.entered), and goes to the next agent. Nothing where he was not in this call."""
        out: Out = []
        unheard.hung_up(self._state, self._offers, self._waiting, call, agent, cause, now, out)
        return self._settled(now, out)

    # -- agents -----------------------------------------------------------------------------

    def occupy(self, agent: AgentId, call: CallId, now: float, cause: str = "own call") -> Out:
        """The agent talks on a call that no offer brought (dialled himself, taken in)."""
        out: Out = []
        self._desk.occupy(agent, call, cause, now, out)
        return self._settled(now, out)

    def talk_ended(self, call: CallId, agent: AgentId, now: float, *, talk_s: float) -> Out:
        """The agent is out of the call: wrap-up, or ready, or what he asked for meanwhile.
        `talk_s` as in the event, for least_talk. Nothing where he was not in this call."""
        out: Out = []
        self._desk.talk_ended(call, agent, talk_s, now, out)
        return self._settled(now, out)

    def takes_over(self, call: CallId, agent: AgentId, queue: QueueId | None) -> None:
        """The agent was consulted and now has the caller, or is rung by name for him: from here
        it is this queue's work, with its wrap-up. Nothing where he is not in this call."""
        self._desk.takes_over(call, agent, queue)

    def login(self, agent: AgentId, now: float, by: str = "") -> Out:
        out: Out = []
        self._desk.login(agent, by, now, out)
        return out

    def logout(self, agent: AgentId, now: float, by: str = "") -> Out:
        """During a call it takes effect after the call, without wrap-up."""
        out: Out = []
        self._desk.logout(agent, by, now, out)
        return self._settled(now, out)

    def pause(self, agent: AgentId, now: float, reason: str = "", by: str = "") -> Out:
        """During a call it takes effect after the call and its wrap-up."""
        out: Out = []
        self._desk.pause(agent, reason, by, now, out)
        return out

    def ready(self, agent: AgentId, now: float, by: str = "") -> Out:
        """Ends pause, not_ready and wrap-up."""
        out: Out = []
        self._desk.ready(agent, by, now, out)
        return out

    def seat_changed(self, agent: AgentId, reachable: bool, now: float) -> Out:
        """The registry lost or found the agent's seat. Seats count as reachable at first."""
        out: Out = []
        self._desk.seat_changed(agent, reachable, now, out)
        return self._settled(now, out)

    # -- time -------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When `tick` is to be called next; None: nothing is pending."""
        return self._state.timers.next()

    def tick(self, now: float) -> Out:
        """Carries out everything that is due at `now`."""
        out: Out = []
        for due, subject in self._state.timers.due(now):
            if due is Due.RING:
                self._offers.ring_over(subject, now, out)
            elif due is Due.CALLER:
                self._waiting.due(subject, now, out)
            elif due is Due.AGENT:
                self._desk.limit_over(subject, now, out)
            else:
                self._routing.rest_over(subject, now, out)
            self._settled(now, out)
        return out

    # -- settings, start, repair ------------------------------------------------------------

    def restore(
        self,
        agents: Mapping[AgentId, AgentMemory],
        now: float,
        last_agents: Mapping[str, AgentId] | None = None,
    ) -> Out:
        """At the start: agents as the log left them. ready, paused, not_ready and logged_out
        stay, wrap_up goes on, ringing and talking become ready (state.repaired); who is not in
        the log logs in where his setting says so. `last_agents`: caller's number to agent."""
        out: Out = []
        for caller, agent in (last_agents or {}).items():
            self._state.last_agents.talked(caller, agent)
        self._reload.restore(agents, now, out)
        return self._settled(now, out)

    def reconfigure(
        self, queues: Iterable[site.Queue], agents: Iterable[site.Agent], now: float
    ) -> Out:
        """New settings without dropping anybody; see `reload`."""
        out: Out = []
        self._reload.reconfigure(queues, agents, now, out)
        return self._settled(now, out)

    def audit(self, now: float, live_calls: Container[CallId]) -> Out:
        """Call every 10 s or so with the calls that exist: what outlived its call is repaired,
        and queue.estimate tells where callers wait and the expected wait has changed."""
        out: Out = []
        repair.audit(self._state, self._desk, self._waiting, live_calls, now, out)
        self._settled(now, out)
        expected.tell(self._state.queues.values(), now, out)
        return out

    def check_invariants(self) -> list[str]:
        """Broken rules in words; for tests and the simulator."""
        return invariants.check(self._state)

    # -- views ------------------------------------------------------------------------------

    def queue_view(self, queue: QueueId, now: float) -> views.QueueView:
        return views.queue_view(self._state.queue(queue), now)

    def agent_view(self, agent: AgentId, now: float) -> views.AgentView:
        return views.agent_view(self._state, agent, now)

    def position(self, call: CallId, now: float) -> views.CallerView | None:
        """The caller's place and wait; None where he is in no queue."""
        entry = self._state.entries.get(call)
        return None if entry is None else views.caller_view(entry, now)

    def _settled(self, now: float, out: Out) -> Out:
        if self._state.emptied:
            self._waiting.unstaffed(now, out)
        return out
