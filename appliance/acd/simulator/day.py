"""A day of a site: its own queues, strategies, agents and skills, with made-up callers.

Agents work in shifts; one that lasts to the day's end goes on until the last caller is served.
"""

import re
from collections.abc import Callable, Sequence
from random import Random

import msgspec

from appliance.acd.effects import Connect, Divert
from appliance.acd.floor import Out
from appliance.acd.simulator.run import Run
from appliance.acd.simulator.scenario import HOUR_S, Chance, Scenario
from appliance.acd.simulator.tally import Tally
from appliance.model.events import AgentChanged, OfferEnded, QueueAnnounced, QueueLeft
from appliance.model.ids import AgentId, CallId, QueueId
from appliance.model.site import Agent, Queue

DAY_S = 24 * HOUR_S
MOST_DIVERTS = 5
"""Of one caller: two queues that overflow into each other must come to an end."""
Span = tuple[float, float]
"""From and to, seconds after the day's beginning."""
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class DayScenario(Scenario, frozen=True, kw_only=True):
    """`loads`: calls per hour by queue, `arrivals_h` in all; `talks_s`: mean talk time of queues
    where it is not `talk_s`; `shifts`: when agents are logged in, all day where none is given.
    `wrap_up_s` 0: agents use the whole wrap-up of the settings."""

    begins: str = "08:00"
    loads: dict[str, float] = msgspec.field(default_factory=dict)
    talks_s: dict[str, float] = msgspec.field(default_factory=dict)
    shifts: dict[str, list[Span]] = msgspec.field(default_factory=dict)

    @property
    def alike(self) -> bool:
        return False


class DayChance(Chance):
    """Callers are spread over the queues by load; `queues` in their order."""

    def __init__(self, scenario: DayScenario, queues: Sequence[Queue]) -> None:
        super().__init__(scenario)
        self._which = Random(f"{scenario.seed} queue")
        self._loads = [scenario.loads.get(queue.id, 0.0) for queue in queues]

    def queue(self) -> int:
        return self._which.choices(range(len(self._loads)), self._loads)[0]


class DayRun(Run):
    """`queue_tallies` and `agent_tallies` count apart what `tally` counts together; `diverted`:
    callers of a queue who left it for another place."""

    def __init__(
        self, scenario: DayScenario, queues: Sequence[Queue], agents: Sequence[Agent]
    ) -> None:
        super().__init__(
            scenario,
            [_tireless(queue) for queue in queues],
            [_without_shift(agent, scenario) for agent in agents],
            DayChance(scenario, queues),
        )
        self.day = scenario
        self.queues = list(queues)
        self.members = list(agents)
        levels = {queue.id: queue.service_level for queue in queues}
        self.queue_tallies = {
            name: Tally(level.seconds, level.short_abandon_s) for name, level in levels.items()
        }
        self.agent_tallies = {agent.id: Tally(0, 0) for agent in agents}
        self._diverts: dict[CallId, int] = {}

    def go(self, progress: Callable[[float], None] | None = None) -> None:
        ends = self.day.hours * HOUR_S
        for agent, spans in self.day.shifts.items():
            for begin, end in spans:
                if begin < ends:
                    self._later(begin, self._log_in, AgentId(agent))
                if end < ends:
                    self._later(end, self._log_out, AgentId(agent))
        super().go(progress)
        for tally in (*self.queue_tallies.values(), *self.agent_tallies.values()):
            tally.close(self.now)

    def _log_in(self, agent: AgentId) -> None:
        self._saw(self.floor.login(agent, self.now, "shift"))

    def _log_out(self, agent: AgentId) -> None:
        self._saw(self.floor.logout(agent, self.now, "shift"))

    def _talk_s(self, what: Connect) -> float:
        talk_s = super()._talk_s(what)
        own = self.day.talks_s.get(what.queue or "")
        return talk_s if own is None else talk_s * own / self.day.talk_s

    def _wraps_up(self, agent: AgentId) -> None:
        if self.day.wrap_up_s:
            super()._wraps_up(agent)

    def _saw(self, out: Out) -> None:
        super()._saw(out)
        for what in out:
            if isinstance(what, AgentChanged):
                self.agent_tallies[what.agent].saw([what], self.now)
            elif isinstance(what, QueueLeft | QueueAnnounced):
                self.queue_tallies[what.queue].saw([what], self.now)
            elif isinstance(what, OfferEnded):
                self.agent_tallies[what.agent].saw([what], self.now)
        for what in out:
            if isinstance(what, Divert):
                self._go_elsewhere(what)

    def _go_elsewhere(self, what: Divert) -> None:
        """Into another queue of the site; any other place is outside the simulation."""
        kind, _, name = what.target.partition(":")
        times = self._diverts[what.call] = self._diverts.get(what.call, 0) + 1
        if kind == "queue" and name in self.queue_tallies and times <= MOST_DIVERTS:
            self._saw(self.floor.enter(what.call, QueueId(name), now=self.now))


def _tireless(queue: Queue) -> Queue:
    """Agents of the simulator miss calls by chance, not for being away."""
    return queue.model_copy(update={"max_no_answer": 20})


def _without_shift(agent: Agent, scenario: DayScenario) -> Agent:
    """Who has no shift is there from the first call to the last."""
    return agent.model_copy(update={"login": agent.id not in scenario.shifts})


def spans(text: str, begins: str) -> list[Span]:
    """``08:00-16:00`` in a day that begins at `begins` and lasts 24 h at the most. A shift that
    has begun before is there from the beginning, and comes again at its time.

    Raises ValueError where it is no such range.
    """
    first, _, last = text.partition("-")
    day = _second(begins)
    begin, end = (_second(first) - day) % DAY_S, (_second(last) - day) % DAY_S
    if begin == end:
        raise ValueError(f"{text!r} has no length; for a whole day give no shift")
    if end == 0:
        return [(begin, DAY_S)]
    return [(begin, end)] if begin < end else [(0.0, end), (begin, DAY_S)]


def _second(text: str) -> float:
    found = _TIME.fullmatch(text if text != "24:00" else "00:00")
    if found is None:
        raise ValueError(f"{text!r} is no time of day; write for example 08:00-16:30")
    return int(found[1]) * HOUR_S + int(found[2]) * 60.0
