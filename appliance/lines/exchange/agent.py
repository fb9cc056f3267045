"""An agent's phone: a pure machine that takes one call at a time."""

import random
from collections.abc import Callable

from appliance.lines.exchange.effects import (
    Answer,
    Answered,
    Begin,
    CancelTimer,
    Done,
    Effects,
    Ended,
    Event,
    Fired,
    HangUp,
    Incoming,
    Ring,
    SetTimer,
    Tell,
)
from appliance.lines.exchange.scenario import Act, AgentPhone
from appliance.lines.exchange.script import Script, Voice

_TIMERS = ("act", "media", "ring", "step", "talk")


class Agent:
    """`rng_for(n)` gives the chance of the n-th call, so that calls do not disturb each other."""

    def __init__(self, phone: AgentPhone, rng_for: Callable[[int], random.Random]) -> None:
        self.phone = phone
        self._rng_for = rng_for
        self._rng = rng_for(0)
        self._count = 0
        self._state = "idle"  # idle, ringing, talking, ending
        self._act: Act | None = None
        self._script: Script | None = None
        self._voice = Voice(phone, 0)

    @property
    def busy(self) -> bool:
        return self._state != "idle"

    def handle(self, event: Event, now: float) -> Effects:
        """Only events of the present call; refuse others while `busy`."""
        match event:
            case Incoming(caller):
                return self._incoming(caller)
            case Answered() if self._state == "ringing":
                return self._answered()
            case Ended():
                return self._ended()
            case Fired(name):
                return self._fired(name, now)
        return self._pass_on(event, now) if self._state == "talking" else []

    def _incoming(self, caller: str) -> Effects:
        self._count += 1
        self._rng = self._rng_for(self._count)
        told = Tell("incoming", {"caller": caller})
        if self._rng.random() < self.phone.busy:
            self._state = "ending"
            return [told, Tell("refused", {"code": self.phone.refuse_code}), self._refuse()]
        self._state = "ringing"
        tones = self.phone.tones
        self._voice = Voice(self.phone, tones[(self._count - 1) % len(tones)] if tones else 0)
        ring: Effects = [told, *self._voice.offered(), Ring()]
        if self._rng.random() >= self.phone.answer:
            return [*ring, Tell("not_answering")]
        return [*ring, SetTimer("ring", self.phone.ring.draw(self._rng))]

    def _refuse(self) -> HangUp:
        return HangUp(self.phone.refuse_code)

    def _answered(self) -> Effects:
        self._state = "talking"
        effects = self._voice.answered(self._rng)
        effects.append(SetTimer("talk", self.phone.talk.draw(self._rng)))
        self._act = self._choose()
        if self._act is not None:
            effects.append(SetTimer("act", self._act.after.draw(self._rng)))
        return effects

    def _choose(self) -> Act | None:
        for act in self.phone.act:
            if self._rng.random() < act.chance:
                return act
        return None

    def _fired(self, name: str, now: float) -> Effects:
        if name == "ring" and self._state == "ringing":
            return [Answer()]
        if self._state != "talking":
            return []
        if name == "talk":
            return self._hang_up()
        if name == "act" and self._act is not None:
            self._script = Script(self._act.steps, self._rng, self._voice, ends_call=False)
            return self._steps(self._script.handle(Begin(up=True), now))
        return self._pass_on(Fired(name), now)

    def _pass_on(self, event: Event, now: float) -> Effects:
        if self._script is not None:
            return self._steps(self._script.handle(event, now))
        if isinstance(event, Fired) and event.name == "media":
            return self._voice.late()
        return []

    def _steps(self, effects: Effects) -> Effects:
        """An act ends without ending the call, unless it says `hang up`."""
        assert self._script is not None
        if any(isinstance(effect, Done) for effect in effects):
            self._script = None
            return [effect for effect in effects if not isinstance(effect, Done)]
        if any(isinstance(effect, HangUp) for effect in effects):
            self._state = "ending"
        return effects

    def _hang_up(self) -> Effects:
        self._state = "ending"
        return [HangUp()]

    def _ended(self) -> Effects:
        self._state = "idle"
        self._script = None
        return [CancelTimer(name) for name in _TIMERS]
