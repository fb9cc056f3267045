"""What each role sees of the board. Pure: dicts in, dicts out."""

from collections.abc import Iterable

from appliance.history.board import Board, Touched
from appliance.web.models import MAX_CALLERS, Plain
from appliance.web.tokens import Token

TABLES = {"queue": "queues", "agent": "agents", "line": "lines", "call": "calls"}


def masked(number: str) -> str:
    """A number of which only the last two digits can be read."""
    return "•" * min(len(number) - 2, 6) + number[-2:] if len(number) > 4 else "•" * len(number)


def sees_numbers(token: Token) -> bool:
    return token.role in ("supervisor", "technician")


class View:
    """The board for one kind of reader. `agent`: sees the numbers of that agent's own calls."""

    def __init__(self, board: Board, *, numbers: bool, agent: str = "") -> None:
        self.board = board
        self.numbers = numbers
        self.agent_id = agent

    @classmethod
    def of(cls, board: Board, token: Token) -> "View":
        agent = token.agent if token.role == "agent" else ""
        return cls(board, numbers=sees_numbers(token), agent=agent)

    def queue(self, id: str) -> Plain:
        row = self.board.queue(id, MAX_CALLERS)
        for caller in row["callers"]:
            self._mask(caller, caller["call"])
        return row

    def call(self, id: str) -> Plain:
        row = self.board.call(id)
        self._mask(row, id)
        if not self._may_see(id):
            for party in row["parties"]:
                party["number"] = masked(party["number"])
        return row

    def agent(self, id: str) -> Plain:
        return self.board.agent(id)

    def line(self, id: str) -> Plain:
        return self.board.line(id)

    def whole(self) -> Plain:
        """As `BoardView`."""
        board = self.board
        return {
            "seq": board.seq,
            "at_us": board.at_us,
            "day": board.day,
            "site": board.site,
            "core": board.core,
            "queues": {id: self.queue(id) for id in board.queues},
            "agents": board.agents,
            "lines": board.lines,
            "calls": {id: self.call(id) for id in board.calls},
            "troubles": list(board.troubles.values()),
        }

    def patch(self, touched: Touched, now_us: int) -> Plain:
        """As `PatchMessage`: the touched rows as they are now."""
        board = self.board
        patch: Plain = {"type": "patch", "seq": board.seq, "now_us": now_us, "day": board.day}
        for kind, table in TABLES.items():
            have = getattr(board, table)
            show = getattr(self, kind)
            ids = (id for touched_kind, id in touched if touched_kind == kind)
            patch[table] = {id: show(id) if id in have else None for id in ids}
        patch["troubles"] = list(board.troubles.values()) if ("troubles", "") in touched else None
        patch["core"] = board.core if ("core", "") in touched else None
        return patch

    def concerns(self, touched: Touched) -> bool:
        """Whether the touched rows hold a number that this agent, unlike others, may see."""
        if not self.agent_id or self.numbers:
            return False
        return any(kind == "call" and self._may_see(id) for kind, id in touched)

    def _may_see(self, call: str) -> bool:
        if self.numbers:
            return True
        row = self.board.calls.get(call)
        if row is None or not self.agent_id:
            return False
        parties: Iterable[str] = (party.id for party in row.parties)
        return self.agent_id in row.offers.values() or self.agent_id in parties

    def _mask(self, row: Plain, call: str) -> None:
        if not self._may_see(call):
            row["caller"] = masked(row["caller"])
            row["caller_name"] = ""
