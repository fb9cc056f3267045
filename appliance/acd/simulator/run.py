"""The simulated people around the real floor: callers who arrive, wait, hang up and redial;
agents who pick up or do not, talk and wrap up."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any, Literal

from appliance.acd.effects import Connect, Ring
from appliance.acd.floor import Floor, Out
from appliance.acd.simulator.scenario import HOUR_S, Chance, Scenario
from appliance.acd.simulator.tally import Tally
from appliance.acd.simulator.watch import Watch
from appliance.model.events import AgentChanged
from appliance.model.ids import AgentId, CallId, OfferId, QueueId
from appliance.model.site import Agent, Queue

Act = Callable[..., None]
_PROGRESS_STEPS = 4096
_CHECK_STEPS = 1000
_VIP_PRIORITY = 5


class Run:
    """One simulation. `go` runs it to its end; then read `tally`, `watch` and `broken`.

    `queues` and `agents`: instead of those that the scenario makes up, as many as it says.
    `ended_by`: which of the scenario's two limits ended the arrivals.
    """

    def __init__(
        self,
        scenario: Scenario,
        queues: Sequence[Queue] = (),
        agents: Sequence[Agent] = (),
        chance: Chance | None = None,
    ) -> None:
        queues = queues or scenario.queue_settings()
        self.scenario = scenario
        self.chance = chance or Chance(scenario)
        self.tally = Tally(scenario.within_s, scenario.short_s)
        self.watch = Watch()
        self.broken: list[str] = []
        self.now = 0.0
        self.arrived = 0
        self.ended_by: Literal["", "hours", "calls"] = ""
        self.redialled = 0
        self.steps = 0
        self._seq = 0
        self._next_check = _CHECK_STEPS
        self._agenda: list[tuple[float, int, Act, tuple[Any, ...]]] = []
        self._queues = [QueueId(queue.id) for queue in queues]
        self._numbers: dict[CallId, tuple[str, int]] = {}
        self.floor = Floor(queues, agents or scenario.agent_settings(), seed=scenario.seed)

    def go(self, progress: Callable[[float], None] | None = None) -> None:
        """`progress` hears the share done, now and then."""
        self._saw(self.floor.restore({}, 0.0))
        self._later(self.chance.gap(), self._arrive)
        while self._step():
            self.steps += 1
            if self.steps >= self._next_check:
                self._check()
            if progress is not None and self.steps % _PROGRESS_STEPS == 0:
                progress(self._done())
        self._check()
        self.tally.close(self.now)

    def _step(self) -> bool:
        due = self.floor.next_deadline()
        if self._agenda and (due is None or self._agenda[0][0] < due):
            self.now, _, act, args = heappop(self._agenda)
            act(*args)
        elif due is not None:
            self.now = max(self.now, due)
            self._saw(self.floor.tick(self.now))
        else:
            return False
        return True

    def _later(self, seconds: float, act: Act, *args: Any) -> None:
        self._seq += 1
        heappush(self._agenda, (self.now + seconds, self._seq, act, args))

    # -- callers ----------------------------------------------------------------------------

    def _arrive(self) -> None:
        scenario = self.scenario
        if scenario.hours and self.now > scenario.hours * HOUR_S:
            self.ended_by = "hours"
            return
        queue = self.chance.queue()
        number = f"n{self.arrived}" if scenario.redial else ""
        self._enter(queue, number)
        if scenario.calls and self.arrived >= scenario.calls:
            self.ended_by = "calls"
            return
        self._later(self.chance.gap(), self._arrive)

    def _enter(self, queue: int, number: str) -> None:
        self.arrived += 1
        call = CallId(f"c{self.arrived}")
        priority = _VIP_PRIORITY if self.scenario.vip and self.chance.vip() else 0
        patience = self.chance.patience()
        if patience < float("inf"):
            self._later(patience, self._hang_up, call)
        if number:
            self._numbers[call] = (number, queue)
        self._saw(
            self.floor.enter(
                call, self._queues[queue], caller=number, priority=priority, now=self.now
            )
        )

    def _hang_up(self, call: CallId) -> None:
        out = self.floor.abandon(call, self.now)
        again = self._numbers.pop(call, None)
        if not out:
            return  # was answered meanwhile
        self._saw(out)
        if again is not None:
            seconds = self.chance.redials()
            if seconds is not None:
                self._later(seconds, self._redial, *again)

    def _redial(self, number: str, queue: int) -> None:
        self.redialled += 1
        self._enter(queue, number)

    # -- agents -----------------------------------------------------------------------------

    def _pick_up(self, offer: OfferId) -> None:
        # One that was withdrawn meanwhile is answered all the same: the race of a late answer.
        self._saw(self.floor.offer_accepted(offer, self.now))

    def _hang_up_talk(self, call: CallId, agent: AgentId, talk_s: float) -> None:
        self._saw(self.floor.talk_ended(call, agent, self.now, talk_s=talk_s))

    def _wrapped_up(self, agent: AgentId, since: float) -> None:
        view = self.floor.agent_view(agent, self.now)
        if view.state == "wrap_up" and self.now - view.in_state_s <= since + 1e-6:
            self._saw(self.floor.ready(agent, self.now))

    def _saw(self, out: Out) -> None:
        self.watch.saw(out, self.now)
        self.tally.saw(out, self.now)
        for what in out:
            if isinstance(what, Ring):
                seconds = self.chance.pickup()
                if seconds is not None and seconds < what.ring_s:
                    self._later(seconds, self._pick_up, what.offer)
            elif isinstance(what, Connect):
                talk_s = self._talk_s(what)
                self._later(talk_s, self._hang_up_talk, what.call, what.agent, talk_s)
            elif isinstance(what, AgentChanged) and what.state == "wrap_up":
                self._wraps_up(what.agent)

    def _talk_s(self, what: Connect) -> float:
        return self.chance.talk()

    def _wraps_up(self, agent: AgentId) -> None:
        self._later(self.chance.wrap_up(), self._wrapped_up, agent, self.now)

    # -- checks -----------------------------------------------------------------------------

    def _check(self) -> None:
        """The full check costs as much as the floor is large, so it comes the rarer."""
        size = self.scenario.agents + len(self.watch.guests)
        self._next_check = self.steps + max(_CHECK_STEPS, 10 * size)
        self.broken += self.floor.check_invariants()[:10]

    def _done(self) -> float:
        scenario = self.scenario
        by_calls = self.arrived / scenario.calls if scenario.calls else 0.0
        by_time = self.now / (scenario.hours * HOUR_S) if scenario.hours else 0.0
        return min(1.0, max(by_calls, by_time))
