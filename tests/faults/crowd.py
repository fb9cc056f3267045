"""Twenty-four calls in every state that a call can be in, on one box."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from appliance.model import commands as c
from appliance.model import events as ev
from tests.peers.lane import Lane, Wishes
from tests.peers.world import SECOND_HZ

MENU = {
    "start": "ask",
    "fallback": "wait",
    "node": {
        "ask": {
            "type": "menu",
            "prompt": {"file": "long.wav"},
            "on_silence": "wait",
            "retries": 9,
            "choice": {"1": {"next": "wait"}},
        },
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}
MAILBOX = {
    "start": "box",
    "fallback": "wait",
    "node": {
        "box": {"type": "voicemail", "mailbox": "{mailbox}", "prompt": {"file": "greeting.wav"}},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}
FORWARD = {
    "start": "out",
    "fallback": "wait",
    "node": {
        "out": {"type": "forward", "number": "{outside}"},
        "wait": {"type": "queue", "queue": "{queue}"},
    },
}


def next_event(
    lane: Lane, kind: type[ev.Event], /, **fields: object
) -> Callable[[], Awaitable[ev.Event]]:
    """Waits, when called, for one more such event than there are now."""
    count = len(lane.all(kind, **fields)) + 1
    return lambda: lane.event(kind, count=count, **fields)


async def in_flow(lane: Lane) -> None:
    there = next_event(lane, ev.FlowNode, node="ask")
    lane.dial()
    await there()


async def in_queue(lane: Lane) -> None:
    there = next_event(lane, ev.QueueEntered)
    lane.dial()
    await there()


async def ringing(lane: Lane) -> None:
    lane.phones[0].rings_on()
    there = next_event(lane, ev.OfferRinging)
    lane.dial()
    await there()


async def talking(lane: Lane) -> None:
    await lane.talk()


async def paused(lane: Lane) -> None:
    await lane.talk()
    await lane.send(c.RecordingControl(call=lane.call_ids[-1], action="pause", by="test"))


async def held(lane: Lane) -> None:
    await lane.talk()
    await lane.send(c.CallHold(agent=lane.agents[0]))


async def consulting(lane: Lane) -> None:
    lane.outside.answers(SECOND_HZ)
    await lane.talk()
    there = next_event(lane, ev.PartyJoined, role="consult")
    await lane.send(
        c.CallConsult(agent=lane.agents[0], target_kind="number", target=lane.outside_number)
    )
    await there()


async def conference(lane: Lane) -> None:
    lane.phones[1].answers(SECOND_HZ)
    await lane.talk()
    there = next_event(lane, ev.TalkStarted, role="consult")
    await lane.send(c.CallConsult(agent=lane.agents[0], target_kind="agent", target=lane.agents[1]))
    await there()
    await lane.send(c.ConsultConference(agent=lane.agents[0]))


async def voicemail(lane: Lane) -> None:
    there = next_event(lane, ev.RecordingStarted, kind="voicemail")
    lane.dial()
    await there()


async def forwarded(lane: Lane) -> None:
    lane.outside.answers(SECOND_HZ)
    there = next_event(lane, ev.PartyJoined, role="forward")
    lane.dial()
    await there()


async def wrapping_up(lane: Lane) -> None:
    """A call that is over; its agent is in after-call work when the box dies."""
    if lane.state_of(0) == "wrap_up":  # still that of the run before
        await lane.send(c.AgentReady(agent=lane.agents[0], by="test"))
    caller, _ = await lane.talk()
    await asyncio.sleep(0.3)
    await caller.bye()
    await lane.agent_is("wrap_up")


@dataclass(frozen=True)
class Kind:
    """A state, how many calls are in it, and what their lanes need."""

    name: str
    count: int
    enter: Callable[[Lane], Awaitable[None]]
    wishes: Wishes


PLAIN, LONG_RING = {"record": False}, {"ring_s": 60.0}
KINDS = (
    Kind("flow", 3, in_flow, Wishes(flow=MENU)),
    Kind("queue", 3, in_queue, Wishes(agents=0)),
    Kind("ringing", 3, ringing, Wishes(queue=LONG_RING)),
    Kind("talking", 3, talking, Wishes(queue=PLAIN)),
    Kind("recorded", 4, talking, Wishes()),
    Kind("paused", 1, paused, Wishes()),
    Kind("held", 2, held, Wishes()),
    Kind("consulting", 1, consulting, Wishes()),
    Kind("conference", 1, conference, Wishes(agents=2, second_queue=True)),
    Kind("voicemail", 1, voicemail, Wishes(flow=MAILBOX)),
    Kind("forwarded", 1, forwarded, Wishes(flow=FORWARD)),
    Kind("wrap-up", 1, wrapping_up, Wishes(queue={"wrap_up_s": 120.0})),
)
WISHES = [kind.wishes for kind in KINDS for _ in range(kind.count)]
_ENTER = [kind.enter for kind in KINDS for _ in range(kind.count)]


async def all_in(lanes: Sequence[Lane], every_s: float = 0.05) -> None:
    """Bring a caller of each lane into its state, one shortly after the other."""

    async def one(n: int, lane: Lane) -> None:
        await asyncio.sleep(n * every_s)
        await _ENTER[n](lane)

    async with asyncio.TaskGroup() as group:
        for n, lane in enumerate(lanes):
            group.create_task(one(n, lane))


def lane_of(lanes: Sequence[Lane], name: str) -> Lane:
    """The first lane of that kind."""
    at = 0
    for kind in KINDS:
        if kind.name == name:
            return lanes[at]
        at += kind.count
    raise KeyError(name)
