"""One question that listens: from the leg's sound to reports, with a lent worker in between.

A worker is lent before anybody speaks, to build the grammar and to say what it cannot hear, and
then for each utterance from its first sound to its answer.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from appliance.model.hearing import (
    Deaf,
    Hearing,
    SpeechBegan,
    SpeechDone,
    SpeechOff,
    SpeechReport,
)
from appliance.model.ids import LegId
from appliance.speech.live import wire
from appliance.speech.live.attention import Attention
from appliance.speech.live.crew import Crew
from appliance.speech.live.endpoint import FRAME_S, PAUSE, Cue
from appliance.speech.live.keeping import Keep
from appliance.speech.live.link import WorkerLink
from appliance.speech.live.utterance import Parcels, Utterance

LOG = logging.getLogger("callfloor.speech")
WORKER_S = 2.0
"""Who speaks waits for a worker no longer; one is forked in milliseconds, a nursery is started
anew in half a second."""

AGAIN_S = 0.1
"""After a worker's death the next one is asked: those that die of the same are gone by then."""


class Listening:
    """`report` is called from the loop, never from within a call of ours. `turned_away`: why
    nobody can be listened to who begins to speak, or ''. A worker that dies is replaced once; a
    second death makes the question deaf: it may be the question's fault."""

    def __init__(
        self,
        leg: LegId,
        listen: int,
        question: wire.Question,
        packet: bytes,
        crew: Crew,
        report: Callable[[SpeechReport], None],
        turned_away: Callable[[], str],
        keep: Keep | None,
        attention: Attention,
    ) -> None:
        self.leg, self.listen = leg, listen
        self.serial, self._packet = question.serial, packet
        self._hearing: Hearing = question.hearing
        self._crew, self._report, self._keep = crew, report, keep
        self._turned_away = turned_away
        self._loop = asyncio.get_running_loop()
        self._attention = attention
        self._parcels = Parcels()
        self._now: Utterance | None = None
        self._asked: deque[Utterance] = deque()
        """Of whom each answer will be that is still to come."""
        self._link: WorkerLink | None = None
        self._backlog: list[bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._losses = 0
        self._building = False
        """The worker has yet to say that its grammar is ready."""
        self.engaged = False
        """An utterance has a worker, or waits for one."""
        self._is_deaf = False
        self.over = False

    def start(self) -> None:
        """Has the grammar built as soon as a worker has a moment."""
        self._attention.ask(self._hearing.trailing_s, self._hearing.longest_s, self._loop.time())
        self._crew.enter(self)
        self._prepare()

    def stop(self) -> None:
        """No report after this."""
        self.over = True
        self.engaged = False
        for timer in (self._timer, self._again):
            if timer is not None:
                timer.cancel()
        self._crew.leave(self)
        self._link = None

    def feed(self, near: memoryview, far: memoryview) -> None:
        """Whole frames of 20 ms; `far` as long as `near`, or empty for silence."""
        for frame, voiced, cue in self._attention.hear(near, far, self._loop.time()):
            if self.over or self._is_deaf:
                return
            self._frame(frame, voiced, cue)

    # What the crew and the worker tell.

    def lent(self, link: WorkerLink) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._begin(link)

    def lost(self, why: str) -> None:
        self._link = None
        self._building = False
        self._losses += 1
        self._lose()
        if self._losses > 1:
            self._deaf("broken", why)
        else:  # also where its nursery ended: that is back within a fraction of a second
            self._again = self._loop.call_later(AGAIN_S, self._prepare)

    def reply(self, reply: wire.Replies) -> None:
        if reply.serial != self.serial or self.over or self._is_deaf:
            return None  # of the question that the worker had before, or that it cannot hear
        match reply:
            case wire.Ready(unknown=unknown):
                self._building = False
                if unknown:
                    LOG.info("%s cannot hear: %s", self._crew.model, ", ".join(unknown))
            case wire.Deaf(detail=detail):
                return self._deaf("words", detail)
            case wire.NotYet():
                self._asked.popleft()
            case wire.Heard():
                self._heard(self._asked.popleft(), reply)
        return self._rest()

    # From frames to packets.

    def _frame(self, frame: bytes, voiced: int, cue: Cue | None) -> None:
        if cue is Cue.BEGAN:
            return self._begins()
        if cue is Cue.ENDLESS:
            return self._deaf("broken", "there is a voice all the time")
        utterance = self._now
        if utterance is None:
            return None  # nobody speaks, or no worker was free when he began
        if self._keep is not None:
            utterance.kept += frame
        if voiced:
            utterance.last_sound = self._loop.time()
            utterance.spoken_s = self._attention.endpoint.spoken * FRAME_S
        self._pass_on(frame, self._attention.endpoint.silent > PAUSE)
        if cue is not None:
            self._ask(utterance, cue)
        return None

    def _begins(self) -> None:
        if not self.engaged and (why := self._turned_away()):
            off = SpeechOff(leg=self.leg, listen=self.listen, why="busy", detail=why, once=True)
            return self._say(off)
        now, spoken_s = self._loop.time(), self._attention.endpoint.spoken * FRAME_S
        self._now = utterance = Utterance(now - spoken_s, now, spoken_s)
        first = self._attention.beginning()
        if self._keep is not None:
            utterance.kept += first
        self._say(SpeechBegan(leg=self.leg, listen=self.listen))
        self._engage()
        return self._send(wire.SOUND + first)

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
            self._attention.over()
            self._parcels.clear()
            self._send(wire.RESET)
        self._done(utterance, heard)

    # To and from the worker.

    def _prepare(self) -> None:
        if self._link is not None or self._backlog is not None:
            return  # somebody speaks already
        if link := self._crew.take(self, speaks=False):
            self._begin(link)

    def _engage(self) -> None:
        self.engaged = True
        if self._link is None and self._backlog is None:
            if link := self._crew.take(self, speaks=True):
                return self._begin(link)
            self._backlog = []
            self._timer = self._loop.call_later(WORKER_S, self._nobody)
        return None

    def _begin(self, link: WorkerLink) -> None:
        self._link, backlog, self._backlog = link, self._backlog, None
        if link.question != self.serial:
            link.question = self.serial
            link.ask(self._packet)
            self._building = True
        for packet in backlog or ():
            self._send(packet)
        self._rest()

    def _rest(self) -> None:
        """Others may have the worker once nothing is to come from it."""
        if self._now is None and not self._asked:
            self.engaged = False
        if not self.engaged and not self._building and self._link is not None:
            link, self._link = self._link, None
            self._crew.give_back(link)

    def _send(self, packet: bytes) -> None:
        if self._backlog is not None:
            self._backlog.append(packet)
        elif self._link is not None:
            if packet[:1] in (wire.PAUSE, wire.FINISH):
                self._link.request(packet)
            else:
                self._link.tell(packet)

    def _nobody(self) -> None:
        """A slow worker is none that failed: the question goes on, and he says it again."""
        if why := self._crew.stuck():
            return self._deaf("broken", why)
        LOG.info("no recogniser became free for %s within %g s", self.leg, WORKER_S)
        self._crew.wait_no_more(self)
        self._backlog = None
        self._lose()
        return self._prepare()

    # Reports.

    def _done(self, utterance: Utterance, heard: wire.Heard) -> None:
        utterance.done = True
        audio = ""
        if self._keep is not None and (utterance.ending or heard.verdict != "sure"):
            audio = self._keep(bytes(utterance.kept), self.leg, self.listen)
        now, model = self._loop.time(), self._crew.model
        self._say(utterance.report(self.leg, self.listen, heard, now, model, audio))

    def _deaf(self, why: Deaf, detail: str) -> None:
        self._lose()
        self._is_deaf = True
        self._say(SpeechOff(leg=self.leg, listen=self.listen, why=why, detail=detail))
        self._loop.call_soon(self.stop)

    def _lose(self) -> None:
        """Of each beginning that was told there has to be an end. What he goes on to say is half
        of something, and no answer."""
        open_ones = [*self._asked, self._now] if self._now else [*self._asked]
        if open_ones:
            self._attention.over(resting=True)
        self._parcels.clear()
        self._asked.clear()
        self._now = None
        self.engaged = False
        for utterance in open_ones:
            if not utterance.done:
                self._done(utterance, wire.Heard(self.serial, "", "", 0.0, "none", "lost"))

    def _say(self, report: SpeechReport) -> None:
        """Later: who is told may stop us, or start another question, at once."""
        self._loop.call_soon(self._tell, report)

    def _tell(self, report: SpeechReport) -> None:
        if not self.over:
            if not isinstance(report, SpeechDone):
                self._attention.known()
            self._report(report)
