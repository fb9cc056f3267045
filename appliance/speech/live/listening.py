"""One question that listens: from the leg's sound to reports, with a lent worker in between."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol

from appliance.model.hearing import (
    Deaf,
    Hearing,
    Missed,
    SpeechBegan,
    SpeechDone,
    SpeechOff,
    SpeechReport,
)
from appliance.model.ids import LegId
from appliance.speech.live import wire
from appliance.speech.live.crew import Crew
from appliance.speech.live.ear import FRAME_BYTES, Ear
from appliance.speech.live.echo import EchoGuard
from appliance.speech.live.endpoint import FRAME_S, ONSET_OF, PAUSE, Cue, Endpoint
from appliance.speech.live.link import WorkerLink
from appliance.speech.live.utterance import Parcels, Utterance

LOG = logging.getLogger("callfloor.speech")
PRE_ROLL = 15
"""Frames before the first voiced one that the recogniser hears too: soft beginnings."""

WORKER_S = 2.0
"""A question waits for a worker no longer; one is forked in milliseconds, a nursery is started
anew in half a second."""


class Keep(Protocol):
    """Keeps the sound of what was not understood."""

    def __call__(self, pcm: bytes, leg: LegId, listen: int) -> str:
        """8 kHz int16 samples. Returns the file's name relative to the data folder, or ''."""


class Listening:
    """`report` is called from the loop, never from within a call of ours. A worker that dies is
    replaced once; a second death makes the question deaf: it may be the question's fault."""

    def __init__(
        self,
        leg: LegId,
        listen: int,
        question: wire.Question,
        packet: bytes,
        crew: Crew,
        report: Callable[[SpeechReport], None],
        keep: Keep | None,
        guard: EchoGuard,
    ) -> None:
        self.leg, self.listen = leg, listen
        self._serial, self._packet = question.serial, packet
        self._hearing: Hearing = question.hearing
        self._crew, self._report, self._keep = crew, report, keep
        self._loop = asyncio.get_running_loop()
        self._ear = Ear(guard)
        self._endpoint = Endpoint(self._hearing.trailing_s, self._hearing.longest_s)
        self._before: deque[bytes] = deque(maxlen=PRE_ROLL + ONSET_OF)
        self._parcels = Parcels()
        self._now: Utterance | None = None
        self._asked: deque[Utterance] = deque()
        """Of whom each answer will be that is still to come."""
        self._link: WorkerLink | None = None
        self._backlog: list[bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._losses = 0
        self._is_deaf = False
        self.over = False

    def start(self) -> None:
        """Takes a worker, or waits for one."""
        link = self._crew.take(self)
        if link is None:
            self._backlog = []
            self._timer = self._loop.call_later(WORKER_S, self._nobody)
        else:
            self._begin(link)

    def stop(self) -> None:
        """No report after this."""
        self.over = True
        if self._timer is not None:
            self._timer.cancel()
        self._crew.leave(self)
        if self._link is not None:
            self._crew.give_back(self._link)
            self._link = None

    def feed(self, near: memoryview, far: memoryview) -> None:
        """Whole frames of 20 ms; `far` as long as `near`, or empty for silence."""
        for at in range(0, len(near) - FRAME_BYTES + 1, FRAME_BYTES):
            if self.over or self._is_deaf:
                return
            heard, voiced = self._ear.frame(near[at : at + FRAME_BYTES], far[at : at + FRAME_BYTES])
            self._frame(heard, voiced)

    # What the crew and the worker tell.

    def lent(self, link: WorkerLink) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._begin(link)

    def lost(self, why: str) -> None:
        self._link = None
        self._losses += 1
        self._parcels.clear()
        self._endpoint.over(resting=True)
        self._lose()
        if self._losses > 1:
            self._deaf("broken", why)
        else:  # also where its nursery ended: that is back within a fraction of a second
            self.start()

    def reply(self, reply: wire.Replies) -> None:
        if reply.serial != self._serial or self.over or self._is_deaf:
            return  # of the question that the worker had before, or that it cannot hear
        match reply:
            case wire.Ready(unknown=unknown):
                if unknown:
                    LOG.info("%s cannot hear: %s", self._crew.model, ", ".join(unknown))
            case wire.Deaf(detail=detail):
                self._deaf("words", detail)
            case wire.NotYet():
                self._asked.popleft()
            case wire.Heard():
                self._heard(self._asked.popleft(), reply)

    # From frames to packets.

    def _frame(self, frame: bytes, voiced: int) -> None:
        cue = self._endpoint.frame(voiced, self._ear.pitched)
        if cue is Cue.BEGAN:
            return self._begins(frame)
        if cue is Cue.ENDLESS:
            return self._deaf("broken", "there is a voice all the time")
        utterance = self._now
        if utterance is None:
            self._before.append(frame)
            return None
        if self._keep is not None:
            utterance.kept += frame
        if voiced:
            utterance.last_sound = self._loop.time()
            utterance.spoken_s = self._endpoint.spoken * FRAME_S
        self._pass_on(frame, self._endpoint.silent > PAUSE)
        if cue is not None:
            self._ask(utterance, cue)
        return None

    def _begins(self, frame: bytes) -> None:
        now = self._loop.time()
        spoken = self._endpoint.spoken
        utterance = self._now = Utterance(now - spoken * FRAME_S, now, spoken * FRAME_S)
        self._before.append(frame)
        first = b"".join(list(self._before)[-(PRE_ROLL + spoken) :])
        self._before.clear()
        if self._keep is not None:
            utterance.kept += first
        self._say(SpeechBegan(leg=self.leg, listen=self.listen))
        self._send(wire.SOUND + first)

    def _pass_on(self, frame: bytes, silence: bool) -> None:
        if silence:
            if packet := self._parcels.silence(frame):
                self._send(wire.SILENCE + packet)
        elif packet := self._parcels.sound(frame):
            self._send(wire.SOUND + packet)

    def _ask(self, utterance: Utterance, cue: Cue) -> None:
        if packet := self._parcels.flush():
            self._send(wire.SOUND + packet)
        self._asked.append(utterance)
        if cue is Cue.PAUSED:
            return self._send(wire.PAUSE)
        utterance.ending = "too_long" if cue is Cue.CUT else ""
        self._now = None
        self._parcels.clear()
        return self._send(wire.FINISH)

    def _heard(self, utterance: Utterance, heard: wire.Heard) -> None:
        if utterance.done:
            return  # it was complete at its pause, and the longer silence came before we knew
        if utterance is self._now:
            self._now = None
            self._endpoint.over()
            self._parcels.clear()
            self._send(wire.RESET)
        self._done(utterance, heard)

    # To and from the worker.

    def _begin(self, link: WorkerLink) -> None:
        self._link, backlog, self._backlog = link, self._backlog, None
        link.ask(self._packet)
        for packet in backlog or ():
            self._send(packet)

    def _send(self, packet: bytes) -> None:
        if self._backlog is not None:
            self._backlog.append(packet)
        elif self._link is not None:
            if packet[:1] in (wire.PAUSE, wire.FINISH):
                self._link.request(packet)
            else:
                self._link.tell(packet)

    def _nobody(self) -> None:
        self._deaf("broken", self._crew.fault or "no recogniser became free in time")

    # Reports.

    def _done(self, utterance: Utterance, heard: wire.Heard) -> None:
        utterance.done = True
        cut: Missed = utterance.ending or ""
        audio = ""
        if self._keep is not None and (cut or heard.verdict != "sure"):
            audio = self._keep(bytes(utterance.kept), self.leg, self.listen)
        self._say(
            SpeechDone(
                leg=self.leg,
                listen=self.listen,
                text=heard.text,
                choice="" if cut else heard.choice,
                confidence=heard.confidence,
                verdict="none" if cut else heard.verdict,
                missed=cut or heard.missed,
                spoken_s=round(utterance.spoken_s, 3),
                latency_s=round(self._loop.time() - utterance.last_sound, 3),
                model=self._crew.model,
                audio=audio,
            )
        )

    def _deaf(self, why: Deaf, detail: str) -> None:
        self._lose()
        self._is_deaf = True
        self._say(SpeechOff(leg=self.leg, listen=self.listen, why=why, detail=detail))
        self._loop.call_soon(self.stop)

    def _lose(self) -> None:
        """Of each beginning that was told there has to be an end."""
        open_ones = [*self._asked, self._now] if self._now else [*self._asked]
        self._asked.clear()
        self._now = None
        for utterance in open_ones:
            if not utterance.done:
                self._done(utterance, wire.Heard(self._serial, "", "", 0.0, "none", "lost"))

    def _say(self, report: SpeechReport) -> None:
        """Later: who is told may stop us, or start another question, at once."""
        self._loop.call_soon(self._tell, report)

    def _tell(self, report: SpeechReport) -> None:
        if not self.over:
            self._report(report)
