"""Each node type does what docs/flows.md says of it."""

from datetime import UTC, datetime

import pytest

from appliance.flow.effects import HangUp, ToAgent, ToNumber, ToQueue, ToVoicemail
from appliance.flow.facts import facts_for
from appliance.flow.interpreter import FlowRun
from appliance.model.events import CallTagged, FlowEntered, FlowLeft
from tests.flow.caller import Caller, flows_of, site_of

QUEUE = """
[flow.main.node.support]
type = "queue"
queue = "support"
"""


def flow(body: str, start: str = "a", fallback: str = "support") -> str:
    return f'[flow.main]\nstart = "{start}"\nfallback = "{fallback}"\n{body}\n{QUEUE}'


def test_play_is_heard_and_leads_on() -> None:
    caller = Caller(flow('[flow.main.node.a]\ntype = "play"\nprompt = "Hello"\nnext = "support"'))
    assert caller.heard == ["Hello"]
    caller.listen_out()
    assert isinstance(caller.exit, ToQueue)
    assert caller.nodes == ["a", "support"]


def test_a_greeting_is_heard_once_per_call() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "greeting"
prompt = "Welcome"
next = "menu"
[flow.main.node.menu]
type = "menu"
prompt = "Press 1"
choice.1.next = "a"
"""
        )
    )
    caller.listen_out()
    caller.press("1")
    assert caller.heard == ["Welcome", "Press 1", "Press 1"]


def test_barge_in_false_plays_to_the_end_and_keeps_the_key() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "play"
prompt = "This call is recorded"
barge_in = false
next = "menu"
[flow.main.node.menu]
type = "menu"
prompt = "Press 1"
choice.1.next = "support"
"""
        )
    )
    caller.press("1")
    assert caller.play is not None and caller.exit is None
    caller.listen_out()
    assert isinstance(caller.exit, ToQueue)
    assert caller.heard == ["This call is recorded"]


MENU = flow(
    """
[flow.main.node.a]
type = "menu"
prompt = { en = "Press 1 or 2", de = "1 oder 2" }
retries = 2
first_key_s = 4
silence_prompts = ["Nothing heard", ["Last", "chance"]]
wrong_prompts = ["Wrong"]
on_silence = "support"
on_wrong = "bye"
[flow.main.node.a.choice.1]
say = { en = ["orders"], de = ["bestellung"] }
next = "support"
name = "Orders"
[flow.main.node.a.choice.2]
next = "bye"
[flow.main.node.bye]
type = "hang_up"
"""
)


def test_a_menu_key_takes_its_way_and_is_in_history() -> None:
    caller = Caller(MENU)
    assert caller.listen is not None
    assert caller.listen.choices == {"1": ("orders",), "2": ()}
    caller.press("1")
    assert caller.inputs == [("key", "1", "Orders")]
    assert isinstance(caller.exit, ToQueue)


def test_menu_speaks_the_calls_language() -> None:
    caller = Caller(MENU, language="de")
    assert caller.heard == ["1 oder 2"]
    assert caller.listen is not None and caller.listen.choices["1"] == ("bestellung",)


def test_silence_is_asked_again_differently_and_ends_with_a_person() -> None:
    caller = Caller(MENU)
    caller.stay_silent()
    assert caller.heard == ["Press 1 or 2", "Nothing heard", "Press 1 or 2"]
    caller.stay_silent()
    assert caller.heard[3:] == ["Last", "chance", "Press 1 or 2"]
    assert caller.now == 100 + 2 * (2 + 4)
    caller.stay_silent()
    assert caller.inputs == [("nothing", "", "")] * 3
    assert isinstance(caller.exit, ToQueue)


def test_wrong_keys_are_counted_with_silence_and_have_their_own_end() -> None:
    caller = Caller(MENU)
    caller.press("7")
    caller.stay_silent()
    caller.press("9")
    assert [kind for kind, _, _ in caller.inputs] == ["wrong", "nothing", "wrong"]
    assert isinstance(caller.exit, HangUp)


def test_a_wrong_key_throws_away_what_was_typed_after_it() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "play"
prompt = "Notice"
barge_in = false
next = "menu"
[flow.main.node.menu]
type = "menu"
prompt = "Press 1"
choice.1.next = "support"
"""
        )
    )
    caller.press("71")
    caller.listen_out()
    assert caller.exit is None, "the 1 was meant for another question"
    assert caller.heard[1:] == ["phrase:cf-wrong", "Press 1"]


def test_spoken_choice_and_unknown_words() -> None:
    caller = Caller(MENU)
    caller.say("something else")
    assert caller.inputs == [("wrong", "something else", "")]
    caller.say("my order", choice="1")
    assert caller.inputs[-1] == ("speech", "my order", "Orders")
    assert isinstance(caller.exit, ToQueue)


COLLECT = """
[flow.main.node.a]
type = "collect"
prompt = "Your number"
store = "order"
min = 3
max = 5
inter_digit_s = 2
{more}
next = "told"
[flow.main.node.told]
type = "play"
prompt = ["You have", {{ say = "digits", value = "{{data.order}}" }}]
next = "support"
"""


def collect(more: str = "") -> str:
    return flow(COLLECT.format(more=more))


def test_digits_end_with_the_terminator_and_are_stored() -> None:
    caller = Caller(collect())
    caller.press("123#")
    assert caller.run.data == {"order": "123"}
    assert caller.inputs == [("digits", "123", "")]
    assert caller.of(CallTagged)[0].data == {"order": "123"}
    assert caller.heard == ["Your number", "You have", "digits:123"]


def test_digits_end_with_a_pause() -> None:
    caller = Caller(collect())
    caller.press("1234")
    assert caller.timer is not None and caller.timer.seconds == 2
    caller.stay_silent()
    assert caller.run.data == {"order": "1234"}


def test_the_most_digits_go_on_at_once_and_a_late_terminator_is_ignored() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "collect"
prompt = "Number"
store = "n"
max = 2
next = "menu"
[flow.main.node.menu]
type = "menu"
prompt = "Press 1"
choice.1.next = "support"
choice."#".next = "a"
"""
        )
    )
    caller.press("12#")
    assert caller.nodes == ["a", "menu"]
    caller.press("#")
    assert caller.nodes == ["a", "menu", "a"], "the second # is meant for the menu"


def test_too_few_digits_and_wrong_keys_are_asked_again() -> None:
    caller = Caller(collect("terminator = '#'"))
    caller.press("12#")
    assert caller.inputs == [("wrong", "12", "")]
    assert caller.heard[-2:] == ["phrase:cf-invalid", "Your number"]
    caller.press("1*")
    assert caller.heard[-2:] == ["phrase:cf-invalid-again", "Your number"]
    caller.press("1")
    caller.stay_silent()
    assert isinstance(caller.exit, ToQueue), "third failure: the fallback"


def test_confirmation_reads_back_and_2_starts_again() -> None:
    caller = Caller(collect("confirm = true"))
    caller.press("123#")
    assert caller.heard[1:] == ["phrase:you-entered", "digits:123", "phrase:cf-confirm"]
    caller.press("2")
    assert caller.heard[-1] == "Your number"
    caller.press("456#1")
    assert caller.run.data == {"order": "456"}
    assert caller.nodes[-1] == "told"


def test_confirmation_can_be_typed_ahead_and_silence_reads_back_again() -> None:
    caller = Caller(collect("confirm = true"))
    caller.press("123#")
    caller.stay_silent()
    assert caller.heard[-4:] == [
        "phrase:cf-nothing", "phrase:you-entered", "digits:123", "phrase:cf-confirm",
    ]  # fmt: skip
    caller.press("1")
    assert caller.nodes[-1] == "told"


def test_secret_digits_are_masked_everywhere_and_never_said() -> None:
    caller = Caller(collect("secret = true"))
    caller.press("987#")
    assert caller.run.data == {"order": "987"}, "the run itself has them"
    assert "987" not in repr(caller.events)
    assert caller.inputs == [("digits", "***", "")]
    assert caller.heard == ["Your number", "You have"]


def test_wrong_secret_digits_are_masked_too() -> None:
    caller = Caller(collect("secret = true"))
    caller.press("98#")
    assert caller.inputs == [("wrong", "**", "")]


def test_digits_spoken() -> None:
    caller = Caller(collect())
    caller.say("1 2 3 4 5")
    assert caller.run.data == {"order": "12345"}


HOURS = flow(
    """
[flow.main.node.a]
type = "hours"
week = { mon-thu = ["08:00-12:00", "13:00-17:00"], fri = ["08:00-12:00"] }
special = [
  { date = 2025-12-29, until = 2025-12-30 },
  { date = 2025-10-03, open = ["10:00-11:00"] },
]
on_open = "open"
on_closed = "closed"
on_holiday = "holiday"
[flow.main.node.open]
type = "hang_up"
[flow.main.node.closed]
type = "hang_up"
[flow.main.node.holiday]
type = "hang_up"
"""
)


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2025, 6, 2, 10, 0, tzinfo=UTC), "closed"),  # 12:00 Berlin: midday break
        (datetime(2025, 6, 2, 9, 59, tzinfo=UTC), "open"),
        (datetime(2025, 6, 2, 6, 0, tzinfo=UTC), "open"),  # 08:00 in summer
        (datetime(2025, 1, 13, 6, 30, tzinfo=UTC), "closed"),  # 07:30 in winter
        (datetime(2025, 6, 6, 12, 0, tzinfo=UTC), "closed"),  # Friday afternoon
        (datetime(2025, 6, 7, 8, 0, tzinfo=UTC), "closed"),  # Saturday
        (datetime(2025, 6, 9, 8, 0, tzinfo=UTC), "holiday"),  # Whit Monday
        (datetime(2025, 12, 29, 10, 0, tzinfo=UTC), "holiday"),  # special, second day too
        (datetime(2025, 12, 30, 10, 0, tzinfo=UTC), "holiday"),
        (datetime(2025, 10, 3, 8, 30, tzinfo=UTC), "open"),  # special hours win over the holiday
        (datetime(2025, 10, 3, 12, 0, tzinfo=UTC), "closed"),
        (datetime(2025, 6, 1, 23, 30, tzinfo=UTC), "closed"),  # Monday 01:30 in Berlin
    ],
)
def test_hours_in_the_sites_time_zone(utc: datetime, expected: str) -> None:
    caller = Caller(HOURS, start=False)
    caller.utc = utc
    caller.begin()
    assert caller.nodes == ["a", expected]


def test_holidays_of_a_region() -> None:
    womens_day = datetime(2024, 3, 8, 10, 0, tzinfo=UTC)  # a holiday in Berlin only
    for region, expected in (("BE", "holiday"), ("BY", "open")):
        caller = Caller(HOURS, start=False, region=region)
        caller.utc = womens_day
        caller.begin()
        assert caller.nodes[-1] == expected


def test_language_changes_prompts_and_the_queue() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "language"
language = "de"
next = "b"
[flow.main.node.b]
type = "play"
prompt = [{ en = "Hello", de = "Guten Tag" }, { phrase = "vm-goodbye" }]
next = "support"
"""
        )
    )
    assert caller.heard == ["Guten Tag", "phrase:vm-goodbye"]
    assert caller.play is not None and {p.language for p in caller.play.prompts} == {"de"}
    caller.listen_out()
    assert caller.exit.language == "de"
    assert caller.of(CallTagged)[0].language == "de"


def test_set_gives_priority_skills_and_data() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "set"
priority = 7
skills = { french = 3 }
data = { topic = "orders", from = "{caller}" }
next = "q"
[flow.main.node.q]
type = "queue"
queue = "sales"
skills = { orders = 1 }
"""
        )
    )
    assert caller.exit == ToQueue(
        queue="sales", priority=7, skills={"french": 3, "orders": 1}, language="en"
    )
    tagged = caller.of(CallTagged)[0]
    assert tagged.priority == 7 and tagged.data == {"topic": "orders", "from": "+493012345"}


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
    """
[flow.main.node.a]
type = "caller_list"
on_vip = "vip"
on_known = "known"
on_anonymous = "anonymous"
next = "other"
[flow.main.node.vip]
type = "queue"
queue = "sales"
[flow.main.node.known]
type = "hang_up"
[flow.main.node.anonymous]
type = "hang_up"
[flow.main.node.other]
type = "hang_up"
"""
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
        anonymous=anonymous,  # type: ignore[arg-type]
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


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("exit_key", "exit"),
        ("overflow", "over"),
        ("unstaffed", "over"),
        ("full", "full"),
        ("unreachable", "over"),
        ("done", "after"),
    ],
)
def test_a_queue_comes_back_along_its_edges(why: str, expected: str) -> None:
    ends = "\n".join(
        f'[flow.main.node.{name}]\ntype = "hang_up"' for name in ("exit", "over", "full", "after")
    )
    caller = Caller(
        flow(
            f"""
[flow.main.node.a]
type = "queue"
queue = "sales"
on_exit_key = "exit"
on_overflow = "over"
on_full = "full"
next = "after"
{ends}
"""
        )
    )
    assert caller.run.state == "away"
    caller.come_back(why)
    assert caller.nodes == ["a", expected]
    assert len(caller.of(FlowEntered)) == 2


def test_a_queue_without_edges_ends_served_when_done_and_falls_back_else() -> None:
    text = flow('[flow.main.node.a]\ntype = "queue"\nqueue = "sales"')
    caller = Caller(text)
    caller.come_back("done")
    assert caller.exit == HangUp(cause="", code=603, served=True)
    caller = Caller(text)
    caller.come_back("overflow")
    assert caller.exit == ToQueue(queue="support", priority=0, skills={}, language="en")


def test_a_fallback_that_fails_itself_says_so_and_ends() -> None:
    caller = Caller(flow("", start="support"))
    caller.come_back("overflow")
    assert caller.heard == ["phrase:cf-sorry"]
    caller.listen_out()
    assert caller.exit.served is False and "overflow" in caller.exit.cause


def test_agent_rings_and_comes_back() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "agent"
agent = "agent1"
ring_s = 12
on_no_answer = "support"
on_unreachable = "bye"
[flow.main.node.bye]
type = "hang_up"
"""
        )
    )
    assert caller.exit == ToAgent(agent="agent1", ring_s=12)
    caller.come_back("busy")
    assert caller.nodes[-1] == "support", "busy is as no_answer where it has no way of its own"


def test_voicemail_has_a_greeting_and_ends_the_call() -> None:
    own = 'prompt = [{ de = "Bitte sprechen", en = "Please speak" }]'
    body = '[flow.main.node.a]\ntype = "voicemail"\nmailbox = "night"\n'
    caller = Caller(flow(body + own))
    assert isinstance(caller.exit, ToVoicemail)
    assert [p.value for p in caller.exit.greeting] == ["Please speak"]
    caller.come_back("done")
    assert isinstance(caller.exit, HangUp) and caller.exit.served
    assert [p.value for p in Caller(flow(body)).exit.greeting] == ["vm-intro"]


def test_forward_calls_a_number() -> None:
    caller = Caller(
        flow(
            """
[flow.main.node.a]
type = "forward"
number = "+4930555"
trunk = "line"
on_no_answer = "support"
"""
        )
    )
    assert caller.exit == ToNumber(number="+4930555", trunk="line", ring_s=30)
    caller.come_back("unreachable")
    assert caller.nodes[-1] == "support"


def test_hang_up_with_and_without_last_words() -> None:
    body = '[flow.main.node.a]\ntype = "hang_up"\ncause = "closed"\ncode = 486\n'
    silent = Caller(flow(body))
    assert silent.exit == HangUp(cause="closed", code=486, served=False)
    assert not silent.answered
    spoken = Caller(flow(body + 'prompt = "Goodbye"'))
    assert spoken.heard == ["Goodbye"]
    spoken.listen_out()
    assert spoken.exit == HangUp(cause="closed", code=603, served=True)
    hasty = Caller(flow(body + 'prompt = "Goodbye"'))
    hasty.press("1")
    assert isinstance(hasty.exit, HangUp)


def test_goto_goes_on_in_another_flow() -> None:
    other = """
[flow.other]
start = "x"
fallback = "y"
[flow.other.node.x]
type = "hang_up"
[flow.other.node.y]
type = "hang_up"
"""
    caller = Caller(flow('[flow.main.node.a]\ntype = "goto"\nflow = "other"') + other)
    assert [one.flow for one in caller.of(FlowEntered)] == ["main", "other"]
    assert caller.nodes == ["a", "x"]
    assert caller.of(FlowLeft)[0].flow == "other"
    text = flow('[flow.main.node.a]\ntype = "goto"\nflow = "other"\nnode = "y"') + other
    assert Caller(text).nodes == ["a", "y"]


def test_an_unknown_flow_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'nowhere'"):
        FlowRun(flows_of(MENU), "nowhere", Caller(MENU).facts, 0.0)  # type: ignore[arg-type]
