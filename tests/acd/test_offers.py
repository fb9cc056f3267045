"""How offers end, and that exactly one agent gets the caller."""

import pytest

from appliance.acd.effects import CancelRing, Connect, Ring
from appliance.acd.refused import Refused
from appliance.model.events import AgentChanged, OfferEnded, OfferMade, OfferRinging, QueueLeft
from appliance.model.ids import AgentId, CallId, QueueId
from tests.acd.floors import Desk, agent, of, queue, rings, states


def test_an_answered_call_in_the_order_people_see_it() -> None:
    desk = Desk([queue(ring_s=12)], [agent("ann")])
    call = desk.enter()
    out = desk.do(desk.floor.offer_ringing(desk.offer("ann"), desk.now))
    assert [type(e) for e in out] == [OfferRinging]
    desk.go(4)
    out = desk.accept("ann")
    assert [type(e) for e in out] == [OfferEnded, QueueLeft, AgentChanged, Connect]
    (left,) = of(out, QueueLeft)
    assert (left.call, left.reason, left.waited_s) == (call, "answered", 4.0)
    assert desk.do(desk.floor.abandon(call, desk.now)) == []


def test_ring_time_is_enforced_by_the_machine() -> None:
    desk = Desk([queue(ring_s=12)], [agent("ann"), agent("bob")])
    call = desk.enter()
    assert desk.go(11.9) == []
    out = desk.go(0.1)
    assert [e.agent for e in of(out, CancelRing)] == ["ann"]
    assert [e.result for e in of(out, OfferEnded)] == ["no_answer"]
    assert rings(out) == [(call, "bob")]


def test_missed_offers_in_a_row_make_an_agent_not_ready_until_he_acts() -> None:
    desk = Desk([queue(ring_s=5, retry_s=0, max_no_answer=3)], [agent("ann")])
    desk.enter()
    out = desk.go(15)
    assert states(out, "ann")[-1] == "not_ready"
    view = desk.floor.agent_view("ann", desk.now)
    assert view.reason == "3 offers in a row not answered"
    desk.go(3600)
    assert desk.state("ann") == "not_ready"
    out = desk.do(desk.floor.ready("ann", desk.now))
    assert states(out, "ann") == ["ready", "ringing"]
    desk.go(10)  # counted anew: two more are not three
    assert desk.state("ann") == "ringing"


def test_an_answer_in_between_starts_the_count_anew() -> None:
    desk = Desk([queue(ring_s=5, retry_s=0, max_no_answer=2)], [agent("ann")])
    for _ in range(4):
        desk.enter()
        desk.go(5)
        desk.serve("ann")
    assert desk.state("ann") == "ready"


def test_a_seat_that_fails_is_left_alone_for_a_while_and_comes_back_by_itself() -> None:
    """Nobody has to register again for the agent to get calls."""
    desk = Desk([queue(retry_s=1, max_no_answer=2)], [agent("ann")])
    call = desk.enter()
    desk.fail("ann", "unreachable")
    desk.go(1)
    desk.fail("ann", "unreachable")
    assert desk.state("ann") == "not_ready"
    assert rings(desk.go(29)) == []
    assert rings(desk.go(1)) == [(call, "ann")]
    desk.fail("ann", "busy")  # still broken: one failure is enough now
    assert desk.state("ann") == "not_ready"
    desk.go(30)
    desk.serve("ann")
    assert desk.state("ann") == "ready"


def test_a_second_agent_who_accepts_too_late_gets_nobody_and_no_blame() -> None:
    desk = Desk([queue(strategy="ring_all")], [agent("ann"), agent("bob")])
    desk.enter()
    late = desk.offer("bob")
    out = desk.accept("ann")
    assert [e.agent for e in of(out, CancelRing)] == ["bob"]
    assert [(e.agent, e.result) for e in of(out, OfferEnded)] == [
        ("ann", "accepted"),
        ("bob", "withdrawn"),
    ]
    # All other offers are cancelled before the bridge.
    assert out.index(of(out, CancelRing)[0]) < out.index(of(out, Connect)[0])
    out = desk.do(desk.floor.offer_accepted(late, desk.now))
    assert [(type(e), e.agent) for e in out] == [(CancelRing, "bob")]
    view = desk.floor.agent_view("bob", desk.now)
    assert (view.state, view.missed) == ("ready", 0)


def test_a_late_answer_does_not_touch_the_new_offer_of_that_agent() -> None:
    desk = Desk([queue()], [agent("ann")])
    first = desk.enter()
    old = desk.offer("ann")
    second = desk.enter()
    assert rings(desk.do(desk.floor.abandon(first, desk.now))) == [(second, "ann")]
    out = desk.do(desk.floor.offer_accepted(old, desk.now))
    assert of(out, Connect) == []
    assert desk.ringing(second) == ["ann"]


def test_accepting_twice_is_harmless() -> None:
    desk = Desk([queue()], [agent("ann")])
    desk.enter()
    offer = desk.offer("ann")
    desk.accept("ann")
    assert desk.do(desk.floor.offer_accepted(offer, desk.now)) == []
    assert desk.do(desk.floor.offer_failed(offer, "busy", desk.now)) == []
    assert desk.state("ann") == "talking"


def test_a_caller_who_hangs_up_while_ringing_frees_the_agent_without_blame() -> None:
    desk = Desk([queue()], [agent("ann")])
    call = desk.enter()
    desk.go(4)
    out = desk.do(desk.floor.abandon(call, desk.now))
    assert [type(e) for e in out] == [CancelRing, OfferEnded, QueueLeft, AgentChanged]
    assert [e.result for e in of(out, OfferEnded)] == ["withdrawn"]
    assert desk.floor.agent_view("ann", desk.now).missed == 0


# -- by name --------------------------------------------------------------------------------


def by_name(desk: Desk, call: str, name: str, ring_s: float = 10.0) -> list[object]:
    return list(desk.do(desk.floor.offer_agent(call, name, ring_s, desk.now)))


def test_an_offer_by_name_ends_like_any_other() -> None:
    desk = Desk([queue()], [agent("ann", wrap_up_s=8)])
    by_name(desk, "t1", "ann")
    (connect,) = of(desk.accept("ann"), Connect)
    assert (connect.call, connect.agent, connect.queue) == ("t1", "ann", None)
    assert states(desk.end("ann"), "ann") == ["wrap_up"]
    desk.go(8)
    by_name(desk, "t2", "ann")
    out = desk.go(10)
    assert [e.result for e in of(out, OfferEnded)] == ["no_answer"]
    assert desk.state("ann") == "ready"


def test_an_offer_by_name_is_the_work_of_the_queue_whose_call_it_is() -> None:
    """A transferred caller: the second agent's wrap-up and share are the queue's, and the queue
    has neither a caller nor an offer of its own for it."""
    desk = Desk([queue(wrap_up_s=12), queue("other")], [agent("ann", "other")])
    sales = QueueId("sales")
    out = desk.do(desk.floor.offer_agent(CallId("t1"), AgentId("ann"), 10.0, desk.now, sales))
    assert [e.queue for e in (*of(out, OfferMade), *of(out, Ring))] == [None, None]
    assert desk.waiting("sales") == 0
    out = desk.accept("ann")
    assert [e.queue for e in of(out, OfferEnded)] == [None]
    assert [e.queue for e in (*of(out, AgentChanged), *of(out, Connect))] == [sales, sales]
    desk.go(30)
    (changed,) = of(desk.end("ann", 30), AgentChanged)
    assert (changed.state, changed.queue, changed.limit_s) == ("wrap_up", sales, 12)
    assert states(desk.go(12), "ann") == ["ready"]


def test_an_offer_by_name_outlives_the_removal_of_its_queue() -> None:
    desk = Desk([queue(wrap_up_s=12), queue("other")], [agent("ann", "other")])
    sales = QueueId("sales")
    desk.do(desk.floor.offer_agent(CallId("t1"), AgentId("ann"), 10.0, desk.now, sales))
    desk.do(desk.floor.reconfigure([queue("other")], [agent("ann", "other")], desk.now))
    assert len(of(desk.accept("ann"), Connect)) == 1
    desk.end("ann")
    desk.go(12)
    assert desk.state("ann") == "ready"
    desk.do(desk.floor.offer_agent(CallId("t2"), AgentId("ann"), 10.0, desk.now, sales))
    assert [e.queue for e in of(desk.accept("ann"), Connect)] == [None]


def test_an_offer_by_name_to_somebody_not_ready_ends_at_once() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    desk.do(desk.floor.pause("ann", desk.now))
    desk.do(desk.floor.logout("bob", desk.now))
    results = [
        [e.result for e in by_name(desk, "t1", name) if isinstance(e, OfferEnded)]
        for name in ("ann", "bob")
    ]
    assert results == [["busy"], ["unreachable"]]
    assert desk.state("ann") == "paused"


def test_a_caller_is_in_one_place_only() -> None:
    desk = Desk([queue()], [agent("ann"), agent("bob")])
    call = desk.enter()
    with pytest.raises(Refused, match="one place"):
        desk.floor.offer_agent(call, "bob", 10.0, desk.now)
    with pytest.raises(Refused, match="one place"):
        desk.floor.enter(call, "sales", now=desk.now)
    desk.do(desk.floor.leave(call, "moved", desk.now))
    by_name(desk, call, "bob")
    out = desk.do(desk.floor.abandon(call, desk.now))
    assert [e.result for e in of(out, OfferEnded)] == ["withdrawn"]
    assert desk.state("bob") == "ready"
