"""A caller who drops and dials again soon gets the old place; and who talked with whom last."""

from appliance.acd.caller import Told
from appliance.model.ids import AgentId

_MOST_CALLERS = 50_000


class Place:
    """A place in the line that its caller gave up: since when, until when it is kept."""

    __slots__ = ("joined", "told", "until")

    def __init__(self, joined: float, until: float, told: Told | None) -> None:
        self.joined = joined
        self.until = until
        self.told = told


class RedialMemory:
    """Places of one queue by the caller's number. Amortised O(1)."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def keep(self, caller: str, place: Place, now: float) -> None:
        """Of two calls from one number the older place is kept."""
        old = self._places.pop(caller, None)
        if old is not None and old.until >= now and old.joined < place.joined:
            place.joined = old.joined
        self._places[caller] = place
        self._expire(now)

    def take(self, caller: str, now: float) -> Place | None:
        """The place, once."""
        place = self._places.pop(caller, None)
        return place if place is not None and place.until >= now else None

    def __len__(self) -> int:
        return len(self._places)

    def _expire(self, now: float) -> None:
        # Kept in the order of giving up, so the oldest are in front.
        while self._places:
            caller, place = next(iter(self._places.items()))
            if place.until >= now and len(self._places) <= _MOST_CALLERS:
                return
            del self._places[caller]


class LastAgents:
    """The agent each caller's number last talked with; the longest unheard are forgotten."""

    __slots__ = ("_agents",)

    def __init__(self) -> None:
        self._agents: dict[str, AgentId] = {}

    def talked(self, caller: str, agent: AgentId) -> None:
        self._agents.pop(caller, None)
        self._agents[caller] = agent
        if len(self._agents) > _MOST_CALLERS:
            del self._agents[next(iter(self._agents))]

    def did_not(self, caller: str, agent: AgentId) -> None:
        """It came to no talk with this agent."""
        if self._agents.get(caller) == agent:
            del self._agents[caller]

    def of(self, caller: str) -> AgentId | None:
        return self._agents.get(caller)
