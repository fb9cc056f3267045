"""What people ask of history: lists, one interaction, figures. For pages, API and CLI."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec

from appliance.history.kpi import Counts, Formula, Kpi, kpi
from appliance.history.parts import Interaction
from appliance.store.historyread import Filter, HistoryReader

__all__ = ["Filter", "History", "Page"]

MAX_PAGE = 1000

_decode = msgspec.json.Decoder(Interaction).decode

_BUSY = ("talking", "wrap_up")
_AVAILABLE = ("ready", "ringing")


class Page(msgspec.Struct, kw_only=True):
    """`next` is the cursor for the page after this one, None at the end."""

    items: list[Interaction]
    next: int | None = None


class History:
    """Reads history.db; one per thread. Raises LogMissing (none yet) and HistoryDamaged."""

    def __init__(self, path: Path) -> None:
        self._db = HistoryReader(path)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "History":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def seq(self) -> int:
        """The last event of the log that history knows."""
        found = self._db.progress()
        return 0 if found is None else found.seq

    def show(self, call: str) -> Interaction | None:
        body = self._db.interaction(call)
        return None if body is None else _decode(body)

    def count(self, wanted: Filter) -> int:
        return self._db.count(wanted)

    def page(
        self,
        wanted: Filter,
        *,
        cursor: int | None = None,
        limit: int = 100,
        newest_first: bool = True,
    ) -> Page:
        """At most `limit` (1 to 1000) interactions. New calls never shift later pages."""
        limit = max(1, min(limit, MAX_PAGE))
        rows = self._db.interactions(
            wanted, after=cursor, limit=limit + 1, newest_first=newest_first
        )
        items = [_decode(body) for _, body in rows[:limit]]
        return Page(items=items, next=rows[limit - 1][0] if len(rows) > limit else None)

    def each(self, wanted: Filter) -> Iterator[Interaction]:
        """All that match, oldest first, with constant memory."""
        cursor: int | None = None
        while True:
            page = self.page(wanted, cursor=cursor, limit=MAX_PAGE, newest_first=False)
            yield from page.items
            if page.next is None:
                return
            cursor = page.next

    def counts(
        self,
        since_us: int,
        until_us: int,
        *,
        queue: str | None = None,
        agents: Collection[str] | None = None,
        level_s: float = 20,
        short_s: float = 5,
        now_us: int | None = None,
    ) -> Counts:
        """Sums over [since, until), UTC microseconds, for a queue or all queues.

        Visits count by their entry, talks by their start. `agents` (None: all) are those
        whose states make the occupancy; `now_us` ends states that go on (default: until).
        """
        visits = self._db.visits(queue, since_us, until_us, level_s, short_s)
        talks = self._db.talks(queue, None, since_us, until_us)
        counts = Counts(**_named(visits), **_named(talks))
        end = until_us if now_us is None else min(now_us, until_us)
        for agent, state, seconds in self._db.states(since_us, until_us, end):
            if agents is not None and agent not in agents:
                continue
            counts.busy_s += seconds if state in _BUSY else 0
            counts.available_s += seconds if state in _AVAILABLE else 0
        return counts

    def kpi(
        self,
        since_us: int,
        until_us: int,
        *,
        formula: Formula,
        queue: str | None = None,
        agents: Collection[str] | None = None,
        level_s: float = 20,
        short_s: float = 5,
        now_us: int | None = None,
    ) -> Kpi:
        """The figures of `counts`, with the service level by `formula`."""
        counts = self.counts(
            since_us,
            until_us,
            queue=queue,
            agents=agents,
            level_s=level_s,
            short_s=short_s,
            now_us=now_us,
        )
        return kpi(counts, formula, level_s)

    def agent_counts(self, agent: str, since_us: int, until_us: int, now_us: int) -> Counts:
        """One agent: handled, talk, hold and wrap-up times, busy and available time."""
        counts = Counts(**_named(self._db.talks(None, agent, since_us, until_us)))
        for name, state, seconds in self._db.states(since_us, until_us, min(now_us, until_us)):
            if name == agent:
                counts.busy_s += seconds if state in _BUSY else 0
                counts.available_s += seconds if state in _AVAILABLE else 0
        return counts

    def state_seconds(
        self, since_us: int, until_us: int, now_us: int
    ) -> dict[str, dict[str, float]]:
        """Seconds of each agent in each state."""
        found: dict[str, dict[str, float]] = {}
        for agent, state, seconds in self._db.states(since_us, until_us, min(now_us, until_us)):
            found.setdefault(agent, {})[state] = seconds
        return found


def _named(row: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}
