"""A caller in a flow: presses keys, stays silent, hears prompts. Checks the contract as it goes."""

import tomllib
from datetime import UTC, datetime
from typing import Any

from appliance.flow.effects import (
    Answer,
    CancelTimer,
    Digit,
    HangUp,
    Input,
    Listen,
    Play,
    PromptDone,
    Returned,
    SetTimer,
    SpeechBegan,
    SpeechOff,
    Spoken,
    StopListen,
    StopPlay,
    TimerFired,
    ToAgent,
    ToNumber,
    ToQueue,
    ToVoicemail,
)
from appliance.flow.facts import CallFacts, facts_for
from appliance.flow.interpreter import FlowRun
from appliance.flow.language import FlowSet, compile_flows
from appliance.model.events import Event, FlowInput, FlowNode
from appliance.model.hearing import Deaf, SpeechDone, Verdict
from appliance.model.ids import CallId, FlowId, LegId
from appliance.model.site import SiteFile

EXITS = (ToQueue, ToAgent, ToVoicemail, ToNumber, HangUp)
MONDAY_NOON = datetime(2025, 6, 2, 10, 0, tzinfo=UTC)  # 12:00 in Berlin

ROOMS = """
[[queue]]
id = "support"
exit_key = "*"
overflow = { after_s = 60, to = "flow:" }
[[queue]]
id = "sales"
[[agent]]
id = "agent1"
seat = "sip:agent1@127.0.0.1"
[[mailbox]]
id = "night"
[[trunk]]
id = "line"
host = "127.0.0.1"
flow = "main"
"""


def site_of(text: str, rooms: str = ROOMS) -> SiteFile:
    return SiteFile.model_validate(tomllib.loads(rooms + text))


def flows_of(text: str) -> FlowSet:
    return compile_flows(site_of(text))


def heard(
    listen: int, text: str, choice: str = "", verdict: Verdict | None = None, **more: Any
) -> SpeechDone:
    """What a recogniser tells of one utterance."""
    verdict = verdict or ("sure" if choice else "none")
    missed = {} if verdict != "none" else {"missed": "no_match"}
    confidence = {"sure": 0.95, "unsure": 0.6, "none": 0.1}[verdict]
    fields = {"leg": LegId("leg1"), "listen": listen, "confidence": confidence, **missed, **more}
    return SpeechDone(text=text, choice=choice, verdict=verdict, **fields)


class Caller:
    """One call. `heard` holds what was played, as "text" or "kind:value"; time goes on by
    itself only where a test says so."""

    def __init__(self, text: str, start: bool = True, flow: str = "main", **facts: Any) -> None:
        self.site = self.load(text)
        self.flows = compile_flows(self.site)
        known = facts_for(self.site, CallId("c1"), caller="+493012345", called="+49309999")
        self.facts = CallFacts(**{**vars(known), **facts})
        self.now = 100.0
        self.utc = MONDAY_NOON
        self.play: Play | None = None
        self.listen: Listen | None = None
        self.timer: SetTimer | None = None
        self.exit: Any = None
        self.answered = False
        self.heard: list[str] = []
        self.events: list[Event] = []
        self.run = FlowRun(self.flows, FlowId(flow), self.facts, self.now)
        if start:
            self.begin()

    def load(self, text: str) -> SiteFile:
        return site_of(text)

    def begin(self) -> None:
        self._take(self.run.start(self.now, self.utc))

    def send(self, given: Input, after_s: float = 0.0) -> None:
        self.now += after_s
        self.handle_ends(given)
        back = isinstance(given, Returned) and self.exit is not None
        if back and not isinstance(self.exit, HangUp):
            self.exit = None
        self._take(self.run.handle(given, self.now, self.utc))

    def press(self, keys: str) -> None:
        for key in keys:
            self.send(Digit(key=key), 0.3)

    def listen_out(self) -> None:
        """Hears what plays to its end."""
        assert self.play is not None, "nothing plays"
        self.send(PromptDone(id=self.play.id), 2.0)

    def hear_all(self) -> None:
        """Hears everything until the box waits for the caller or has handed the call on."""
        for _ in range(50):
            if self.play is None:
                return
            self.listen_out()
        raise AssertionError("it plays on and on")

    def stay_silent(self) -> None:
        """Hears everything, then does nothing until the box has waited long enough."""
        self.hear_all()
        assert self.timer is not None, "no time-out runs"
        self.send(TimerFired(id=self.timer.id), self.timer.seconds)

    def begin_to_speak(self) -> None:
        assert self.listen is not None and self.listen.hearing is not None, "nobody listens"
        self.send(SpeechBegan(id=self.listen.id), 0.3)

    def say(self, text: str, choice: str = "", verdict: Verdict | None = None, **more: Any) -> None:
        """Speaks and is heard: surely where there is a `choice`, else without any sense."""
        self.begin_to_speak()
        self.end_speech(text, choice, verdict, **more)

    def end_speech(
        self, text: str, choice: str = "", verdict: Verdict | None = None, **more: Any
    ) -> None:
        assert self.listen is not None
        done = heard(self.listen.id, text, choice, verdict, **more)
        self.send(Spoken(id=self.listen.id, done=done), 1.0)

    def go_deaf(self, why: Deaf = "broken", once: bool = False) -> None:
        assert self.listen is not None
        self.send(SpeechOff(id=self.listen.id, why=why, detail="for a test", once=once))

    def come_back(self, why: str) -> None:
        self.send(Returned(why=why), 5.0)

    @property
    def nodes(self) -> list[str]:
        return [one.node for one in self.events if isinstance(one, FlowNode)]

    @property
    def inputs(self) -> list[tuple[str, str, str]]:
        return [(i.kind, i.value, i.choice) for i in self.events if isinstance(i, FlowInput)]

    def of(self, kind: type[Event]) -> list[Any]:
        return [one for one in self.events if isinstance(one, kind)]

    def _take(self, out: list[Any]) -> None:
        for one in out:
            assert self.exit is None or isinstance(one, Event), f"{one} after {self.exit}"
            self._take_one(one)

    def _take_one(self, one: Any) -> None:
        if isinstance(one, Event):
            self.events.append(one)
        elif isinstance(one, Answer):
            assert not self.answered
            self.answered = True
        elif isinstance(one, Play):
            assert self.play is None, "two prompts at once"
            assert self.answered and one.prompts
            self.play = one
            self.heard += [
                p.value if p.kind == "text" else f"{p.kind}:{p.value}" for p in one.prompts
            ]
        elif isinstance(one, StopPlay):
            assert self.play is not None and one.id == self.play.id
            self.play = None
        elif isinstance(one, Listen):
            assert self.listen is None
            self.listen = one
        elif isinstance(one, StopListen):
            assert self.listen is not None and one.id == self.listen.id
            self.listen = None
        elif isinstance(one, SetTimer):
            assert self.timer is None and one.seconds > 0
            self.timer = one
        elif isinstance(one, CancelTimer):
            assert self.timer is not None and one.id == self.timer.id
            self.timer = None
        else:
            assert isinstance(one, EXITS), one
            assert (self.play, self.listen, self.timer) == (None, None, None)
            self.exit = one

    def handle_ends(self, given: Input) -> None:
        """What really ended is no longer running, before the run hears of it."""
        if isinstance(given, PromptDone) and self.play and given.id == self.play.id:
            self.play = None
        if isinstance(given, TimerFired) and self.timer and given.id == self.timer.id:
            self.timer = None
