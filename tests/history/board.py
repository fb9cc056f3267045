"""A floor to which things happen, for tests of the board."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from appliance.history.board import Board, BoardSite
from appliance.history.boardrows import AgentRow, LineRow, QueueRow, SiteRow
from appliance.model import events as ev

ZONE = ZoneInfo("Europe/Berlin")
NOON = int(datetime(2026, 3, 10, 12, tzinfo=ZONE).timestamp() * 1e6)
S = 1_000_000
SITE = BoardSite(
    site=SiteRow(name="Test", language="de", timezone="Europe/Berlin"),
    queues=[
        QueueRow(id="sales", name="Sales", priority_s=60),
        QueueRow(id="support", name="Support", formula="answered_and_abandoned"),
    ],
    agents=[
        AgentRow(id="a1", name="Agent 1", queues=["sales"]),
        AgentRow(id="a2", name="Agent 2", queues=["sales", "support"]),
    ],
    lines=[LineRow(id="t1", name="Trunk 1")],
)


class Floor:
    """Feeds events with a running number and a moment in seconds after noon."""

    def __init__(self, site: BoardSite = SITE) -> None:
        self.board = Board(site)
        self.records: list[ev.Record] = []

    def at(self, second: float, *events: Any) -> "Floor":
        for event in events:
            record = ev.Record(len(self.records) + 1, NOON + int(second * S), event)
            self.records.append(record)
            self.board.apply(record)
        return self

    def queue(self, id: str = "sales") -> dict[str, Any]:
        return self.board.queue(id)

    def enter(self, second: float, call: str, queue: str = "sales", **given: Any) -> "Floor":
        arrived = ev.CallArrived(call=call, trunk="t1", caller="+4930123456")
        return self.at(second, arrived, ev.QueueEntered(call=call, queue=queue, **given))

    def leave(self, second: float, call: str, reason: Any, waited: float) -> "Floor":
        return self.at(
            second, ev.QueueLeft(call=call, queue="sales", reason=reason, waited_s=waited)
        )
