"""A board that is drawn again, restored, or of a site that changed."""

import msgspec
import pytest

from appliance.history.board import Board, BoardSite
from appliance.history.boardrows import AgentRow, QueueRow
from appliance.model import events as ev
from appliance.model.site import SiteFile
from tests.history.board import NOON, SITE, Floor


def test_renaming_keeps_state_and_figures() -> None:
    floor = Floor().enter(0, "c1")
    floor.at(0, ev.AgentChanged(agent="a1", was="logged_out", state="ready", cause="login"))
    renamed = BoardSite(
        site=SITE.site,
        queues=[QueueRow(id="sales", name="New name")],
        agents=[AgentRow(id="a1", name="Renamed", queues=["sales"])],
    )
    floor.board.configure(renamed)
    assert floor.queue()["name"] == "New name"
    assert floor.queue()["waiting"] == 1
    assert floor.queue()["today"]["offered"] == 1
    assert floor.board.agent("a1")["state"] == "ready"
    assert "support" not in floor.board.queues


def test_restoring_keeps_the_names_of_a_site_that_changed_meanwhile() -> None:
    floor = Floor().enter(0, "c1")
    renamed = BoardSite(queues=[QueueRow(id="sales", name="New name")])
    board = Board(renamed).restore(floor.board.snapshot())
    assert board.queue("sales")["name"] == "New name"
    assert board.queue("sales")["waiting"] == 1
    assert board.day == floor.board.day


def test_a_broken_snapshot_changes_nothing() -> None:
    floor = Floor().enter(0, "c1")
    before = floor.board.snapshot()
    for broken in ({}, {**before, "calls": 7}, {**before, "day": None, "agents": {"a": 1}}):
        with pytest.raises((KeyError, msgspec.ValidationError)):
            floor.board.restore(broken)
        assert floor.board.snapshot() == before


def test_touched_names_what_a_page_has_to_draw_again() -> None:
    floor = Floor().at(0, ev.CoreStarted(version="1", after="first start"))
    record = ev.Record(
        2, NOON, ev.AgentChanged(agent="a2", was="logged_out", state="ready", cause="")
    )
    assert floor.board.apply(record) == {
        ("agent", "a2"),
        ("queue", "sales"),
        ("queue", "support"),
    }
    assert floor.board.apply(record) == set()  # once only


def test_a_site_file_gives_its_names() -> None:
    file = SiteFile.model_validate(
        {
            "queue": [{"id": "sales", "name": "Verkauf"}],
            "agent": [{"id": "a1", "seat": "sip:a1@127.0.0.1", "queues": [{"id": "sales"}]}],
            "trunk": [{"id": "t1", "host": "127.0.0.1", "enabled": False}],
        }
    )
    board = Board(BoardSite.of(file))
    assert board.queue("sales")["name"] == "Verkauf"
    assert board.agent("a1")["name"] == "a1"
    assert board.lines["t1"].state == "disabled"
