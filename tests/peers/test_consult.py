"""Attended transfers, consultations that come to nothing, and conferences of three."""

from appliance.model import commands as c
from appliance.model import events as ev
from tests.peers.hearing import Span, hears, taped
from tests.peers.lane import Lane, moment
from tests.peers.phone import Call
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ, MUSIC_HZ, SECOND_HZ

KINDS = ["agent", "number"]
TALK_S = 1.4


async def consult(lane: Lane, kind: str, ring_s: float = 0.2) -> tuple[Call, Call, Call]:
    """Caller (on hold), agent 1, and whom agent 1 asks."""
    other = lane.phones[1] if kind == "agent" else lane.outside
    other.answers(SECOND_HZ, ring_s=ring_s)
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    await ask_for(lane, kind)
    asked = await other.next_call()
    if kind == "agent":
        await lane.event(ev.TalkStarted, role="consult")
    else:
        await lane.event(ev.PartyJoined, role="consult")
    return caller, seat, asked


async def ask_for(lane: Lane, kind: str) -> None:
    target = lane.agents[1] if kind == "agent" else lane.outside_number
    await lane.send(c.CallConsult(agent=lane.agents[0], target_kind=kind, target=target))


def apart(caller: Call, seat: Call, asked: Call, span: Span) -> None:
    """The caller hears music and nobody; the two others hear each other."""
    hears(caller, span, MUSIC_HZ)
    hears(seat, span, SECOND_HZ)
    hears(asked, span, AGENT_HZ)


@together(cases=KINDS, agents=2, second_queue=True)
async def test_attended_transfer(lane: Lane, kind: str) -> None:
    caller, seat, asked = await consult(lane, kind)
    before = await moment(TALK_S)
    await lane.send(c.ConsultComplete(agent=lane.agents[0]))
    await seat.ended()
    after = await moment(TALK_S)
    await caller.bye()
    await asked.ended()
    apart(caller, seat, asked, before)
    hears(caller, after, SECOND_HZ)
    hears(asked, after, CALLER_HZ)
    tape = await lane.recording()
    taped(tape, before, [CALLER_HZ], [AGENT_HZ, SECOND_HZ])
    taped(tape, after, [CALLER_HZ], [SECOND_HZ])
    first = lane.all(ev.TalkEnded, agent=lane.agents[0])[0]
    held = lane.when(ev.HoldEnded) - lane.when(ev.HoldStarted)
    assert abs(first.hold_s - held) < 0.05
    assert [e.result for e in lane.all(ev.TransferEnded)] == ["completed"]
    if kind == "agent":
        primary = lane.all(ev.TalkEnded, agent=lane.agents[1], role="primary")[0]
        assert abs(primary.talk_s - (after[1] - after[0])) < 0.3


@together(cases=KINDS, agents=2, second_queue=True)
async def test_completed_while_it_still_rings(lane: Lane, kind: str) -> None:
    other = lane.phones[1] if kind == "agent" else lane.outside
    other.answers(SECOND_HZ, ring_s=1.5)
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    await ask_for(lane, kind)
    asked = await other.next_call()
    await lane.send(c.ConsultComplete(agent=lane.agents[0]))
    await seat.ended()
    if kind == "agent":
        await lane.event(ev.TalkStarted, agent=lane.agents[1])
    else:
        await lane.event(ev.PartyJoined)
    span = await moment(TALK_S)
    await asked.bye()
    await caller.ended()
    hears(caller, span, SECOND_HZ)
    hears(asked, span, CALLER_HZ)


@together(cases=KINDS, agents=2, second_queue=True)
async def test_cancelled_consultation_gives_the_caller_back(lane: Lane, kind: str) -> None:
    caller, seat, asked = await consult(lane, kind)
    before = await moment(TALK_S)
    await lane.send(c.ConsultCancel(agent=lane.agents[0]))
    await asked.ended()
    after = await moment(TALK_S)
    await seat.bye()
    await caller.ended()
    apart(caller, seat, asked, before)
    hears(caller, after, AGENT_HZ)
    hears(seat, after, CALLER_HZ)
    assert [e.result for e in lane.all(ev.TransferEnded)] == ["cancelled"]
    taped(await lane.recording(), after, [CALLER_HZ], [AGENT_HZ])


@together(cases=["busy agent", "busy number", "dead agent", "rejecting number"], agents=2,
          second_queue=True)  # fmt: skip
async def test_nobody_there_to_consult(lane: Lane, case: str) -> None:
    lane.phones[1].refuses(486)
    lane.outside.refuses(486 if case.startswith("busy") else 404)
    if case == "dead agent":
        lane.phones[1].is_dead()
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    await ask_for(lane, case.split()[1])
    ended = await lane.event(ev.TransferEnded)
    assert ended.result == "failed" and ended.cause
    span = await moment(TALK_S)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


@together(cases=KINDS, agents=2, second_queue=True)
async def test_the_consulted_party_hangs_up(lane: Lane, kind: str) -> None:
    caller, seat, asked = await consult(lane, kind)
    await asked.bye()
    await lane.event(ev.HoldEnded)
    span = await moment(TALK_S)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


@together(cases=KINDS, agents=2, second_queue=True)
async def test_the_agent_hangs_up_and_so_transfers(lane: Lane, kind: str) -> None:
    caller, seat, asked = await consult(lane, kind)
    await seat.bye()
    await lane.event(ev.TransferEnded, result="completed")
    span = await moment(TALK_S)
    await caller.bye()
    hears(caller, span, SECOND_HZ)
    hears(asked, span, CALLER_HZ)


@together(cases=KINDS, agents=2, second_queue=True)
async def test_conference_of_three(lane: Lane, kind: str) -> None:
    caller, seat, asked = await consult(lane, kind)
    await lane.send(c.ConsultConference(agent=lane.agents[0]))
    three = await moment(TALK_S)
    await seat.bye()
    await lane.event(ev.ConferenceEnded)
    two = await moment(TALK_S)
    await caller.bye()
    await asked.ended()
    hears(caller, three, AGENT_HZ, SECOND_HZ)
    hears(seat, three, CALLER_HZ, SECOND_HZ)
    hears(asked, three, CALLER_HZ, AGENT_HZ)
    hears(caller, two, SECOND_HZ)
    hears(asked, two, CALLER_HZ)
    tape = await lane.recording()
    taped(tape, three, [CALLER_HZ], [AGENT_HZ, SECOND_HZ])
    taped(tape, two, [CALLER_HZ], [SECOND_HZ])


@together(agents=2, second_queue=True)
async def test_the_guest_leaves_the_conference(lane: Lane) -> None:
    caller, seat, asked = await consult(lane, "number")
    await lane.send(c.ConsultConference(agent=lane.agents[0]))
    await moment(0.3)
    await asked.bye()
    await lane.event(ev.ConferenceEnded)
    span = await moment(TALK_S)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


def replaces(call: Call) -> str:
    """How a REFER names a dialog (RFC 3891), escaped for a URI."""
    theirs = call.remote.partition("tag=")[2]
    return f"Replaces={call.id}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{call.tag}"


@together(cases=["REFER with Replaces", "hangs up"], agents=2, second_queue=True)
async def test_consultation_and_transfer_by_the_phones_own_keys(lane: Lane, how: str) -> None:
    """The phone holds the caller, calls the colleague through the box, and lets them talk."""
    lane.phones[1].answers(SECOND_HZ, ring_s=0.3)
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    assert (await seat.reinvite(direction="sendonly")).code == 200
    seat.media.mute()
    await lane.event(ev.HoldStarted)
    own = lane.phones[0].dial(lane.agents[1], AGENT_HZ)
    asked = await lane.phones[1].next_call()
    await own.answered()
    span = await moment(TALK_S)
    hears(caller, span, MUSIC_HZ)
    hears(own, span, SECOND_HZ)
    hears(asked, span, AGENT_HZ)
    if how == "hangs up":
        await own.bye()
        await asked.ended()
        await seat.reinvite()
        seat.media.mute(False)
        await lane.event(ev.HoldEnded)
        after = await moment(TALK_S)
        await caller.bye()
        hears(caller, after, AGENT_HZ)
        hears(seat, after, CALLER_HZ)
        return
    box = lane.box.sip
    answer = await seat.refer(f"sip:{lane.agents[1]}@{box[0]}:{box[1]}?{replaces(own)}")
    assert answer.code == 202
    await seat.ended()
    await own.ended()
    after = await moment(TALK_S)
    await caller.bye()
    hears(caller, after, SECOND_HZ)
    hears(asked, after, CALLER_HZ)
    assert [e.result for e in lane.all(ev.TransferEnded)] == ["completed"]
    tape = await lane.recording()
    taped(tape, span, [CALLER_HZ], [AGENT_HZ, SECOND_HZ])
    taped(tape, after, [CALLER_HZ], [SECOND_HZ])
