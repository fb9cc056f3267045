"""A day on the floor of a site.toml: its queues, agents, skills and shifts are the real ones."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance.acd.simulator.day import MOST_DIVERTS, DayRun, DayScenario, spans
from appliance.box.config import SiteError
from appliance.cli import COMMANDS
from appliance.model.site import Agent, AgentQueue, Overflow, Queue
from appliance.simulate import simulate

SITE = """
[[queue]]
id = "support"
wrap_up_s = 20
skills = { german = 2 }
service_level = { seconds = 15, formula = "answered_only" }
[[queue]]
id = "sales"
strategy = "ordered"
[[agent]]
id = "agent1"
seat = "sip:a1@127.0.0.1:5071"
queues = [{ id = "support" }, { id = "sales", order = 2 }]
skills = { german = 5 }
[[agent]]
id = "agent2"
seat = "sip:a2@127.0.0.1:5072"
queues = [{ id = "support" }, { id = "sales", order = 1 }]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


def run(site: Path, *options: str) -> Result:
    return CliRunner().invoke(simulate, ["--site", str(site), *options])


def day(site: Path, *options: str) -> dict[str, Any]:
    found = run(site, *options, "--json")
    assert found.exit_code == 0, found.output
    data: dict[str, Any] = json.loads(found.stdout)
    assert data["violations"] == data["order_inversions"] == 0, data["violation_examples"]
    return data


def change(site: Path, old: str, new: str) -> None:
    assert old in site.read_text()
    site.write_text(site.read_text().replace(old, new))


def test_the_command_line_has_it() -> None:
    assert COMMANDS["simulate"][0] == "appliance.simulate:simulate"


def test_queues_and_agents_add_up_to_the_floor(site: Path) -> None:
    found = day(site, "--load", "support=12/h,120", "--load", "sales=9/h,60")
    queues, agents = found["queues"], found["agents"]
    assert list(queues) == ["support", "sales"] and list(agents) == ["agent1", "agent2"]
    for key in ("offered", "answered", "abandoned", "short_abandons", "diverted"):
        assert sum(one[key] for one in queues.values()) == found[key], key
    assert sum(one["answered"] for one in agents.values()) == found["answered"] > 100
    assert queues["support"]["service_level_formula"] == "answered_only"
    assert queues["support"]["service_level_s"] == 15 and queues["sales"]["service_level_s"] == 20
    assert 0 < queues["sales"]["occupancy_pct"] < 100
    assert found["theory"] is None, "Erlang knows no skills"


def test_only_who_has_the_skill_gets_the_call(site: Path) -> None:
    found = day(site, "--load", "support=10/h")
    assert found["agents"]["agent2"]["answered"] == 0
    assert found["agents"]["agent1"]["answered"] == found["answered"] > 30


def test_the_strategy_and_order_of_the_site_count(site: Path) -> None:
    quiet = ("--load", "sales=4/h,30", "--hours", "24")
    answered = {name: one["answered"] for name, one in day(site, *quiet)["agents"].items()}
    assert answered["agent2"] > 20 * max(1, answered["agent1"]), "first in order"
    change(site, 'strategy = "ordered"', 'strategy = "round_robin"')
    answered = {name: one["answered"] for name, one in day(site, *quiet)["agents"].items()}
    assert abs(answered["agent1"] - answered["agent2"]) <= 2


def test_talk_time_and_wrap_up_are_those_asked_for(site: Path) -> None:
    options = ("--load", "support=10/h,200", "--patience", "3000", "--hours", "24")
    full = day(site, *options, "--spread", "0.1")
    one = full["agents"]["agent1"]
    assert one["talk_h"] * 3600 / one["answered"] == pytest.approx(200, rel=0.05)
    busy_h = one["talk_h"] + one["answered"] * 20 / 3600
    free_h = busy_h / (one["occupancy_pct"] / 100) - busy_h
    assert busy_h + free_h == pytest.approx(one["logged_in_h"], rel=0.06), "wrap-up is 20 s"
    short = day(site, *options, "--spread", "0.1", "--wrap-up", "2")
    assert short["agents"]["agent1"]["occupancy_pct"] < one["occupancy_pct"]


def test_agents_are_there_in_their_shifts_only(site: Path) -> None:
    load = ("--load", "sales=20/h,60", "--hours", "8")
    found = day(site, *load, "--shift", "agent2=09:00-11:30", "--shift", "agent2=06:00-08:30")
    assert found["agents"]["agent2"]["logged_in_h"] == pytest.approx(3.0, abs=0.1)
    assert found["agents"]["agent1"]["logged_in_h"] >= 8.0
    nobody = day(site, *load, "--shift", "agent1=08:00-09:00", "--shift", "agent2=08:00-09:00")
    assert nobody["abandoned"] > 3 * nobody["answered"], "seven hours without anybody"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-16:00", [(0, 8)]),
        ("10:30-12:00", [(2.5, 4)]),
        ("06:00-10:00", [(0, 2), (22, 24)]),
        ("22:00-06:00", [(14, 22)]),
        ("20:00-08:00", [(12, 24)]),
        ("16:00-24:00", [(8, 16)]),
    ],
)
def test_shifts_in_a_day_that_begins_at_eight(text: str, expected: list[Any]) -> None:
    assert [(a / 3600, b / 3600) for a, b in spans(text, "08:00")] == expected


def test_overflow_goes_to_the_other_queue_with_its_agents(site: Path) -> None:
    change(site, "wrap_up_s = 20", 'overflow = { length = 1, to = "queue:sales" }')
    found = day(site, "--load", "support=60/h", "--hours", "4")
    diverted = found["queues"]["support"]["diverted"]
    assert 20 < diverted == found["queues"]["sales"]["offered"]
    assert found["agents"]["agent2"]["answered"] > 10, "he serves sales only"


def test_queues_that_overflow_into_each_other_come_to_an_end() -> None:
    """The check of a site.toml refuses them; the simulation must not run for ever either."""
    queues = [
        Queue(id=one, overflow=Overflow(length=1, to=f"queue:{other}"))
        for one, other in (("a", "b"), ("b", "a"))
    ]
    agents = [Agent(id="x", seat="sip:x@127.0.0.1", queues=[AgentQueue(id="a")])]
    run = DayRun(DayScenario(hours=2, loads={"a": 90.0}, arrivals_h=90.0), queues, agents)
    run.go()
    offered = sum(sum(tally.reasons.values()) for tally in run.queue_tallies.values())
    assert run.arrived < offered <= run.arrived * (MOST_DIVERTS + 1)
    assert not run.watch.guests and not run.watch.broken


def test_a_long_day_shows_how_far_it_is(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.acd.simulator.command._QUIET_S", 0.0)
    found = run(site, "--load", "sales=400/h,5", "--hours", "24")
    assert re.search(r"simulating: +\d+%, about \d+ s left", found.stderr)


def test_same_seed_same_bytes(site: Path) -> None:
    first, second, other = (run(site, "--seed", seed, "--json") for seed in "112")
    assert first.stdout_bytes == second.stdout_bytes != other.stdout_bytes


def test_tables_for_people(site: Path) -> None:
    text = run(site, "--arrivals", "20/h").stdout
    assert "order inversions 0, violations 0" in text
    lines = [line.split() for line in text.splitlines()]
    for name in ("support", "sales", "agent1", "agent2"):
        assert [line for line in lines if line[:1] == [name]], name
    assert "Erlang" not in text


def test_without_a_site_it_is_the_made_up_floor() -> None:
    found = CliRunner().invoke(simulate, ["--hours", "1", "--agents", "9", "--json"])
    data = json.loads(found.stdout)
    assert data["scenario"]["agents"] == 9 and data["theory"] is not None
    assert "queues" not in data


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--agents", "5"], "--agents is what site.toml says"),
        (["--strategy", "ordered"], "--strategy is what"),
        (["--load", "suport=3/h"], "there is no queue 'suport'"),
        (["--load", "support=3/week"], "no rate of calls"),
        (["--load", "support=3/h,-1"], "no talk time"),
        (["--load", "support=3/h,x"], "--load support=3/h,x"),
        (["--load", "support=3/h", "--arrivals", "5/h"], "Give --arrivals"),
        (["--shift", "agent9=08:00-09:00"], "there is no agent 'agent9'"),
        (["--shift", "agent1=8-9"], "no time of day"),
        (["--shift", "agent1=08:00-08:00"], "no length"),
        (["--shift", "agent1=08:00-10:00", "--shift", "agent1=09:00-11:00"], "overlap"),
        (["--patience", "0"], "above 0"),
    ],
)
def test_wrong_options_name_themselves(site: Path, options: list[str], words: str) -> None:
    found = run(site, *options)
    assert found.exit_code == 2
    assert words in found.stderr


def test_load_and_shift_need_a_site() -> None:
    found = CliRunner().invoke(simulate, ["--load", "support=3/h"])
    assert found.exit_code == 2 and "of a --site" in found.stderr


def test_a_wrong_queue_or_agent_is_told_as_by_check_and_other_rooms_do_not_matter(
    site: Path,
) -> None:
    change(site, '{ id = "sales", order = 2 }', '{ id = "sale" }')
    found = run(site)
    assert isinstance(found.exception, SiteError)
    assert [one.path for one in found.exception.findings] == [("agent", 0, "queues", 1, "id")]
    change(site, '{ id = "sale" }', '{ id = "sales" }')
    site.write_text('[sip]\nlisten = "198.51.100.2"\n' + site.read_text())
    assert run(site).exit_code == 0, "the box is elsewhere"
