"""The exchange at work: gives the machines their clock, their chance and a SIP engine."""

import asyncio
import contextlib
import itertools
import random
import time
from functools import partial
from pathlib import Path
from typing import Any

from appliance.lines.exchange import effects as x
from appliance.lines.exchange.agent import Agent
from appliance.lines.exchange.arrivals import arrivals, draw_number
from appliance.lines.exchange.ear import Ear
from appliance.lines.exchange.party import NO_RTP, Party, prepare, rtp_facts
from appliance.lines.exchange.report import Report
from appliance.lines.exchange.scenario import AgentPhone, CallerGroup, Scenario
from appliance.lines.exchange.script import Script, Voice
from appliance.model import legs
from appliance.model.ids import LegId
from appliance.sip.engine import Engine
from appliance.sip.phone import Phones, Window
from appliance.sip.settings import EngineSettings
from appliance.sip.sound import PlayError

STATS_EVERY_S = 1.0
LINGER_S = 2.0
"""Time for the last BYEs when the exchange stops."""


class Exchange:
    """`run()` plays the scenario until it is over, or until it is cancelled."""

    def __init__(self, scenario: Scenario, base: Path, report: Report) -> None:
        self.scenario = scenario
        self._side = scenario.exchange
        self._base = base
        self._report = report
        self._engine = Engine(_settings(scenario), self._on_event)
        self._phones = Phones(self._engine, scenario.all_tones, self._on_window)
        self._by_leg: dict[LegId, Party] = {}
        self._by_play: dict[int, Party] = {}
        self._plays = itertools.count(1)
        self._calls = itertools.count(1)
        self._active: dict[str, int] = {group.id: 0 for group in scenario.caller}
        self._agents = {phone.id: self._agent(phone) for phone in scenario.phones}
        self._idle = asyncio.Event()
        self._began = time.monotonic()

    async def run(self, seconds: float | None = None) -> None:
        """Ends after `seconds`, or when every caller is through; agents alone wait for ever.

        Raises `EngineError` when the port cannot be had.
        """
        await self._engine.start()
        self._phones.start()
        self._began = time.monotonic()
        self._tell("started", box=self._side.box, port=self._side.port, seed=self._side.seed)
        stats = asyncio.create_task(self._watch_rtp())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._callers()
        finally:
            stats.cancel()
            await self._stop()

    async def _callers(self) -> None:
        async with asyncio.TaskGroup() as groups:
            for group in self.scenario.caller:
                groups.create_task(self._group(group))
        if not self.scenario.caller:
            await asyncio.Event().wait()
        while any(self._active.values()):
            self._idle.clear()
            await self._idle.wait()

    async def _group(self, group: CallerGroup) -> None:
        rng = random.Random(f"{self._side.seed}/{group.id}/arrivals")
        for count, at in enumerate(arrivals(group, rng), 1):
            await asyncio.sleep(max(0.0, at - self._now()))
            self._arrive(group, count)

    async def _stop(self) -> None:
        for party in list(self._by_leg.values()):
            self._keep_rtp(party)
            if party.leg is not None:
                self._engine.hang_up(party.leg)
        deadline = time.monotonic() + LINGER_S
        while self._by_leg and time.monotonic() < deadline:  # noqa: ASYNC110 # legs have no event
            await asyncio.sleep(0.02)
        counts, codes = dict(self._report.counts), dict(self._report.codes)
        self._tell("summary", counts=counts, codes=codes)
        self._phones.stop()
        await self._engine.stop()

    # -- parties ----------------------------------------------------------------------------

    def _agent(self, phone: AgentPhone) -> Party:
        seed, user = self._side.seed, phone.id
        machine = Agent(phone, lambda count: random.Random(f"{seed}/agent/{user}/{count}"))
        return Party(name=f"agent {user}", machine=machine)

    def _arrive(self, group: CallerGroup, count: int) -> None:
        who = f"caller {group.id}"
        rng = random.Random(f"{self._side.seed}/{group.id}/{count}")
        number = draw_number(group.number, rng)
        if self._active[group.id] >= group.lines:
            self._tell("blocked", who=who, caller=number)
            return
        tones = group.tones
        hz = tones[(count - 1) % len(tones)] if tones else 0
        script = Script(
            group.steps,
            rng,
            Voice(group, hz),
            number=group.dial,
            patience_s=partial(group.ring.draw, rng),
            agent_tones=self.scenario.agent_tones,
        )
        self._active[group.id] += 1
        self._feed(Party(name=who, machine=script, caller=number, group=group), x.Begin())

    def _feed(self, party: Party, event: x.Event) -> None:
        for effect in party.machine.handle(event, self._now()):
            self._perform(party, effect)

    # -- effects ----------------------------------------------------------------------------

    def _perform(self, party: Party, effect: x.Effect) -> None:
        leg = party.leg
        match effect:
            case x.Tell(what, facts):
                self._say(party, what, **facts)
            case x.SetTimer(name, seconds):
                self._set_timer(party, name, seconds)
            case x.CancelTimer(name):
                if timer := party.timers.pop(name, None):
                    timer.cancel()
            case x.Dial(number):
                self._dial(party, number)
            case x.Media(on) if leg is None:
                party.muted = not on
            case x.Done():
                self._done(party)
            case _ if leg is not None:
                self._on_leg(party, leg, effect)

    def _on_leg(self, party: Party, leg: LegId, effect: x.Effect) -> None:
        match effect:
            case x.Ring():
                self._engine.ringing(leg)
            case x.Answer():
                self._engine.answer(leg)
            case x.HangUp(code):
                self._keep_rtp(party)
                self._engine.hang_up(leg, code)
            case x.Press(keys, inband):
                (self._phones.press_inband if inband else self._engine.send_keys)(leg, keys)
            case x.SendTone(hz, dbov):
                self._phones.send_tone(leg, hz, dbov) if hz else self._phones.send_silence(leg)
            case x.Media(on):
                self._media(party, leg, on)
            case x.Hold(on):
                self._engine.hold(leg, on)
            case x.Refer(target):
                self._refer(party, leg, target)
            case x.Speak(file):
                self._speak(party, leg, file)

    def _dial(self, party: Party, number: str) -> None:
        party.call = next(self._calls)
        if self._callers_up() >= self._side.lines:
            self._say(party, "blocked")
            asyncio.get_running_loop().call_soon(self._feed, party, x.Ended(code=0))
            return
        assert party.group is not None
        self._new_call(party, self._engine.new_leg_id())
        self._say(party, "placed", number=number)
        assert party.leg is not None
        self._engine.dial(
            party.leg,
            number if number.startswith("sip:") else f"sip:{number}@{self._side.box}",
            caller=party.caller,
            caller_name=party.group.name,
            prepare=partial(prepare, party),
        )

    def _media(self, party: Party, leg: LegId, on: bool) -> None:
        self._phones.send_rtp(leg, on)
        if party.answered_at is not None:
            self._engine.hold(leg, False)  # the re-INVITE that carries the new SDP

    def _callers_up(self) -> int:
        return sum(party.group is not None for party in self._by_leg.values())

    def _new_call(self, party: Party, leg: LegId) -> None:
        party.leg, party.ear, party.rtp, party.earlier = leg, Ear(), None, NO_RTP
        party.placed_at, party.answered_at, party.codec = self._now(), None, ""
        self._by_leg[leg] = party

    def _refer(self, party: Party, leg: LegId, target: str) -> None:
        uri = target if target.startswith("sip:") else f"sip:{target}@{self._side.box}"
        self._phones.refer(
            leg,
            uri,
            lambda code, final: self._say(party, "refer_status", code=code, final=final),
        )

    def _speak(self, party: Party, leg: LegId, file: str) -> None:
        play = next(self._plays)
        self._by_play[play] = party
        try:
            self._engine.players.start(play, leg, (str(self._base / file),))
        except PlayError as error:
            self._say(party, "trouble", why=str(error))
            self._on_played(play)

    def _set_timer(self, party: Party, name: str, seconds: float) -> None:
        if old := party.timers.pop(name, None):
            old.cancel()
        loop = asyncio.get_running_loop()
        party.timers[name] = loop.call_later(seconds, self._fire, party, name)

    def _fire(self, party: Party, name: str) -> None:
        party.timers.pop(name, None)
        self._feed(party, x.Fired(name))

    def _done(self, party: Party) -> None:
        for timer in party.timers.values():
            timer.cancel()
        if party.group is not None:
            self._active[party.group.id] -= 1
            self._idle.set()

    # -- what the engine reports --------------------------------------------------------------

    def _on_event(self, event: legs.EngineEvent) -> None:
        if isinstance(event, legs.PlayDone):
            self._on_played(event.play)
        elif isinstance(event, legs.Invited):
            self._invited(event)
        elif isinstance(event, legs.LegEvent) and (party := self._by_leg.get(event.leg)):
            self._on_party(party, event)

    def _on_played(self, play: int) -> None:
        if party := self._by_play.pop(play, None):
            asyncio.get_running_loop().call_soon(self._feed, party, x.Spoken())

    def _invited(self, event: legs.Invited) -> None:
        party = self._agents.get(event.user)
        if party is None or party.leg is not None:
            self._engine.hang_up(event.leg, 404 if party is None else 486)
            return
        party.call = next(self._calls)
        self._new_call(party, event.leg)
        caller = event.from_uri.removeprefix("sip:").split("@")[0]
        self._feed(party, x.Incoming(caller))

    def _on_party(self, party: Party, event: legs.LegEvent) -> None:
        match event:
            case legs.Ringing(code=code):
                self._feed(party, x.Ringing(code))
            case legs.MediaUp(codec=codec):
                party.codec = codec
            case legs.Answered(leg=leg):
                party.answered_at = self._now()
                took = round(party.answered_at - party.placed_at, 3)
                self._say(party, "answered", after_s=took, codec=party.codec)
                self._phones.listen(leg)
                self._feed(party, x.Answered())
            case legs.Digit(key=key, how=how):
                self._say(party, "key", key=key, how=how)
            case legs.PeerHeld(held=held):
                self._say(party, "peer_held", held=held)
            case legs.Ended():
                self._ended(party, event)

    def _ended(self, party: Party, event: legs.Ended) -> None:
        up_s = self._now() - party.answered_at if party.answered_at is not None else None
        self._say(
            party,
            "ended",
            code=event.code,
            reason=event.reason,
            by_peer=event.by_peer,
            up_s=None if up_s is None else round(up_s, 3),
            **(party.ear.summary() if up_s is not None else {}),
            rtp=rtp_facts(party),
        )
        self._phones.over(event.leg)
        self._by_leg.pop(event.leg, None)
        party.leg = None
        for play in [play for play, at in self._by_play.items() if at is party]:
            del self._by_play[play]
            self._engine.players.stop(play)
        self._feed(party, x.Ended(code=event.code, by_peer=event.by_peer))

    def _on_window(self, leg: LegId, window: Window) -> None:
        party = self._by_leg.get(leg)
        if party is None or party.answered_at is None:
            return
        at_s = self._now() - party.answered_at
        for hz, up, level in party.ear.feed(window.tones, window.level, at_s):
            self._say(party, "tone" if up else "tone_gone", hz=hz, level_dbov=level)
            self._feed(party, x.HeardTone(hz, up))

    # -- figures ----------------------------------------------------------------------------

    async def _watch_rtp(self) -> None:
        """When a call ends its stream is gone already, so the figures are kept all along."""
        while True:
            await asyncio.sleep(STATS_EVERY_S)
            for party in list(self._by_leg.values()):
                self._keep_rtp(party)

    def _keep_rtp(self, party: Party) -> None:
        if party.leg is not None:
            party.keep_rtp(self._phones.rtp(party.leg))

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _say(self, party: Party, what: str, **facts: Any) -> None:
        caller = {"caller": party.caller} if party.caller else {}
        self._tell(what, who=party.name, call=party.call, **{**caller, **facts})

    def _tell(self, what: str, **facts: Any) -> None:
        self._report.tell(self._now(), what, **facts)


def _settings(scenario: Scenario) -> EngineSettings:
    side = scenario.exchange
    return EngineSettings(
        listen=side.listen,
        port=side.port,
        rtp_first=side.rtp_port_first,
        rtp_last=side.rtp_port_last,
        user="exchange",
        user_agent="Callfloor exchange",
        silence_alarm_s=0,
        seat_codecs=tuple(side.codecs),
    )
