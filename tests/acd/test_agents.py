"""What an agent does between calls, and that no state outlives its cause."""

import pytest

from appliance.acd.effects import CancelRing
from appliance.acd.refused import Refused
from appliance.model.events import AgentChanged, OfferEnded, QueueEstimate, StateRepaired
from tests.acd.floors import Desk, agent, of, queue, rings, states


def talking(**settings: object) -> Desk:
    desk = Desk([queue(**settings)], [agent("ann")])
    desk.enter()
    desk.accept("ann")
    desk.go(60)
    return desk


def act(desk: Desk, what: str, name: str = "ann", **more: object) -> list[str]:
    return states(desk.do(getattr(desk.floor, what)(name, desk.now, **more)), name)


def test_wrap_up_is_a_state_of_its_own_with_a_limit() -> None:
    desk = talking(wrap_up_s=20)
    waiting = desk.enter()
    (changed,) = of(desk.end("ann"), AgentChanged)
    assert (changed.was, changed.state, changed.limit_s) == ("talking", "wrap_up", 20)
    desk.go(15)
    view = desk.floor.agent_view("ann", desk.now)
    assert (view.state, view.left_s) == ("wrap_up", 5)
    assert rings(desk.go(5)) == [(waiting, "ann")]


def test_wrap_up_ends_early_by_ready() -> None:
    desk = talking(wrap_up_s=20)
    desk.end("ann")
    desk.go(3)
    assert act(desk, "ready") == ["ready"]
    assert desk.go(60) == []


def test_the_agents_own_wrap_up_goes_before_the_queues() -> None:
    desk = Desk([queue(wrap_up_s=20)], [agent("ann", wrap_up_s=0), agent("bob", wrap_up_s=5)])
    for name in ("ann", "bob"):
        desk.enter()
        desk.accept(name)
    assert states(desk.end("ann"), "ann") == ["ready"]
    assert states(desk.end("bob"), "bob") == ["wrap_up"]


def test_a_pause_asked_for_in_a_call_comes_after_call_and_wrap_up() -> None:
    desk = talking(wrap_up_s=20)
    assert act(desk, "pause", reason="lunch") == []
    assert desk.floor.agent_view("ann", desk.now).then == "paused"
    assert states(desk.end("ann"), "ann") == ["wrap_up"]
    (changed,) = of(desk.go(20), AgentChanged)
    assert (changed.state, changed.reason) == ("paused", "lunch")


def test_a_pause_taken_in_wrap_up_is_all_of_the_pause_asked_for_before() -> None:
    desk = talking(wrap_up_s=20)
    act(desk, "pause", reason="lunch")
    desk.end("ann")
    assert act(desk, "pause", reason="break") == ["paused"]
    view = desk.floor.agent_view("ann", desk.now)
    assert (view.reason, view.then) == ("break", "")


def test_a_logout_asked_for_in_a_call_comes_with_its_end() -> None:
    desk = talking(wrap_up_s=20)
    assert act(desk, "logout") == []
    assert states(desk.end("ann"), "ann") == ["logged_out"]


def test_ready_takes_back_a_pause_asked_for() -> None:
    desk = talking()
    act(desk, "pause")
    act(desk, "ready")
    assert states(desk.end("ann"), "ann") == ["ready"]


def test_logout_while_ringing_sends_the_caller_on() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    call = desk.enter()
    out = desk.do(desk.floor.logout("ann", desk.now))
    assert [e.result for e in of(out, OfferEnded)] == ["refused"]
    assert len(of(out, CancelRing)) == 1
    assert desk.state("ann") == "logged_out"
    assert desk.ringing(call) == ["bob"]


def test_login_during_a_busy_hour_gets_the_first_in_line() -> None:
    desk = Desk([queue()], [agent("ann", login=False)])
    call = desk.enter()
    assert act(desk, "login", by="supervisor") == ["ready", "ringing"]
    assert desk.ringing(call) == ["ann"]


@pytest.mark.parametrize(
    ("what", "name", "words"),
    [
        ("login", "ann", "logged in already"),
        ("login", "nobody", "no agent 'nobody'"),
        ("pause", "out", "log in first"),
        ("ready", "out", "log in first"),
        ("logout", "out", "logged out already"),
    ],
)
def test_commands_that_make_no_sense_say_so_and_change_nothing(
    what: str, name: str, words: str
) -> None:
    desk = Desk([queue()], [agent("ann"), agent("out", login=False)])
    with pytest.raises(Refused, match=words):
        getattr(desk.floor, what)(name, desk.now)
    assert (desk.state("ann"), desk.state("out")) == ("ready", "logged_out")


# -- the seat -------------------------------------------------------------------------------


def seat(desk: Desk, reachable: bool) -> list[str]:
    return states(desk.do(desk.floor.seat_changed("ann", reachable, desk.now)), "ann")


def test_an_unreachable_seat_takes_the_agent_out_and_back_by_itself() -> None:
    desk = Desk([queue()], [agent("ann")])
    assert seat(desk, False) == ["not_ready"]
    assert desk.floor.agent_view("ann", desk.now).reason == "seat unreachable"
    call = desk.enter()
    with pytest.raises(Refused, match="by itself when the seat is back"):
        desk.floor.ready("ann", desk.now)
    assert seat(desk, True) == ["ready", "ringing"]
    assert desk.ringing(call) == ["ann"]


def test_a_seat_lost_while_ringing_sends_the_caller_on_at_once() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    call = desk.enter()
    assert seat(desk, False) == ["not_ready"]
    assert desk.ringing(call) == ["bob"]


def test_a_seat_lost_in_a_call_counts_only_after_wrap_up() -> None:
    desk = talking(wrap_up_s=5)
    assert seat(desk, False) == []
    assert states(desk.end("ann"), "ann") == ["wrap_up"]
    assert states(desk.go(5), "ann") == ["not_ready"]
    assert seat(desk, True) == ["ready"]


def test_a_paused_agent_stays_paused_when_his_seat_comes_and_goes() -> None:
    desk = Desk([queue()], [agent("ann")])
    act(desk, "pause")
    assert seat(desk, False) == []
    assert seat(desk, True) == []
    assert desk.state("ann") == "paused"


# -- calls that no offer brought ------------------------------------------------------------


def test_an_own_call_takes_the_agent_out_of_the_queue_while_it_lasts() -> None:
    desk = Desk([queue()], [agent("ann")])
    desk.do(desk.floor.occupy("ann", "own", desk.now, "dialled"))
    call = desk.enter()
    assert desk.ringing(call) == []
    assert rings(desk.end("ann")) == [(call, "ann")]


@pytest.mark.parametrize("before", ["paused", "logged_out"])
def test_after_an_own_call_the_agent_is_what_he_was(before: str) -> None:
    desk = Desk([queue()], [agent("ann")])
    act(desk, "pause" if before == "paused" else "logout")
    desk.do(desk.floor.occupy("ann", "own", desk.now))
    assert states(desk.end("ann"), "ann") == [before]
    assert desk.floor.queue_view("sales", desk.now).logged_in == (before == "paused")


def test_an_own_call_while_ringing_gives_the_caller_back() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    call = desk.enter()
    out = desk.do(desk.floor.occupy("ann", "own", desk.now))
    assert [e.result for e in of(out, OfferEnded)] == ["withdrawn"]
    assert desk.ringing(call) == ["bob"]


def test_nobody_can_be_in_two_calls() -> None:
    desk = talking()
    with pytest.raises(Refused, match="is in call c1"):
        desk.floor.occupy("ann", "own", desk.now)


def test_the_end_of_a_call_he_is_not_in_changes_nothing() -> None:
    desk = talking()
    assert desk.do(desk.floor.talk_ended("other", "ann", desk.now, talk_s=9)) == []
    desk.end("ann")
    assert desk.do(desk.floor.talk_ended("c1", "ann", desk.now, talk_s=9)) == []


# -- repair ---------------------------------------------------------------------------------


def test_an_agent_talking_on_a_call_that_is_gone_is_repaired() -> None:
    desk = talking(wrap_up_s=0)
    waiting = desk.enter()
    out = desk.do(desk.floor.audit(desk.now, {waiting}))
    (repaired,) = of(out, StateRepaired)
    assert (repaired.what, repaired.id, repaired.was) == ("agent", "ann", "talking")
    assert rings(out) == [(waiting, "ann")]


def test_callers_and_offers_of_calls_that_are_gone_are_repaired() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    ringing = desk.enter()
    desk.do(desk.floor.offer_agent("t1", "bob", 10.0, desk.now))
    waiting = desk.enter()
    out = desk.do(desk.floor.audit(desk.now, {"nothing"}))
    repaired = {(e.what, e.was) for e in of(out, StateRepaired)}
    assert repaired == {
        ("queue_entry", "ringing"),
        ("queue_entry", "waiting"),
        ("offer", "ringing"),
    }
    assert {e.id for e in of(out, StateRepaired)} > {ringing, waiting}
    assert (desk.state("ann"), desk.state("bob"), desk.waiting()) == ("ready", "ready", 0)


def test_an_audit_of_a_sound_floor_changes_nothing() -> None:
    desk = talking()
    waiting = desk.enter()
    assert [e.queue for e in of(desk.log, QueueEstimate)] == ["sales"]
    assert desk.do(desk.floor.audit(desk.now, {"c1", waiting})) == []
    assert desk.do(desk.floor.audit(desk.now, {"c1", waiting})) == []
