"""What is simulated: load, people and their habits, as numbers."""

from math import log, sqrt
from random import Random

import msgspec

from appliance.model.site import Agent, AgentQueue, Queue

HOUR_S = 3600.0
_UNITS_S = {"h": HOUR_S, "min": 60.0, "s": 1.0}


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds, means where not said otherwise; shares are 0 to 1.

    `spread`: coefficient of variation of talk times; 1 is the exponential distribution, others
    are lognormal. `patience_s` 0: callers wait for ever. `hours` and `calls`: arrivals end at
    whichever comes first, 0 is no limit; everybody still in line is served after that.
    """

    arrivals_h: float = 300.0
    agents: int = 12
    queues: int = 1
    hours: float = 8.0
    calls: int = 0
    seed: int = 1
    strategy: str = "longest_idle"
    talk_s: float = 120.0
    spread: float = 1.0
    wrap_up_s: float = 0.0
    patience_s: float = 180.0
    pickup_s: float = 3.0
    ring_s: float = 15.0
    no_answer: float = 0.0
    redial: float = 0.0
    vip: float = 0.0
    announce_first_s: float = 15.0
    announce_every_s: float = 45.0
    within_s: float = 20.0
    short_s: float = 5.0

    @property
    def alike(self) -> bool:
        """Does every agent serve every queue, all day? Else Erlang's figures say nothing."""
        return True

    def queue_settings(self) -> list[Queue]:
        return [
            Queue.model_validate(
                {
                    "id": f"queue{i + 1}",
                    "strategy": self.strategy,
                    "ring_s": self.ring_s,
                    # Agents of the simulator miss calls by chance, not for being away.
                    "max_no_answer": 20,
                    "wrap_up_s": min(86_400.0, 3 * self.wrap_up_s),
                    "redial_s": 120 if self.redial else 0,
                    "max_waiting": 100_000,
                    "announce": {
                        "first_s": self.announce_first_s,
                        "every_s": self.announce_every_s,
                    },
                }
            )
            for i in range(self.queues)
        ]

    def agent_settings(self) -> list[Agent]:
        places = [AgentQueue(id=f"queue{i + 1}") for i in range(self.queues)]
        return [
            Agent(id=f"agent{i + 1}", seat=f"sip:{i + 1}@127.0.0.1", login=True, queues=places)
            for i in range(self.agents)
        ]


class Chance:
    """Independent streams of random numbers, one for each habit: with the same seed, another
    number of agents meets the same callers."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._streams = {
            name: Random(f"{scenario.seed} {name}")
            for name in ("arrive", "kind", "talk", "wrap", "patience", "pickup", "redial")
        }
        self._sigma = sqrt(log(1 + scenario.spread**2))
        self._mu = log(scenario.talk_s) - self._sigma**2 / 2

    def gap(self) -> float:
        """Seconds to the next arrival: a Poisson process."""
        return self._streams["arrive"].expovariate(self._scenario.arrivals_h / HOUR_S)

    def queue(self) -> int:
        return self._streams["kind"].randrange(self._scenario.queues)

    def vip(self) -> bool:
        return self._streams["kind"].random() < self._scenario.vip

    def talk(self) -> float:
        rng = self._streams["talk"]
        if self._scenario.spread == 1:
            return rng.expovariate(1 / self._scenario.talk_s)
        return rng.lognormvariate(self._mu, self._sigma)

    def wrap_up(self) -> float:
        return self._streams["wrap"].expovariate(1 / self._scenario.wrap_up_s)

    def patience(self) -> float:
        if not self._scenario.patience_s:
            return float("inf")
        return self._streams["patience"].expovariate(1 / self._scenario.patience_s)

    def pickup(self) -> float | None:
        """Seconds until the agent answers; None: he does not."""
        rng = self._streams["pickup"]
        if rng.random() < self._scenario.no_answer:
            return None
        mean = self._scenario.pickup_s
        return rng.expovariate(1 / mean) if mean else 0.0

    def redials(self) -> float | None:
        """Seconds until a caller who gave up dials again; None: he does not."""
        rng = self._streams["redial"]
        if rng.random() >= self._scenario.redial:
            return None
        return rng.expovariate(1 / 30.0)


def rate_h(text: str) -> float:
    """Calls per hour from ``300/h``, ``5/min``, ``0.1/s`` or a bare number per hour.

    Raises ValueError where it is none of these or not above zero.
    """
    number, _, unit = text.partition("/")
    per_s = _UNITS_S.get(unit or "h")
    try:
        value = float(number) * HOUR_S / per_s if per_s else 0.0
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{text!r} is no rate of calls; write for example 300/h, 5/min or 0.1/s")
    return value
