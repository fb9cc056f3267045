"""Blind transfers: to an agent, a queue, a number, a mailbox; by command and by the phone's key."""

from appliance.model import commands as c
from appliance.model import events as ev
from tests.peers.hearing import hears, taped
from tests.peers.lane import Lane, moment
from tests.peers.phone import Call
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ, MUSIC_HZ, SECOND_HZ

HOW = ["command", "REFER"]
TALK_S = 1.6


async def transfer(lane: Lane, how: str, kind: str, target: str, seat: Call) -> None:
    """Agent 1 sends its caller away."""
    if how == "command":
        await lane.send(c.CallTransfer(agent=lane.agents[0], target_kind=kind, target=target))
        return
    box = lane.box.sip
    uri = lane.phones[1].uri if kind == "agent" else f"sip:{target}@{box[0]}:{box[1]}"
    answer = await seat.refer(uri)
    assert answer.code == 202, answer.start
    await seat.until(lambda call: any("200" in said for said in notified(call)))


def notified(call: Call) -> list[str]:
    """Status lines that NOTIFY brought (RFC 3515 2.4.5)."""
    return [message.body for message in call.inbox if message.method == "NOTIFY"]


async def talk_and_move(lane: Lane, how: str, kind: str, target: str) -> tuple[Call, Call]:
    """Caller and agent 1 talk a while, then the caller is sent on; agent 1 is free."""
    caller, seat = await lane.talk(0, CALLER_HZ, AGENT_HZ)
    span = await moment(TALK_S)
    await transfer(lane, how, kind, target, seat)
    await seat.ended()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    return caller, seat


def times_are_right(lane: Lane, n: int) -> None:
    """The agent's own talk time is that between its events, to 50 ms."""
    started = lane.when(ev.TalkStarted, agent=lane.agents[n])
    ended = lane.when(ev.TalkEnded, agent=lane.agents[n])
    talked = lane.all(ev.TalkEnded, agent=lane.agents[n])[-1]
    assert abs(talked.talk_s + talked.hold_s - (ended - started)) < 0.05, talked


@together(cases=HOW, agents=2, second_queue=True)
async def test_to_an_agent(lane: Lane, how: str) -> None:
    lane.phones[1].answers(SECOND_HZ, ring_s=0.8)
    caller, _ = await talk_and_move(lane, how, "agent", lane.agents[1])
    second = await lane.phones[1].next_call()
    await lane.event(ev.TalkStarted, agent=lane.agents[1])
    span = await moment(TALK_S)
    await caller.bye()
    hears(caller, span, SECOND_HZ)
    hears(second, span, CALLER_HZ)
    assert lane.all(ev.TransferEnded)[0].result == "completed"
    times_are_right(lane, 0)
    tape = await lane.recording()
    first = (lane.when(ev.TalkStarted, agent=lane.agents[0]), lane.when(ev.TransferStarted))
    between = (lane.when(ev.TransferStarted), lane.when(ev.TalkStarted, agent=lane.agents[1]))
    taped(tape, first, [CALLER_HZ], [AGENT_HZ])
    taped(tape, between, [CALLER_HZ], [])
    taped(tape, span, [CALLER_HZ], [SECOND_HZ])
    hears(caller, between, MUSIC_HZ)


@together(cases=HOW, agents=2, second_queue=True)
async def test_to_a_queue(lane: Lane, how: str) -> None:
    lane.phones[1].answers(SECOND_HZ)
    caller, _ = await talk_and_move(lane, how, "queue", lane.second)
    second = await lane.phones[1].next_call()
    await lane.event(ev.TalkStarted, agent=lane.agents[1])
    span = await moment(TALK_S)
    await second.bye()
    await caller.ended()
    hears(caller, span, SECOND_HZ)
    hears(second, span, CALLER_HZ)
    await lane.gone()
    assert [e.queue for e in lane.all(ev.QueueEntered)] == [lane.queue, lane.second]
    assert lane.outcome == "answered"
    for n in (0, 1):
        times_are_right(lane, n)
    taped(await lane.recording(), span, [CALLER_HZ], [SECOND_HZ])


@together(cases=HOW)
async def test_to_an_outside_number(lane: Lane, how: str) -> None:
    lane.outside.answers(SECOND_HZ, ring_s=0.5)
    caller, _ = await talk_and_move(lane, how, "number", lane.outside_number)
    outside = await lane.outside.next_call()
    await lane.event(ev.PartyJoined, role="transfer")
    span = await moment(TALK_S)
    await caller.bye()
    await lane.gone()
    hears(caller, span, SECOND_HZ)
    hears(outside, span, CALLER_HZ)
    assert lane.all(ev.TransferEnded)[0].result == "completed"
    left = lane.all(ev.PartyLeft)[0]
    assert abs(left.talk_s - (lane.when(ev.PartyLeft) - lane.when(ev.PartyJoined))) < 0.05
    taped(await lane.recording(), span, [CALLER_HZ], [SECOND_HZ])


@together(cases=HOW)
async def test_to_a_mailbox(lane: Lane, how: str) -> None:
    caller, _ = await talk_and_move(lane, how, "mailbox", lane.mailbox)
    await lane.event(ev.RecordingStarted, kind="voicemail", seconds=12)
    span = await moment(TALK_S)
    await caller.bye()
    await lane.event(ev.VoicemailLeft, mailbox=lane.mailbox)
    taped(await lane.recording(2), span, [CALLER_HZ], [])
    assert lane.outcome == "answered"


@together(cases=["agent", "number"], agents=2, second_queue=True)
async def test_a_busy_target_sends_the_caller_back_to_the_queue_and_the_agent(
    lane: Lane, kind: str
) -> None:
    lane.phones[1].refuses(486)
    lane.outside.refuses(486)
    target = lane.agents[1] if kind == "agent" else lane.outside_number
    caller, _ = await talk_and_move(lane, "command", kind, target)
    again = await lane.phones[0].next_call()
    await lane.event(ev.TalkStarted, agent=lane.agents[0], count=2)
    span = await moment(TALK_S)
    await caller.bye()
    hears(again, span, CALLER_HZ)
    assert [e.result for e in lane.all(ev.TransferEnded)] == ["failed"]


@together(agents=2, second_queue=True)
async def test_to_nowhere_is_refused_and_the_talk_goes_on(lane: Lane) -> None:
    await lane.send(c.AgentPause(agent=lane.agents[1], by="test"))
    caller, seat = await lane.talk()
    for kind, target in (
        ("agent", lane.agents[1]), ("agent", "nobody"), ("queue", "none"), ("mailbox", "none"),
    ):  # fmt: skip
        why = await lane.refused(
            c.CallTransfer(agent=lane.agents[0], target_kind=kind, target=target)
        )
        assert target in why
    answer = await seat.refer(lane.phones[1].uri)
    assert answer.code == 202
    await seat.until(lambda call: any("603" in said for said in notified(call)))
    span = await moment(1.2)
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)
    await caller.bye()
