"""Messages that cross on the wire: CANCEL and 200, BYE and BYE, BYE and re-INVITE."""

import asyncio
import contextlib

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model.ids import CallId
from tests.peers.endpoint import response_to
from tests.peers.hearing import hears
from tests.peers.lane import Lane, moment
from tests.peers.message import Message
from tests.peers.phone import Call
from tests.peers.together import together
from tests.peers.world import AGENT_HZ, CALLER_HZ

DIRECT = {
    "start": "ring",
    "fallback": "wait",
    "node": {
        "ring": {"type": "agent", "agent": "{agent1}", "on_no_answer": "wait"},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}


def on(call: Call, method: str, act: object) -> None:
    """Instead of obeying this method, once, do `act`."""

    def seen(request: Message) -> bool:
        if request.method != method:
            return False
        call.intercept = None
        act(request)
        return True

    call.intercept = seen


@together(flow=DIRECT)
async def test_cancel_at_once(lane: Lane) -> None:
    """CANCEL right behind the INVITE, before any answer could come."""
    caller = lane.dial()
    await asyncio.sleep(0)  # lets the INVITE out
    caller.cancel()
    await caller.until(lambda call: call.up or call.over)
    await caller.bye()  # where their 200 was faster than our CANCEL
    await lane.gone()


@together()
async def test_the_caller_cancels_when_the_box_has_answered(lane: Lane) -> None:
    """Our CANCEL meets their 200: the dialog stands, and is ended by ACK and BYE."""
    caller = lane.dial()
    caller.hold_ack = True
    await caller.until(lambda call: call.has_ack)
    caller.cancel()
    await caller.until(
        lambda call: any(m.cseq[1] == "CANCEL" and m.code >= 200 for m in call.answers)
    )
    caller.send_ack()
    answer = await caller.send_bye()
    assert answer.code == 200
    await lane.gone()


@together()
async def test_the_agent_answers_when_the_caller_has_gone(lane: Lane) -> None:
    """The 200 of the agent's phone crosses our CANCEL: it must be acknowledged and ended."""
    caller = lane.dial()
    seat = await lane.phones[0].next_call()

    def answer_first(cancel: Message) -> None:
        seat.accept()
        seat.endpoint.reply(cancel, response_to(cancel, 200, seat.tag))

    on(seat, "CANCEL", answer_first)
    await lane.event(ev.OfferRinging)
    await caller.bye()
    await seat.until(lambda call: any(m.method == "ACK" for m in call.inbox))
    await seat.ended()
    await lane.gone()
    assert lane.outcome == "abandoned" and not lane.all(ev.TalkStarted)
    await lane.agent_is("ready")


@together(agents=2, queue={"strategy": "ordered", "ring_s": 1.0})
async def test_the_agent_answers_when_the_ring_time_is_over(lane: Lane) -> None:
    """Too late by a moment: the next agent has the caller, the late one is let go."""
    lane.phones[1].answers(AGENT_HZ)
    caller = lane.dial()
    late = await lane.phones[0].next_call()

    def answer_first(cancel: Message) -> None:
        late.accept()
        late.endpoint.reply(cancel, response_to(cancel, 200, late.tag))

    on(late, "CANCEL", answer_first)
    await lane.event(ev.TalkStarted, agent=lane.agents[1])
    await late.ended()
    span = await moment(1.0)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    assert not lane.all(ev.TalkStarted, agent=lane.agents[0])


@together()
async def test_bye_crosses_bye(lane: Lane) -> None:
    """The agent hangs up; the box's BYE to the caller meets the caller's own."""
    caller, seat = await lane.talk()
    crossed: list[Message] = []
    on(caller, "BYE", crossed.append)
    leaving = asyncio.create_task(seat.send_bye())
    await caller.until(lambda _: crossed)
    own = await caller.send_bye()
    assert own.code in (200, 481)
    caller.endpoint.reply(crossed[0], response_to(crossed[0], 200, caller.tag))
    assert (await leaving).code == 200
    await lane.gone()
    assert len(lane.all(ev.CallEnded)) == 1


@together()
async def test_both_hang_up_in_the_same_moment(lane: Lane) -> None:
    caller, seat = await lane.talk()
    codes = [a.code for a in await asyncio.gather(caller.send_bye(), seat.send_bye())]
    assert set(codes) <= {200, 481}
    await lane.gone()
    assert len(lane.all(ev.TalkEnded)) == 1


@together()
async def test_bye_follows_reinvite_without_a_wait(lane: Lane) -> None:
    """The caller's phone re-INVITEs and hangs up before any answer."""
    caller, seat = await lane.talk()
    asking = asyncio.create_task(caller.reinvite(direction="sendonly"))
    await asyncio.sleep(0)
    answer = await caller.send_bye()
    assert answer.code == 200
    await asyncio.gather(asking, return_exceptions=True)
    await seat.ended()


@together()
async def test_reinvite_after_bye_finds_no_call(lane: Lane) -> None:
    caller, seat = await lane.talk()
    await caller.send_bye()
    caller.up = True
    with contextlib.suppress(TimeoutError):  # PJSIP may leave it without any answer
        assert (await caller.reinvite(seconds=2.0)).code == 481
    caller.up = False
    await seat.ended()


@together()
async def test_the_agents_hold_key_meets_our_bye(lane: Lane) -> None:
    """The caller is gone; while our BYE is under way the phone sends its re-INVITE."""
    caller, seat = await lane.talk()
    asked: list[asyncio.Task[Message]] = []

    def hold_first(bye: Message) -> None:
        asked.append(asyncio.create_task(seat.reinvite(direction="sendonly", seconds=2.0)))
        seat.endpoint.reply(bye, response_to(bye, 200, seat.tag))

    on(seat, "BYE", hold_first)
    await caller.bye()
    await seat.until(lambda _: asked)
    with contextlib.suppress(TimeoutError):  # PJSIP may leave it without any answer
        assert (await asked[0]).code >= 400
    seat.over, seat.up = True, False
    await lane.gone()


@together()
async def test_two_reinvites_meet(lane: Lane) -> None:
    """One of two at once may get 491 (RFC 3261 14.2); the talk goes on in any case."""
    caller, seat = await lane.talk()
    await asyncio.gather(caller.reinvite(), seat.reinvite())
    span = await moment(1.2)
    await caller.bye()
    hears(caller, span, AGENT_HZ)
    hears(seat, span, CALLER_HZ)


@together()
async def test_refer_and_bye_together(lane: Lane) -> None:
    """A transfer that the phone does not wait for."""
    lane.outside.answers()
    caller, seat = await lane.talk()
    box = lane.box.sip
    refer = asyncio.create_task(seat.refer(f"sip:{lane.outside_number}@{box[0]}:{box[1]}"))
    await asyncio.sleep(0)
    await seat.send_bye()
    await asyncio.gather(refer, return_exceptions=True)
    await asyncio.sleep(0.2)  # whichever way it went, it ends cleanly
    await caller.bye()
    await lane.gone()
    assert len(lane.all(ev.TalkEnded)) == 1


@together(agents=2, second_queue=True)
async def test_commands_all_at_once(lane: Lane) -> None:
    """Hold, transfer and hang-up in one moment: each is done or refused in words."""
    lane.phones[1].answers()
    caller, _ = await lane.talk()
    agent, other = lane.agents
    replies = await asyncio.gather(
        *(
            lane.box.send(command)
            for command in (
                c.CallHold(agent=agent),
                c.CallTransfer(agent=agent, target_kind="agent", target=other),
                c.CallConsult(agent=agent, target_kind="agent", target=other),
                c.CallResume(agent=agent),
                c.CallHangup(call=CallId(lane.call_ids[0])),
                c.CallHangup(call=CallId(lane.call_ids[0])),
            )
        )
    )
    assert all(reply.ok or reply.error for reply in replies)
    await caller.ended()


@together()
async def test_the_ack_never_comes_but_the_bye_does(lane: Lane) -> None:
    caller = lane.dial()
    caller.hold_ack = True
    await caller.until(lambda call: call.has_ack)
    caller.up = True
    assert (await caller.send_bye()).code == 200
    await lane.gone()
