"""The caller list: VIPs, known, withheld and blocked numbers."""

import pytest

from appliance.flow.effects import HangUp, ToQueue, ToVoicemail
from appliance.flow.facts import caller_entry, facts_for
from appliance.model.events import CallTagged
from tests.flow.caller import Caller, site_of
from tests.flow.texts import MENU, ends, flow, node

CALLERS = """
[[caller]]
number = "+491701*"
[[caller]]
number = "+49170111"
vip = true
agent = "agent1"
priority = 2
data = { name = "Erika Mustermann" }
[[caller]]
number = "+49666"
blocked = true
"""
CALLER_LIST = CALLERS + flow(
    node(
        "a",
        "caller_list",
        on_vip="vip",
        on_known="known",
        on_anonymous="anonymous",
        next="other",
    ),
    node("vip", "queue", queue="sales"),
    ends("known", "anonymous", "other"),
)


@pytest.mark.parametrize(
    ("number", "anonymous", "expected"),
    [
        ("+49170111", False, "vip"),
        ("+491701999", False, "known"),
        ("+4930", False, "other"),
        ("", True, "anonymous"),
        ("+49170111", True, "anonymous"),
    ],
)
def test_caller_list_branches(number: str, anonymous: bool, expected: str) -> None:
    facts = facts_for(
        site_of(CALLER_LIST),
        "c1",
        caller=number,
        called="",
        anonymous=anonymous,
    )
    caller = Caller(CALLER_LIST, **vars(facts))
    assert caller.nodes[-1] == expected
    if expected == "vip":
        assert caller.exit.priority == 5, "the site's vip_priority is above the entry's"
        assert caller.exit.agent == "agent1"
        assert caller.of(CallTagged)[0].vip is True


def test_a_blocked_caller_is_refused_unanswered_unless_the_flow_says_where_to_go() -> None:
    refused = Caller(CALLER_LIST, blocked=True)
    assert refused.exit == HangUp(cause="blocked caller", code=603, served=False)
    assert not refused.answered
    without_list = Caller(MENU, blocked=True)
    assert without_list.exit.served is False and not without_list.answered
    text = CALLER_LIST.replace('on_vip = "vip"', 'on_blocked = "known"')
    assert Caller(text, blocked=True).nodes == ["a", "known"]


BLOCKED_LATE = (
    CALLERS
    + flow(
        node("a", "menu", prompt="1 or 2", choice={"1": {"next": "list"}, "2": {"next": "other"}}),
        node("list", "caller_list", on_blocked="sorry", next="other"),
        node("other", "goto", flow="second"),
        node("sorry", "voicemail", mailbox="night"),
    )
    + """
[flow.second]
start = "q"
[flow.second.node.q]
type = "queue"
queue = "sales"
"""
)


def test_a_blocked_caller_gets_past_no_other_way_than_on_blocked() -> None:
    excused = Caller(BLOCKED_LATE, blocked=True)
    excused.press("1")
    assert isinstance(excused.exit, ToVoicemail)
    around = Caller(BLOCKED_LATE, blocked=True)
    around.press("2")
    assert around.exit == HangUp(cause="blocked caller", code=603, served=False)
    welcome = Caller(BLOCKED_LATE)
    welcome.press("2")
    assert isinstance(welcome.exit, ToQueue)


def test_a_caller_list_in_a_flow_that_goto_leads_to_counts() -> None:
    listed = """
[flow.second]
start = "list"
[flow.second.node.list]
type = "caller_list"
on_blocked = "bye"
[flow.second.node.bye]
type = "hang_up"
prompt = "We do not take your call."
"""
    text = CALLERS + flow(node("a", "goto", flow="second")) + listed
    assert Caller(text, blocked=True).heard == ["We do not take your call."]


def test_a_withheld_number_is_nobodys() -> None:
    site = site_of(CALLERS + '[[caller]]\nnumber = ""\nblocked = true\n' + flow())
    assert caller_entry(site, "") is None
    known = caller_entry(site, "+491701234")
    assert known is not None and known.number == "+491701*"
