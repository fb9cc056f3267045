"""Agents' states as stretches of time, from the event log. Pure."""

import msgspec

from appliance.model.events import AgentChanged, CoreStarted, CoreStopped, Record


class Stretch(msgspec.Struct, kw_only=True):
    """One agent in one state; `seq` is of the event that began it. Times in UTC microseconds.

    Time in which the box was off belongs to no stretch: a stretch ends with the core and the
    same state begins anew with its next start.
    """

    agent: str
    seq: int
    state: str
    reason: str = ""
    call: str = ""
    queue: str = ""
    started_us: int
    ended_us: int | None = None


class Timeline:
    """Give it each agent's latest stretch and then records in order; `changed` is what became
    new or ended.

    `last_us` is the time of the record before the first one given.
    """

    def __init__(self, latest: list[Stretch], last_us: int = 0) -> None:
        self._latest = {stretch.agent: stretch for stretch in latest}
        self._last_us = last_us
        self.changed: list[Stretch] = []

    def take(self, record: Record) -> None:
        event = record.event
        if isinstance(event, AgentChanged):
            self._agent(record, event)
        elif isinstance(event, CoreStopped):
            self._end_all(record.at_us)
        elif isinstance(event, CoreStarted):
            self._end_all(self._last_us)
            for stretch in sorted(self._latest.values(), key=lambda s: s.agent):
                self._begin(_again(stretch, record))
        self._last_us = record.at_us

    def _agent(self, record: Record, event: AgentChanged) -> None:
        before = self._latest.get(event.agent)
        if before is not None:
            self._end(before, record.at_us)
        call = event.call or (before.call if before and event.state == "wrap_up" else "")
        self._begin(
            Stretch(
                agent=event.agent,
                seq=record.seq,
                state=event.state,
                reason=event.reason,
                call=call or "",
                queue=event.queue or "",
                started_us=record.at_us,
            )
        )

    def _begin(self, stretch: Stretch) -> None:
        self._latest[stretch.agent] = stretch
        self.changed.append(stretch)

    def _end(self, stretch: Stretch, at_us: int) -> None:
        if stretch.ended_us is None:
            stretch.ended_us = max(at_us, stretch.started_us)
            self.changed.append(stretch)

    def _end_all(self, at_us: int) -> None:
        for agent in sorted(self._latest):
            self._end(self._latest[agent], at_us)


def _again(stretch: Stretch, record: Record) -> Stretch:
    return Stretch(
        agent=stretch.agent,
        seq=record.seq,
        state=stretch.state,
        reason=stretch.reason,
        call=stretch.call,
        queue=stretch.queue,
        started_us=record.at_us,
    )
