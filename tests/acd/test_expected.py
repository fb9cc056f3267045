"""The wait of a queue for the wallboard: live, quiet while it stays the same, without phrases."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from appliance.acd.expected import in_steps
from appliance.model.events import QueueAnnounced, QueueEntered, QueueEstimate
from appliance.model.ids import AgentId, CallId, QueueId
from tests.acd.floors import Desk, agent, of, queue

SILENT = {"announce": {"position": False, "estimate": False}}


def audits(desk: Desk, seconds: float) -> list[QueueEstimate]:
    """Time passes with an audit every 10 s; what was told of the wait."""
    told = []
    for _ in range(int(seconds / 10)):
        desk.go(10)
        alive = {CallId(f"c{i}") for i in range(desk.calls + 1)}
        told += of(desk.do(desk.floor.audit(desk.now, alive)), QueueEstimate)
    return told


def test_the_wait_is_told_also_where_callers_are_told_nothing() -> None:
    desk = Desk([queue(**SILENT), queue("empty")], [agent("ann", "sales", "empty")])
    desk.enter()
    desk.accept("ann")
    for _ in range(5):
        desk.enter()
    told = of(desk.log, QueueEstimate)[-1]
    assert audits(desk, 10) == []
    assert told.queue == "sales"
    assert told.low_s is not None and told.high_s is not None
    view = desk.floor.queue_view(QueueId("sales"), desk.now)
    assert view.low_s is not None and view.high_s is not None
    assert told.low_s <= view.low_s < view.high_s <= told.high_s
    assert of(desk.log, QueueAnnounced) == []


def test_a_wait_that_stays_the_same_is_told_once() -> None:
    desk = Desk([queue(**SILENT)], [agent("ann")])
    desk.enter()
    desk.accept("ann")
    desk.enter()
    told = of(desk.log, QueueEstimate) + audits(desk, 300)
    assert 1 <= len(told) <= 3
    assert all(a != b for a, b in pairwise(told))


def test_the_wait_follows_the_line_and_the_staff() -> None:
    desk = Desk([queue(**SILENT)], [agent("ann")])
    desk.enter()
    desk.accept("ann")
    desk.enter()
    (short,) = of(desk.log, QueueEstimate)
    for _ in range(9):
        desk.enter()
    long = of(desk.log, QueueEstimate)[-1]
    assert short.high_s is not None and long.high_s is not None
    assert long.high_s > short.high_s
    desk.do(desk.floor.logout(AgentId("ann"), desk.now))
    assert [e.high_s for e in audits(desk, 10)] == [None]


def test_nothing_is_told_of_an_empty_queue_and_the_next_caller_is_told_of_anew() -> None:
    desk = Desk([queue(**SILENT)], [agent("ann")])
    desk.do(desk.floor.pause(AgentId("ann"), desk.now))
    desk.do(desk.floor.ready(AgentId("ann"), desk.now))
    assert audits(desk, 60) == []
    desk.enter()
    desk.accept("ann")
    first = desk.enter()
    before = of(desk.log, QueueEstimate)
    desk.do(desk.floor.abandon(first, desk.now))
    assert audits(desk, 60) == []
    desk.enter()
    assert len(before) == len(of(desk.log, QueueEstimate)[1:]) == 1


def test_the_wait_is_told_with_the_entry_of_who_has_to_wait() -> None:
    """Nobody looks at a board without a wait until the next audit."""
    desk = Desk([queue(**SILENT)], [agent("ann")])
    out = desk.do(desk.floor.enter(CallId("x1"), QueueId("sales"), now=desk.now))
    assert of(out, QueueEstimate) == []  # rung at once: he waits for a phone, not for an agent
    desk.accept("ann")
    desk.go(3)
    told = []
    for n in range(2, 9):
        out = desk.do(desk.floor.enter(CallId(f"x{n}"), QueueId("sales"), now=desk.now))
        told += of(out, QueueEstimate)
        assert len(told) > 1 or [type(e) for e in out] == [QueueEntered, QueueEstimate]
        view, last = desk.floor.queue_view(QueueId("sales"), desk.now), told[-1]
        assert last.low_s is not None and last.high_s is not None
        assert view.low_s is not None and view.high_s is not None
        assert (last.low_s, last.high_s) == in_steps((view.low_s, view.high_s))
        desk.go(3)
    assert len(told) > 3
    assert all(a != b for a, b in pairwise(told))


def test_a_queue_where_nobody_works_has_no_wait_to_tell() -> None:
    desk = Desk([queue(**SILENT)], [agent("ann", login=False)])
    desk.enter()
    assert of(desk.log, QueueEstimate) == []
    assert audits(desk, 30) == []


def test_what_a_caller_was_told_does_not_rise_with_the_wait_of_his_queue() -> None:
    desk = Desk([queue(announce={"first_s": 1, "every_s": 5})], [agent("ann")])
    desk.enter()
    desk.accept("ann")
    told = desk.enter()
    desk.go(2)
    for _ in range(9):
        desk.enter(priority=9)
    desk.go(30)
    heard = [e.high_s for e in of(desk.log, QueueAnnounced) if e.call == told]
    assert len(heard) > 2
    assert all(a is not None and b is not None and a >= b for a, b in pairwise(heard))
    rises = [e.high_s or 0.0 for e in of(desk.log, QueueEstimate)]
    assert rises[-1] > rises[0]


def test_the_least_wait_is_within_its_steps() -> None:
    assert in_steps((0.0, 5e-324)) == (0, 60)


@given(low=st.floats(0, 20_000), more=st.floats(0, 20_000))
def test_steps_hold_the_range_within_them(low: float, more: float) -> None:
    below, above = in_steps((low, low + more))
    assert below <= low <= low + more <= above
    assert below % 60 == above % 60 == 0
    assert above - below <= more + 2 * 600


def test_steps_are_those_that_people_say() -> None:
    assert in_steps((95, 250)) == (60, 300)
    assert in_steps((640, 1250)) == (600, 1500)
    assert in_steps((2000, 4000)) == (1800, 4200)
