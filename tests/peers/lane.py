"""One test's part of a box: its own number, flow, queue, agents and mailbox."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, TypeVar

import soundfile

from appliance.model import commands as c
from appliance.model import events as ev
from appliance.model.ids import AgentId
from tests.peers.box import Box, matching
from tests.peers.endpoint import Endpoint
from tests.peers.phone import Call
from tests.peers.tones import Samples
from tests.peers.world import AGENT_HZ, CALLER_HZ, PROVIDER_PORT, SEATS_PORT, STRANGER_PORT

E = TypeVar("E", bound=ev.Event)
WAIT_S = 8.0


@dataclass
class Wishes:
    """What a test needs of its lane. `flow` may say {queue}, {agent1}, {mailbox}."""

    agents: int = 1
    queue: dict[str, Any] = field(default_factory=dict)
    flow: dict[str, Any] | None = None
    agent: dict[str, Any] = field(default_factory=dict)
    seats: list[str] = field(default_factory=list)
    """Seats of the agents in order; {ip} is the box's network without the last number."""
    second_queue: bool = False
    """A queue of its own, {second}, for the last agent, who is not in the first one."""


class Lane:
    """Numbers of one lane hang together: lane 7 has number 1007, queue q7, agents a7-1.."""

    def __init__(self, box: Box, index: int, wishes: Wishes, ends: "Ends") -> None:
        self.box, self.index, self.wishes, self.ends = box, index, wishes, ends
        self.number = f"{1000 + index}"
        self.second = f"q{index}b"
        self.queue, self.mailbox, self.flow = f"q{index}", f"m{index}", f"f{index}"
        self.agents = [AgentId(f"a{index}-{n + 1}") for n in range(wishes.agents)]
        self.phones = [ends.seats.phone(agent) for agent in self.agents]
        self.caller_number = f"+4930{200_000 + index}"
        self.outside_number = f"+4989{300_000 + index}"
        self.caller = ends.provider.phone(self.caller_number)
        self.outside = ends.provider.phone(self.outside_number)
        self.after_seq = 0
        self._told: set[str] = set()

    # -- the box ------------------------------------------------------------------------------

    def site(self) -> dict[str, list[Any]]:
        """The lane's entries of site.toml."""
        queue = {
            "id": self.queue, "music": "music.wav", "record": True, "ring_s": 6.0,
            "retry_s": 0.5, "announce": {"position": False, "estimate": False},
        }  # fmt: skip
        agents = [
            {
                "id": str(agent),
                "seat": self.seat(n),
                "queues": [{"id": self._queue_of(n), "order": n + 1}],
                "login": True,
                **self.wishes.agent,
            }
            for n, agent in enumerate(self.agents)
        ]
        return {
            "queue": [{**queue, **self.wishes.queue}]
            + ([{**queue, "id": self.second}] if self.wishes.second_queue else []),
            "agent": agents,
            "mailbox": [{"id": self.mailbox}],
        }

    def _queue_of(self, n: int) -> str:
        second = self.wishes.second_queue and n == len(self.agents) - 1
        return self.second if second else self.queue

    def seat(self, n: int) -> str:
        if n < len(self.wishes.seats):
            return self.wishes.seats[n].replace("{ip}", self.box.network.prefix)
        return self.phones[n].uri

    def flow_site(self) -> dict[str, Any]:
        plain = {
            "start": "wait", "fallback": "wait",
            "node": {"wait": {"type": "queue", "queue": "{queue}"}},
        }  # fmt: skip
        filled = _filled(self.wishes.flow or plain, self._names())
        assert isinstance(filled, dict)
        return filled

    def _names(self) -> dict[str, str]:
        names = {"queue": self.queue, "mailbox": self.mailbox, "outside": self.outside_number}
        names["second"] = self.second
        return names | {f"agent{n + 1}": str(agent) for n, agent in enumerate(self.agents)}

    # -- what happened ------------------------------------------------------------------------

    @property
    def call_ids(self) -> list[str]:
        numbers = (self.number, self.caller_number)
        return [
            e.call
            for _, e in matching(self._since(), ev.CallArrived)
            if e.called in numbers or e.caller in numbers
        ]

    def _since(self) -> list[ev.Record]:
        return self.box.records[self.after_seq :]

    def records(self) -> list[ev.Record]:
        """Events of this lane's calls and agents, since the test (or its repetition) began."""
        calls = set(self.call_ids)
        return [
            record
            for record in self._since()
            if getattr(record.event, "call", None) in calls
            or getattr(record.event, "agent", None) in self.agents
        ]

    def all(self, kind: type[E], /, **fields: object) -> list[E]:
        return [event for _, event in matching(self.records(), kind, **fields)]

    def when(self, kind: type[E], /, **fields: object) -> float:
        """Unix time of the last such event."""
        return [at for at, _ in matching(self.records(), kind, **fields)][-1]

    async def event(
        self, kind: type[E], /, seconds: float = WAIT_S, count: int = 1, **fields: object
    ) -> E:
        """The `count`-th such event of this lane, waited for."""

        def found(_records: list[ev.Record]) -> E | None:
            got = self.all(kind, **fields)
            return got[count - 1] if len(got) >= count else None

        return await self.box.until(found, seconds, f"{kind.__name__} {fields} in {self.number}")

    async def agent_is(self, state: str, n: int = 0, seconds: float = WAIT_S) -> None:
        def found(_records: list[ev.Record]) -> bool:
            return self.state_of(n) == state

        await self.box.until(found, seconds, f"{self.agents[n]} is {state}")

    def state_of(self, n: int) -> str:
        changes = list(self.box.events(ev.AgentChanged, agent=self.agents[n]))
        return changes[-1][1].state if changes else ""

    @property
    def outcome(self) -> str:
        """Of the lane's last call."""
        ends = self.all(ev.CallEnded)
        return ends[-1].outcome if ends else ""

    # -- acting -------------------------------------------------------------------------------

    def dial(self, hz: float | None = CALLER_HZ, **more: Any) -> Call:
        return self.caller.dial(self.number, hz, **more)

    async def send(self, command: c.AnyCommand) -> None:
        reply = await self.box.send(command)
        assert reply.ok, reply.error

    async def refused(self, command: c.AnyCommand) -> str:
        reply = await self.box.send(command)
        assert not reply.ok, "the command should have been refused"
        return reply.error

    async def talk(
        self, n: int = 0, hz: float = CALLER_HZ, agent_hz: float = AGENT_HZ
    ) -> tuple[Call, Call]:
        """A caller and agent n who talk: (caller's call, agent's call)."""
        self.phones[n].answers(agent_hz)
        before = len(self.all(ev.TalkStarted, agent=self.agents[n]))
        call = self.dial(hz)
        await self.event(ev.TalkStarted, agent=self.agents[n], count=before + 1)
        return call, await self._picked_up(n)

    async def _picked_up(self, n: int) -> Call:
        """The call that agent n talks in: what rang there before may have been withdrawn."""
        while True:
            seat = await self.phones[n].next_call()
            if (await seat.until(lambda at: at.up or at.over)).up:
                return seat

    async def gone(self, seconds: float = WAIT_S) -> None:
        """All calls of the lane are over and its agents are free."""

        def found(_records: list[ev.Record]) -> bool:
            calls, ended = self.call_ids, {e.call for e in self.all(ev.CallEnded)}
            self._told |= {e.sip_call_id for _, e in matching(self._since(), ev.CallArrived)}
            if any(one.has_ack and one.id not in self._told for one in self.caller.calls):
                return False  # answered, and the log has not told us of it yet
            busy = [s for n in range(len(self.agents)) if (s := self.state_of(n)) in _BUSY]
            return set(calls) <= ended and not busy

        await self.box.until(found, seconds, f"lane {self.number} is empty")

    async def hang_up_all(self) -> None:
        """Whatever the test left open."""
        open_ = [
            call
            for phone in (self.caller, self.outside, *self.phones)
            for call in phone.calls
            if not call.over
        ]
        for call in open_:
            call.intercept = None
        await asyncio.gather(*(call.bye() for call in open_), return_exceptions=True)

    async def begin_again(self) -> None:
        """As if nothing had happened on this lane."""
        await self.hang_up_all()
        await self.gone()
        for phone in (self.caller, self.outside, *self.phones):
            phone.forget()
        for agent in self.agents:
            await self.box.send(c.AgentReady(agent=agent, by="test"))
        self.after_seq = len(self.box.records)

    # -- recording ----------------------------------------------------------------------------

    async def recording(self, number: int = 1, seconds: float = 15.0) -> "Tape":
        """The lane's n-th recording, finished and read. Both channels at 8 kHz."""
        done = await self.event(ev.RecordingFinished, seconds, count=number)
        began = next(
            at
            for at, e in matching(self.records(), ev.RecordingStarted)
            if e.recording == done.recording
        )
        path = self.box.data / "recordings" / done.path
        samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
        assert rate == 8000 and samples.shape[1] == 2, (rate, samples.shape)
        return Tape(began, samples[:, 0], samples[:, 1], done)


@dataclass
class Tape:
    """`began` is Unix time of the first sample."""

    began: float
    caller: Samples
    floor: Samples
    finished: ev.RecordingFinished

    @property
    def seconds(self) -> float:
        return len(self.caller) / 8000


@dataclass
class Ends:
    """The world around the box: its provider, its agents' phones, and a stranger."""

    provider: Endpoint
    seats: Endpoint
    stranger: Endpoint

    @classmethod
    async def open(cls, box: Box) -> "Ends":
        places = [(2, PROVIDER_PORT), (3, SEATS_PORT), (9, STRANGER_PORT)]
        ends = [await Endpoint.open(box.network.host(n), box.sip, port) for n, port in places]
        return cls(*ends)

    def close(self) -> None:
        for end in (self.provider, self.seats, self.stranger):
            end.close()


_BUSY = ("ringing", "talking")


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, dict):
        return {key: _filled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, names) for item in value]
    return value


async def moment(seconds: float) -> tuple[float, float]:
    """Let audio flow; returns the span as Unix times."""
    since = time.time()
    await asyncio.sleep(seconds)
    return since, time.time()
