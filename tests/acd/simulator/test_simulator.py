"""The simulator: repeatable, right by theory, and able to see a broken floor."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.acd import order, routing
from appliance.acd.simulator import erlang
from appliance.acd.simulator.command import simulate
from appliance.acd.simulator.result import result
from appliance.acd.simulator.run import Run
from appliance.acd.simulator.scenario import Chance, Scenario, rate_h
from appliance.acd.simulator.tally import Levels
from appliance.acd.strategies import KEYS


def simulated(**habits: Any) -> dict[str, Any]:
    run = Run(Scenario(**habits))
    run.go()
    return result(run)


EVERYTHING = {
    "queues": 3,
    "no_answer": 0.2,
    "redial": 0.5,
    "vip": 0.1,
    "talk_s": 90,
    "wrap_up_s": 20,
    "arrivals_h": 330,
    "hours": 3,
}


@pytest.mark.parametrize("strategy", KEYS)
def test_no_rule_is_broken_and_no_equal_overtaken(strategy: str) -> None:
    found = simulated(strategy=strategy, **EVERYTHING)
    assert found["violations"] == 0, found["violation_examples"]
    assert found["order_inversions"] == 0
    assert found["offered"] == found["answered"] + found["abandoned"] > 900
    assert found["redials"] > 10 and found["offers"]["no_answer"] > 10


def test_erlang_c_holds_without_impatience() -> None:
    """240 calls/h, 150 s, 12 agents: load 10 erlang."""
    found = simulated(
        arrivals_h=240,
        talk_s=150,
        agents=12,
        patience_s=0,
        pickup_s=0,
        hours=300,
        seed=5,
        announce_first_s=86_400,
    )
    theory = erlang.erlang_c(240 / 3600, 150, 12)
    assert theory is not None
    assert found["abandoned"] == 0
    assert found["asa_s"] == pytest.approx(theory.asa_s, rel=0.08)
    assert found["occupancy_pct"] == pytest.approx(100 * theory.occupancy, rel=0.01)


def test_erlang_a_holds_with_impatience() -> None:
    found = simulated(
        arrivals_h=360,
        talk_s=120,
        agents=12,
        patience_s=90,
        pickup_s=0,
        hours=100,
        seed=5,
        announce_first_s=86_400,
    )
    theory = erlang.erlang_a(360 / 3600, 120, 12, 90)
    assert found["abandoned_all_pct"] == pytest.approx(100 * theory.abandoned, rel=0.05)
    assert found["asa_s"] == pytest.approx(theory.asa_s, rel=0.05)
    assert found["occupancy_pct"] == pytest.approx(100 * theory.occupancy, rel=0.01)


def test_erlang_a_with_endless_patience_is_erlang_c() -> None:
    a, c = erlang.erlang_a(0.06, 150, 12, 1e9), erlang.erlang_c(0.06, 150, 12)
    assert c is not None
    assert (a.waiting, a.asa_s, a.occupancy) == pytest.approx(
        (c.waiting, c.asa_s, c.occupancy), rel=1e-3
    )
    assert erlang.erlang_c(0.1, 100, 10) is None


def test_erlang_c_by_hand() -> None:
    """One agent is M/M/1: waiting = load, mean wait = load * s / (1 - load). Two agents at one
    erlang: waiting is one third."""
    one, two = erlang.erlang_c(0.005, 100, 1), erlang.erlang_c(0.01, 100, 2)
    assert one is not None and two is not None
    assert (one.waiting, one.asa_s) == pytest.approx((0.5, 100))
    assert two.waiting == pytest.approx(1 / 3)


@pytest.mark.parametrize("unlike", [{"seed": 2}, {"agents": 13}])
def test_same_seed_same_bytes(unlike: dict[str, int]) -> None:
    args = ["--hours", "2", "--redial", "0.3", "--strategy", "weighted_random", "--json"]
    other = [part for key, value in unlike.items() for part in (f"--{key}", str(value))]
    first, second, third = (CliRunner().invoke(simulate, args + more) for more in ([], [], other))
    assert first.exit_code == 0
    assert first.stdout_bytes == second.stdout_bytes
    assert third.stdout_bytes != first.stdout_bytes


def test_other_staffing_meets_the_same_callers() -> None:
    one, two = Chance(Scenario(agents=5)), Chance(Scenario(agents=9, strategy="ordered"))
    for _ in range(10):
        assert (one.gap(), one.talk(), one.patience()) == (two.gap(), two.talk(), two.patience())
        two.pickup()


def test_talk_times_have_the_mean_and_spread_asked_for() -> None:
    for spread in (0.5, 1.0, 2.0):
        chance = Chance(Scenario(talk_s=100, spread=spread))
        talks = [chance.talk() for _ in range(40_000)]
        mean = sum(talks) / len(talks)
        deviation = (sum((t - mean) ** 2 for t in talks) / len(talks)) ** 0.5
        assert mean == pytest.approx(100, rel=0.05)
        assert deviation / mean == pytest.approx(spread, rel=0.12)


def test_the_five_service_levels_of_one_data_set() -> None:
    """1,000 answered, 860 within 20 s; 60 abandoned, 20 within 20 s, 10 within 5 s."""
    levels = Levels(
        answered=1000, answered_in=860, abandoned=60, abandoned_in=20, abandoned_short=10
    )
    assert {name: round(value, 1) for name, value in levels.by_formula().items()} == {
        "answered_and_abandoned": 83.0,
        "answered_only": 86.0,
        "all_offered": 81.1,
        "late_abandons": 82.7,
        "short_abandons": 82.1,
    }


# -- it can fail ----------------------------------------------------------------------------


def test_a_floor_that_serves_the_last_first_is_found_out(monkeypatch: Any) -> None:
    monkeypatch.setattr("appliance.acd.queue.virtual_entry", lambda joined, priority, step: -joined)
    assert order.virtual_entry(1.0, 0, 60.0) == 1.0
    assert simulated(arrivals_h=450, hours=1)["order_inversions"] > 10


def test_a_floor_that_forgets_waiting_callers_is_found_out(monkeypatch: Any) -> None:
    """Agents who come free look for nobody: the queue stalls."""
    monkeypatch.setattr(
        routing.Routing, "agent_free", lambda self, agent, now, out: self._rest(agent)
    )
    found = simulated(arrivals_h=450, hours=2)
    assert found["violations"] > 0
    assert any("is idle while" in example for example in found["violation_examples"])


def test_a_broken_rule_makes_the_command_fail(monkeypatch: Any) -> None:
    monkeypatch.setattr("appliance.acd.queue.virtual_entry", lambda joined, priority, step: -joined)
    found = CliRunner().invoke(simulate, ["--arrivals", "450/h", "--hours", "1"])
    assert found.exit_code == 1
    assert "order inversions 0," not in found.stdout


# -- the command ----------------------------------------------------------------------------


def test_calls_end_the_run_and_json_names_the_formula() -> None:
    found = CliRunner().invoke(simulate, ["--calls", "500", "--arrivals", "5/min", "--json"])
    data = json.loads(found.stdout)
    assert data["offered"] == 500
    assert data["scenario"]["arrivals_h"] == 300
    assert data["service_level_formula"] == "all_offered"
    assert data["violations"] == data["order_inversions"] == 0
    assert "events/s" in found.stderr


@pytest.mark.parametrize(
    ("limits", "ended_by", "says"),
    [
        (["--hours", "1", "--calls", "20000"], "hours", "before --calls 20000 was reached"),
        (["--hours", "8", "--calls", "50"], "calls", "ended by --calls 50, after 0."),
        (["--hours", "1"], "hours", "ended by --hours 1\n"),
    ],
)
def test_which_limit_ended_the_run_is_told(limits: list[str], ended_by: str, says: str) -> None:
    found = CliRunner().invoke(simulate, [*limits, "--json"])
    assert json.loads(found.stdout)["ended_by"] == ended_by
    assert says in found.stderr


def test_text_for_people() -> None:
    found = CliRunner().invoke(simulate, ["--hours", "1"])
    assert found.exit_code == 0
    assert "service level" in found.stdout and "Erlang A says" in found.stdout
    assert "order inversions 0, violations 0" in found.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--arrivals", "many"], "no rate of calls"),
        (["--arrivals", "-3/h"], "no rate of calls"),
        (["--arrivals", "3/week"], "no rate of calls"),
        (["--agents", "0"], "--agents"),
        (["--no-answer", "1.5"], "--no-answer"),
        (["--hours", "0"], "--hours or --calls"),
        (["--strategy", "best"], "--strategy"),
    ],
)
def test_wrong_options_name_themselves(args: list[str], words: str) -> None:
    found = CliRunner().invoke(simulate, args)
    assert found.exit_code == 2
    assert words in found.stderr


@pytest.mark.parametrize(
    ("text", "rate"), [("300/h", 300), ("5/min", 300), ("0.1/s", 360), ("42", 42)]
)
def test_rates(text: str, rate: float) -> None:
    assert rate_h(text) == pytest.approx(rate)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_million_calls() -> None:
    found = simulated(
        calls=1_000_000, hours=0, arrivals_h=300, redial=0.3, no_answer=0.05, queues=2, vip=0.05
    )
    assert found["offered"] >= 1_000_000
    assert found["violations"] == found["order_inversions"] == 0
