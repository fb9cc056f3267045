"""What the board forgets when: days, troubles, runs of the core."""

from datetime import datetime
from typing import Any

from appliance.history.board import Board
from appliance.model import events as ev
from tests.history.board import NOON, SITE, ZONE, Floor, S


def test_counts_start_anew_at_local_midnight_and_not_at_utc_midnight() -> None:
    floor = Floor().enter(0, "c1").leave(5, "c1", "answered", 5)
    utc_midnight = NOON + 13 * 3600 * S
    local_midnight = NOON + 12 * 3600 * S
    assert not floor.board.roll(local_midnight - 1)
    assert floor.queue()["today"]["answered"] == 1
    assert floor.board.roll(local_midnight)
    assert floor.queue()["today"]["answered"] == 0
    assert floor.board.day == "2026-03-11"
    assert not floor.board.roll(utc_midnight)


def test_a_clock_set_back_over_midnight_does_not_bring_yesterday_back() -> None:
    floor = Floor()
    floor.board.roll(NOON + 12 * 3600 * S)
    assert not floor.board.roll(NOON + 12 * 3600 * S - S)
    assert floor.board.roll(NOON - 400 * 24 * 3600 * S)  # but a clock that was far ahead does


def test_the_day_of_the_time_change_has_25_hours() -> None:
    start = int(datetime(2026, 10, 25, tzinfo=ZONE).timestamp() * 1e6)
    board = Board(SITE)
    board.roll(start)
    assert not board.roll(start + 25 * 3600 * S - 1)
    assert board.roll(start + 25 * 3600 * S)


def test_troubles_end_by_name_or_by_place() -> None:
    def trouble(where: Any, what: str, over: bool = False) -> ev.Trouble:
        return ev.Trouble(where=where, what=what, meaning="m", remedy="r", over=over)

    floor = Floor().at(0, trouble("disk", "300 MB left"), trouble("clock", "set back"))
    floor.at(5, trouble("disk", "300 MB left"))
    assert [(row.what, row.times) for row in floor.board.troubles.values()] == [
        ("300 MB left", 2),
        ("set back", 1),
    ]
    floor.at(6, trouble("disk", "space again", over=True))
    assert [row.where for row in floor.board.troubles.values()] == ["clock"]
    floor.at(7, trouble("clock", "set back", over=True))
    assert not floor.board.troubles


def test_a_new_run_of_the_core_forgets_old_troubles_but_not_those_of_its_start() -> None:
    def trouble(what: str) -> ev.Trouble:
        return ev.Trouble(where="sip", what=what, meaning="m", remedy="r")

    floor = Floor().at(0, trouble("old")).at(100, trouble("database restored"))
    floor.at(101, ev.CoreStarted(version="1", after="crash"))
    assert [row.what for row in floor.board.troubles.values()] == ["database restored"]
    assert floor.board.core.running
