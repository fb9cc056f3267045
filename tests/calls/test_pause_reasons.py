"""Agents pause for the reasons that the site lists, where it lists any."""

import pytest

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model.ids import AgentId
from tests.calls.world import SITE, World

A2 = AgentId("a2")
LISTED = SITE + '\n[[pause_reason]]\nid = "lunch"\n\n[[pause_reason]]\nid = "training"\n'


def test_a_reason_that_is_not_listed_is_refused_with_those_that_are() -> None:
    world = World(LISTED)
    world.command(c.AgentLogin(agent=A2))
    before, events = world.state("a2"), len(world.of(ev.AgentChanged))
    reply = world.command(c.AgentPause(agent=A2, reason="luch"))
    assert not reply.ok
    assert "'luch'" in reply.error and reply.error.endswith("lunch, training")
    assert (world.state("a2"), len(world.of(ev.AgentChanged))) == (before, events)


@pytest.mark.parametrize(("site", "reason"), [(LISTED, "lunch"), (LISTED, ""), (SITE, "any")])
def test_a_listed_reason_none_and_any_where_none_is_listed_are_taken(
    site: str, reason: str
) -> None:
    world = World(site)
    world.command(c.AgentLogin(agent=A2))
    assert world.command(c.AgentPause(agent=A2, reason=reason)).ok
    assert world.state("a2") == "paused"
    assert world.of(ev.AgentChanged)[-1].reason == reason
