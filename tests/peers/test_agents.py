"""Agents who do not answer, are busy, cannot be reached, or go away at once."""

import time

from appliance.model import events as ev
from tests.peers.hearing import hears
from tests.peers.lane import Lane, moment
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ, SECOND_HZ

ORDERED = {"strategy": "ordered", "ring_s": 1.0, "max_no_answer": 1}
REASONS = {486: "busy", 600: "busy", 603: "refused", 488: "refused", 480: "no_answer",
           404: "unreachable", 500: "unreachable", 503: "unreachable"}  # fmt: skip


async def the_second_gets_the_call(lane: Lane) -> None:
    caller = lane.caller.calls[0]
    seat = await lane.phones[1].next_call()
    await lane.event(ev.TalkStarted, agent=lane.agents[1])
    span = await moment(1.2)
    await caller.bye()
    hears(caller, span, SECOND_HZ)
    hears(seat, span, CALLER_HZ)


@together(agents=2, queue=ORDERED)
async def test_no_answer_goes_on_to_the_next_and_makes_not_ready(lane: Lane) -> None:
    lane.phones[1].answers(SECOND_HZ)
    lane.dial()
    missed = await lane.phones[0].next_call()
    await missed.ended()
    assert missed.code == 487
    await the_second_gets_the_call(lane)
    assert lane.all(ev.OfferEnded)[0].result == "no_answer"
    await lane.agent_is("not_ready", 0)


@together(cases=list(REASONS), agents=2, queue=ORDERED)
async def test_every_refusal_has_its_reason(lane: Lane, code: int) -> None:
    lane.phones[0].refuses(code)
    lane.phones[1].answers(SECOND_HZ)
    lane.dial()
    await the_second_gets_the_call(lane)
    first = lane.all(ev.OfferEnded)[0]
    assert first.agent == lane.agents[0] and first.result == REASONS[code]
    assert str(code) in first.cause


@together(seats=["sip:nobody@{ip}4:5099"], agents=2, queue=ORDERED)
async def test_nothing_listens_at_the_seat(lane: Lane) -> None:
    lane.phones[1].answers(SECOND_HZ)
    lane.dial()
    await the_second_gets_the_call(lane)
    assert lane.all(ev.OfferEnded)[0].result in ("unreachable", "no_answer")


@together(agents=2, queue={"strategy": "ordered", "ring_s": 12.0, "max_no_answer": 1})
async def test_a_black_hole_is_given_up_before_the_ring_time(lane: Lane) -> None:
    """Not one SIP answer within 4 s: this phone is not there."""
    lane.phones[0].is_dead()
    lane.phones[1].answers(SECOND_HZ)
    lane.dial()
    await the_second_gets_the_call(lane)
    first = lane.all(ev.OfferEnded)[0]
    assert first.result == "unreachable" and "4 s" in first.cause
    assert lane.when(ev.OfferEnded, agent=lane.agents[0]) - lane.when(ev.QueueEntered) < 12


@together()
async def test_the_agent_picks_up_and_hangs_up_at_once(lane: Lane) -> None:
    """The flow is over with the talk; the caller is not left in silence."""

    lane.phones[0].answers(AGENT_HZ, ring_s=0)
    caller = lane.dial()
    seat = await lane.phones[0].next_call()
    await seat.until(lambda call: any(m.method == "ACK" for m in call.inbox))
    await seat.send_bye()
    await caller.ended()
    await lane.gone()
    assert lane.all(ev.CallEnded)[0].hung_up_by == "agent"
    await lane.agent_is("ready")


@together(queue={"whisper": "long.wav"})
async def test_the_agent_hangs_up_in_the_whisper(lane: Lane) -> None:
    lane.phones[0].answers(AGENT_HZ, ring_s=0)
    caller = lane.dial()
    seat = await lane.phones[0].next_call()
    await lane.event(ev.OfferEnded, result="accepted")
    await seat.send_bye()
    again = await lane.phones[0].next_call()
    await again.answered()
    await caller.bye()


@together(agents=2, queue={"strategy": "ring_all"})
async def test_two_pick_up_in_the_same_moment(lane: Lane) -> None:
    """One has the caller; the other is let go and is free again."""
    caller = lane.dial()
    first, second = [await phone.next_call() for phone in lane.phones]
    first.media.tone(AGENT_HZ)
    second.media.tone(SECOND_HZ)
    first.accept()
    second.accept()
    await lane.event(ev.TalkStarted)
    span = await moment(1.5)
    won, lost = (first, second) if not first.over else (second, first)
    await lost.ended()
    assert won.up
    hears(caller, span, AGENT_HZ if won is first else SECOND_HZ)
    hears(won, span, CALLER_HZ)
    assert sorted(e.result for e in lane.all(ev.OfferEnded)) == ["accepted", "withdrawn"]
    await caller.bye()


@together(queue={"whisper": "whisper.wav"})
async def test_the_agent_hears_the_whisper_before_the_caller(lane: Lane) -> None:
    from tests.peers.world import MUSIC_HZ, WHISPER_HZ

    lane.phones[0].answers(AGENT_HZ)
    caller = lane.dial()
    seat = await lane.phones[0].next_call()
    await lane.event(ev.OfferEnded, result="accepted")
    accepted = time.time()
    await lane.event(ev.TalkStarted)
    talk = await moment(1.5)
    whispered = (accepted, lane.when(ev.TalkStarted))
    await caller.bye()
    assert 0.6 < whispered[1] - whispered[0] < 1.3
    hears(seat, (whispered[0], whispered[0] + 0.8), WHISPER_HZ, edge=0.3)
    hears(caller, whispered, MUSIC_HZ)
    hears(caller, talk, AGENT_HZ)
    hears(seat, talk, CALLER_HZ)


@together(agents=1, agent={"wrap_up_s": 1.5})
async def test_wrap_up_comes_between_two_calls(lane: Lane) -> None:
    caller, _ = await lane.talk()
    await caller.bye()
    await lane.agent_is("wrap_up")
    began = lane.when(ev.AgentChanged, state="wrap_up")
    await lane.agent_is("ready")
    assert abs(lane.when(ev.AgentChanged, state="ready") - began - 1.5) < 0.3
