"""The wallboard as a projection of the event log: who waits, who talks, how today went.

Pure. `apply` costs O(log n) in the number of waiting callers. A board that is restored from
a snapshot and fed the later events is equal to one that was fed everything. Counts are those
of the site's local day; `roll` or the first event after midnight starts them anew.
"""

from collections.abc import Callable
from typing import Any

from appliance.history.boardrows import (
    Announced,
    BoardSite,
    CallRow,
    CoreRow,
    Expected,
    Party,
    QueueRow,
    TroubleRow,
    Waiting,
)
from appliance.history.boardstate import BoardState, Touched, WaitingLine
from appliance.model import events as ev
from appliance.model.ids import CallId

__all__ = ["Board", "BoardSite", "Touched"]

_OLD_RUN_US = 60 * 1_000_000


class Board(BoardState):
    """`Board(BoardSite.of(site_file))`, then `apply` each record in order of `seq`."""

    def apply(self, record: ev.Record) -> Touched:
        """Takes one record; those up to `seq` are ignored. Tells what changed."""
        if record.seq <= self.seq:
            return set()
        self._touched = set()
        self.roll(record.at_us)
        self.seq, self.at_us = record.seq, record.at_us
        event = record.event
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)
        if isinstance(event, ev.CallEvent):
            self._restage(event)
        return self._touched

    def _restage(self, event: ev.CallEvent) -> None:
        call = self.calls.get(event.call)
        if call is None:
            return
        stage = call.current_stage()
        if stage != call.stage:
            call.stage, call.stage_since_us = stage, self.at_us
            self._touch("call", event.call)

    # -- calls ------------------------------------------------------------------------------

    def _arrived(self, event: ev.CallArrived) -> None:
        call = self.calls[event.call] = CallRow(
            id=event.call, since_us=self.at_us, stage_since_us=self.at_us
        )
        self._touch("call", event.call)
        call.line, call.called = event.trunk, event.called
        call.caller, call.caller_name = event.caller, event.caller_name
        call.anonymous = event.anonymous
        self._line(event.trunk).calls += 1

    def _answered(self, event: ev.CallAnswered) -> None:
        self._call(event.call).answered_us = self.at_us

    def _tagged(self, event: ev.CallTagged) -> None:
        call = self._call(event.call)
        call.language = call.language if event.language is None else event.language
        call.priority = call.priority if event.priority is None else event.priority
        call.vip = call.vip if event.vip is None else event.vip

    def _silent(self, event: ev.CallSilent) -> None:
        call = self._call(event.call)
        others = [party for party in call.silent if party != event.party]
        call.silent = others if event.back else [*others, event.party]

    def _ended(self, event: ev.CallEnded) -> None:
        call = self.calls.pop(event.call, None)
        self._touch("call", event.call)
        if call is None:
            return
        if call.line in self.lines:
            line = self._line(call.line)
            line.calls = max(0, line.calls - 1)
        if call.queue is not None:
            _remove(*self._queue(call.queue), event.call)

    def _flow_entered(self, event: ev.FlowEntered) -> None:
        call = self._call(event.call)
        call.flow, call.node, call.base = event.flow, "", "flow"

    def _flow_node(self, event: ev.FlowNode) -> None:
        call = self._call(event.call)
        call.flow, call.node, call.base = event.flow, event.node, "flow"
        call.keys_only = ""

    def _speech_deaf(self, event: ev.SpeechDeaf) -> None:
        self._call(event.call).keys_only = event.why

    def _flow_left(self, event: ev.FlowLeft) -> None:
        call = self._call(event.call)
        call.keys_only = ""
        if event.to in ("voicemail", "hang_up"):
            call.base = "voicemail" if event.to == "voicemail" else "leaving"
        elif event.to in ("agent", "number"):
            call.base = "ringing"

    # -- queues -----------------------------------------------------------------------------

    def _queue_entered(self, event: ev.QueueEntered) -> None:
        call = self._call(event.call)
        row, line = self._queue(event.queue)
        call.queue = event.queue
        row.today.offered += 1
        line.add(
            Waiting(
                call=event.call,
                since_us=self.at_us - int(event.kept_s * 1e6),
                entered_us=self.at_us,
                priority=event.priority,
                caller=call.caller,
                caller_name=call.caller_name,
            )
        )

    def _queue_announced(self, event: ev.QueueAnnounced) -> None:
        _, line = self._queue(event.queue)
        said = Announced(
            position=event.position, low_s=event.low_s, high_s=event.high_s, at_us=self.at_us
        )
        if event.call in line.rows:
            line.rows[event.call].announced = said

    def _queue_estimate(self, event: ev.QueueEstimate) -> None:
        row, line = self._queue(event.queue)
        row.estimate = None
        if len(line) and event.low_s is not None and event.high_s is not None:
            row.estimate = Expected(low_s=event.low_s, high_s=event.high_s, at_us=self.at_us)

    def _queue_left(self, event: ev.QueueLeft) -> None:
        row, line = self._queue(event.queue)
        call = self._call(event.call)
        _remove(row, line, event.call)
        if call.queue == event.queue:
            call.queue = None
            call.base = "voicemail" if event.target.startswith("voicemail") else "flow"
        _count(row, event)

    # -- offers and talk --------------------------------------------------------------------

    def _offer_made(self, event: ev.OfferMade) -> None:
        self._call(event.call).offers[event.offer] = event.agent

    def _offer_ended(self, event: ev.OfferEnded) -> None:
        self._call(event.call).offers.pop(event.offer, None)
        if event.result in ("no_answer", "busy", "refused", "unreachable"):
            self._agent(event.agent).missed += 1

    def _offer_refused(self, event: ev.OfferRefused) -> None:
        self._agent(event.agent).missed += 1

    def _talk_started(self, event: ev.TalkStarted) -> None:
        call = self._call(event.call)
        _leave(call, event.agent)
        call.parties.append(
            Party(kind="agent", id=event.agent, role=event.role, since_us=self.at_us)
        )
        if event.role == "primary":
            self._agent(event.agent).answered += 1

    def _talk_ended(self, event: ev.TalkEnded) -> None:
        call = self._call(event.call)
        _leave(call, event.agent)
        agent = self._agent(event.agent)
        if agent.held:
            agent.held = call.held = False
        call.base = "flow"

    def _hold_started(self, event: ev.HoldStarted) -> None:
        self._call(event.call).held = True
        self._agent(event.agent).held = True

    def _hold_ended(self, event: ev.HoldEnded) -> None:
        self._call(event.call).held = False
        self._agent(event.agent).held = False

    def _party_joined(self, event: ev.PartyJoined) -> None:
        call = self._call(event.call)
        _leave(call, event.party)
        call.parties.append(
            Party(
                kind="number",
                id=event.party,
                number=event.number,
                role=event.role,
                since_us=self.at_us,
            )
        )

    def _party_left(self, event: ev.PartyLeft) -> None:
        _leave(self._call(event.call), event.party)

    def _transfer_ended(self, event: ev.TransferEnded) -> None:
        """After an attended transfer the consulted party talks with the caller."""
        if event.result == "completed":
            for party in self._call(event.call).parties:
                party.role = "transfer" if party.role == "consult" else party.role

    def _conference_started(self, event: ev.ConferenceStarted) -> None:
        self._call(event.call).conference = True

    def _conference_ended(self, event: ev.ConferenceEnded) -> None:
        self._call(event.call).conference = False

    # -- recording --------------------------------------------------------------------------

    def _recording_started(self, event: ev.RecordingStarted) -> None:
        call = self._call(event.call)
        call.recording = "on"
        call.base = "voicemail" if event.kind == "voicemail" else call.base

    def _recording_paused(self, event: ev.RecordingPaused) -> None:
        self._call(event.call).recording = "paused"

    def _recording_resumed(self, event: ev.RecordingResumed) -> None:
        self._call(event.call).recording = "on"

    def _recording_over(self, event: ev.RecordingStopped | ev.RecordingFailed) -> None:
        if event.call in self.calls:  # finished in the background, often after the call's end
            self._call(event.call).recording = "off"

    # -- agents, lines, the box -------------------------------------------------------------

    def _agent_changed(self, event: ev.AgentChanged) -> None:
        agent = self._agent(event.agent)
        agent.state, agent.since_us = event.state, self.at_us
        agent.reason, agent.cause = event.reason, event.cause
        agent.call, agent.queue, agent.limit_s = event.call, event.queue, event.limit_s
        agent.held = agent.held and event.state == "talking"
        for queue in agent.queues:
            if queue in self.queues:
                self._touch("queue", queue)

    def _line_changed(self, event: ev.LineChanged) -> None:
        line = self._line(event.trunk)
        line.state, line.since_us, line.cause = event.state, self.at_us, event.cause

    def _core_started(self, event: ev.CoreStarted) -> None:
        """Troubles of an earlier run are told again by the new one if they still hold."""
        self.core = CoreRow(
            running=True,
            since_us=self.at_us,
            version=event.version,
            after=event.after,
            config=event.config,
        )
        edge = self.at_us - _OLD_RUN_US
        self.troubles = {key: row for key, row in self.troubles.items() if row.since_us >= edge}
        self._touch("core", "")
        self._touch("troubles", "")

    def _core_stopped(self, event: ev.CoreStopped) -> None:
        self.core.running, self.core.since_us = False, self.at_us
        self._touch("core", "")

    def _config_applied(self, event: ev.ConfigApplied) -> None:
        self.core.config = event.version
        self._touch("core", "")

    def _trouble(self, event: ev.Trouble) -> None:
        """The end names its trouble by `where` and `what`, or, reworded, all of that place."""
        key = (event.where, event.what)
        self._touch("troubles", "")
        if not event.over:
            row = self.troubles.get(key)
            self.troubles[key] = TroubleRow(
                where=event.where,
                what=event.what,
                meaning=event.meaning,
                remedy=event.remedy,
                since_us=row.since_us if row else self.at_us,
                times=row.times + 1 if row else 1,
            )
        elif self.troubles.pop(key, None) is None:
            self.troubles = {k: row for k, row in self.troubles.items() if k[0] != event.where}


def _remove(row: QueueRow, line: WaitingLine, call: CallId) -> None:
    line.remove(call)
    if not len(line):
        row.estimate = None


def _leave(call: CallRow, party: str) -> None:
    call.parties = [other for other in call.parties if other.id != party]


def _count(row: QueueRow, event: ev.QueueLeft) -> None:
    """Adds one end of waiting to today's figures."""
    today, waited = row.today, event.waited_s
    today.longest_s = max(today.longest_s, waited)
    if event.reason == "answered":
        today.answered += 1
        today.waited_s += waited
        today.answered_in += waited <= row.level_s
    elif event.reason == "abandoned":
        today.abandoned += 1
        today.abandoned_in += waited <= row.level_s
        today.short_abandoned += waited < row.short_s
    elif event.reason in ("failed", "interrupted"):
        today.failed += 1
    else:
        today.overflowed += 1


_HANDLERS: dict[type[ev.Event], Callable[[Board, Any], None]] = {
    ev.CallArrived: Board._arrived,
    ev.CallAnswered: Board._answered,
    ev.CallTagged: Board._tagged,
    ev.CallSilent: Board._silent,
    ev.CallEnded: Board._ended,
    ev.FlowEntered: Board._flow_entered,
    ev.FlowNode: Board._flow_node,
    ev.FlowLeft: Board._flow_left,
    ev.SpeechDeaf: Board._speech_deaf,
    ev.QueueEntered: Board._queue_entered,
    ev.QueueAnnounced: Board._queue_announced,
    ev.QueueEstimate: Board._queue_estimate,
    ev.QueueLeft: Board._queue_left,
    ev.OfferMade: Board._offer_made,
    ev.OfferEnded: Board._offer_ended,
    ev.OfferRefused: Board._offer_refused,
    ev.TalkStarted: Board._talk_started,
    ev.TalkEnded: Board._talk_ended,
    ev.HoldStarted: Board._hold_started,
    ev.HoldEnded: Board._hold_ended,
    ev.PartyJoined: Board._party_joined,
    ev.PartyLeft: Board._party_left,
    ev.TransferEnded: Board._transfer_ended,
    ev.ConferenceStarted: Board._conference_started,
    ev.ConferenceEnded: Board._conference_ended,
    ev.RecordingStarted: Board._recording_started,
    ev.RecordingPaused: Board._recording_paused,
    ev.RecordingResumed: Board._recording_resumed,
    ev.RecordingStopped: Board._recording_over,
    ev.RecordingFailed: Board._recording_over,
    ev.AgentChanged: Board._agent_changed,
    ev.LineChanged: Board._line_changed,
    ev.CoreStarted: Board._core_started,
    ev.CoreStopped: Board._core_stopped,
    ev.ConfigApplied: Board._config_applied,
    ev.Trouble: Board._trouble,
}
