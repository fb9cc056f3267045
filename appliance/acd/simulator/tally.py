"""Figures of a run. Definitions as in call centre reporting; shares are per cent."""

from array import array

import msgspec

from appliance.acd.effects import Effect
from appliance.model.events import (
    AgentChanged,
    AgentState,
    Event,
    OfferEnded,
    QueueAnnounced,
    QueueLeft,
)
from appliance.model.ids import AgentId, CallId


class Levels(msgspec.Struct, kw_only=True):
    """Counts behind the service level: answered (in time), abandoned (in time, short)."""

    answered: int = 0
    answered_in: int = 0
    abandoned: int = 0
    abandoned_in: int = 0
    abandoned_short: int = 0

    def by_formula(self) -> dict[str, float]:
        """The five usual formulas, by the names of `site.ServiceLevel.formula`."""
        both = self.answered + self.abandoned
        late = self.answered + self.abandoned - self.abandoned_in
        return {
            "answered_and_abandoned": percent(self.answered_in + self.abandoned_in, both),
            "answered_only": percent(self.answered_in, self.answered),
            "all_offered": percent(self.answered_in, both),
            "late_abandons": percent(self.answered_in, late),
            "short_abandons": percent(self.answered_in + self.abandoned_short, both),
        }


class Tally:
    """Counts what the floor reports. `told`: announcements heard by callers who were answered
    later, `true`: those whose range held the wait that was really left."""

    def __init__(self, within_s: float, short_s: float) -> None:
        self.within_s = within_s
        self.short_s = short_s
        self.levels = Levels()
        self.waits = array("d")
        self.reasons: dict[str, int] = {}
        self.offers: dict[str, int] = {}
        self.told = 0
        self.true = 0
        self.events = 0
        self.in_state: dict[AgentState, float] = {}
        self._since: dict[AgentId, tuple[AgentState, float]] = {}
        self._ranges: dict[CallId, list[tuple[float, float, float]]] = {}

    def saw(self, out: list[Effect | Event], now: float) -> None:
        self.events += len(out)
        for what in out:
            if isinstance(what, AgentChanged):
                self._agent(what.agent, what.state, now)
            elif isinstance(what, QueueLeft):
                self._left(what, now)
            elif isinstance(what, OfferEnded):
                self.offers[what.result] = self.offers.get(what.result, 0) + 1
            elif isinstance(what, QueueAnnounced) and what.high_s is not None:
                told = (now, what.low_s or 0.0, what.high_s)
                self._ranges.setdefault(what.call, []).append(told)

    def close(self, now: float) -> None:
        """The end of the run: states last until here."""
        for agent, (state, _) in list(self._since.items()):
            self._agent(agent, state, now)

    def occupancy(self) -> float:
        """Per cent of (talk + wrap-up + available) that was talk and wrap-up."""
        busy = self.in_state.get("talking", 0.0) + self.in_state.get("wrap_up", 0.0)
        return percent(busy, busy + self.in_state.get("ready", 0.0))

    def asa_s(self) -> float:
        return sum(self.waits) / len(self.waits) if self.waits else 0.0

    def wait_s(self, share: float) -> float:
        """The wait that this share of the answered did not exceed (nearest rank)."""
        if not self.waits:
            return 0.0
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]

    def _agent(self, agent: AgentId, state: AgentState, now: float) -> None:
        was, since = self._since.get(agent, (state, now))
        self.in_state[was] = self.in_state.get(was, 0.0) + now - since
        self._since[agent] = (state, now)

    def _left(self, e: QueueLeft, now: float) -> None:
        self.reasons[e.reason] = self.reasons.get(e.reason, 0) + 1
        ranges = self._ranges.pop(e.call, ())
        levels = self.levels
        if e.reason == "answered":
            levels.answered += 1
            levels.answered_in += e.waited_s <= self.within_s
            self.waits.append(e.waited_s)
            self.told += len(ranges)
            self.true += sum(low <= now - at <= high for at, low, high in ranges)
        elif e.reason == "abandoned":
            levels.abandoned += 1
            levels.abandoned_in += e.waited_s <= self.within_s
            levels.abandoned_short += e.waited_s <= self.short_s


def percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0
