"""A seeded floor at work, as events: every part of an interaction occurs."""

import random
from collections.abc import Iterator

from appliance.model import events as ev
from appliance.model.ids import (
    AgentId,
    CallId,
    FlowId,
    MailboxId,
    NodeId,
    OfferId,
    PartyId,
    QueueId,
    RecordingId,
    TransferId,
    TrunkId,
)

Step = tuple[float, ev.AnyEvent]
"""Seconds since the step before, and the event."""


def day(seed: int, calls: int) -> list[Step]:
    """Calls interleaved as on a floor, with crashes of the box in between."""
    dice = random.Random(seed)
    running: list[Iterator[ev.AnyEvent]] = []
    steps: list[Step] = [(0.0, ev.CoreStarted(version="1", after="first start"))]
    for number in range(calls):
        running.append(_call(dice, f"c{seed}-{number}"))
        while len(running) > dice.randrange(6):
            walk = dice.choice(running)
            event = next(walk, None)
            if event is None:
                running.remove(walk)
            else:
                steps.append((dice.random() * 10, event))
        if dice.random() < 0.02:
            steps.append((dice.random(), ev.CoreStopped(cause="restart")))
        if dice.random() < 0.04:
            steps.append((60.0, ev.CoreStarted(version="1", after="crash")))
    steps += [(1.0, event) for walk in running for event in walk]
    return steps


def _call(dice: random.Random, name: str) -> Iterator[ev.AnyEvent]:
    call = CallId(name)
    caller = dice.choice(["+4930123456", "+4989777", "", "=cmd|' /C calc'!A0", "+41445556"])
    yield ev.CallArrived(
        call=call,
        trunk=TrunkId("t1"),
        caller=caller,
        caller_name=dice.choice(["", "Erika Mustermann", "@SUM(1)"]),
        anonymous=not caller,
        called="+49301",
    )
    if dice.random() < 0.05:
        yield ev.CallEnded(call=call, outcome="refused", cause="channel limit", sip_code=486)
        return
    yield ev.CallAnswered(call=call)
    yield ev.FlowNode(call=call, flow=FlowId("main"), node=NodeId("menu"))
    yield ev.FlowInput(call=call, node=NodeId("menu"), kind="key", value="1", choice="sales")
    yield ev.CallTagged(call=call, language="de", data={"order": str(dice.randrange(9))})
    if dice.random() < 0.1:
        yield ev.CallEnded(call=call, outcome="abandoned_flow", hung_up_by="caller")
        return
    yield from _queue(dice, call)


def _queue(dice: random.Random, call: CallId) -> Iterator[ev.AnyEvent]:
    queue = QueueId(dice.choice(["sales", "help"]))
    agent = AgentId(f"a{dice.randrange(4)}")
    waited = round(dice.random() * 40, 3)
    yield ev.QueueEntered(call=call, queue=queue, priority=dice.randrange(3))
    fate = dice.random()
    if fate < 0.2:
        yield ev.QueueLeft(call=call, queue=queue, reason="abandoned", waited_s=waited)
        yield ev.CallEnded(call=call, outcome="abandoned", hung_up_by="caller")
        return
    if fate < 0.25:
        yield ev.CallEnded(call=call, outcome="interrupted", cause="power cut")
        return
    if fate < 0.35:
        yield ev.QueueLeft(call=call, queue=queue, reason="overflow_wait", waited_s=waited)
        yield from _voicemail(call)
        return
    offer = OfferId(f"o-{call}")
    yield ev.OfferMade(call=call, offer=offer, agent=agent, queue=queue)
    yield _agent(agent, "ready", "ringing", call)
    yield ev.OfferEnded(call=call, offer=offer, agent=agent, result="accepted", queue=queue)
    if fate > 0.93:
        yield ev.OfferRefused(call=call, offer=offer, agent=agent, queue=queue, cause="hung up")
        offer = OfferId(f"p-{call}")
        yield ev.OfferMade(call=call, offer=offer, agent=agent, queue=queue)
        yield ev.OfferEnded(call=call, offer=offer, agent=agent, result="accepted", queue=queue)
    yield ev.QueueLeft(call=call, queue=queue, reason="answered", waited_s=waited)
    yield from _talk(dice, call, queue, agent)


def _voicemail(call: CallId) -> Iterator[ev.AnyEvent]:
    recording = RecordingId(f"v-{call}")
    yield ev.RecordingStarted(call=call, recording=recording, path="v.part.wav", kind="voicemail")
    yield ev.RecordingStopped(call=call, recording=recording, duration_s=4)
    yield ev.VoicemailLeft(call=call, mailbox=MailboxId("box"), recording=recording, duration_s=4)
    yield ev.CallEnded(call=call, outcome="voicemail")
    yield ev.RecordingFailed(call=call, recording=recording, cause="disk full")


def _agent(
    agent: AgentId, was: ev.AgentState, state: ev.AgentState, call: CallId | None
) -> ev.AgentChanged:
    return ev.AgentChanged(agent=agent, was=was, state=state, cause="test", call=call)


def _talk(
    dice: random.Random, call: CallId, queue: QueueId, agent: AgentId
) -> Iterator[ev.AnyEvent]:
    recording = RecordingId(f"r-{call}")
    yield ev.TalkStarted(call=call, agent=agent, queue=queue)
    yield _agent(agent, "ringing", "talking", call)
    yield ev.RecordingStarted(call=call, recording=recording, path="x.part.wav", cause="queue")
    yield ev.RecordingPaused(call=call, recording=recording, at_s=1)
    yield ev.RecordingResumed(call=call, recording=recording, at_s=2)
    yield ev.HoldStarted(call=call, agent=agent)
    yield ev.HoldEnded(call=call, agent=agent, hold_s=3.5)
    if dice.random() < 0.3:
        transfer, party = TransferId(f"x-{call}"), PartyId(f"p-{call}")
        yield ev.TransferStarted(
            call=call,
            transfer=transfer,
            kind="attended",
            agent=agent,
            target_kind="number",
            target="+49555",
        )
        yield ev.PartyJoined(call=call, party=party, number="+49555", role="consult")
        yield ev.PartyLeft(call=call, party=party, number="+49555", talk_s=2)
        yield ev.TransferEnded(call=call, transfer=transfer, result="cancelled")
    talked = round(dice.random() * 300, 3)
    yield ev.TalkEnded(call=call, agent=agent, talk_s=talked, hold_s=3.5, queue=queue)
    yield _agent(agent, "talking", "wrap_up", call)
    yield ev.CallEnded(call=call, outcome="answered", hung_up_by="caller")
    yield ev.RecordingStopped(call=call, recording=recording, duration_s=talked)
    yield _agent(agent, "wrap_up", "ready", None)
    yield ev.RecordingFinished(
        call=call, recording=recording, path="x.flac", sha256="ab", duration_s=talked, bytes=9
    )
