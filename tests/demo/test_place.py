"""The demo's own files are right: settings without a warning, a scenario that fits them."""

import itertools
import random
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.box.check import check_loaded
from appliance.box.config import load_site
from appliance.demo import place, voices
from appliance.demo.people import LEAST_AT_WORK, People
from appliance.demo.place import DemoError, Ports
from appliance.lines.exchange.load import load_scenario
from appliance.lines.exchange.steps import Listen, Press, Speak
from appliance.model.commands import AgentPause, AgentReady

PORTS = Ports(box=15090, exchange=15092, web=18080)


@pytest.fixture
def written(tmp_path: Path) -> place.Place:
    for name in voices.SAID:
        (tmp_path / name).write_bytes(b"RIFF")
    return place.write(tmp_path, PORTS)


def test_the_site_checks_clean(written: place.Place) -> None:
    assert check_loaded(load_site(written.site)) == []


def test_ports_are_put_in_everywhere(written: place.Place) -> None:
    site = load_site(written.site).site
    scenario = load_scenario(written.scenario)
    assert (site.sip.port, site.web.port) == (PORTS.box, PORTS.web)
    assert {(trunk.port, trunk.source_port) for trunk in site.trunk} == {(15092, 15092)}
    assert scenario.exchange.port == PORTS.exchange
    assert scenario.exchange.box == f"127.0.0.1:{PORTS.box}"
    for number in ("5090", "5092"):
        assert not re.search(rf"\b{number}\b", written.site.read_text())


def test_every_agent_has_a_phone_and_every_line_a_channel(written: place.Place) -> None:
    site = load_site(written.site).site
    scenario = load_scenario(written.scenario)
    seats = {agent.seat for agent in site.agent}
    assert seats == {f"sip:{phone.id}@127.0.0.1:{PORTS.exchange}" for phone in scenario.phones}
    assert len(seats) == 6
    assert site.trunk[0].channels == scenario.exchange.lines == 8
    assert len(site.queue) == 2
    assert site.queue[0].strategy != site.queue[1].strategy
    assert all(queue.wrap_up_s for queue in site.queue)


def test_callers_press_keys_that_lead_somewhere(written: place.Place) -> None:
    site = load_site(written.site).site
    menu = site.flow["main"]["node"]["menu"]["choice"]
    exits = {queue.exit_key for queue in site.queue}
    pressed = {
        step.keys
        for group in load_scenario(written.scenario).caller
        for step in group.steps
        if isinstance(step, Press)
    }
    assert set(menu) | exits <= pressed
    assert len(pressed - set(menu) - exits) == 1  # and one that is wrong, on purpose


def test_callers_say_what_the_menu_listens_for(written: place.Place) -> None:
    """One of its phrases for each choice, and something else on purpose."""
    choices = load_site(written.site).site.flow["main"]["node"]["menu"]["choice"]
    first = [
        voices.SAID[str(step.file)][1].lower().rstrip(".")
        for group in load_scenario(written.scenario).caller
        for before, step in itertools.pairwise(group.steps[:3])
        if isinstance(step, Speak) and isinstance(before, Listen)
    ]
    meant = [
        {key for key, one in choices.items() if any(said.endswith(w) for w in one["say"])}
        for said in first
    ]
    assert [len(one) for one in meant].count(0) == 1
    assert set().union(*meant) == set(choices)
    assert all(len(one) <= 1 for one in meant)


def test_everything_that_is_said_has_a_voice(written: place.Place) -> None:
    scenario = load_scenario(written.scenario)
    steps = [step for group in scenario.caller for step in group.steps]
    steps += [step for phone in scenario.agent for act in phone.act for step in act.steps]
    assert {str(step.file) for step in steps if isinstance(step, Speak)} == set(voices.SAID)


def test_agents_tones_are_apart_from_each_other(written: place.Place) -> None:
    tones = sorted(load_scenario(written.scenario).agent_tones)
    assert len(tones) == 6
    assert all(b - a >= 20 for a, b in itertools.pairwise(tones))


def test_ports_that_are_taken_are_passed_over() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as web,
    ):
        sip.bind(("127.0.0.1", 0))
        web.bind(("127.0.0.1", 0))
        web.listen()
        busy = Ports(sip.getsockname()[1], sip.getsockname()[1], web.getsockname()[1])
        found = place.free_ports(busy)
    assert found.box not in (busy.box, found.exchange)
    assert found.exchange != busy.exchange
    assert found.web != busy.web


def test_one_demo_in_a_folder(tmp_path: Path) -> None:
    with place.taken(tmp_path), pytest.raises(DemoError, match="runs in"), place.taken(tmp_path):
        pass
    with place.taken(tmp_path):  # free again
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DemoError, match="--data"), place.taken(tmp_path / "file" / "demo"):
        pass


STATES = st.sampled_from(["ready", "ringing", "talking", "wrap_up", "paused", "not_ready"])


@given(st.integers(), st.lists(st.lists(STATES, min_size=6, max_size=6), max_size=80))
def test_people_take_breaks_one_at_a_time_and_come_back(seed: int, rounds: list[list[str]]) -> None:
    people, now = People(random.Random(seed)), 0.0
    for states in rounds:
        now += 5.0
        named = {f"agent{n}": state for n, state in enumerate(states)}
        for command in people.look(named, now):
            if isinstance(command, AgentPause):
                at_work = [s for s in states if s not in ("paused", "not_ready")]
                assert len(at_work) > LEAST_AT_WORK
                assert named[command.agent] not in ("paused", "not_ready")
            else:
                assert isinstance(command, AgentReady)
                assert named[command.agent] in ("paused", "not_ready")


def test_nobody_stays_away_for_ever() -> None:
    people = People(random.Random(1))
    away = dict.fromkeys(("agent1", "agent2"), "not_ready")
    back = {c.agent for n in range(20) for c in people.look(away, 2.0 * n)}
    assert back == {"agent1", "agent2"}
