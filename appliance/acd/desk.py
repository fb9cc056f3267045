"""What agents and their seats do: log in and out, pause, get ready, talk, wrap up."""

from appliance.acd.agent import Agent
from appliance.acd.offers import Offers
from appliance.acd.refused import Refused
from appliance.acd.routing import Routing
from appliance.acd.staff import SEAT_GONE, Staff
from appliance.acd.state import Out, State
from appliance.model.events import OfferEnded, OfferMade, OfferResult
from appliance.model.ids import AgentId, CallId, OfferId, QueueId


class Desk:
    __slots__ = ("offers", "routing", "staff", "state")

    def __init__(self, state: State, routing: Routing, staff: Staff, offers: Offers) -> None:
        self.state = state
        self.routing = routing
        self.staff = staff
        self.offers = offers

    # -- commands ---------------------------------------------------------------------------

    def login(self, agent_id: AgentId, by: str, now: float, out: Out) -> None:
        agent = self.state.agent(agent_id)
        if agent.removed:
            raise Refused(f"Agent {agent_id} is removed from the configuration; add him first.")
        if agent.state != "logged_out":
            if agent.pending == "logged_out":
                agent.pending = ""
                return
            raise Refused(f"Agent {agent_id} is logged in already ({agent.state}).")
        self.staff.log_in(agent, _by("login", by), now, out)

    def logout(self, agent_id: AgentId, by: str, now: float, out: Out) -> None:
        """During a call it waits for the end of the call, without wrap-up; a ringing offer is
        refused."""
        agent = self.state.agent(agent_id)
        if agent.state == "logged_out":
            raise Refused(f"Agent {agent_id} is logged out already.")
        if agent.state == "talking":
            agent.pending = "logged_out"
        elif agent.offer is not None:
            agent.pending = "logged_out"
            self.offers.stop(agent.offer, "refused", "agent logged out", now, out)
        else:
            self._leave_wrap_up(agent, now)
            self.staff.log_out(agent, _by("logout", by), now, out)

    def pause(self, agent_id: AgentId, reason: str, by: str, now: float, out: Out) -> None:
        """While ringing or talking it waits: for the offer's end, or for the end of wrap-up."""
        agent = self.state.agent(agent_id)
        if agent.state == "logged_out":
            raise Refused(f"Agent {agent_id} is logged out and gets no calls; log in first.")
        if agent.state in ("ringing", "talking"):
            agent.pending, agent.pending_reason = "paused", reason
            return
        agent.pending, agent.pending_reason = "", ""
        if agent.state == "paused" and agent.reason == reason:
            return
        self._leave_wrap_up(agent, now)
        self.staff.off(agent, "paused", _by("pause", by), now, out, reason)

    def ready(self, agent_id: AgentId, by: str, now: float, out: Out) -> None:
        """Ends pause, not_ready and wrap-up; in a call it takes back what was to follow it."""
        agent = self.state.agent(agent_id)
        if agent.state == "logged_out":
            raise Refused(f"Agent {agent_id} is logged out; log in first.")
        agent.pending, agent.pending_reason = "", ""
        if agent.state in ("ready", "ringing", "talking"):
            return
        if not agent.seat_ok and agent.block == "seat":
            raise Refused(
                f"The seat of agent {agent_id} cannot be reached, so it would not ring. Check the"
                " telephone; the agent is ready by itself when the seat is back."
            )
        agent.missed = 0
        self._leave_wrap_up(agent, now)
        self._back(agent, _by("ready", by), now, out)

    # -- calls ------------------------------------------------------------------------------

    def offer_by_name(
        self,
        call: CallId,
        agent_id: AgentId,
        ring_s: float,
        now: float,
        out: Out,
        queue: QueueId | None = None,
    ) -> None:
        """Rings this agent for the call, or ends the offer at once where he is not ready. A
        queue that a reload has removed meanwhile is nobody's work any more."""
        state = self.state
        agent = state.agent(agent_id)
        if call in state.direct or call in state.entries:
            raise Refused(f"Call {call} waits or rings already; it can be in one place only.")
        if agent.state == "ready":
            offer = self.routing.ring(agent, call, None, None, ring_s, now, out)
            offer.work_of = state.queues.get(queue) if queue else None
            state.direct[call] = offer
            return
        state.seq += 1
        over = OfferId(f"{call}-{state.seq}")
        away = agent.state in ("logged_out", "not_ready")
        result: OfferResult = "unreachable" if away else "busy"
        out.append(OfferMade(call=call, offer=over, agent=agent.id))
        out.append(
            OfferEnded(call=call, offer=over, agent=agent.id, result=result, cause=agent.state)
        )

    def occupy(self, agent_id: AgentId, call: CallId, cause: str, now: float, out: Out) -> None:
        """The agent talks on a call that no offer brought: dialled by himself, or as a party
        taken in. What he was (logged out, paused) comes back after it."""
        agent = self.state.agent(agent_id)
        if agent.state == "talking":
            if agent.call == call:
                return
            raise Refused(f"Agent {agent_id} is in call {agent.call} already.")
        if agent.offer is not None:
            self.offers.take_back(agent.offer, "agent took another call", now, out)
        if agent.state == "paused":
            agent.pending, agent.pending_reason = "paused", agent.reason
        if agent.state == "logged_out":
            self.staff.count(agent, 1)
            agent.pending = "logged_out"
        self._leave_wrap_up(agent, now)
        agent.block, agent.tok = "", 0
        agent.call, agent.entry, agent.queue, agent.offered_at = call, None, None, now
        agent.become("talking", cause, now, out, call=call)

    def talk_ended(
        self, call: CallId, agent_id: AgentId, talk_s: float, now: float, out: Out
    ) -> None:
        """The agent is out of the call; silent where he was not in it."""
        agent = self.state.agents.get(agent_id)
        if agent is None or agent.state != "talking" or agent.call != call:
            return
        agent.talked_s += talk_s
        agent.call = agent.entry = None
        limit_s = agent.wrap_up_s()
        if limit_s > 0 and agent.pending != "logged_out" and not agent.removed:
            queue = None if agent.queue is None else agent.queue.id
            agent.become("wrap_up", "call ended", now, out, call=call, queue=queue, limit_s=limit_s)
            self.staff.limit(agent, now + limit_s)
        else:
            self._handled(agent, now)
            self.staff.rested(agent, "call ended", now, out)

    def takes_over(self, call: CallId, agent_id: AgentId, queue: QueueId | None) -> None:
        """A consulted agent has the caller now, or will have him when he picks up: the work of
        this queue, with its wrap-up."""
        agent = self.state.agents.get(agent_id)
        work = self.state.queues.get(queue) if queue else None
        if agent is not None and agent.state == "talking" and agent.call == call:
            agent.queue = work
        offer = self.state.direct.get(call)
        if offer is not None and offer.agent is agent:
            offer.work_of = work

    def limit_over(self, agent: Agent, now: float, out: Out) -> None:
        """Wrap-up is over, or a failing seat is tried again."""
        agent.timer = agent.limit_at = None
        if agent.state == "wrap_up":
            self._handled(agent, now)
            self.staff.rested(agent, "wrap-up over", now, out)
        elif agent.state == "not_ready":
            self._back(agent, "seat is tried again", now, out)

    def seat_changed(self, agent_id: AgentId, reachable: bool, now: float, out: Out) -> None:
        """A call in hand goes on and wrap-up ends as usual; what follows depends on the seat."""
        agent = self.state.agents.get(agent_id)
        if agent is None or agent.seat_ok == reachable:
            return
        agent.seat_ok = reachable
        if reachable:
            if agent.block in ("seat", "failing"):
                agent.missed = 0
                self._back(agent, "seat reachable again", now, out)
        elif agent.offer is not None:
            self.offers.stop(agent.offer, "unreachable", SEAT_GONE, now, out)
        elif agent.state == "ready" or agent.block == "failing":
            self.staff.block(agent, "seat", SEAT_GONE, SEAT_GONE, now, out)

    # -- parts ------------------------------------------------------------------------------

    def _back(self, agent: Agent, cause: str, now: float, out: Out) -> None:
        self.staff.end_limit(agent)
        agent.block = ""
        self.staff.rested(agent, cause, now, out)

    def _leave_wrap_up(self, agent: Agent, now: float) -> None:
        if agent.state == "wrap_up":
            self._handled(agent, now)
        self.staff.end_limit(agent)

    def _handled(self, agent: Agent, now: float) -> None:
        """A call is done with: its handling time counts for the queue's pace and his shares."""
        queue = agent.queue
        agent.queue = None
        if queue is not None:
            seconds = now - agent.offered_at
            queue.pace.handled(seconds)
            if agent.state == "wrap_up":
                queue.pace.wrapped(now - agent.since)
            agent.handled_s[queue.id] = agent.handled_s.get(queue.id, 0.0) + seconds


def _by(what: str, by: str) -> str:
    return f"{what} by {by}" if by else what
