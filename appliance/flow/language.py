"""Reads the `[flow.*]` tables of site.toml into an immutable set of flows.

A flow is a named graph::

    [flow.main]
    start = "greet"
    fallback = "support"        # where calls go when the flow cannot go on

    [flow.main.node.greet]
    type = "greeting"
    prompt = "Welcome."
    next = "support"

    [flow.main.node.support]
    type = "queue"
    queue = "support"
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from appliance.flow.effects import Prompt
from appliance.flow.nodes import AnyNode, Language, Node, Ref
from appliance.flow.parts import SayPart, to_prompt
from appliance.flow.wording import finding
from appliance.model.findings import FieldPath, Finding
from appliance.model.ids import FlowId, NodeId
from appliance.model.site import Shape, SiteFile


class FlowTable(Shape):
    """The fields of a flow beside its nodes."""

    name: str = Field("", max_length=80, description="Shown to people")
    start: Ref = Field("", description="First node")
    fallback: Ref = Field(
        "",
        description="Node where the call goes when an edge is empty or the flow "
        "cannot go on; best a queue",
    )
    node: dict[str, dict[str, Any]] = Field({}, description="Nodes by id")


@dataclass(frozen=True)
class Flow:
    """One compiled flow. `version`: first 12 hex digits of the SHA-256 of its table."""

    id: FlowId
    start: NodeId
    fallback: NodeId
    nodes: Mapping[str, Node]
    version: str
    name: str = ""


@dataclass(frozen=True)
class Wanted:
    """A prompt that a flow may play: where it stands, and the languages it is heard in."""

    path: FieldPath
    prompt: Prompt
    languages: tuple[str, ...]


@dataclass(frozen=True)
class FlowSet:
    """All flows of one site.toml. Immutable: a call keeps the set that it began on."""

    flows: Mapping[str, Flow] = field(default_factory=dict)
    language: str = "en"

    def get(self, flow: str) -> Flow | None:
        return self.flows.get(flow)

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that a call may be in: the site's first, then those set by nodes."""
        found = {self.language: None}
        for flow in self.flows.values():
            for node in flow.nodes.values():
                if isinstance(node, Language):
                    found[node.language] = None
        return tuple(found)

    def wanted(self) -> Iterator[Wanted]:
        """Every prompt to be ready before a call comes. Values known only in a call (digits,
        numbers with placeholders) are left out: their pieces are always ready."""
        for flow in self.flows.values():
            for node_id, node in flow.nodes.items():
                for path, language, part in node.parts():
                    if isinstance(part, SayPart):
                        continue
                    prompt = to_prompt(part, language, {})
                    if prompt is not None:
                        where = ("flow", flow.id, "node", node_id, *path)
                        spoken = prompt.language or language
                        yield Wanted(where, prompt, (spoken,) if spoken else self.languages)


class FlowErrors(Exception):
    """Flows that cannot be read. `findings` names each place."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(
            "\n".join(f"{'.'.join(map(str, f.path))}: {f.what} {f.to_do}" for f in findings)
        )


_NODE: TypeAdapter[Node] = TypeAdapter(AnyNode)


def compile_flows(site: SiteFile) -> FlowSet:
    """The flows of a site. Raises `FlowErrors` when a node cannot be read at all.

    Run `appliance.flow.check.check_flows` first: it finds this and everything else.
    """
    flows, findings = read_flows(site)
    if findings:
        raise FlowErrors(findings)
    return flows


def read_flows(site: SiteFile) -> tuple[FlowSet, list[Finding]]:
    """The flows as far as they can be read, and what could not be."""
    flows: dict[str, Flow] = {}
    findings: list[Finding] = []
    for flow_id, raw in site.flow.items():
        flow = _read_flow(flow_id, dict(raw), findings)
        if flow is not None:
            flows[flow_id] = flow
    return FlowSet(MappingProxyType(flows), site.site.language), findings


def _read_flow(flow_id: str, raw: dict[str, Any], findings: list[Finding]) -> Flow | None:
    path: FieldPath = ("flow", flow_id)
    try:
        table = FlowTable.model_validate(raw)
    except ValidationError as error:
        findings += [finding(e, path, raw, FlowTable) for e in error.errors(include_url=False)]
        return None
    nodes: dict[str, Node] = {}
    for node_id, body in table.node.items():
        node = _read_node((*path, "node", node_id), body, findings)
        if node is not None:
            nodes[node_id] = node
    return Flow(
        id=FlowId(flow_id),
        start=NodeId(table.start),
        fallback=NodeId(table.fallback),
        nodes=MappingProxyType(nodes),
        version=_version(raw),
        name=table.name,
    )


def _read_node(path: FieldPath, body: dict[str, Any], findings: list[Finding]) -> Node | None:
    try:
        return _NODE.validate_python(body)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            # The first part of the place is the node's type, added by the union.
            one["loc"] = one["loc"][1:] if one["loc"] else ()
            findings.append(finding(one, path, body, None))
        return None


def _version(raw: dict[str, Any]) -> str:
    text = json.dumps(raw, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
