"""Small floors for tests, and short names for what they report."""

from collections.abc import Iterable
from typing import TypeVar

from appliance.acd.effects import Ring
from appliance.acd.floor import Floor, Out
from appliance.acd.simulator.watch import Watch
from appliance.model.events import AgentChanged
from appliance.model.ids import AgentId, CallId, OfferId, QueueId
from appliance.model.site import Agent, AgentQueue, Queue

T = TypeVar("T")


def queue(id: str = "sales", **settings: object) -> Queue:
    return Queue.model_validate({"id": id, **settings})


def agent(id: str, *queues: str | AgentQueue, **settings: object) -> Agent:
    places = [q if isinstance(q, AgentQueue) else AgentQueue(id=q) for q in queues or ("sales",)]
    return Agent.model_validate(
        {"id": id, "seat": f"sip:{id}@127.0.0.1", "queues": places, "login": True, **settings}
    )


class Desk:
    """A floor with its clock, watched: every step must keep the invariants."""

    def __init__(self, queues: Iterable[Queue], agents: Iterable[Agent], seed: int = 1) -> None:
        self.floor = Floor(list(queues), list(agents), seed=seed)
        self.watch = Watch()
        self.now = 0.0
        self.calls = 0
        self.log: Out = []
        self.do(self.floor.restore({}, 0.0))

    def do(self, out: Out) -> Out:
        self.watch.saw(out, self.now)
        assert self.watch.violations == []
        assert self.floor.check_invariants() == []
        self.log += out
        return out

    def enter(self, queue: str = "sales", **more: object) -> CallId:
        """A new caller; his call id."""
        self.calls += 1
        call = CallId(f"c{self.calls}")
        self.do(self.floor.enter(call, QueueId(queue), now=self.now, **more))
        return call

    def go(self, seconds: float) -> Out:
        """Time passes; everything due on the way happens at its own time."""
        until, seen = self.now + seconds, []
        while (due := self.floor.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            seen += self.do(self.floor.tick(self.now))
        self.now = until
        return seen

    def ringing(self, call: CallId) -> list[str]:
        """The agents rung for this caller, in order of ringing."""
        return [agent for c, agent in self.watch.offers.values() if c == call]

    def offer(self, name: str) -> OfferId:
        return self.watch.ringing[AgentId(name)]

    def accept(self, name: str) -> Out:
        return self.do(self.floor.offer_accepted(self.offer(name), self.now))

    def fail(self, name: str, result: str = "busy") -> Out:
        return self.do(self.floor.offer_failed(self.offer(name), result, self.now))

    def end(self, name: str, talk_s: float = 60.0) -> Out:
        call = self.floor.agent_view(AgentId(name), self.now).call
        assert call is not None
        return self.do(self.floor.talk_ended(call, AgentId(name), self.now, talk_s=talk_s))

    def serve(self, name: str, talk_s: float = 60.0) -> None:
        """The agent takes the offer that rings, talks, and is out of the call."""
        self.accept(name)
        self.go(talk_s)
        self.end(name, talk_s)

    def state(self, name: str) -> str:
        return self.floor.agent_view(AgentId(name), self.now).state

    def waiting(self, queue: str = "sales") -> int:
        return self.floor.queue_view(QueueId(queue), self.now).waiting


def rings(out: Out) -> list[tuple[str, str]]:
    """(call, agent) of each seat to ring."""
    return [(e.call, e.agent) for e in out if isinstance(e, Ring)]


def states(out: Out, name: str) -> list[str]:
    return [e.state for e in out if isinstance(e, AgentChanged) and e.agent == name]


def of(out: Out, kind: type[T]) -> list[T]:
    return [e for e in out if isinstance(e, kind)]
