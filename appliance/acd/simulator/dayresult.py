"""What a day of a site comes to, by queue and by agent."""

from collections.abc import Iterable, Sequence
from typing import Any

from appliance.acd.simulator.day import DayRun
from appliance.acd.simulator.result import rounded
from appliance.acd.simulator.scenario import HOUR_S
from appliance.acd.simulator.tally import Tally, percent
from appliance.model.site import Queue


def by_queue_and_agent(run: DayRun) -> dict[str, Any]:
    """Counts, seconds and per cent. `service_level_pct` by the queue's own formula and seconds;
    a queue's `occupancy_pct` is that of the agents who serve it, with all that they do."""
    found: dict[str, Any] = rounded(
        {
            "queues": {queue.id: _queue(run, queue) for queue in run.queues},
            "agents": {agent.id: _agent(run.agent_tallies[agent.id]) for agent in run.members},
        }
    )
    return found


def _queue(run: DayRun, queue: Queue) -> dict[str, Any]:
    tally, setting = run.queue_tallies[queue.id], queue.service_level
    levels = tally.levels
    counted = levels.answered + levels.abandoned - levels.abandoned_short
    members = [a.id for a in run.members if any(one.id == queue.id for one in a.queues)]
    return {
        "offered": sum(tally.reasons.values()),
        "answered": levels.answered,
        "abandoned": levels.abandoned,
        "short_abandons": levels.abandoned_short,
        "diverted": sum(n for why, n in tally.reasons.items() if why.startswith("overflow")),
        "service_level_pct": levels.by_formula()[setting.formula],
        "service_level_formula": setting.formula,
        "service_level_s": setting.seconds,
        "asa_s": tally.asa_s(),
        "wait_p95_s": tally.wait_s(0.95),
        "wait_max_s": tally.wait_s(1.0),
        "abandonment_pct": percent(levels.abandoned - levels.abandoned_short, counted),
        "agents": len(members),
        "occupancy_pct": _occupancy(run.agent_tallies[one] for one in members),
    }


def _occupancy(tallies: Iterable[Tally]) -> float:
    """As `Tally.occupancy`, of several agents together."""
    busy = free = 0.0
    for tally in tallies:
        busy += tally.in_state.get("talking", 0.0) + tally.in_state.get("wrap_up", 0.0)
        free += tally.in_state.get("ready", 0.0)
    return percent(busy, busy + free)


def _agent(tally: Tally) -> dict[str, Any]:
    there_s = sum(tally.in_state.values()) - tally.in_state.get("logged_out", 0.0)
    return {
        "answered": tally.offers.get("accepted", 0),
        "not_answered": tally.offers.get("no_answer", 0),
        "logged_in_h": there_s / HOUR_S,
        "talk_h": tally.in_state.get("talking", 0.0) / HOUR_S,
        "occupancy_pct": tally.occupancy(),
    }


def as_tables(found: dict[str, Any]) -> str:
    """For people, below the figures of the whole floor."""
    queues = [
        [
            name,
            *(str(one[key]) for key in ("offered", "answered", "abandoned", "diverted")),
            f"{one['service_level_pct']} % in {one['service_level_s']:g} s",
            f"{one['asa_s']} s",
            f"{one['wait_p95_s']} s",
            f"{one['abandonment_pct']} %",
            f"{one['occupancy_pct']} %",
        ]
        for name, one in found["queues"].items()
    ]
    agents = [
        [
            name,
            *(str(one[key]) for key in ("answered", "not_answered")),
            f"{one['logged_in_h']} h",
            f"{one['talk_h']} h",
            f"{one['occupancy_pct']} %",
        ]
        for name, one in found["agents"].items()
    ]
    return "\n\n" + "\n\n".join((_table(_QUEUES, queues), _table(_AGENTS, agents)))


_QUEUES = (
    "queue", "offered", "answered", "abandoned", "diverted", "service level", "mean wait",
    "95 % within", "abandonment", "occupancy",
)  # fmt: skip
_AGENTS = ("agent", "answered", "not answered", "logged in", "talk", "occupancy")


def _table(heads: Sequence[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = []
    for row in (heads, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells))
    return "\n".join(lines)
