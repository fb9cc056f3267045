"""One question that listens, with a crew, a worker and an ear that do as they are told."""

import asyncio
from collections.abc import Callable
from typing import Any

from appliance.model.hearing import SpeechReport
from appliance.model.ids import LegId
from appliance.speech.live import wire
from appliance.speech.live.attention import Attention
from appliance.speech.live.ear import FRAME_BYTES
from appliance.speech.live.endpoint import FRAME_S
from appliance.speech.live.listening import Listening
from tests.speech.live.conftest import MENU

QUESTION = wire.Question(5, MENU)
SALES = wire.Heard(5, "sales", "sales", 1.0, "sure", "")
TRAILING = round(MENU.trailing_s / FRAME_S)
NOTHING = wire.Heard(5, "", "", 0.0, "none", "no_match")


class Link:
    """Notes what is sent, and answers in order when it is told to."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.open: list[bytes] = []
        self.question = 0

    def ask(self, question: bytes) -> None:
        self.sent.append(wire.QUESTION)

    def tell(self, packet: bytes) -> None:
        self.sent.append(packet[:1])

    def request(self, kind: bytes) -> None:
        self.sent.append(kind)
        self.open.append(kind)


class Crew:
    """Has a link at once, or later; the same one again until it is lost."""

    model = "test"

    def __init__(self, ready: bool = True) -> None:
        self.ready, self.link, self.lent, self.waits = ready, Link(), False, False
        self.entered, self.why_stuck = False, ""

    def enter(self, user: Listening) -> None:
        self.entered = True

    def take(self, user: Listening, speaks: bool) -> Link | None:
        assert not self.lent
        self.lent, self.waits = self.ready, not self.ready
        return self.link if self.ready else None

    def stuck(self) -> str:
        return self.why_stuck

    def wait_no_more(self, user: Listening) -> None:
        self.waits = False

    def leave(self, user: Listening) -> None:
        self.entered = self.waits = self.lent = False

    def give_back(self, link: Link) -> None:
        assert self.lent
        assert not self.link.open, "nothing may come of it for the next one"
        self.lent = False


class Ear:
    """Hears a voice in frames of other bytes than zero."""

    quiet = True

    def gap(self) -> None:
        pass

    def frame(self, near: memoryview, far: memoryview, speaking: bool) -> tuple[bytes, int]:
        self.quiet = near[0] == 0
        return bytes(near), int(near[0] != 0)

    def pitched(self) -> bool:
        return True


class Question:
    """A listening with all around it. `busy`: others have all recognisers."""

    def __init__(self, ready: bool = True) -> None:
        self.told: list[SpeechReport] = []
        self.crew = Crew(ready)
        self.losses = 0
        self.busy = ""
        made: Any = self.crew
        ear: Any = Ear()
        self.it = Listening(
            *(LegId("a"), 1, QUESTION, b"", made, self.told.append),
            *(lambda: self.busy, None, Attention(ear)),
        )
        self.it.start()
        if ready:
            self.it.reply(wire.Ready(5))

    def feed(self, voiced: bool, frames: int) -> None:
        self.it.feed(memoryview(bytes([voiced]) * FRAME_BYTES * frames), memoryview(b""))

    def answer(self, heard: wire.Heard | None) -> None:
        """To the oldest request, as a worker would: a finish is never answered by not yet."""
        self.it.reply(wire.Ready(5))
        if self.crew.link.open:
            kind = self.crew.link.open.pop(0)
            last = kind == wire.FINISH
            self.it.reply(heard or (NOTHING if last else wire.NotYet(5)))

    def lose(self) -> None:
        """Also one that was lent only to build its grammar; an idle one is not ours."""
        if self.crew.lent:
            self.losses += 1
            self.crew.link, self.crew.lent = Link(), False
            self.it.lost("it died")
            if self.it._again is not None:
                self.it._again.cancel()
                self.it._prepare()


def play(steps: Callable[[Question], None], ready: bool = True) -> Question:
    async def run() -> Question:
        question = Question(ready)
        steps(question)
        await asyncio.sleep(0)
        question.it.stop()
        return question

    return asyncio.run(run())
