"""The caller hangs up, in every state in which a call can be."""

from appliance.model import commands as c
from appliance.model import events as ev
from tests.peers.lane import Lane, moment
from tests.peers.together import together

LONG = {"file": "long.wav"}
MENU = {
    "start": "menu",
    "fallback": "wait",
    "node": {
        "menu": {"type": "menu", "prompt": LONG, "choice": {"1": {"next": "wait"}}},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}
GREETING = {
    "start": "greet",
    "fallback": "wait",
    "node": {
        "greet": {"type": "greeting", "prompt": LONG, "next": "wait"},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}
FORWARD = {
    "start": "out",
    "fallback": "wait",
    "node": {
        "out": {"type": "forward", "number": "{outside}", "on_no_answer": "wait"},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}
DIRECT = {
    "start": "ring",
    "fallback": "wait",
    "node": {
        "ring": {"type": "agent", "agent": "{agent1}", "on_no_answer": "wait"},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}
MAILBOX = {
    "start": "mail",
    "fallback": "wait",
    "node": {
        "mail": {"type": "voicemail", "mailbox": "{mailbox}", "prompt": {"file": "greeting.wav"}},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}


@together(flow=FORWARD)
async def test_while_a_number_rings(lane: Lane) -> None:
    caller = await lane.dial().answered()
    rung = await lane.outside.next_call()
    await caller.bye()
    await rung.ended()
    assert rung.code == 487
    await lane.gone()
    assert lane.outcome == "abandoned_flow"


@together(flow=DIRECT)
async def test_while_one_named_agent_rings(lane: Lane) -> None:
    caller = await lane.dial().answered()
    seat = await lane.phones[0].next_call()
    await lane.event(ev.OfferRinging)
    await caller.bye()
    await seat.ended()
    await lane.gone()
    assert lane.outcome == "abandoned_flow"
    await lane.agent_is("ready")


@together(flow=GREETING)
async def test_in_a_prompt(lane: Lane) -> None:
    caller = await lane.dial().answered()
    await lane.event(ev.FlowNode, node="greet")
    await caller.bye()
    await lane.gone()
    assert lane.outcome == "abandoned_flow" and not lane.all(ev.QueueEntered)


@together(flow=MENU)
async def test_in_a_menu(lane: Lane) -> None:
    caller = await lane.dial().answered()
    await lane.event(ev.FlowNode, node="menu")
    await caller.bye()
    await lane.gone()
    assert lane.outcome == "abandoned_flow"


@together()
async def test_in_the_queue(lane: Lane) -> None:
    await lane.send(c.AgentPause(agent=lane.agents[0], by="test"))
    caller = await lane.dial().answered()
    await lane.event(ev.QueueEntered)
    await caller.bye()
    await lane.gone()
    assert lane.outcome == "abandoned"
    assert [e.reason for e in lane.all(ev.QueueLeft)] == ["abandoned"]


@together()
async def test_while_the_agent_rings(lane: Lane) -> None:
    caller = lane.dial()
    seat = await lane.phones[0].next_call()
    await lane.event(ev.OfferRinging)
    await caller.bye()
    await seat.ended()
    await lane.agent_is("ready")
    assert [e.result for e in lane.all(ev.OfferEnded)] == ["withdrawn"]
    await lane.gone()
    assert lane.outcome == "abandoned"


@together(queue={"whisper": "long.wav"})
async def test_while_the_agent_hears_the_whisper(lane: Lane) -> None:
    lane.phones[0].answers()
    caller = lane.dial()
    seat = await lane.phones[0].next_call()
    await lane.event(ev.OfferEnded, result="accepted")
    await caller.bye()
    await seat.ended()
    await lane.gone()
    assert not lane.all(ev.TalkStarted)
    await lane.agent_is("ready")


@together()
async def test_while_talking(lane: Lane) -> None:
    caller, seat = await lane.talk()
    await moment(0.8)
    await caller.bye()
    await seat.ended()
    await lane.gone()
    ended = lane.all(ev.CallEnded)[0]
    assert (ended.outcome, ended.hung_up_by) == ("answered", "caller")
    talked = lane.when(ev.TalkEnded) - lane.when(ev.TalkStarted)
    assert (await lane.recording()).finished.duration_s < talked + 1


@together()
async def test_on_hold(lane: Lane) -> None:
    caller, seat = await lane.talk()
    await lane.send(c.CallHold(agent=lane.agents[0]))
    await caller.bye()
    await seat.ended()
    await lane.gone()
    held = lane.all(ev.HoldEnded)[0]
    assert lane.all(ev.TalkEnded)[0].hold_s == held.hold_s


@together(cases=["ringing", "talking"], agents=2, queue={"ring_s": 6.0}, second_queue=True)
async def test_in_a_consultation(lane: Lane, other: str) -> None:
    if other == "talking":
        lane.phones[1].answers()
    caller, seat = await lane.talk()
    await lane.send(c.CallConsult(agent=lane.agents[0], target_kind="agent", target=lane.agents[1]))
    asked = await lane.phones[1].next_call()
    if other == "talking":
        await lane.event(ev.TalkStarted, role="consult")
    await caller.bye()
    await seat.ended()
    await asked.ended()
    await lane.gone()
    assert [e.result for e in lane.all(ev.TransferEnded)] == ["cancelled"]
    for n in (0, 1):
        await lane.agent_is("ready", n)


@together()
async def test_while_a_number_is_asked(lane: Lane) -> None:
    caller, seat = await lane.talk()
    await lane.send(
        c.CallConsult(agent=lane.agents[0], target_kind="number", target=lane.outside_number)
    )
    asked = await lane.outside.next_call()
    await caller.bye()
    await seat.ended()
    await asked.ended()
    assert asked.code == 487


@together()
async def test_in_a_conference(lane: Lane) -> None:
    lane.outside.answers()
    caller, seat = await lane.talk()
    await lane.send(
        c.CallConsult(agent=lane.agents[0], target_kind="number", target=lane.outside_number)
    )
    await lane.event(ev.PartyJoined, role="consult")
    await lane.send(c.ConsultConference(agent=lane.agents[0]))
    guest = await lane.outside.next_call()
    await caller.bye()
    await seat.ended()
    await guest.ended()
    await lane.gone()
    assert len(lane.all(ev.ConferenceEnded)) == 1


@together(cases=["greeting", "message"], flow=MAILBOX)
async def test_in_voicemail(lane: Lane, when: str) -> None:
    caller = await lane.dial().answered()
    if when == "message":
        await lane.event(ev.RecordingStarted)
    await caller.bye()
    await lane.gone()
    assert not lane.all(ev.VoicemailLeft), "shorter than a second is no message"
    assert lane.outcome == "abandoned_flow"


@together()
async def test_while_a_transferred_number_rings(lane: Lane) -> None:
    caller, _ = await lane.talk()
    await lane.send(
        c.CallTransfer(agent=lane.agents[0], target_kind="number", target=lane.outside_number)
    )
    rung = await lane.outside.next_call()
    await caller.bye()
    await rung.ended()
    await lane.gone()
    assert lane.outcome == "answered"
    assert [e.result for e in lane.all(ev.TransferEnded)] == ["cancelled"]
