"""What waiting callers hear, when, and that it never gets worse."""

from appliance.acd.effects import Announce, Comfort
from appliance.model.events import QueueAnnounced
from tests.acd.floors import Desk, agent, of, queue


def full(**announce: object) -> Desk:
    desk = Desk([queue(announce=announce)], [agent("ann")])
    desk.do(desk.floor.occupy("ann", "busy", desk.now))
    return desk


def test_rhythm_first_then_every() -> None:
    desk = full(first_s=15, every_s=45)
    desk.enter()
    times = []
    for _ in range(150):
        if of(desk.go(1), Announce):
            times.append(desk.now)
    assert times == [15, 60, 105, 150]


def test_event_and_effect_say_the_same_and_only_what_the_queue_wants() -> None:
    desk = full(first_s=5, estimate=False)
    desk.enter(), desk.enter()
    out = desk.go(5)
    assert [(e.position, e.low_s, e.high_s) for e in of(out, Announce)] == [
        (1, None, None),
        (2, None, None),
    ]
    assert [e.position for e in of(out, QueueAnnounced)] == [1, 2]
    silent = full(position=False, estimate=False)
    silent.enter()
    assert silent.go(300) == []


def test_a_wait_is_said_without_the_place_where_set_so() -> None:
    desk = full(first_s=5, position=False)
    desk.enter()
    (said,) = of(desk.go(5), Announce)
    assert said.position is None
    assert said.low_s is not None and said.high_s is not None
    assert 0 <= said.low_s < said.high_s


def test_no_wait_is_promised_while_nobody_works() -> None:
    desk = Desk([queue(announce={"first_s": 5, "position": False})], [agent("ann", login=False)])
    desk.enter()
    assert desk.go(60) == []


def test_told_second_then_overtaken_is_told_second_again() -> None:
    desk = full(first_s=5, every_s=10)
    desk.enter()
    second = desk.enter()
    before = [e for e in of(desk.go(5), QueueAnnounced) if e.call == second]
    for _ in range(5):
        desk.enter(priority=9)
    after = [e for e in of(desk.go(10), QueueAnnounced) if e.call == second]
    assert [e.position for e in before + after] == [2, 2]
    assert after[0].high_s is not None and before[0].high_s is not None
    assert after[0].high_s <= before[0].high_s


def test_the_place_told_falls_as_the_line_moves() -> None:
    desk = full(first_s=5, every_s=10)
    first, second = desk.enter(), desk.enter()
    desk.go(5)
    desk.do(desk.floor.abandon(first, desk.now))
    assert [e.position for e in of(desk.go(10), QueueAnnounced)] == [1]
    view = desk.floor.position(second, desk.now)
    assert view is not None and view.position == 1


def test_nothing_is_said_while_an_agent_is_rung() -> None:
    desk = Desk([queue(announce={"first_s": 5, "every_s": 10}, ring_s=30)], [agent("ann")])
    desk.enter()
    assert of(desk.go(29), Announce) == []


def test_comfort_messages_take_turns() -> None:
    desk = full(position=False, estimate=False, comfort=["one", "two"], comfort_every_s=20)
    desk.enter()
    assert [e.prompt for e in of(desk.go(65), Comfort)] == ["one", "two", "one"]


def test_missed_announcements_are_not_made_up_for() -> None:
    """A clock that stood still (a suspended box) does not cause a burst."""
    desk = full(first_s=5, every_s=10)
    desk.enter()
    desk.now = 1000.0
    assert len(of(desk.do(desk.floor.tick(desk.now)), Announce)) == 1
