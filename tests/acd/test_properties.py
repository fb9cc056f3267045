"""Random floors under random acts: no order of events breaks an invariant."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from appliance.acd.effects import Connect
from appliance.acd.floor import AgentMemory, Floor, Out
from appliance.acd.refused import Refused
from appliance.acd.simulator.watch import Watch
from appliance.model.events import OfferEnded, OfferMade
from appliance.model.ids import AgentId, CallId, OfferId, QueueId
from appliance.model.site import Agent, AgentQueue, Queue

QUEUES = ("red", "green", "blue")
AGENTS = ("ann", "bob", "cat", "dan", "eve")
CALLERS = ("", "+491", "+492", "+493")
STRATEGIES = (
    "longest_idle",
    "round_robin",
    "fewest_calls",
    "least_talk",
    "ring_all",
    "ordered",
    "weighted_random",
)

FAILED = ("no_answer", "busy", "refused", "unreachable")

skill_sets = st.dictionaries(st.sampled_from(("en", "fr")), st.integers(1, 4), max_size=2)


@st.composite
def queues(draw: Any, id: str) -> Queue:
    return Queue.model_validate(
        {
            "id": id,
            "name": draw(st.sampled_from(("", "One", "Other"))),
            "strategy": draw(st.sampled_from(STRATEGIES)),
            "priority": draw(st.integers(0, 2)),
            "priority_s": draw(st.sampled_from((0, 30))),
            "ring_s": 15,
            "retry_s": draw(st.sampled_from((0, 2, 20))),
            "max_no_answer": draw(st.integers(1, 3)),
            "wrap_up_s": draw(st.sampled_from((0, 10))),
            "skills": draw(st.one_of(st.just({}), skill_sets)),
            "relax": draw(
                st.sampled_from(([], [{"after_s": 10, "by": 1}, {"after_s": 25, "by": 4}]))
            ),
            "last_agent": draw(st.booleans()),
            "last_agent_wait_s": 12,
            "redial_s": draw(st.sampled_from((0, 60))),
            "announce": {"first_s": 5, "every_s": 7, "comfort": ["hello"], "comfort_every_s": 9},
            "overflow": {
                "after_s": draw(st.sampled_from((0, 0, 20))),
                "length": draw(st.sampled_from((0, 0, 4))),
                "unstaffed": draw(st.booleans()),
                "to": "voicemail:main",
            },
        }
    )


@st.composite
def agents(draw: Any, id: str) -> Agent:
    served = draw(st.sampled_from((QUEUES, QUEUES, ("red",), ("green", "red"), ())))
    places = [
        AgentQueue(id=q, order=draw(st.integers(1, 3)), weight=draw(st.sampled_from((1, 5))))
        for q in served
    ]
    return Agent.model_validate(
        {
            "id": id,
            "name": draw(st.sampled_from(("", "A", "B"))),
            "seat": f"sip:{id}@127.0.0.1",
            "queues": places,
            "skills": draw(skill_sets),
            "wrap_up_s": draw(st.sampled_from((None, 0, 8))),
            "login": draw(st.sampled_from((True, True, False))),
        }
    )


class FloorMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.calls = 0
        self.alive: set[CallId] = set()
        self.old_offers: list[OfferId] = []
        self.connects: list[Connect] = []
        self.failed: dict[tuple[CallId, AgentId], float] = {}
        self.rests: dict[AgentId, float] = {}
        self.watch = Watch()

    @initialize(
        qs=st.tuples(*(queues(q) for q in QUEUES)), people=st.tuples(*(agents(a) for a in AGENTS))
    )
    def build(self, qs: tuple[Queue, ...], people: tuple[Agent, ...]) -> None:
        self.queues = {q.id: q for q in qs}
        self.people = {a.id: a for a in people}
        self.floor = Floor(qs, people, seed=7)
        self.saw(self.floor.restore({}, self.now))

    def saw(self, out: Out) -> None:
        self.watch.saw(out, self.now)
        for e in out:
            if isinstance(e, OfferMade):
                self.old_offers.append(e.offer)
                self.not_too_soon(e)
            elif isinstance(e, OfferEnded) and e.result in FAILED and e.queue is not None:
                self.failed[e.call, e.agent] = self.now
                self.rest(e.agent, e.queue)
        self.connects += [e for e in out if isinstance(e, Connect)]

    def not_too_soon(self, offer: OfferMade) -> None:
        """An agent who failed is not tried within retry_s: with the same caller, or any other."""
        failed = self.failed.pop((offer.call, offer.agent), None)
        if failed is not None and offer.queue in self.queues:
            assert self.now - failed >= self.queues[offer.queue].retry_s
        if offer.queue is not None:
            assert self.now >= self.rests.get(offer.agent, 0.0), "rung while he rests"

    def rest(self, agent: AgentId, queue: QueueId) -> None:
        if queue in self.queues:
            until = self.now + self.queues[queue].retry_s
            self.rests[agent] = max(until, self.rests.get(agent, 0.0))

    def tried(self, act: Any, *args: Any, **more: Any) -> None:
        """Refusing is fine, as long as nothing changed by it."""
        try:
            self.saw(act(*args, **more))
        except Refused as refused:
            assert str(refused).endswith(".")

    # -- callers ----------------------------------------------------------------------------

    @rule(
        queue=st.sampled_from(QUEUES),
        caller=st.sampled_from(CALLERS),
        priority=st.integers(0, 2),
        skills=skill_sets,
        preferred=st.sampled_from((None, *AGENTS)),
    )
    def enter(
        self, queue: str, caller: str, priority: int, skills: dict[str, int], preferred: str | None
    ) -> None:
        self.calls += 1
        call = CallId(f"c{self.calls}")
        self.alive.add(call)
        self.tried(
            self.floor.enter,
            call,
            QueueId(queue),
            caller=caller,
            priority=priority,
            skills=skills,
            preferred_agent=preferred,
            now=self.now,
        )

    @rule(
        crowd=st.lists(
            st.tuples(st.sampled_from(QUEUES), st.sampled_from((0, 0, 1, 9))),
            min_size=2,
            max_size=6,
        )
    )
    def crowd(self, crowd: list[tuple[str, int]]) -> None:
        """Several plain callers in a row: lines form and agents get busy."""
        for queue, priority in crowd:
            self.enter(queue, "", priority, {}, None)
            self.holds()

    @rule()
    def everybody_answers(self) -> None:
        """All that rings is accepted; in ring_all the losers' answers come too late."""
        for offer in list(self.watch.ringing.values()):
            self.saw(self.floor.offer_accepted(offer, self.now))
            self.holds()

    @rule()
    def everybody_hangs_up(self) -> None:
        for name, view in self.views().items():
            if view.state == "talking":
                self.saw(self.floor.talk_ended(view.call, AgentId(name), self.now, talk_s=30.0))
                self.holds()

    @rule()
    def somebody_hangs_up_unheard(self) -> None:
        """Who picked up and heard nobody: the caller is in the queue again."""
        for name, view in self.views().items():
            entry = self.floor._state.agents[AgentId(name)].entry
            if view.state != "talking" or entry is None or view.call in self.watch.guests:
                continue
            others = [v for n, v in self.views().items() if n != name and v.call == view.call]
            if others or view.call in self.floor._state.direct:
                continue
            if view.queue is not None:
                self.rest(AgentId(name), view.queue)
            self.saw(self.floor.hung_up_unheard(view.call, AgentId(name), self.now))
            return

    @rule(data=st.data(), how=st.sampled_from(("abandon", "exit_key", "moved")))
    def caller_leaves(self, data: Any, how: str) -> None:
        if not self.alive:
            return
        call = data.draw(st.sampled_from(sorted(self.alive)))
        if how == "moved":
            self.saw(self.floor.leave(call, "moved", self.now))
        elif how == "exit_key":
            self.saw(self.floor.exit_key(call, self.now))
        else:
            self.saw(self.floor.abandon(call, self.now))
        assert call not in self.watch.guests

    # -- offers -----------------------------------------------------------------------------

    def some_offer(self, data: Any) -> OfferId | None:
        rung = sorted(self.watch.ringing.values())
        return data.draw(st.sampled_from(rung)) if rung else None

    @rule(data=st.data())
    def accept(self, data: Any) -> None:
        offer = self.some_offer(data)
        if offer is not None:
            before = len(self.connects)
            self.saw(self.floor.offer_ringing(offer, self.now))
            self.saw(self.floor.offer_accepted(offer, self.now))
            assert len(self.connects) == before + 1

    @rule(data=st.data(), result=st.sampled_from(("no_answer", "busy", "refused", "unreachable")))
    def fail(self, data: Any, result: Any) -> None:
        offer = self.some_offer(data)
        if offer is not None:
            self.saw(self.floor.offer_failed(offer, result, self.now))

    @rule(data=st.data())
    def late_answer(self, data: Any) -> None:
        """An answer to an offer that is over connects nobody."""
        over = [o for o in self.old_offers if o not in self.watch.offers]
        if over:
            before = len(self.connects)
            offer = data.draw(st.sampled_from(over))
            self.saw(self.floor.offer_accepted(offer, self.now))
            self.saw(self.floor.offer_failed(offer, "busy", self.now))
            assert len(self.connects) == before

    @rule(agent=st.sampled_from(AGENTS), data=st.data())
    def offer_by_name(self, agent: str, data: Any) -> None:
        if self.alive:
            call = data.draw(st.sampled_from(sorted(self.alive)))
            self.tried(self.floor.offer_agent, call, AgentId(agent), 10.0, self.now)

    # -- agents -----------------------------------------------------------------------------

    @rule(agent=st.sampled_from(AGENTS), act=st.sampled_from(("login", "logout", "ready")))
    def command(self, agent: str, act: str) -> None:
        self.tried(getattr(self.floor, act), AgentId(agent), self.now)

    @rule(agent=st.sampled_from(AGENTS))
    def work(self, agent: str) -> None:
        """Whatever he is, the agent gets ready."""
        self.tried(self.floor.login, AgentId(agent), self.now)
        self.tried(self.floor.ready, AgentId(agent), self.now)

    @rule(agent=st.sampled_from(AGENTS), reason=st.sampled_from(("", "lunch", "break")))
    def pause(self, agent: str, reason: str) -> None:
        self.tried(self.floor.pause, AgentId(agent), self.now, reason)

    @rule(agent=st.sampled_from(AGENTS), reachable=st.booleans())
    def seat(self, agent: str, reachable: bool) -> None:
        self.saw(self.floor.seat_changed(AgentId(agent), reachable, self.now))

    @rule(agent=st.sampled_from(AGENTS))
    def occupy(self, agent: str) -> None:
        self.calls += 1
        self.alive.add(CallId(f"c{self.calls}"))
        self.tried(self.floor.occupy, AgentId(agent), CallId(f"c{self.calls}"), self.now)

    @rule(agent=st.sampled_from(AGENTS), talk_s=st.integers(0, 300))
    def end(self, agent: str, talk_s: int) -> None:
        if agent in self.people_here():
            call = self.floor.agent_view(AgentId(agent), self.now).call
            if call is not None:
                self.saw(self.floor.talk_ended(call, AgentId(agent), self.now, talk_s=talk_s))

    # -- time, settings, repair -------------------------------------------------------------

    @rule(seconds=st.sampled_from((0.5, 2.0, 10.0, 31.0)))
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.floor.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.saw(self.floor.tick(self.now))
            self.holds()
        self.now = until

    @rule()
    def next_thing(self) -> None:
        due = self.floor.next_deadline()
        if due is not None:
            self.now = max(self.now, due)
            self.saw(self.floor.tick(self.now))

    @rule(data=st.data(), queue=st.sampled_from(QUEUES), agent=st.sampled_from(AGENTS))
    def edit(self, data: Any, queue: str, agent: str) -> None:
        self.queues[queue] = data.draw(queues(queue))
        self.people[agent] = data.draw(agents(agent))
        self.reload()

    @rule(queue=st.sampled_from(QUEUES))
    def remove_queue(self, queue: str) -> None:
        self.queues.pop(queue, None)
        self.reload()
        assert all(guest.queue != queue for guest in self.watch.guests.values())

    @rule(agent=st.sampled_from(AGENTS))
    def remove_agent(self, agent: str) -> None:
        self.people.pop(agent, None)
        self.reload()

    @rule()
    def rename(self) -> None:
        """New names touch nothing: no state, no wait, no limit."""
        before = self.snapshot()
        self.queues = {
            k: q.model_copy(update={"name": q.name + "x"}) for k, q in self.queues.items()
        }
        self.people = {
            k: a.model_copy(update={"name": a.name + "x"}) for k, a in self.people.items()
        }
        out = self.floor.reconfigure(self.queues.values(), self.people.values(), self.now)
        self.saw(out)
        assert out == []
        assert self.snapshot() == before

    def reload(self) -> None:
        self.failed.clear()  # retry_s may be another now
        self.rests.clear()
        wrapping = {a: v.left_s for a, v in self.views().items() if v.state == "wrap_up"}
        self.saw(self.floor.reconfigure(self.queues.values(), self.people.values(), self.now))
        after = self.views()
        for name, left_s in wrapping.items():
            if name in self.people:
                assert after[name].state == "wrap_up"
                assert after[name].left_s == left_s

    @rule(data=st.data())
    def calls_vanish(self, data: Any) -> None:
        gone = (
            set(data.draw(st.lists(st.sampled_from(sorted(self.alive)), max_size=3)))
            if (self.alive)
            else set()
        )
        self.alive -= gone
        self.saw(self.floor.audit(self.now, self.alive))
        assert all(view.call not in gone for view in self.views().values() if view.call)
        assert not gone & self.watch.guests.keys()

    @rule(down_s=st.sampled_from((0.0, 4.0)))
    def restart(self, down_s: float) -> None:
        """A crash: the log knows the agents; calls are gone."""
        memory = {
            AgentId(name): AgentMemory(
                state=v.state, reason=v.reason, left_s=max(0.0, (v.left_s or 0.0) - down_s)
            )
            for name, v in self.views().items()
            if name in self.people
        }
        self.now += down_s
        self.alive.clear()
        self.watch = Watch()
        self.old_offers, self.connects = [], []
        self.rests.clear()
        self.floor = Floor(self.queues.values(), self.people.values(), seed=8)
        self.saw(self.floor.restore(memory, self.now))
        for name, known in memory.items():
            state = self.views()[name].state
            assert state == ("ready" if known.state in ("ringing", "talking") else known.state)

    # -- what must hold ---------------------------------------------------------------------

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "floor"):
            return
        assert self.floor.check_invariants() == []
        assert self.watch.violations == []
        assert self.watch.order_inversions == 0
        assert self.watch.entered == self.watch.left + len(self.watch.guests)

    def teardown(self) -> None:
        """At the end everybody hangs up: each caller has left exactly once."""
        if not hasattr(self, "floor"):
            return
        for call in list(self.watch.guests):
            self.saw(self.floor.abandon(call, self.now))
        assert self.watch.violations == []
        assert self.watch.entered == self.watch.left

    def people_here(self) -> list[str]:
        return [name for name in AGENTS if name in self.floor._state.agents]

    def views(self) -> dict[str, Any]:
        return {n: self.floor.agent_view(AgentId(n), self.now) for n in self.people_here()}

    def snapshot(self) -> dict[str, Any]:
        agents = {
            n: (v.state, v.reason, v.in_state_s, v.left_s, v.call, v.calls)
            for n, v in self.views().items()
        }
        callers: dict[str, Any] = {}
        for call in self.watch.guests:
            view = self.floor.position(call, self.now)
            assert view is not None
            callers[call] = (view.queue, view.position, view.waited_s, view.ringing)
        return agents | callers


TestFloor = FloorMachine.TestCase
TestFloor.settings = settings(max_examples=200, stateful_step_count=50)
