"""Redials, overflow, exit key: every caller leaves once, and to the right place."""

import pytest

from appliance.acd.effects import Divert
from appliance.acd.refused import Refused
from appliance.model.events import QueueEntered, QueueLeft
from tests.acd.floors import Desk, Out, agent, of, queue


def full(**settings: object) -> Desk:
    """One queue whose only agent is busy."""
    desk = Desk([queue(**settings)], [agent("ann")])
    desk.do(desk.floor.occupy("ann", "busy", desk.now))
    return desk


def place(desk: Desk, call: str) -> int:
    view = desk.floor.position(call, desk.now)
    assert view is not None
    return view.position


def diverted(out: Out) -> list[tuple[str, str, str]]:
    return [(e.call, e.reason, e.target) for e in of(out, Divert)]


def test_a_caller_who_drops_and_redials_gets_the_old_place() -> None:
    desk = full(redial_s=120, announce={"first_s": 3600})
    first = desk.enter(caller="+491")
    desk.go(30)
    dropped = desk.enter(caller="+492")
    desk.go(30)
    behind = desk.enter(caller="+493")
    desk.do(desk.floor.abandon(dropped, desk.now))
    desk.go(100)
    again = desk.enter(caller="+492")
    assert [place(desk, call) for call in (first, again, behind)] == [1, 2, 3]
    (entered,) = [e for e in of(desk.log, QueueEntered) if e.call == again]
    assert entered.kept_s == 130


def test_the_old_place_is_kept_so_long_and_given_back_once() -> None:
    desk = full(redial_s=120)
    dropped = desk.enter(caller="+492")
    behind = desk.enter()
    desk.do(desk.floor.abandon(dropped, desk.now))
    desk.go(121)
    assert place(desk, desk.enter(caller="+492")) == 2
    other = desk.enter(caller="+493")
    desk.do(desk.floor.abandon(other, desk.now))
    assert place(desk, desk.enter(caller="+493")) == 3
    assert place(desk, desk.enter(caller="+493")) == 4
    assert place(desk, behind) == 1


def test_withheld_numbers_keep_no_place_and_nobody_elses() -> None:
    desk = full()
    dropped = desk.enter(caller="")
    behind = desk.enter()
    desk.do(desk.floor.abandon(dropped, desk.now))
    assert place(desk, desk.enter(caller="")) == 2
    assert place(desk, behind) == 1


def test_a_redialler_is_not_told_more_than_before_he_dropped() -> None:
    desk = full(announce={"first_s": 1, "every_s": 10})
    for _ in range(3):
        desk.enter()
    dropped = desk.enter(caller="+491")
    desk.go(2)
    told = desk.floor.position(dropped, desk.now)
    desk.do(desk.floor.abandon(dropped, desk.now))
    vip = desk.enter(priority=50)
    again = desk.enter(caller="+491")
    view = desk.floor.position(again, desk.now)
    assert told is not None and view is not None
    assert view.position == told.position == 4  # although the VIP is before him now
    assert view.high_s is not None and told.high_s is not None
    assert view.high_s <= told.high_s
    assert place(desk, vip) == 1


def test_overflow_after_a_wait() -> None:
    desk = full(overflow={"after_s": 40, "to": "voicemail:main"})
    call = desk.enter()
    assert diverted(desk.go(39.9)) == []
    out = desk.go(0.1)
    assert diverted(out) == [(call, "overflow_wait", "voicemail:main")]
    assert [(e.reason, e.waited_s, e.target) for e in of(out, QueueLeft)] == [
        ("overflow_wait", 40, "voicemail:main")
    ]


def test_a_caller_who_is_just_being_offered_overflows_only_when_nobody_answers() -> None:
    desk = full(overflow={"after_s": 40, "to": "queue:help"}, ring_s=15)
    first, second = desk.enter(), desk.enter()
    desk.go(35)
    desk.end("ann")
    assert diverted(desk.go(10)) == [(second, "overflow_wait", "queue:help")]
    assert diverted(desk.go(5)) == [(first, "overflow_wait", "queue:help")]


def test_overflow_at_a_length_counts_those_who_wait_already() -> None:
    desk = full(overflow={"length": 2, "to": "number:+4930123"})
    assert diverted(desk.log) == []
    desk.enter(), desk.enter()
    third = desk.enter()
    assert diverted(desk.log) == [(third, "overflow_length", "number:+4930123")]
    assert desk.waiting() == 2


def test_a_full_queue_still_serves_whom_an_idle_agent_can_have() -> None:
    desk = Desk([queue(overflow={"length": 1})], [agent("ann", skills={"fr": 3}), agent("bob")])
    desk.enter(skills={"it": 1})
    assert desk.ringing(desk.enter()) == ["ann"]


def test_no_more_than_max_waiting_are_taken_in() -> None:
    desk = full(max_waiting=2)
    calls = [desk.enter() for _ in range(3)]
    assert diverted(desk.log) == [(calls[2], "overflow_length", "flow")]


def test_unstaffed_overflows_newcomers_and_those_who_wait_when_the_last_one_leaves() -> None:
    settings = {"overflow": {"unstaffed": True, "to": "voicemail:main"}}
    desk = Desk([queue(**settings)], [agent("ann"), agent("bob")])
    for name in ("ann", "bob"):
        desk.do(desk.floor.pause(name, desk.now))
    waiting = desk.enter()
    desk.do(desk.floor.logout("ann", desk.now))
    assert desk.waiting() == 1  # paused is logged in
    out = desk.do(desk.floor.logout("bob", desk.now))
    assert diverted(out) == [(waiting, "overflow_unstaffed", "voicemail:main")]
    late = desk.enter()
    assert diverted(desk.log[-3:]) == [(late, "overflow_unstaffed", "voicemail:main")]


def test_unstaffed_also_when_the_last_one_leaves_after_his_call() -> None:
    desk = full(overflow={"unstaffed": True, "to": "voicemail:main"})
    waiting = desk.enter()
    desk.do(desk.floor.logout("ann", desk.now))
    assert diverted(desk.end("ann")) == [(waiting, "overflow_unstaffed", "voicemail:main")]


def test_the_exit_key_leads_back_to_the_flow() -> None:
    desk = full(overflow={"after_s": 60, "to": "voicemail:main"})
    call = desk.enter()
    out = desk.do(desk.floor.exit_key(call, desk.now))
    assert diverted(out) == [(call, "exit_key", "flow")]
    assert desk.do(desk.floor.exit_key(call, desk.now)) == []


def test_an_unknown_queue_is_refused_with_a_sentence() -> None:
    desk = full()
    with pytest.raises(Refused, match="no queue 'help'"):
        desk.floor.enter("c9", "help", now=desk.now)
    assert desk.waiting() == 0
