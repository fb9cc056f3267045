"""What holds for all flows: typing ahead, late reports, circles, reload."""

from appliance.flow.effects import Digit, PromptDone, Returned, TimerFired, ToQueue
from appliance.flow.language import compile_flows
from appliance.flow.pace import STEP_LIMIT
from appliance.model.events import FlowEntered, FlowNode
from tests.flow.caller import Caller, site_of

TWO_MENUS = """
[flow.main]
start = "greet"
fallback = "support"
[flow.main.node.greet]
type = "greeting"
prompt = "Welcome"
next = "first"
[flow.main.node.first]
type = "menu"
prompt = "One"
choice.1.next = "second"
[flow.main.node.second]
type = "menu"
prompt = "Two"
choice.2.next = "number"
[flow.main.node.number]
type = "collect"
prompt = "Number"
store = "n"
max = 3
confirm = true
next = "support"
[flow.main.node.support]
type = "queue"
queue = "support"
on_overflow = "sorry"
[flow.main.node.sorry]
type = "play"
prompt = "Still busy"
next = "support"
"""


def test_a_key_during_a_prompt_stops_it_and_counts_for_the_next_menu() -> None:
    caller = Caller(TWO_MENUS)
    caller.press("1")
    assert caller.nodes == ["greet", "first", "second"]
    assert caller.heard == ["Welcome", "Two"]


def test_a_caller_who_knows_the_way_hears_nothing_more() -> None:
    caller = Caller(TWO_MENUS)
    caller.press("12123#1")
    assert isinstance(caller.exit, ToQueue), caller.heard
    assert caller.run.data == {"n": "123"}
    assert caller.now < 103, "no prompt was waited for"


def test_typed_ahead_during_a_notice_serves_two_menus() -> None:
    text = TWO_MENUS.replace('prompt = "Welcome"', 'prompt = "Welcome"\nbarge_in = false')
    caller = Caller(text)
    caller.press("12456#1")
    assert caller.heard == ["Welcome"]
    caller.listen_out()
    assert isinstance(caller.exit, ToQueue)
    assert caller.run.data == {"n": "456"}
    assert caller.heard == ["Welcome"], "nothing was asked that was answered already"


def test_keys_typed_before_the_queue_do_not_count_after_it() -> None:
    text = TWO_MENUS.replace('prompt = "Welcome"', 'prompt = "Welcome"\nbarge_in = false')
    caller = Caller(text)
    caller.press("12456#199")
    caller.listen_out()
    assert isinstance(caller.exit, ToQueue)
    caller.come_back("overflow")
    assert caller.play is not None, "the prompt after the queue is heard"


def test_the_time_out_of_an_earlier_question_is_no_silence() -> None:
    caller = Caller(TWO_MENUS.replace("max = 3", "max = 9"))
    caller.press("12")
    caller.hear_all()
    assert caller.timer is not None
    early = caller.timer.id
    caller.press("7")
    caller.send(TimerFired(id=early))
    assert caller.inputs[-1][0] == "key", "still collecting"
    assert caller.timer is not None and caller.timer.id != early


def test_late_and_foreign_reports_do_nothing() -> None:
    caller = Caller(TWO_MENUS)
    before = (caller.run.node, caller.run.state)
    for given in (PromptDone(id=999), TimerFired(id=999), Returned(why="done")):
        assert caller.run.handle(given, caller.now, caller.utc) == []
    assert (caller.run.node, caller.run.state) == before
    caller.press("12123#1")
    for given in (Digit(key="1"), PromptDone(id=1), TimerFired(id=1)):
        assert caller.run.handle(given, caller.now, caller.utc) == []
    assert caller.run.start(caller.now, caller.utc) == [], "a second start does nothing"


def test_a_reload_leaves_running_calls_on_the_flow_they_began() -> None:
    old = Caller(TWO_MENUS)
    site = site_of(TWO_MENUS.replace('prompt = "Two"', 'prompt = "Changed"'))
    fresh = compile_flows(site)
    old.press("1")
    assert old.heard[-1] == "Two"
    new = Caller(TWO_MENUS.replace('prompt = "Two"', 'prompt = "Changed"'))
    new.press("1")
    assert new.heard[-1] == "Changed"
    versions = [caller.of(FlowEntered)[0].version for caller in (old, new)]
    assert versions[0] != versions[1] and versions[1] == fresh.flows["main"].version
    old.press("2123#1")
    old.come_back("overflow")
    assert {one.version for one in old.of(FlowEntered)} == {versions[0]}, "after the queue too"


CIRCLE = """
[flow.main]
start = "a"
fallback = "{fallback}"
[flow.main.node.a]
type = "set"
priority = 1
next = "b"
[flow.main.node.b]
type = "set"
priority = 2
next = "a"
[flow.main.node.support]
type = "queue"
queue = "support"
"""


def test_a_circle_ends_in_the_fallback_and_says_so() -> None:
    caller = Caller(CIRCLE.format(fallback="support"))
    assert isinstance(caller.exit, ToQueue)
    last = caller.of(FlowNode)[-1]
    assert f"more than {STEP_LIMIT} steps" in last.cause
    assert len(caller.of(FlowNode)) == STEP_LIMIT + 1


def test_a_circle_through_the_fallback_ends_the_call_politely() -> None:
    caller = Caller(CIRCLE.format(fallback="b"))
    assert caller.heard == ["phrase:cf-sorry"]
    caller.listen_out()
    assert caller.exit.served is False
    assert len(caller.of(FlowNode)) <= 2 * STEP_LIMIT + 2


def test_coming_back_at_once_again_and_again_is_a_circle_too() -> None:
    """A queue that is always full answers at once: that must not spin."""
    text = TWO_MENUS.replace('on_overflow = "sorry"', 'on_overflow = "q2"') + (
        '[flow.main.node.q2]\ntype = "queue"\nqueue = "sales"\non_overflow = "support"\n'
    )
    caller = Caller(text)
    caller.press("12123#1")
    for _ in range(3 * STEP_LIMIT):
        if caller.exit is None:
            break
        caller.send(Returned(why="full"))
    assert caller.heard[-1] == "phrase:cf-sorry"


def test_waiting_in_a_queue_again_and_again_is_no_circle() -> None:
    caller = Caller(TWO_MENUS)
    caller.press("12123#1")
    for _ in range(STEP_LIMIT):
        caller.send(Returned(why="overflow"), 60.0)
        caller.listen_out()
        assert isinstance(caller.exit, ToQueue)


def test_a_node_that_is_not_there_leads_to_the_fallback() -> None:
    caller = Caller(TWO_MENUS.replace('choice.1.next = "second"', 'choice.1.next = "gone"'))
    caller.press("1")
    assert isinstance(caller.exit, ToQueue)
    assert "no node 'gone'" in caller.of(FlowNode)[-1].cause


def test_a_flow_without_any_way_ends_politely() -> None:
    caller = Caller('[flow.main]\nstart = "gone"')
    assert caller.heard == ["phrase:cf-sorry"]
    caller.listen_out()
    assert caller.exit.served is False
