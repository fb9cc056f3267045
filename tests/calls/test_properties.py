"""Anything may happen on any leg at any time: the box keeps its promises (hypothesis)."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.calls.state import Stage
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model import legs
from appliance.model.hearing import SpeechBegan, SpeechDone, SpeechOff, Verdict
from appliance.model.ids import LegId
from tests.calls.test_restart import crash
from tests.calls.world import World

AGENTS = st.sampled_from(["a1", "a2", "a3"])
PICK = st.integers(0, 1000)


class BoxMachine(RuleBasedStateMachine):
    """Callers, agents' phones, commands and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    def _one(self, things: list[LegId], pick: int) -> LegId:
        return sorted(things)[pick % len(things)]

    # -- outside ------------------------------------------------------------------------------

    @rule(
        called=st.sampled_from(
            ["+49301000", "+49302000", "+49303000", "+49304000", "+49305000", "+49306000"]
        ),
        caller=st.sampled_from(["+4930555", "+4930556", "anonymous"]),
    )
    def arrive(self, called: str, caller: str) -> None:
        if len(self.world.callers) < 30:
            self.world.arrive(called, caller)

    @rule(pick=PICK)
    def talk(self, pick: int) -> None:
        """A queue call that is answered at once, so that talks are not rare."""
        self.arrive("+49305000", "+4930557")
        self.answer(pick)

    @rule(pick=PICK)
    def answer(self, pick: int) -> None:
        """Some ringing seat rings and answers, and hears its whisper."""
        if self.world.dialled:
            leg = self._one(list(self.world.dialled), pick)
            self.world.ring(leg)
            self.world.pick_up(leg)
            self.world.play_out()

    @rule(who=PICK, pick=PICK, number=st.booleans(), answered=st.booleans())
    def consult(self, who: int, pick: int, number: bool, answered: bool) -> None:
        """Somebody who talks consults an agent or a number, who may answer."""
        busy = [a for a in ("a1", "a2", "a3") if self.world.state(a) == "talking"]
        free = [a for a in ("a1", "a2", "a3") if self.world.state(a) == "ready"]
        if not busy or not (free or number):
            return
        before = set(self.world.dialled)
        self.world.command(
            c.CallConsult(
                agent=busy[who % len(busy)],
                target_kind="number" if number else "agent",
                target="+4989123" if number else free[pick % len(free)],
            )
        )
        for leg in set(self.world.dialled) - before:
            if answered:
                self.world.pick_up(leg)

    @precondition(lambda self: self.world.up)
    @rule(pick=PICK)
    def hang_up(self, pick: int) -> None:
        self.world.hang_up(self._one(list(self.world.up), pick))

    @precondition(lambda self: self.world.dialled)
    @rule(pick=PICK)
    def seat_rings(self, pick: int) -> None:
        self.world.ring(self._one(list(self.world.dialled), pick))

    @precondition(lambda self: self.world.dialled)
    @rule(pick=PICK)
    def seat_answers(self, pick: int) -> None:
        self.world.pick_up(self._one(list(self.world.dialled), pick))

    @precondition(lambda self: self.world.dialled)
    @rule(pick=PICK, code=st.sampled_from([404, 408, 480, 486, 487, 503, 600, 603]))
    def seat_fails(self, pick: int, code: int) -> None:
        self.world.refuse(self._one(list(self.world.dialled), pick), code)

    @precondition(lambda self: self.world.up)
    @rule(pick=PICK, key=st.sampled_from(list("1259#*")))
    def key(self, pick: int, key: str) -> None:
        self.world.tell(legs.Digit(leg=self._one(list(self.world.up), pick), key=key))

    @precondition(lambda self: self.world.up)
    @rule(pick=PICK, held=st.booleans())
    def phone_holds(self, pick: int, held: bool) -> None:
        self.world.tell(legs.PeerHeld(leg=self._one(list(self.world.up), pick), held=held))

    @rule(agent=AGENTS, user=st.sampled_from(["a1", "a2", "a3", "+4989", "all"]))
    def phone_calls(self, agent: str, user: str) -> None:
        self.world.call_from_seat(agent, user)

    @precondition(lambda self: self.world.up)
    @rule(pick=PICK, other=PICK)
    def phone_refers_with_replaces(self, pick: int, other: int) -> None:
        leg = self._one(list(self.world.up), pick)
        replaced = self._one(list(self.world.up), other)
        self.world.tell(legs.Referred(leg=leg, target="sip:x@box", replaces=replaced))

    @precondition(lambda self: self.world.up)
    @rule(pick=PICK, to=st.sampled_from(["a1", "a2", "support", "box", "+49891", "nobody"]))
    def phone_refers(self, pick: int, to: str) -> None:
        leg = self._one(list(self.world.up), pick)
        self.world.tell(legs.Referred(leg=leg, target=f"sip:{to}@192.0.2.9"))

    @precondition(lambda self: self.world.up)
    @rule(pick=PICK, seconds=st.sampled_from([0.0, 25.0]))
    def silence(self, pick: int, seconds: float) -> None:
        leg = self._one(list(self.world.up), pick)
        self.world.tell(legs.Silence(leg=leg, seconds=seconds))

    @rule(pick=PICK, verdict=st.sampled_from(["sure", "sure", "unsure", "none"]), choice=PICK)
    def speak(self, pick: int, verdict: Verdict, choice: int) -> None:
        """A caller in the menu says something, and is understood, nearly or not."""
        if not self.world.hearings:
            self.arrive("+49301000", "+4930558")
        if not self.world.hearings:
            return  # the line is full
        leg = self._one(list(self.world.hearings), pick)
        heard = self.world.hearings[leg]
        words = sorted(heard.hearing.choices) or ["yes", "no"]
        self.world.tell(SpeechBegan(leg=leg, listen=heard.listen))
        if self.world.hearings.get(leg) == heard:
            done = SpeechDone(
                leg=leg,
                listen=heard.listen,
                text="some words",
                choice="" if verdict == "none" else words[choice % len(words)],
                confidence=0.5,
                verdict=verdict,
                missed="no_match" if verdict == "none" else "",
            )
            self.world.tell(done)

    @rule(pick=PICK, why=st.sampled_from(["busy", "no_model", "broken", "words"]))
    def recogniser_gives_up(self, pick: int, why: Any) -> None:
        if self.world.hearings:
            leg = self._one(list(self.world.hearings), pick)
            listen = self.world.hearings[leg].listen
            self.world.tell(SpeechOff(leg=leg, listen=listen, why=why))

    @precondition(lambda self: self.world.up)
    @rule(pick=PICK, listen=st.integers(0, 40), began=st.booleans())
    def late_report(self, pick: int, listen: int, began: bool) -> None:
        """Of a question that is over, or of a leg that nobody listens to: nothing happens."""
        leg = self._one(list(self.world.up), pick)
        heard = self.world.hearings.get(leg)
        if heard is not None and heard.listen == listen:
            return
        before = len(self.world.events)
        report = SpeechDone(
            leg=leg, listen=listen, text="support", choice="1", confidence=1.0, verdict="sure"
        )
        self.world.tell(SpeechBegan(leg=leg, listen=listen) if began else report)
        assert len(self.world.events) == before

    @rule()
    def prompts_end(self) -> None:
        self.world.play_out()

    @rule(seconds=st.sampled_from([0.5, 3.0, 11.0, 61.0, 130.0]))
    def time(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule()
    def audit(self) -> None:
        alive = self.world.up | self.world.waiting | set(self.world.dialled)
        before = len(self.world.of(ev.StateRepaired))
        self.world.take(self.world.box.audit(alive, self.world.now))
        assert len(self.world.of(ev.StateRepaired)) == before, "nothing may need repair"

    # -- commands -----------------------------------------------------------------------------

    @rule(
        agent=AGENTS,
        kind=st.sampled_from([c.AgentLogin, c.AgentLogout, c.AgentPause, c.AgentReady]),
    )
    def agent_state(self, agent: str, kind: type) -> None:
        self.world.command(kind(agent=agent))

    @rule(
        agent=AGENTS,
        kind=st.sampled_from(
            [
                c.CallHold,
                c.CallResume,
                c.ConsultComplete,
                c.ConsultCancel,
                c.ConsultConference,
            ]
        ),
    )
    def in_call(self, agent: str, kind: type) -> None:
        self.world.command(kind(agent=agent))

    @rule(
        agent=AGENTS,
        kind=st.sampled_from([c.CallTransfer, c.CallConsult]),
        goal=st.sampled_from(
            [
                ("agent", "a1"),
                ("agent", "a2"),
                ("agent", "a3"),
                ("queue", "all"),
                ("queue", "support"),
                ("number", "+4989123"),
                ("mailbox", "box"),
                ("agent", "nobody"),
            ]
        ),
    )
    def transfer(self, agent: str, kind: type, goal: tuple[str, str]) -> None:
        self.world.command(kind(agent=agent, target_kind=goal[0], target=goal[1]))

    @rule(action=st.sampled_from(["start", "stop", "pause", "resume"]), pick=PICK)
    def record(self, action: str, pick: int) -> None:
        calls = sorted(self.world.box.desk.calls)
        if calls:
            call = calls[pick % len(calls)]
            self.world.command(c.RecordingControl(call=call, action=action))

    @rule()
    def the_power_fails(self) -> None:
        """Looks at what a start at this moment would close; the box itself goes on."""
        crash(self.world)

    # -- promises -----------------------------------------------------------------------------

    @invariant()
    def floor_is_sound(self) -> None:
        assert self.world.box.desk.floor.check_invariants() == []

    @invariant()
    def every_answered_caller_hears_something(self) -> None:
        for call in self.world.box.desk.calls.values():
            if call.answered and call.leg in self.world.up and call.stage is not Stage.FLOW:
                taping = call.voicemail is not None and not call.voicemail.greeting
                assert taping or self.world.heard_by(call.leg), f"dead air in {call.stage}"

    @invariant()
    def nobody_hears_a_stranger(self) -> None:
        for call_id, links in self.world.links.items():
            for source, sink in links:
                for node in (source, sink):
                    kind, _, leg = node.partition(":")
                    if kind == "leg":
                        assert self.world.box.desk.legs.get(LegId(leg)) == call_id

    @invariant()
    def every_live_leg_belongs_to_a_call(self) -> None:
        for leg in self.world.up | self.world.waiting | set(self.world.dialled):
            assert self.world.box.desk.call_of(leg) is not None, f"{leg} is an orphan"

    @invariant()
    def only_callers_in_a_flow_are_listened_to(self) -> None:
        for leg, heard in self.world.hearings.items():
            call = self.world.box.desk.call_of(leg)
            assert call is not None and call.leg == leg, "a leg without a call"
            assert call.stage is Stage.FLOW and call.heard_for == heard.listen

    @invariant()
    def one_end_for_each_call(self) -> None:
        ended = [event.call for event in self.world.of(ev.CallEnded)]
        assert len(ended) == len(set(ended))
        arrived = {event.call for event in self.world.of(ev.CallArrived)}
        assert arrived - set(ended) == set(self.world.box.desk.calls)

    @invariant()
    def two_agents_only_on_purpose(self) -> None:
        for call in self.world.box.desk.calls.values():
            assert sum(party.role == "primary" for party in call.parties.values()) <= 1
            if len(call.parties) > 1:
                assert call.conference or call.consult_by or call.consult

    def teardown(self) -> None:
        """When everybody has hung up nothing is left: no leg, no talk, no recording."""
        world = self.world
        for leg in list(world.callers):
            if leg in world.up | world.waiting:
                world.hang_up(leg)
        assert not world.box.desk.calls
        assert not world.up
        assert not world.dialled
        assert not any(world.recordings.values())
        assert not world.plays
        assert not world.hearings
        assert world.left.closing()[1:] == [] or not world.left.calls
        assert not world.left.calls
        for agent in ("a1", "a2", "a3"):
            assert world.state(agent) not in ("ringing", "talking")
        for kind in (ev.TalkStarted, ev.OfferMade, ev.QueueEntered, ev.RecordingStarted):
            over = {
                ev.TalkStarted: ev.TalkEnded,
                ev.OfferMade: ev.OfferEnded,
                ev.QueueEntered: ev.QueueLeft,
                ev.RecordingStarted: ev.RecordingStopped,
            }[kind]
            assert len(world.of(kind)) == len(world.of(over)), kind.__name__


TestBox = BoxMachine.TestCase
TestBox.settings = settings(
    max_examples=300,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
