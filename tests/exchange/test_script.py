"""Scripts and agents' phones as pure machines: right order, right end, same seed same acts."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.lines.exchange import effects as x
from appliance.lines.exchange.agent import Agent
from appliance.lines.exchange.arrivals import arrivals, draw_number
from appliance.lines.exchange.scenario import Act, AgentPhone, CallerGroup, Sound, Wave
from appliance.lines.exchange.script import Script, Voice
from appliance.lines.exchange.spans import Span
from appliance.lines.exchange.steps import parse_step

AGENT_TONE = 1000.0


@dataclass
class World:
    """A twin of the exchange: timers on simulated time, and a far end that plays along."""

    machine: Script | Agent
    now: float = 0.0
    leg: str = "none"
    timers: dict[str, float] = field(default_factory=dict)
    done: list[x.Effect] = field(default_factory=list)
    dials: int = 0

    def feed(self, event: x.Event) -> list[x.Effect]:
        effects = self.machine.handle(event, self.now)
        for effect in effects:
            self.done.append(effect)
            self._perform(effect)
        return effects

    def _perform(self, effect: x.Effect) -> None:
        match effect:
            case x.SetTimer(name, seconds):
                assert seconds >= 0
                self.timers[name] = self.now + seconds
            case x.CancelTimer(name):
                self.timers.pop(name, None)
            case x.Dial():
                assert self.leg == "none", "dialled with a call that is up"
                self.leg, self.dials = "dialling", self.dials + 1
            case x.Answer():
                self.leg = "up"
            case x.HangUp():
                assert self.leg in ("dialling", "up"), "hung up what is not there"
                self.leg = "ending"
            case x.Press() | x.Speak() | x.Hold() | x.Refer() | x.SendTone():
                assert self.leg == "up", f"{effect} without a call"
            case x.Done():
                assert self.leg == "none", "over with a call that is up"

    def answer(self) -> None:
        self.leg = "up"
        self.feed(x.Answered())

    def end(self, code: int = 200) -> None:
        self.leg = "none"
        self.feed(x.Ended(code))

    def next_timer(self) -> str:
        name = min(self.timers, key=lambda n: self.timers[n])
        self.now = max(self.now, self.timers.pop(name))
        self.feed(x.Fired(name))
        return name

    def did(self, kind: type) -> list[x.Effect]:
        return [effect for effect in self.done if isinstance(effect, kind)]

    def told(self) -> list[str]:
        return [effect.what for effect in self.done if isinstance(effect, x.Tell)]


def script(*words: str, sound: Sound | None = None, seed: int = 1, **given: object) -> World:
    rng = random.Random(seed)
    machine = Script(
        [parse_step(word) for word in words],
        rng,
        Voice(sound or Sound(), 600),
        number="+4930",
        agent_tones=frozenset({AGENT_TONE}),
        **given,
    )
    return World(machine)


def test_a_call_goes_from_step_to_step() -> None:
    world = script("dial", "press 1", "await agent 60", "listen 5", "hang up")
    world.feed(x.Begin())
    assert world.did(x.Dial) == [x.Dial("+4930")]
    world.answer()
    assert world.did(x.SendTone) == [x.SendTone(600, -20.0)]
    assert world.did(x.Press) == [x.Press("1")]
    assert world.next_timer() == "step"
    world.feed(x.HeardTone(700))
    assert world.timers == {"step": pytest.approx(60 + world.now)}
    world.now += 20
    world.feed(x.HeardTone(AGENT_TONE))
    assert world.timers["step"] == pytest.approx(world.now + 5)
    world.next_timer()
    assert world.leg == "ending"
    world.end()
    assert isinstance(world.done[-1], x.Done)


def test_an_agent_who_was_heard_before_is_not_waited_for() -> None:
    world = script("dial", "listen 5", "await agent 60", "press 2")
    world.feed(x.Begin())
    world.answer()
    world.feed(x.HeardTone(AGENT_TONE))
    world.next_timer()
    assert world.did(x.Press)


def test_an_agent_who_was_heard_and_left_is_waited_for_again() -> None:
    world = script("dial", "listen 5", "await agent 60", "press 2")
    world.feed(x.Begin())
    world.answer()
    world.feed(x.HeardTone(AGENT_TONE))
    world.feed(x.HeardTone(AGENT_TONE, up=False))
    world.next_timer()
    assert not world.did(x.Press)


def test_out_of_patience_the_caller_hangs_up_and_may_redial() -> None:
    world = script(
        "dial", "await agent 30", "listen 99", "hang up", "unless served", "wait 4", "redial"
    )
    world.feed(x.Begin())
    world.answer()
    assert world.next_timer() == "step"
    assert world.leg == "ending" and "gave_up" in world.told()
    world.end()
    assert world.timers == {"step": pytest.approx(34)}
    world.next_timer()
    assert world.dials == 2


def test_a_served_caller_does_not_redial() -> None:
    world = script("dial", "await agent 30", "hang up", "unless served", "redial")
    world.feed(x.Begin())
    world.answer()
    world.feed(x.HeardTone(AGENT_TONE))
    world.end()
    assert world.dials == 1 and isinstance(world.done[-1], x.Done)


def test_hanging_up_while_it_rings_ends_the_script() -> None:
    world = script("dial", "wait 0.5", "hang up")
    world.feed(x.Begin())
    world.feed(x.Ringing())
    world.next_timer()
    assert world.leg == "ending"
    world.feed(x.Answered())  # the 200 crosses the CANCEL
    assert not world.did(x.SendTone)
    world.end(487)
    assert isinstance(world.done[-1], x.Done)


def test_nobody_answers() -> None:
    world = script("dial", "press 1", patience_s=lambda: 20.0)
    world.feed(x.Begin())
    assert world.next_timer() == "ring" and world.now == 20
    assert world.leg == "ending"
    world.end(487)
    assert isinstance(world.done[-1], x.Done)


def test_a_call_that_the_far_end_ends_skips_what_was_left_of_it() -> None:
    world = script("dial", "press 1", "listen 100", "press 2", "hang up", "wait 1", "redial")
    world.feed(x.Begin())
    world.answer()
    world.next_timer()
    world.end()
    world.next_timer()
    assert world.dials == 2
    assert [p.keys for p in world.did(x.Press) if isinstance(p, x.Press)] == ["1"]


def test_hold_is_always_taken_back() -> None:
    world = script("dial", "hold 3", "listen 1")
    world.feed(x.Begin())
    world.answer()
    world.next_timer()
    assert world.did(x.Hold) == [x.Hold(True), x.Hold(False)]


def test_a_silent_caller_never_sends() -> None:
    world = script("dial", "listen 1", "hang up", sound=Sound(silent=True))
    world.feed(x.Begin())
    assert world.done[0] == x.Media(False)
    world.answer()
    assert not world.did(x.SendTone)


def test_late_media_comes_by_a_reinvite() -> None:
    world = script("dial", "listen 9", sound=Sound(late_media_s=Span(2, 2)))
    world.feed(x.Begin())
    world.answer()
    assert world.next_timer() == "media" and world.now == 2
    assert world.done[-2:] == [x.Media(True), x.SendTone(600, -20.0)]


WORDS = st.sampled_from(
    [
        "wait 1",
        "listen 0..5",
        "press 12",
        "press 1 inband",
        "speak x.wav",
        "tone 700",
        "quiet",
        "await agent exp 5 max 20",
        "hold 1..2",
        "refer 1234",
        "chance 0.5",
        "unless served",
    ]
)
CALLS = st.lists(st.lists(WORDS, max_size=6), min_size=1, max_size=3)
HAPPENINGS = st.sampled_from(["timer", "timer", "answer", "end", "tone", "gone", "spoken", "ring"])


def _words(calls: list[list[str]]) -> list[str]:
    words = []
    for number, call in enumerate(calls):
        words += ["redial" if number else "dial", *call, "hang up"]
    return words


def _live(world: World, happenings: list[str]) -> None:
    """Whatever may happen to a call, in an order that SIP allows."""
    for what in happenings:
        if what == "timer" and world.timers:
            world.next_timer()
        elif what == "answer" and world.leg == "dialling":
            world.answer()
        elif what == "end" and world.leg in ("dialling", "up", "ending"):
            world.end()
        elif what in ("tone", "gone") and world.leg == "up":
            world.feed(x.HeardTone(AGENT_TONE, what == "tone"))
        elif what == "spoken":
            world.feed(x.Spoken())
        elif what == "ring" and world.leg == "dialling":
            world.feed(x.Ringing())


def _finish(world: World, machine: Script) -> Iterator[str]:
    """From now on everything that can come does come."""
    for _ in range(200):
        if machine.over:
            return
        if world.leg == "ending":
            world.end()
        elif world.timers:
            yield world.next_timer()
        elif world.leg == "dialling":
            world.answer()
        else:
            world.feed(x.Spoken())


@given(CALLS, st.lists(HAPPENINGS, max_size=30), st.integers(0, 99), st.booleans())
@settings(max_examples=300)
def test_any_script_comes_to_its_end_and_never_acts_without_a_call(
    calls: list[list[str]], happenings: list[str], seed: int, silent: bool
) -> None:
    world = script(*_words(calls), seed=seed, sound=Sound(silent=silent))
    assert isinstance(world.machine, Script)
    world.feed(x.Begin())
    _live(world, happenings)
    list(_finish(world, world.machine))
    assert world.machine.over
    assert len(world.did(x.Done)) == 1
    assert world.dials <= len(calls)


@given(CALLS, st.lists(HAPPENINGS, max_size=30), st.integers(0, 99))
def test_the_same_seed_does_the_same(
    calls: list[list[str]], happenings: list[str], seed: int
) -> None:
    runs = []
    for _ in range(2):
        world = script(*_words(calls), seed=seed)
        world.feed(x.Begin())
        _live(world, happenings)
        runs.append(world.done)
    assert runs[0] == runs[1]


# -- agents ---------------------------------------------------------------------------------


def phone(**fields: object) -> World:
    machine = Agent(
        AgentPhone.model_validate({"id": "agent1", **fields}),
        lambda count: random.Random(f"1/{count}"),
    )
    return World(machine)


def ring(world: World) -> None:
    world.leg = "dialling"
    world.feed(x.Incoming("+4930"))


def test_an_agent_rings_answers_talks_and_hangs_up() -> None:
    world = phone(ring=3, talk=20, tone_hz=1000)
    ring(world)
    assert world.did(x.Ring) and world.next_timer() == "ring" and world.now == 3
    world.answer()
    assert world.did(x.SendTone) == [x.SendTone(1000, -20.0)]
    assert world.next_timer() == "talk" and world.now == 23
    assert world.did(x.HangUp) == [x.HangUp()]
    world.end()
    assert isinstance(world.machine, Agent) and not world.machine.busy


def test_an_agent_who_does_not_answer_rings_until_the_box_gives_up() -> None:
    world = phone(answer=0.0)
    ring(world)
    assert not world.timers and not world.did(x.Answer)
    world.end(487)
    assert isinstance(world.machine, Agent) and not world.machine.busy


def test_a_busy_agent_refuses_with_the_set_code() -> None:
    world = phone(busy=1.0, refuse_code=480)
    ring(world)
    assert world.did(x.HangUp) == [x.HangUp(480)]


def test_agents_send_their_tones_in_turn() -> None:
    world = phone(tone_hz=[1000, 1050])
    for _ in range(3):
        ring(world)
        world.next_timer()
        world.answer()
        world.end()
    assert [e.hz for e in world.did(x.SendTone) if isinstance(e, x.SendTone)] == [1000, 1050, 1000]


def test_an_act_is_done_in_the_call_and_does_not_end_it() -> None:
    world = phone(talk=60, act=[{"after": 5, "steps": ["hold 3", "press 1"]}])
    ring(world)
    world.next_timer()
    world.answer()
    world.next_timer()
    assert world.did(x.Hold) == [x.Hold(True)]
    world.next_timer()
    assert world.did(x.Hold) == [x.Hold(True), x.Hold(False)] and world.did(x.Press)
    assert not world.did(x.HangUp)
    while world.timers:
        world.next_timer()
    assert world.did(x.HangUp)


def test_at_most_one_act_in_a_call() -> None:
    act = Act.model_validate({"steps": ["press 1"]})
    world = phone(talk=60, act=[act, act])
    ring(world)
    world.next_timer()
    world.answer()
    while world.timers:
        world.next_timer()
    assert len(world.did(x.Press)) == 1


@given(
    st.lists(st.sampled_from(["ring", "timer", "answer", "end", "tone"]), max_size=60),
    st.lists(WORDS, min_size=1, max_size=5),
    st.floats(0, 1),
)
def test_an_agent_takes_one_call_at_a_time_whatever_happens(
    happenings: list[str], words: list[str], answer: float
) -> None:
    world = phone(answer=answer, busy=0.2, act=[{"chance": 0.7, "steps": words}])
    assert isinstance(world.machine, Agent)
    for what in happenings:
        if what == "ring" and not world.machine.busy:
            ring(world)
        elif what == "answer" and any(isinstance(e, x.Answer) for e in world.done[-1:]):
            world.answer()
        else:
            _live(world, [what] if what not in ("ring", "answer") else [])
    assert len(world.did(x.Answer)) <= len(world.did(x.Ring))
    if world.leg in ("up", "dialling"):
        world.end()
    assert world.leg == "ending" or not world.machine.busy or happenings == []


# -- arrivals -------------------------------------------------------------------------------


def group(**fields: object) -> CallerGroup:
    base = {"id": "g", "dial": "1", "steps": ["dial"], "per_hour": 3600}
    return CallerGroup.model_validate({**base, **fields})


def _first(count: int, of: CallerGroup, seed: int = 1) -> list[float]:
    source = arrivals(of, random.Random(seed))
    return [next(source) for _ in range(count)]


def test_arrivals_come_at_their_rate_and_with_the_same_seed_the_same() -> None:
    times = _first(4000, group())
    assert times == _first(4000, group()) == sorted(times)
    assert times != _first(4000, group(), seed=2)
    assert 4000 / times[-1] == pytest.approx(1.0, rel=0.05)


def test_a_wave_has_busy_and_calm_halves_around_the_same_mean() -> None:
    times = _first(8000, group(wave={"period_s": 100.0, "swing": 0.8}))
    assert 8000 / times[-1] == pytest.approx(1.0, rel=0.05)
    busy = sum(t % 100 < 50 for t in times)
    # The mean of 1 + 0.8 sin over its upper half is 1 + 0.8 * 2 / pi = 1.51.
    assert busy / 8000 == pytest.approx(1.51 / 2, abs=0.03)


def test_fixed_times_and_a_limit() -> None:
    assert list(arrivals(group(per_hour=0, at=[3.0, 1.0]), random.Random(1))) == [1.0, 3.0]
    assert len(list(arrivals(group(calls=5), random.Random(1)))) == 5
    assert Wave().swing == 0.5


def test_numbers_are_drawn_where_there_is_a_hash() -> None:
    assert draw_number("anonymous", random.Random(1)) == "anonymous"
    number = draw_number("+4930####", random.Random(1))
    assert number.startswith("+4930") and number[1:].isdigit() and len(number) == 9
