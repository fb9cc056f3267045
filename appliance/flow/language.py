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
from appliance.flow.hearings import Heard, heard
from appliance.flow.node import Node, Ref
from appliance.flow.nodes import AnyNode, CallerList, Goto, Language
from appliance.flow.parts import SayPart, to_prompt
from appliance.flow.people import Person, people_of
from appliance.flow.readback import texts_of
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
    """One flow. `version`: first 12 hex digits of the SHA-256 of its table.

    `unread`: ids of nodes that stand in the file but cannot be read; `unread_fields`: the same
    for the flow's own fields. Both are empty in a flow that calls run through.
    """

    id: FlowId
    start: NodeId
    fallback: NodeId
    nodes: Mapping[str, Node]
    version: str
    name: str = ""
    unread: frozenset[str] = frozenset()
    unread_fields: frozenset[str] = frozenset()

    def names(self, node: str) -> bool:
        """Has the file a node of this id, whether it can be read or not?"""
        return node in self.nodes or node in self.unread or "node" in self.unread_fields


@dataclass(frozen=True)
class Wanted:
    """A prompt that a flow may play: where it stands, and the languages it is heard in."""

    path: FieldPath
    prompt: Prompt
    languages: tuple[str, ...]


@dataclass(frozen=True)
class FlowSet:
    """All flows of one site.toml. Immutable: a call keeps the set that it began on.

    `people`: who can be asked for by name. `hears`: are callers listened to?
    """

    flows: Mapping[str, Flow] = field(default_factory=dict)
    language: str = "en"
    people: tuple[Person, ...] = ()
    hears: bool = True

    def get(self, flow: str) -> Flow | None:
        return self.flows.get(flow)

    @property
    def whole(self) -> bool:
        """Could everything be read? If not, nobody knows what the rest leads to or sets."""
        return not any(flow.unread or flow.unread_fields for flow in self.flows.values())

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that a call may be in: the site's first, then those set by nodes."""
        found = {self.language: None}
        for flow in self.flows.values():
            for node in flow.nodes.values():
                if isinstance(node, Language):
                    found[node.language] = None
        return tuple(found)

    def excuses_blocked(self, flow: str) -> bool:
        """Does a caller_list in this flow, or in one that it goes on to, say where blocked
        callers go?"""
        todo, seen = [flow], set[str]()
        while todo:
            found = self.flows.get(todo.pop())
            if found is None or found.id in seen:
                continue
            seen.add(found.id)
            for node in found.nodes.values():
                if isinstance(node, CallerList) and node.on_blocked:
                    return True
                if isinstance(node, Goto):
                    todo.append(node.flow)
        return False

    def wanted(self) -> Iterator[Wanted]:
        """Every prompt to be ready before a call comes. Values known only in a call (digits,
        numbers with placeholders) are left out: their pieces are always ready."""
        for flow in self.flows.values():
            for node_id, node in flow.nodes.items():
                for path, language, part in node.parts():
                    if isinstance(part, SayPart):
                        continue
                    prompt = to_prompt(part, language)
                    where = ("flow", flow.id, "node", node_id, *path)
                    spoken = prompt.language or language
                    yield Wanted(where, prompt, (spoken,) if spoken else self.languages)
                yield from self._said_back(("flow", flow.id, "node", node_id), node)

    def _said_back(self, path: FieldPath, node: Node) -> Iterator[Wanted]:
        for code in self.languages:
            for inside, text in texts_of(node, code, self.language, self.people):
                prompt = Prompt(kind="text", value=text, language=code)
                yield Wanted((*path, *inside), prompt, (code,))

    def hearings(self, today: str = "2000-01-01") -> Iterator[Heard]:
        """Every question that listens to speech, once for each language that it may be asked
        in; `today` as in `Hearing`. Nothing where the site does not listen at all."""
        for flow in self.flows.values() if self.hears else ():
            for node_id, node in flow.nodes.items():
                path = ("flow", flow.id, "node", node_id)
                yield from heard(path, node, self.languages, self.people, today)


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
        flows[flow_id] = _read_flow(flow_id, dict(raw), findings)
    found = FlowSet(
        flows=MappingProxyType(flows),
        language=site.site.language,
        people=people_of(site),
        hears=site.speech.enabled,
    )
    return found, findings


def _read_flow(flow_id: str, raw: dict[str, Any], findings: list[Finding]) -> Flow:
    path: FieldPath = ("flow", flow_id)
    table, wrong = _read_table(path, raw, findings)
    unread = {str(one[1]) for one in wrong if len(one) > 1}
    nodes: dict[str, Node] = {}
    for node_id, body in table.node.items():
        node = _read_node((*path, "node", node_id), body, findings)
        if node is None:
            unread.add(node_id)
        else:
            nodes[node_id] = node
    return Flow(
        id=FlowId(flow_id),
        start=NodeId(table.start),
        fallback=NodeId(table.fallback),
        nodes=MappingProxyType(nodes),
        version=_version(raw),
        name=table.name,
        unread=frozenset(unread),
        unread_fields=frozenset(str(one[0]) for one in wrong if len(one) == 1),
    )


def _read_table(
    path: FieldPath, raw: dict[str, Any], findings: list[Finding]
) -> tuple[FlowTable, set[FieldPath]]:
    """The fields that can be read, and the paths of those that cannot: of the flow's own, or
    of a node that is no table."""
    try:
        return FlowTable.model_validate(raw), set()
    except ValidationError as error:
        errors = error.errors(include_url=False)
    findings += [finding(one, path, raw, FlowTable) for one in errors]
    wrong: set[FieldPath] = {one["loc"][:2] for one in errors}
    rest = {key: value for key, value in raw.items() if (key,) not in wrong}
    if isinstance(rest.get("node"), dict):
        rest["node"] = {k: v for k, v in rest["node"].items() if ("node", k) not in wrong}
    return FlowTable.model_validate(rest), wrong


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
