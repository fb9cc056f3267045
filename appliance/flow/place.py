"""Where a node stands while it is checked, and what it may name there."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.flow.language import Flow, FlowSet
from appliance.flow.node import Node
from appliance.flow.nodes import Set
from appliance.flow.questions import Collect
from appliance.model.findings import FieldPath
from appliance.model.site import Queue, SiteFile


@dataclass(frozen=True)
class Place:
    """`base_dir`: what file names are relative to. `phrases`: names of phrases that can be said;
    None where nobody knows."""

    site: SiteFile
    flows: FlowSet
    flow: Flow
    node_id: str
    base_dir: Path
    phrases: Collection[str] | None

    def path(self, *field: str | int) -> FieldPath:
        """A field of the node, as site.toml has it."""
        return ("flow", self.flow.id, "node", self.node_id, *field)

    def queue(self, name: str) -> Queue | None:
        return next((queue for queue in self.site.queue if queue.id == name), None)

    def comes_back(self, name: str, edge: str) -> bool:
        """Does the setting of queue `name` ever send a caller back by this edge?"""
        queue = self.queue(name)
        if queue is None:
            return False
        overflow = queue.overflow
        overflows = overflow.after_s or overflow.length or overflow.unstaffed
        to_flow = overflow.to.rstrip(":") == "flow"
        used = {"on_exit_key": bool(queue.exit_key), "on_overflow": bool(overflows and to_flow)}
        return used.get(edge, True)

    def all_nodes(self) -> Iterator[Node]:
        for flow in self.flows.flows.values():
            yield from flow.nodes.values()

    def secrets(self) -> set[str]:
        """Data that no prompt may say."""
        return {n.store for n in self.all_nodes() if isinstance(n, Collect) and n.secret}

    def data_keys(self) -> set[str]:
        """Data that a [[caller]] or a node of any flow sets."""
        keys = {key for caller in self.site.caller for key in caller.data}
        for node in self.all_nodes():
            if isinstance(node, Collect):
                keys.add(node.store)
            elif isinstance(node, Set):
                keys |= set(node.data)
        return keys
