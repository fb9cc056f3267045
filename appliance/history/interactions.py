"""From a call's events to its interaction. Pure: the same events give the same bytes."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from appliance.history import flowsteps
from appliance.history.parts import (
    Interaction,
    OfferPart,
    PartyPart,
    QueueVisit,
    RecordingPart,
    TalkPart,
    TransferPart,
    VoicemailPart,
)
from appliance.model import events as ev


class WrapUp(msgspec.Struct, frozen=True):
    """After-call work of an agent for a call; `ended_us` None while it goes on."""

    agent: str
    started_us: int
    ended_us: int | None


def interaction(
    records: Iterable[ev.Record], wrap_ups: Iterable[WrapUp] = ()
) -> Interaction | None:
    """Fold all records of one call, in order; None when there are none.

    `wrap_ups` (see `agents.Timeline`) are added to the talk that each follows.
    """
    fold = _Fold()
    for record in records:
        fold.take(record)
    for wrap_up in wrap_ups:
        fold.wrap_up(wrap_up)
    return fold.result


class _Fold:
    def __init__(self) -> None:
        self.result: Interaction | None = None
        self.at_us = 0
        self.before_us = 0

    def take(self, record: ev.Record) -> None:
        event = record.event
        if self.result is None:
            call = str(getattr(event, "call", ""))
            self.result = Interaction(call=call, seq=record.seq, started_us=record.at_us)
            self.at_us = record.at_us
        self.before_us, self.at_us = self.at_us, record.at_us
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, self.result, event)

    def wrap_up(self, wrap_up: WrapUp) -> None:
        if self.result is None or wrap_up.ended_us is None:
            return
        own = [talk for talk in self.result.talks if talk.agent == wrap_up.agent]
        before = [t for t in own if t.ended_us is not None and t.ended_us <= wrap_up.started_us]
        if own:
            talk = (before or own)[-1]
            seconds = (wrap_up.ended_us - wrap_up.started_us) / 1e6
            talk.wrap_up_s = round(talk.wrap_up_s + seconds, 3)

    # -- the call and its flow ---------------------------------------------------------------

    def arrived(self, call: Interaction, event: ev.CallArrived) -> None:
        call.trunk, call.called = event.trunk, event.called
        call.caller, call.caller_name = event.caller, event.caller_name
        call.anonymous, call.diverted_from = event.anonymous, event.diverted_from

    def answered(self, call: Interaction, event: ev.CallAnswered) -> None:
        if call.answered_us is None:
            call.answered_us = self.at_us

    def tagged(self, call: Interaction, event: ev.CallTagged) -> None:
        call.language = call.language if event.language is None else event.language
        call.priority = call.priority if event.priority is None else event.priority
        call.vip = call.vip if event.vip is None else event.vip
        if event.data is not None:
            call.data = {**call.data, **event.data}

    def ended(self, call: Interaction, event: ev.CallEnded) -> None:
        if call.ended_us is not None:
            return
        call.ended_us = self.at_us
        call.outcome, call.cause = event.outcome, event.cause
        call.sip_code, call.hung_up_by = event.sip_code, event.hung_up_by
        # After a crash the parts ended with the last sign of life, not with the next start.
        self._close(call, self.before_us if event.outcome == "interrupted" else self.at_us)

    def _close(self, call: Interaction, at_us: int) -> None:
        for visit in call.visits:
            if visit.left_us is None:
                visit.left_us, visit.reason = at_us, "interrupted"
                visit.waited_s = _seconds(visit.entered_us, at_us)
        for talk in call.talks:
            if talk.ended_us is None:
                talk.ended_us, talk.cause = at_us, talk.cause or "interrupted"
                talk.talk_s = max(0.0, _seconds(talk.started_us, at_us) - talk.hold_s)
        for party in call.parties:
            if party.left_us is None:
                party.left_us, party.talk_s = at_us, _seconds(party.joined_us, at_us)
        for offer in call.offers:
            if offer.ended_us is None:
                offer.ended_us, offer.result = at_us, "withdrawn"
        for transfer in call.transfers:
            if transfer.ended_us is None:
                transfer.ended_us, transfer.result = at_us, "failed"

    def node(self, call: Interaction, event: ev.FlowNode) -> None:
        flowsteps.entered(call.steps, self.at_us, event)

    def given(self, call: Interaction, event: ev.FlowInput) -> None:
        flowsteps.given(call.steps, self.at_us, event)

    def heard(self, call: Interaction, event: ev.SpeechHeard) -> None:
        flowsteps.heard(call.steps, self.at_us, event)

    def deaf(self, call: Interaction, event: ev.SpeechDeaf) -> None:
        flowsteps.deaf(call.steps, self.at_us, event)

    # -- queues and offers -------------------------------------------------------------------

    def entered(self, call: Interaction, event: ev.QueueEntered) -> None:
        call.visits.append(
            QueueVisit(
                queue=event.queue,
                entered_us=self.at_us,
                priority=event.priority,
                kept_s=event.kept_s,
            )
        )

    def left(self, call: Interaction, event: ev.QueueLeft) -> None:
        for visit in reversed(call.visits):
            if visit.queue == event.queue and visit.left_us is None:
                visit.left_us, visit.waited_s = self.at_us, event.waited_s
                visit.reason, visit.target = event.reason, event.target
                return

    def offered(self, call: Interaction, event: ev.OfferMade) -> None:
        call.offers.append(
            OfferPart(
                offer=event.offer,
                agent=event.agent,
                queue=event.queue or "",
                made_us=self.at_us,
            )
        )

    def offer_ended(self, call: Interaction, event: ev.OfferEnded) -> None:
        for offer in reversed(call.offers):
            if offer.offer == event.offer and offer.ended_us is None:
                offer.ended_us = self.at_us
                offer.result, offer.cause = event.result, event.cause
                return

    def offer_refused(self, call: Interaction, event: ev.OfferRefused) -> None:
        """The seat was picked up, which seemed to be an answer, and put down again."""
        for offer in reversed(call.offers):
            if offer.offer == event.offer:
                offer.ended_us = self.at_us
                offer.result, offer.cause = "refused", event.cause
                return

    # -- talking -----------------------------------------------------------------------------

    def talk(self, call: Interaction, event: ev.TalkStarted) -> None:
        call.talks.append(
            TalkPart(
                agent=event.agent,
                role=event.role,
                queue=event.queue or "",
                started_us=self.at_us,
            )
        )

    def talk_ended(self, call: Interaction, event: ev.TalkEnded) -> None:
        talk = self._open_talk(call, event.agent)
        if talk is not None:
            talk.ended_us, talk.cause, talk.role = self.at_us, event.cause, event.role
            talk.talk_s, talk.hold_s = event.talk_s, event.hold_s
            talk.queue = event.queue or talk.queue

    def held(self, call: Interaction, event: ev.HoldEnded) -> None:
        talk = self._open_talk(call, event.agent)
        if talk is not None:
            talk.hold_s = round(talk.hold_s + event.hold_s, 3)

    def _open_talk(self, call: Interaction, agent: str) -> TalkPart | None:
        found = [t for t in call.talks if t.agent == agent and t.ended_us is None]
        return found[-1] if found else None

    def joined(self, call: Interaction, event: ev.PartyJoined) -> None:
        call.parties.append(
            PartyPart(
                party=event.party,
                number=event.number,
                role=event.role,
                joined_us=self.at_us,
            )
        )

    def party_left(self, call: Interaction, event: ev.PartyLeft) -> None:
        for party in reversed(call.parties):
            if party.party == event.party and party.left_us is None:
                party.left_us = self.at_us
                party.talk_s, party.cause = event.talk_s, event.cause
                return

    def transfer(self, call: Interaction, event: ev.TransferStarted) -> None:
        call.transfers.append(
            TransferPart(
                transfer=event.transfer,
                kind=event.kind,
                agent=event.agent,
                target_kind=event.target_kind,
                target=event.target,
                started_us=self.at_us,
            )
        )

    def transfer_ended(self, call: Interaction, event: ev.TransferEnded) -> None:
        for transfer in reversed(call.transfers):
            if transfer.transfer == event.transfer:
                transfer.ended_us = self.at_us
                transfer.result, transfer.cause = event.result, event.cause
                return

    # -- recordings --------------------------------------------------------------------------

    def _recording(self, call: Interaction, recording: str) -> RecordingPart:
        for part in call.recordings:
            if part.recording == recording:
                return part
        call.recordings.append(RecordingPart(recording=recording))
        return call.recordings[-1]

    def recording(self, call: Interaction, event: ev.RecordingStarted) -> None:
        part = self._recording(call, event.recording)
        part.started_us, part.path = self.at_us, event.path
        part.kind, part.cause = event.kind, event.cause

    def paused(self, call: Interaction, event: ev.RecordingPaused) -> None:
        self._recording(call, event.recording).pauses.append((event.at_s, None))

    def resumed(self, call: Interaction, event: ev.RecordingResumed) -> None:
        pauses = self._recording(call, event.recording).pauses
        if pauses and pauses[-1][1] is None:
            pauses[-1] = (pauses[-1][0], event.at_s)

    def stopped(self, call: Interaction, event: ev.RecordingStopped) -> None:
        self._recording(call, event.recording).duration_s = event.duration_s

    def finished(self, call: Interaction, event: ev.RecordingFinished) -> None:
        part = self._recording(call, event.recording)
        part.path, part.sha256, part.bytes = event.path, event.sha256, event.bytes
        part.duration_s, part.recovered = event.duration_s, event.recovered
        if not part.lost_from_s:
            part.failed = ""

    def failed(self, call: Interaction, event: ev.RecordingFailed) -> None:
        part = self._recording(call, event.recording)
        if not part.sha256:
            part.failed = event.cause
            part.lost_from_s = event.lost_from_s or part.lost_from_s

    def transcribed(self, call: Interaction, event: ev.RecordingTranscribed) -> None:
        part = self._recording(call, event.recording)
        part.transcript, part.transcript_failed = event.path, ""

    def not_transcribed(self, call: Interaction, event: ev.TranscriptFailed) -> None:
        part = self._recording(call, event.recording)
        if not part.transcript:
            part.transcript_failed = event.cause

    def voicemail(self, call: Interaction, event: ev.VoicemailLeft) -> None:
        call.voicemails.append(
            VoicemailPart(
                mailbox=event.mailbox,
                recording=event.recording,
                at_us=self.at_us,
                duration_s=event.duration_s,
            )
        )


def _seconds(from_us: int, to_us: int) -> float:
    return round((to_us - from_us) / 1e6, 3)


_HANDLERS: dict[type[ev.Event], Callable[[_Fold, Interaction, Any], None]] = {
    ev.CallArrived: _Fold.arrived,
    ev.CallAnswered: _Fold.answered,
    ev.CallTagged: _Fold.tagged,
    ev.CallEnded: _Fold.ended,
    ev.FlowNode: _Fold.node,
    ev.FlowInput: _Fold.given,
    ev.SpeechHeard: _Fold.heard,
    ev.SpeechDeaf: _Fold.deaf,
    ev.QueueEntered: _Fold.entered,
    ev.QueueLeft: _Fold.left,
    ev.OfferMade: _Fold.offered,
    ev.OfferEnded: _Fold.offer_ended,
    ev.OfferRefused: _Fold.offer_refused,
    ev.TalkStarted: _Fold.talk,
    ev.TalkEnded: _Fold.talk_ended,
    ev.HoldEnded: _Fold.held,
    ev.PartyJoined: _Fold.joined,
    ev.PartyLeft: _Fold.party_left,
    ev.TransferStarted: _Fold.transfer,
    ev.TransferEnded: _Fold.transfer_ended,
    ev.RecordingStarted: _Fold.recording,
    ev.RecordingPaused: _Fold.paused,
    ev.RecordingResumed: _Fold.resumed,
    ev.RecordingStopped: _Fold.stopped,
    ev.RecordingFinished: _Fold.finished,
    ev.RecordingFailed: _Fold.failed,
    ev.VoicemailLeft: _Fold.voicemail,
    ev.RecordingTranscribed: _Fold.transcribed,
    ev.TranscriptFailed: _Fold.not_transcribed,
}
