"""The flows as one graph: what can be reached, and in which circles nobody ever acts."""

from collections.abc import Iterable, Iterator

from appliance.flow.language import FlowSet
from appliance.flow.node import Node
from appliance.flow.nodes import (
    Agent,
    CallerList,
    Forward,
    Goto,
    HangUp,
    Hours,
    Queue,
    Voicemail,
)
from appliance.flow.questions import Asking, Directory

Spot = tuple[str, str]
"""Flow and node."""
PERSON = (Queue, Agent, Forward)
"""Nodes that lead to a person."""
EXITS = (*PERSON, Directory, Voicemail, HangUp)
_OPTIONAL: dict[type[Node], tuple[str, ...]] = {
    Hours: ("on_holiday",),
    CallerList: ("on_blocked", "on_vip", "on_known", "on_anonymous"),
    Queue: ("on_unstaffed", "on_full", "next"),
    Agent: ("on_busy", "on_unreachable", "next"),
    Directory: ("on_busy", "on_unreachable", "next"),
    Forward: ("on_busy", "on_unreachable", "next"),
    Voicemail: ("next",),
}
"""Edges that may be empty without any harm: another edge or the call's end stands in."""
_ACT_OR_PERSON = (
    "choice", "on_yes", "on_no", "on_wrong", "on_exit_key", "on_overflow", "on_no_answer"
)  # fmt: skip
"""Edges that are taken after the caller's act, or after real waiting for a person."""


def needs(node: Node, edge: str) -> bool:
    """Does the call fall to the flow's fallback if this edge is empty?"""
    if isinstance(node, Asking) and edge in ("on_silence", "on_wrong", "on_failed"):
        return edge == "on_failed" and not (node.on_silence and node.on_wrong)
    return edge not in _OPTIONAL.get(type(node), ())


def is_idle(node: Node, edge: str) -> bool:
    """Is this edge taken without a caller's act and without waiting for a person?"""
    if edge in _ACT_OR_PERSON:
        return False
    if isinstance(node, Asking):
        return edge == "on_silence" or (edge == "on_failed" and not node.on_silence)
    return not (edge == "next" and isinstance(node, Queue | Agent | Forward | Voicemail))


class Graph:
    """All nodes of all flows and the edges between them, fallbacks included."""

    def __init__(self, flows: FlowSet) -> None:
        self.flows = flows
        self.nodes: dict[Spot, Node] = {
            (flow.id, node_id): node
            for flow in flows.flows.values()
            for node_id, node in flow.nodes.items()
        }
        self.edges: dict[Spot, list[Spot]] = {}
        self.idle_edges: dict[Spot, list[Spot]] = {}
        for spot in self.nodes:
            pairs = list(self._edges(spot))
            self.edges[spot] = [target for target, _ in pairs]
            self.idle_edges[spot] = [target for target, idle in pairs if idle]

    def from_start(self, flow: str) -> set[Spot]:
        """What a call that enters `flow` can reach."""
        found = self.flows.get(flow)
        return self.reach([(flow, found.start)]) if found else set()

    def reach(self, spots: Iterable[Spot]) -> set[Spot]:
        todo, seen = [spot for spot in spots if spot in self.nodes], set[Spot]()
        while todo:
            spot = todo.pop()
            if spot not in seen:
                seen.add(spot)
                todo += self.edges[spot]
        return seen

    def leads_to(self, spots: Iterable[Spot], kinds: tuple[type[Node], ...]) -> bool:
        return any(isinstance(self.nodes[spot], kinds) for spot in self.reach(spots))

    def idle_circles(self) -> list[list[Spot]]:
        """Circles in which a call goes round though the caller does nothing.

        Strongly connected components of the edges without an act (Kosaraju; Sharir 1981), each
        in the order of the file.
        """
        finished: list[Spot] = []
        seen: set[Spot] = set()
        for spot in self.nodes:
            self._finish(spot, self.idle_edges, seen, finished)
        back: dict[Spot, list[Spot]] = {spot: [] for spot in self.nodes}
        for spot, targets in self.idle_edges.items():
            for target in targets:
                back[target].append(spot)
        circles, seen = [], set()
        for spot in reversed(finished):
            members: list[Spot] = []
            self._finish(spot, back, seen, members)
            if len(members) > 1 or (members and spot in self.idle_edges[spot]):
                circles.append([one for one in self.nodes if one in members])
        return circles

    def _finish(
        self, root: Spot, edges: dict[Spot, list[Spot]], seen: set[Spot], finished: list[Spot]
    ) -> None:
        """Depth first without recursion; appends spots in the order they are finished."""
        if root in seen:
            return
        seen.add(root)
        stack = [(root, iter(edges[root]))]
        while stack:
            spot, targets = stack[-1]
            fresh = next((target for target in targets if target not in seen), None)
            if fresh is None:
                finished.append(spot)
                stack.pop()
            else:
                seen.add(fresh)
                stack.append((fresh, iter(edges[fresh])))

    def _edges(self, spot: Spot) -> Iterator[tuple[Spot, bool]]:
        """Where a call can go on, and whether it needs no caller's act for that. What names
        nothing leads to the fallback, as in a call."""
        for target, idle in self._named(spot, self.nodes[spot]):
            flow = target[0] if target[0] in self.flows.flows else spot[0]
            fallback = (flow, str(self.flows.flows[flow].fallback))
            aim = target if target in self.nodes else fallback
            if aim in self.nodes:
                yield aim, idle

    def _named(self, spot: Spot, node: Node) -> Iterator[tuple[Spot, bool]]:
        if isinstance(node, Goto):
            other = self.flows.get(node.flow)
            yield (node.flow, node.node or (other.start if other else "")), True
        for path, target in node.edges():
            if target or needs(node, str(path[0])):
                yield (spot[0], target), is_idle(node, str(path[0]))
