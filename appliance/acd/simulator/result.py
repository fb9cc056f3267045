"""The result of a run as plain data: the same scenario gives the same bytes."""

import json
from typing import Any

import msgspec

from appliance.acd.simulator import erlang
from appliance.acd.simulator.run import Run
from appliance.acd.simulator.scenario import HOUR_S, Scenario
from appliance.acd.simulator.tally import percent

FORMULA = "all_offered"


def result(run: Run) -> dict[str, Any]:
    """Seconds, per cent and counts; `violations` and `order_inversions` must be 0."""
    tally, watch, levels = run.tally, run.watch, run.tally.levels
    answered, abandoned, short = levels.answered, levels.abandoned, levels.abandoned_short
    violations = watch.broken + len(run.broken) + watch.entered - watch.left
    found: dict[str, Any] = rounded(
        {
            "scenario": msgspec.to_builtins(run.scenario),
            "simulated_h": run.now / HOUR_S,
            "ended_by": run.ended_by,
            "offered": watch.entered,
            "answered": answered,
            "abandoned": abandoned,
            "short_abandons": short,
            "diverted": sum(n for r, n in tally.reasons.items() if r.startswith("overflow")),
            "redials": run.redialled,
            "service_level_pct": levels.by_formula(),
            "service_level_formula": FORMULA,
            "service_level_s": run.scenario.within_s,
            "asa_s": tally.asa_s(),
            "wait_p50_s": tally.wait_s(0.5),
            "wait_p95_s": tally.wait_s(0.95),
            "wait_max_s": tally.wait_s(1.0),
            "abandonment_pct": percent(abandoned - short, answered + abandoned - short),
            "abandoned_all_pct": percent(abandoned, answered + abandoned),
            "occupancy_pct": tally.occupancy(),
            "offers": dict(sorted(tally.offers.items())),
            "announced": watch.announced,
            "announced_range_held_pct": percent(tally.true, tally.told),
            "order_inversions": watch.order_inversions,
            "violations": violations,
            "violation_examples": [*run.broken[:5], *watch.violations[:5]],
            "events": tally.events,
            "theory": theory(run.scenario) if run.scenario.alike else None,
        }
    )
    return found


def theory(scenario: Scenario) -> dict[str, Any] | None:
    """Erlang's figures for one queue of this load; an agent is busy from the ringing on."""
    rate = scenario.arrivals_h / HOUR_S
    handling_s = scenario.talk_s + scenario.wrap_up_s + scenario.pickup_s
    if scenario.patience_s:
        found: erlang.Theory | None = erlang.erlang_a(
            rate, handling_s, scenario.agents, scenario.patience_s
        )
    else:
        found = erlang.erlang_c(rate, handling_s, scenario.agents)
    return None if found is None else msgspec.structs.asdict(found)


def rounded(value: Any) -> Any:
    """Three decimals, so that the bytes do not hang on the last bit of a sum."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


def as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=2)


def as_text(found: dict[str, Any]) -> str:
    """For people: the figures first, then what must be nought."""
    level = found["service_level_pct"][FORMULA]
    lines = [
        f"offered {found['offered']}, answered {found['answered']}, abandoned"
        f" {found['abandoned']} ({found['short_abandons']} short), redials {found['redials']}",
        f"service level {level} % within {found['service_level_s']:g} s (answered in time /"
        " offered)",
        *(
            f"  {name.replace('_', ' ')}: {value} %"
            for name, value in found["service_level_pct"].items()
            if name != FORMULA
        ),
        f"wait of the answered: mean {found['asa_s']} s, half within {found['wait_p50_s']} s,"
        f" 95 % within {found['wait_p95_s']} s",
        f"abandonment {found['abandonment_pct']} %, occupancy {found['occupancy_pct']} %",
        f"announcements {found['announced']}, range held {found['announced_range_held_pct']} %",
    ]
    if found["theory"] is not None:
        told = found["theory"]
        lines.append(
            f"{told['model']} says: mean wait {told['asa_s']} s, abandoned"
            f" {round(100 * told['abandoned'], 1)} %, occupancy"
            f" {round(100 * told['occupancy'], 1)} %"
        )
    lines.append(f"order inversions {found['order_inversions']}, violations {found['violations']}")
    return "\n".join([*lines, *(f"  {example}" for example in found["violation_examples"])])
