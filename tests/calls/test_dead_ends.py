"""Settings that lead in a circle, or take away what a call is on its way to, strand nobody."""

import pytest

from appliance.calls.setup import Setup
from appliance.calls.state import Stage
from appliance.flow.language import compile_flows
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.site import SiteFile
from tests.calls.world import SITE, World

NOBODY = SITE.replace("login = true", "login = false")
BY_NAME = SITE.replace(
    '[flow.main.node.menu.choice.2]\nnext = "all"', '[flow.main.node.menu.choice.2]\nnext = "one"'
) + (
    '[flow.main.node.one]\ntype = "agent"\nagent = "a1"\n'
    'on_no_answer = "mail"\non_busy = "mail"\non_unreachable = "mail"\n'
)


def circle(overflow: str) -> str:
    """Queues support and all overflow into each other."""
    return NOBODY.replace(
        '[queue.overflow]\nafter_s = 120\nto = "flow"',
        f'[queue.overflow]\n{overflow}\nto = "queue:all"',
    ).replace(
        'whisper = "Call for all"',
        f'whisper = "Call for all"\n[queue.overflow]\n{overflow}\nto = "queue:support"',
    )


@pytest.mark.parametrize(("overflow", "callers"), [("unstaffed = true", 1), ("length = 1", 3)])
def test_queues_that_overflow_into_each_other_end_at_the_flow(overflow: str, callers: int) -> None:
    world = World(circle(overflow))
    for i in range(callers):
        last = world.arrive("+49305000", f"+4930700{i}")
    assert len(world.of(ev.QueueEntered)) < 10
    assert world.heard_by(last) == {"prompt"}
    world.play_out()
    assert world.of(ev.CallEnded)[-1].outcome == "failed"
    assert "no way on" in world.of(ev.CallEnded)[-1].cause


def reload(world: World, **without: str) -> None:
    """A new version of the site that lacks the things with these ids."""
    kept = {
        table: [thing for thing in getattr(world.site, table) if thing.id != gone]
        for table, gone in without.items()
    }
    site: SiteFile = world.site.model_copy(update=kept)
    setup = Setup(site, "v2", world.box.desk.setup.addresses)
    world.take(world.box.reconfigure(setup, compile_flows(world.site), world.now))


def test_a_running_flow_that_leads_to_a_removed_queue_takes_its_edge() -> None:
    world = World()
    caller = world.arrive()
    reload(world, queue="support")
    world.tell(legs.Digit(leg=caller, key="1"))
    (call,) = world.box.desk.calls.values()
    assert call.stage is Stage.VOICEMAIL


def test_a_running_flow_that_leads_to_a_removed_agent_takes_its_edge() -> None:
    world = World(BY_NAME)
    caller = world.arrive()
    reload(world, agent="a1")
    world.tell(legs.Digit(leg=caller, key="2"))
    (call,) = world.box.desk.calls.values()
    assert call.stage is Stage.VOICEMAIL


def test_a_caller_in_a_removed_queue_that_overflows_to_a_removed_one_goes_on() -> None:
    world = World(circle("unstaffed = true").replace("unstaffed = true", "after_s = 900"))
    caller = world.arrive("+49305000")
    assert world.heard_by(caller) == {"music:music"}
    world.site = world.site.model_copy(update={"queue": []})
    reload(world)
    assert world.heard_by(caller) == {"prompt"}


def test_a_blocked_caller_whom_the_flow_answered_first_is_refused() -> None:
    """Excused by a caller_list that this caller goes around."""
    excuse = '[flow.main.node.list]\ntype = "caller_list"\nnext = "menu"\non_blocked = "menu"\n'
    world = World(SITE + excuse + '[[caller]]\nnumber = "+4930555"\nblocked = true\n')
    caller = world.arrive()
    world.tell(legs.Digit(leg=caller, key="1"))
    (ended,) = world.of(ev.CallEnded)
    assert (ended.outcome, ended.cause, ended.sip_code) == ("refused", "blocked caller", 200)
