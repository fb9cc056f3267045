"""A script at work: a pure machine that takes what happened and says what to do.

`handle(event, now)` returns effects in order; `now` is in seconds and never goes backwards.
Chance comes from the `random.Random` given, so that the same seed does the same.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from appliance.lines.exchange import steps as s
from appliance.lines.exchange.effects import (
    Answered,
    Begin,
    CancelTimer,
    Dial,
    Done,
    Effects,
    Ended,
    Event,
    Fired,
    HangUp,
    HeardTone,
    Hold,
    Media,
    Press,
    Refer,
    Ringing,
    SendTone,
    SetTimer,
    Speak,
    Spoken,
    Tell,
)
from appliance.lines.exchange.scenario import Sound
from appliance.lines.exchange.spans import Span

KEY_S = 0.26
"""Time that one key takes: 160 ms tone and a pause, by RFC 4733 as by ear."""


class Voice:
    """What a party sends from the answer on: tone, silence, nothing, or late."""

    def __init__(self, sound: Sound, hz: float) -> None:
        self._sound = sound
        self._tone = SendTone(hz, sound.tone_dbov)
        self._rtp = True

    def offered(self) -> Effects:
        """Before the call's first SDP."""
        self._rtp = not (self._sound.silent or self._sound.late_media_s != Span())
        return [] if self._rtp else [Media(False)]

    def answered(self, rng: random.Random) -> Effects:
        if self._rtp:
            return [self._tone]
        if self._sound.silent:
            return []
        return [SetTimer("media", self._sound.late_media_s.draw(rng))]

    def late(self) -> Effects:
        self._rtp = True
        return [Media(True), self._tone]

    def tone(self, hz: float, dbov: float, up: bool) -> Effects:
        self._tone = SendTone(hz, dbov)
        return [self._tone] if up and self._rtp else []

    def quiet(self, up: bool) -> Effects:
        silent, self._rtp = not self._rtp, False
        return [Media(False), CancelTimer("media")] if up and not silent else []


class Script:
    """Runs steps, with or without a call. `served`: an agent's tone has been heard.

    Where the steps end the call is hung up, unless `ends_call` is false.
    """

    def __init__(
        self,
        steps: Sequence[s.Step],
        rng: random.Random,
        voice: Voice,
        *,
        number: str = "",
        patience_s: Callable[[], float] = lambda: 60.0,
        agent_tones: frozenset[float] = frozenset(),
        ends_call: bool = True,
    ) -> None:
        self.served = False
        self.over = False
        self._steps = tuple(steps)
        self._rng = rng
        self._voice = voice
        self._number = number
        self._patience_s = patience_s
        self._agent_tones = agent_tones
        self._ends_call = ends_call
        self._at = -1
        self._leg = "none"  # none, dialling, up, ending
        self._need_answer = False
        self._agents_heard: set[float] = set()

    def handle(self, event: Event, now: float) -> Effects:
        if self.over or (self._leg == "ending" and not isinstance(event, Ended)):
            return []
        match event:
            case Begin(up):
                self._leg = "up" if up else "none"
                return self._next()
            case Ringing(code):
                return [Tell("ringing", {"code": code})]
            case Answered():
                return self._answered()
            case HeardTone(hz, up) if hz in self._agent_tones:
                return self._heard_agent(hz, up)
            case Spoken() if isinstance(self._step, s.Speak):
                return self._next()
            case Fired(name):
                return self._fired(name)
            case Ended():
                return self._ended()
        return []

    @property
    def _step(self) -> s.Step | None:
        return self._steps[self._at] if 0 <= self._at < len(self._steps) else None

    def _answered(self) -> Effects:
        self._leg = "up"
        effects: Effects = [CancelTimer("ring"), *self._voice.answered(self._rng)]
        if self._need_answer:
            self._need_answer = False
            effects += self._perform()
        return effects

    def _heard_agent(self, hz: float, up: bool) -> Effects:
        if not up:
            self._agents_heard.discard(hz)
            return []
        self.served = True
        self._agents_heard.add(hz)
        if isinstance(self._step, s.AwaitAgent) and not self._need_answer:
            return [CancelTimer("step"), *self._next()]
        return []

    def _fired(self, name: str) -> Effects:
        if name == "media":
            return self._voice.late() if self._leg == "up" else []
        if name == "ring":
            return self._give_up("no answer") if self._leg == "dialling" else []
        if isinstance(self._step, s.AwaitAgent):
            return self._give_up("no agent")
        if isinstance(self._step, s.Hold):
            return [Hold(False), Tell("resumed"), *self._next()]
        return self._next()

    def _give_up(self, why: str) -> Effects:
        """Hang up; `Ended` then leads on."""
        self._skip_section()
        self._leg = "ending"
        clear: Effects = [CancelTimer(name) for name in _TIMERS]
        return [Tell("gave_up", {"why": why}), *clear, HangUp()]

    def _ended(self) -> Effects:
        if self._leg == "none":
            return []
        if self._leg != "ending":
            self._skip_section()
        self._leg = "none"
        clear: Effects = [CancelTimer(name) for name in _TIMERS]
        return [*clear, *self._next()]

    def _skip_section(self) -> None:
        """What was to be done in this call is not done: on to what follows its `hang up`."""
        self._need_answer = False
        while self._step is not None and not isinstance(self._step, s.HangUp):
            self._at += 1

    def _next(self) -> Effects:
        """Perform steps until one takes time."""
        self._at += 1
        if self._step is None:
            return self._finish()
        return self._perform()

    def _finish(self) -> Effects:
        if self._ends_call and self._leg in ("up", "dialling"):
            self._leg = "ending"
            self._at = len(self._steps)
            return [HangUp()]
        self.over = True
        return [Done()]

    def _perform(self) -> Effects:
        step = self._step
        assert step is not None
        if type(step) in _IN_CALL and self._leg != "up":
            if self._leg == "dialling":
                self._need_answer = True
                return []
            return self._next()  # nothing to do it with: the call is over already
        return _ACTS[type(step)](self, step)

    # -- one method for each step -----------------------------------------------------------

    def _dial(self, step: s.Dial) -> Effects:
        self._number = step.number or self._number
        return self._place()

    def _redial(self, _: s.Redial) -> Effects:
        return self._place()

    def _place(self) -> Effects:
        self._leg = "dialling"
        self._agents_heard.clear()
        patience = SetTimer("ring", self._patience_s())
        return [*self._voice.offered(), Dial(self._number), patience, *self._next()]

    def _timed(self, step: s.Wait | s.Listen) -> Effects:
        return [SetTimer("step", step.span.draw(self._rng))]

    def _press(self, step: s.Press) -> Effects:
        facts = {"keys": step.keys, "inband": step.inband}
        wait = SetTimer("step", KEY_S * len(step.keys))
        return [Press(step.keys, step.inband), Tell("pressed", facts), wait]

    def _speak(self, step: s.Speak) -> Effects:
        return [Speak(str(step.file)), Tell("speaking", {"file": step.file.name})]

    def _tone(self, step: s.Tone) -> Effects:
        return [*self._voice.tone(step.hz, step.dbov, self._leg == "up"), *self._next()]

    def _quiet(self, _: s.Quiet) -> Effects:
        return [*self._voice.quiet(self._leg == "up"), *self._next()]

    def _await_agent(self, step: s.AwaitAgent) -> Effects:
        if self._agents_heard:
            return self._next()
        return [SetTimer("step", step.patience.draw(self._rng))]

    def _hold(self, step: s.Hold) -> Effects:
        return [Hold(True), Tell("held"), SetTimer("step", step.span.draw(self._rng))]

    def _refer(self, step: s.Refer) -> Effects:
        return [Refer(step.target), Tell("refer", {"target": step.target}), *self._next()]

    def _hang_up(self, _: s.HangUp) -> Effects:
        if self._leg == "none":
            return self._next()
        self._leg = "ending"
        return [CancelTimer("ring"), CancelTimer("media"), HangUp()]

    def _chance(self, step: s.Chance) -> Effects:
        if self._rng.random() < step.probability:
            return self._next()
        self._at = len(self._steps)
        return self._finish()

    def _unless_served(self, _: s.UnlessServed) -> Effects:
        if not self.served:
            return self._next()
        self._at = len(self._steps)
        return self._finish()


_ACTS: dict[type, Callable[[Script, Any], Effects]] = {
    s.Dial: Script._dial,
    s.Redial: Script._redial,
    s.Wait: Script._timed,
    s.Listen: Script._timed,
    s.Press: Script._press,
    s.Speak: Script._speak,
    s.Tone: Script._tone,
    s.Quiet: Script._quiet,
    s.AwaitAgent: Script._await_agent,
    s.Hold: Script._hold,
    s.Refer: Script._refer,
    s.HangUp: Script._hang_up,
    s.Chance: Script._chance,
    s.UnlessServed: Script._unless_served,
}
_IN_CALL = {s.Listen, s.Press, s.Speak, s.AwaitAgent, s.Hold, s.Refer}
"""Steps that wait for the answer first."""
_TIMERS = ("step", "ring", "media")
