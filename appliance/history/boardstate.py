"""The wallboard's tables: rows by id, waiting callers in order, snapshot and restore. Pure."""

import copy
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sortedcontainers import SortedList

from appliance.history import kpi
from appliance.history.boardrows import (
    AgentRow,
    BoardSite,
    CallRow,
    CoreRow,
    LineRow,
    QueueRow,
    SiteRow,
    Today,
    TroubleRow,
    Waiting,
)
from appliance.history.kpi import Counts
from appliance.model.ids import AgentId, CallId, QueueId

Kind = Literal["queue", "agent", "line", "call", "troubles", "core", "day"]
Touched = set[tuple[Kind, str]]
"""What an event changed: kind and id ("" where there is only one)."""

_CLOCK_BACK_US = 12 * 3600 * 1_000_000
_AGENT_STATE = [
    "state",
    "since_us",
    "reason",
    "cause",
    "call",
    "queue",
    "limit_s",
    "held",
    "answered",
    "missed",
]
_LINE_STATE = ("state", "since_us", "cause", "calls")
R = TypeVar("R", QueueRow, AgentRow, LineRow)


class WaitingLine:
    """The callers of one queue in the order in which they are due.

    A step of priority is worth `priority_s` seconds of waiting, so the order never changes
    by itself and each caller keeps one key.
    """

    def __init__(self, priority_s: float, rows: Mapping[CallId, Waiting]) -> None:
        self._step_us = int(priority_s * 1e6)
        self.rows = dict(rows)
        self._due = SortedList((self._key(row), row.call) for row in self.rows.values())
        self._since = SortedList((row.since_us, row.call) for row in self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def longest_us(self) -> int | None:
        """Since when the caller waits who waits longest."""
        return int(self._since[0][0]) if self._since else None

    def add(self, row: Waiting) -> None:
        self.remove(row.call)
        self.rows[row.call] = row
        self._due.add((self._key(row), row.call))
        self._since.add((row.since_us, row.call))

    def remove(self, call: CallId) -> None:
        row = self.rows.pop(call, None)
        if row is not None:
            self._due.remove((self._key(row), call))
            self._since.remove((row.since_us, call))

    def first(self, limit: int | None) -> list[Waiting]:
        return [self.rows[call] for _, call in self._due.islice(0, limit)]

    def _key(self, row: Waiting) -> int:
        return row.since_us - row.priority * self._step_us


class BoardState:
    """The tables, today's limits, and the way out and back in."""

    def __init__(self, site: BoardSite | None = None) -> None:
        self.seq = 0
        self.at_us = 0
        self.day = ""
        self.core = CoreRow()
        self.queues: dict[str, QueueRow] = {}
        self.agents: dict[str, AgentRow] = {}
        self.lines: dict[str, LineRow] = {}
        self.calls: dict[str, CallRow] = {}
        self.troubles: dict[tuple[str, str], TroubleRow] = {}
        self._waiting: dict[str, WaitingLine] = {}
        self._touched: Touched = set()
        self._day_us = (0, 0)
        self._given: BoardSite | None = None
        self.configure(site or BoardSite())
        self._given = site

    def configure(self, site: BoardSite) -> None:
        """Takes names and settings; what is known about ids that stay is kept."""
        self._given = site
        self.site = site.site
        self._zone = ZoneInfo(site.site.timezone)
        self.queues = _merge(site.queues, self.queues, ("estimate", "today"))
        self.agents = _merge(site.agents, self.agents, _AGENT_STATE)
        self.lines = _merge(site.lines, self.lines, _LINE_STATE)
        for queue in self.queues.values():
            old = self._waiting.get(queue.id)
            self._waiting[queue.id] = WaitingLine(queue.priority_s, old.rows if old else {})
        self._set_day(self.day)

    def roll(self, now_us: int) -> bool:
        """Starts today's counts anew when `now_us` is on another local day; True if so.

        A clock that is set back by less than twelve hours does not bring yesterday back.
        """
        start, end = self._day_us
        if start - _CLOCK_BACK_US <= now_us < end:
            return False
        self._set_day(datetime.fromtimestamp(now_us / 1e6, self._zone).date().isoformat())
        for queue in self.queues.values():
            queue.today = Today()
            self._touch("queue", queue.id)
        for agent in self.agents.values():
            agent.answered = agent.missed = 0
            self._touch("agent", agent.id)
        self._touch("day", "")
        return True

    # -- out --------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """The whole board as plain dicts and lists, fit for JSON and for `restore`."""
        return {
            "seq": self.seq,
            "at_us": self.at_us,
            "day": self.day,
            "site": msgspec.to_builtins(self.site),
            "core": msgspec.to_builtins(self.core),
            "queues": {id: self.queue(id) for id in self.queues},
            "agents": {id: self.agent(id) for id in self.agents},
            "lines": {id: msgspec.to_builtins(row) for id, row in self.lines.items()},
            "calls": {id: self.call(id) for id in self.calls},
            "troubles": [msgspec.to_builtins(row) for row in self.troubles.values()],
        }

    def queue(self, id: str, limit: int | None = None) -> dict[str, Any]:
        """One queue; of its callers the first `limit` in the order in which they are due."""
        row, line = self.queues[id], self._waiting[id]
        shown: dict[str, Any] = msgspec.to_builtins(row)
        shown["service_level"] = service_level(row)
        shown["waiting"] = len(line)
        shown["waiting_since_us"] = line.longest_us
        shown["callers"] = [
            {"place": place, **msgspec.to_builtins(caller)}
            for place, caller in enumerate(line.first(limit), 1)
        ]
        shown["states"] = self._states(row.id)
        return shown

    def callers(self, id: str) -> Mapping[CallId, Waiting]:
        """Who waits in a queue."""
        return self._waiting[id].rows

    def agent(self, id: str) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(self.agents[id])
        return shown

    def line(self, id: str) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(self.lines[id])
        return shown

    def call(self, id: str) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(self.calls[id])
        return shown

    def restore(self, snapshot: dict[str, Any]) -> Self:
        """Becomes the board that `snapshot()` came from; a board that was made for a site
        keeps that site's names and settings. Raises `msgspec.ValidationError` or `KeyError`
        and is as before then.
        """
        site = msgspec.convert(snapshot["site"], SiteRow)
        core = msgspec.convert(snapshot["core"], CoreRow)
        queues = msgspec.convert(snapshot["queues"], dict[str, QueueRow])
        agents = msgspec.convert(snapshot["agents"], dict[str, AgentRow])
        lines = msgspec.convert(snapshot["lines"], dict[str, LineRow])
        calls = msgspec.convert(snapshot["calls"], dict[str, CallRow])
        troubles = msgspec.convert(snapshot["troubles"], list[TroubleRow])
        waiting = {
            id: _line_of(queues[id], shown["callers"]) for id, shown in snapshot["queues"].items()
        }
        self.seq, self.at_us, day = snapshot["seq"], snapshot["at_us"], snapshot["day"]
        self.core, self.queues, self.agents, self.lines = core, queues, agents, lines
        self.calls, self._waiting = calls, waiting
        self.troubles = {(row.where, row.what): row for row in troubles}
        self.day, self.site, self._zone = day, site, ZoneInfo(site.timezone)
        self._set_day(day)
        if self._given is not None:
            self.configure(self._given)
        return self

    # -- helpers ----------------------------------------------------------------------------

    def _set_day(self, day: str) -> None:
        self.day = day
        if not day:
            self._day_us = (0, 0)
            return
        first = date.fromisoformat(day)
        midnights = (
            datetime.combine(at, time(), self._zone) for at in (first, first + timedelta(days=1))
        )
        start, end = (int(midnight.timestamp() * 1e6) for midnight in midnights)
        self._day_us = (start, end)

    def _touch(self, kind: Kind, id: str) -> None:
        self._touched.add((kind, id))

    def _states(self, queue: QueueId) -> dict[str, int]:
        counts: dict[str, int] = {}
        for agent in self.agents.values():
            if queue in agent.queues:
                counts[agent.state] = counts.get(agent.state, 0) + 1
        return counts

    def _queue(self, id: QueueId) -> tuple[QueueRow, WaitingLine]:
        if id not in self.queues:
            self.queues[id] = QueueRow(id=id, name=id)
            self._waiting[id] = WaitingLine(self.queues[id].priority_s, {})
        self._touch("queue", id)
        return self.queues[id], self._waiting[id]

    def _agent(self, id: AgentId) -> AgentRow:
        self._touch("agent", id)
        return self.agents.setdefault(id, AgentRow(id=id, name=id))

    def _line(self, id: str) -> LineRow:
        self._touch("line", id)
        return self.lines.setdefault(id, LineRow(id=id, name=id))

    def _call(self, id: CallId) -> CallRow:
        """The call; a row that nobody keeps where the call is over already."""
        if id not in self.calls:
            return CallRow(id=id, since_us=self.at_us)
        self._touch("call", id)
        return self.calls[id]


def _line_of(queue: QueueRow, callers: list[dict[str, Any]]) -> WaitingLine:
    rows = msgspec.convert(callers, list[Waiting])
    return WaitingLine(queue.priority_s, {row.call: row for row in rows})


def service_level(row: QueueRow) -> dict[str, Any]:
    """Today's service level: percent (None before the first call), formula, seconds."""
    today = row.today
    counts = Counts(
        answered=today.answered,
        answered_in=today.answered_in,
        abandoned=today.abandoned,
        abandoned_in=today.abandoned_in,
        short_abandoned=today.short_abandoned,
    )
    level = kpi.service_level(counts, row.formula)
    percent = None if level is None else round(100 * level, 1)
    return {"percent": percent, "formula": row.formula, "seconds": row.level_s}


def _merge(fresh: Sequence[R], old: Mapping[str, R], keep: Sequence[str]) -> dict[str, R]:
    """Fresh names with the old state, by id."""
    rows: dict[str, R] = {}
    for row in fresh:
        rows[row.id] = copy.deepcopy(row)
        known = old.get(row.id)
        for field in keep if known else ():
            setattr(rows[row.id], field, getattr(known, field))
    return rows
