"""Reading history.db: pages of interactions, sums over windows. Read-only connections."""

import msgspec

from appliance.store.historydb import SHAPE
from appliance.store.projected import ProjectedReader


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What interactions are wanted; None: all. Times are UTC microseconds of the start.

    `queue`: was in it at least once; `agent`: talked at least once; `caller`: the number, or
    its beginning followed by *; `outcome` as in call.ended, "" for calls that go on.
    """

    since_us: int | None = None
    until_us: int | None = None
    queue: str | None = None
    agent: str | None = None
    caller: str | None = None
    outcome: str | None = None
    trunk: str | None = None


class VisitSums(msgspec.Struct, array_like=True):
    offered: int
    answered: int
    answered_in: int
    abandoned: int
    abandoned_in: int
    short_abandoned: int
    wait_answered_s: float
    longest_wait_s: float


class TalkSums(msgspec.Struct, array_like=True):
    handled: int
    talk_s: float
    hold_s: float
    wrap_up_s: float


class HistoryReader(ProjectedReader):
    """One per thread. Raises LogMissing, HistoryDamaged."""

    shape = SHAPE

    def interaction(self, call: str) -> bytes | None:
        """The body of one interaction."""
        rows = self._ask("SELECT body FROM interaction WHERE call = ?", [call])
        return bytes(rows[0][0]) if rows else None

    def interactions(
        self, wanted: Filter, *, after: int | None, limit: int, newest_first: bool
    ) -> list[tuple[int, bytes]]:
        """(seq, body), at most `limit`, from the one next to `after` on (keyset)."""
        where, given = _where(wanted)
        if after is not None:
            where.append("i.seq < ?" if newest_first else "i.seq > ?")
            given.append(after)
        return self._ask(
            f"SELECT i.seq, i.body FROM interaction i WHERE {' AND '.join(where)} "
            f"ORDER BY i.seq {'DESC' if newest_first else ''} LIMIT ?",
            [*given, limit],
        )

    def count(self, wanted: Filter) -> int:
        where, given = _where(wanted)
        (row,) = self._ask(f"SELECT count(*) FROM interaction i WHERE {' AND '.join(where)}", given)
        return int(row[0])

    def visits(
        self, queue: str | None, since_us: int, until_us: int, level_s: float, short_s: float
    ) -> VisitSums:
        """Visits of a queue (None: all) entered in [since, until)."""
        (row,) = self._ask(
            "SELECT count(*), total(reason='answered'), "
            "total(reason='answered' AND waited_s <= :level), "
            "total(reason='abandoned'), total(reason='abandoned' AND waited_s <= :level), "
            "total(reason='abandoned' AND waited_s < :short), "
            "total(CASE WHEN reason='answered' THEN waited_s END), coalesce(max(waited_s), 0) "
            "FROM visit WHERE (:queue IS NULL OR queue = :queue) "
            "AND entered_us >= :since AND entered_us < :until",
            {
                "queue": queue,
                "since": since_us,
                "until": until_us,
                "level": level_s,
                "short": short_s,
            },
        )
        return VisitSums(row[0], *(int(n) for n in row[1:6]), *row[6:])

    def talks(self, queue: str | None, agent: str | None, since_us: int, until_us: int) -> TalkSums:
        """Ended talks with callers begun in [since, until); consultations are left out."""
        (row,) = self._ask(
            "SELECT total(role='primary'), total(talk_s), total(hold_s), total(wrap_up_s) "
            "FROM talk WHERE (:queue IS NULL OR queue = :queue) "
            "AND (:agent IS NULL OR agent = :agent) AND role <> 'consult' "
            "AND ended_us IS NOT NULL AND started_us >= :since AND started_us < :until",
            {"queue": queue, "agent": agent, "since": since_us, "until": until_us},
        )
        return TalkSums(int(row[0]), *row[1:])

    def states(self, since_us: int, until_us: int, now_us: int) -> list[tuple[str, str, float]]:
        """(agent, state, seconds) in [since, until); stretches that go on count up to now."""
        return self._ask(
            "SELECT agent, state, "
            "sum(min(coalesce(ended_us, :now), :until) - max(started_us, :since)) / 1e6 "
            "FROM stretch WHERE started_us < :until AND coalesce(ended_us, :now) > :since "
            "AND started_us < :now GROUP BY agent, state ORDER BY agent, state",
            {"since": since_us, "until": until_us, "now": now_us},
        )


def _where(wanted: Filter) -> tuple[list[str], list[object]]:
    where, given = ["1"], list[object]()

    def need(clause: str, *values: object) -> None:
        where.append(clause)
        given.extend(values)

    if wanted.since_us is not None:
        need("i.started_us >= ?", wanted.since_us)
    if wanted.until_us is not None:
        need("i.started_us < ?", wanted.until_us)
    if wanted.outcome is not None:
        need("i.outcome = ?", wanted.outcome)
    if wanted.trunk is not None:
        need("i.trunk = ?", wanted.trunk)
    if wanted.queue is not None:
        need("EXISTS (SELECT 1 FROM visit v WHERE v.seq=i.seq AND v.queue=?)", wanted.queue)
    if wanted.agent is not None:
        need("EXISTS (SELECT 1 FROM talk t WHERE t.seq=i.seq AND t.agent=?)", wanted.agent)
    if wanted.caller is not None and wanted.caller.endswith("*"):
        start = wanted.caller[:-1]
        need("i.caller >= ? AND i.caller < ?", start, start + "\U0010ffff")
    elif wanted.caller is not None:
        need("i.caller = ?", wanted.caller)
    return where, given
