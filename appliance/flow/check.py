"""Finds what is wrong with flows before a caller does.

`check_flows` gives everything at once. Errors keep a site.toml from being used; warnings are
things that work but are probably not meant.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path

from appliance.flow.checknodes import check_node
from appliance.flow.checkspeech import check_people
from appliance.flow.graph import EXITS, PERSON, Graph, Spot, needs
from appliance.flow.language import Flow, FlowSet, read_flows
from appliance.flow.node import Node
from appliance.flow.nodes import Goto, Queue, Voicemail
from appliance.flow.place import Place
from appliance.flow.questions import Asking
from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile

FALLS = "Calls that get here are told to call again later, and end."


def check_flows(
    site: SiteFile, base_dir: Path, phrases: Collection[str] | None = None
) -> list[Finding]:
    """Everything wrong with the flows of a site, in the order of the file.

    `base_dir`: what file names are relative to. `phrases`: names of phrases that can be said
    (`appliance.speech.sounds.known_phrases`); None leaves them unchecked.
    """
    flows, found = read_flows(site)
    found += check_people(site)
    graph = Graph(flows)
    entered = _entered_flows(site, flows)
    for flow in flows.flows.values():
        found += _check_flow(flow, graph, entered)
        for node_id, node in flow.nodes.items():
            place = Place(site, flows, flow, node_id, base_dir, phrases)
            found += _check_edges(place, node)
            found += check_node(place, node)
    if not any(one.severity == "error" for one in found):
        # Circles and dead ends of a graph with holes would only repeat what is said already.
        found += _check_circles(graph)
        found += _check_ways(flows, graph)
    return found


def _entered_flows(site: SiteFile, flows: FlowSet) -> set[str]:
    """Flows that a line or another flow leads to."""
    of_lines = {flow for trunk in site.trunk for flow in (trunk.flow, *trunk.numbers.values())}
    of_goto = {
        node.flow
        for flow in flows.flows.values()
        for node in flow.nodes.values()
        if isinstance(node, Goto) and node.flow != flow.id
    }
    return {flow for flow in of_lines | of_goto if flow}


def _check_flow(flow: Flow, graph: Graph, entered: set[str]) -> Iterator[Finding]:
    path: FieldPath = ("flow", flow.id)
    yield from _check_start(flow, path)
    yield from _check_fallback(flow, path)
    if graph.flows.whole:
        yield from _check_ways_to(flow, graph, entered, path)


def _check_ways_to(
    flow: Flow, graph: Graph, entered: set[str], path: FieldPath
) -> Iterator[Finding]:
    """What nobody ever gets to."""
    if entered and flow.id not in entered:
        yield Finding(
            path,
            f"No line and no goto leads to flow {flow.id!r}.",
            "No call ever runs it.",
            "Name it in a line's flow or numbers, or remove it.",
            "warning",
        )
    reached = graph.from_start(flow.id) | graph.reach([(flow.id, flow.fallback)])
    for other in graph.flows.flows.values():
        for node in other.nodes.values():
            if isinstance(node, Goto) and node.flow == flow.id and node.node:
                reached |= graph.reach([(flow.id, node.node)])
    for node_id in flow.nodes:
        if flow.start in flow.nodes and (flow.id, node_id) not in reached:
            yield Finding(
                (*path, "node", node_id),
                f"No way leads to node {node_id!r}.",
                "No caller ever hears it.",
                "Name it in another node's next or on_..., or remove it.",
                "warning",
            )


def _check_start(flow: Flow, path: FieldPath) -> Iterator[Finding]:
    if "start" in flow.unread_fields or (flow.start and flow.names(flow.start)):
        return
    if not flow.start:
        what = f"Flow {flow.id!r} has no start."
    else:
        what = f"start names node {flow.start!r}, which flow {flow.id!r} does not have."
    means = "Every call of this flow is told to call again later, and ends."
    yield Finding((*path, "start"), what, means, f"Name {_one_of(flow.start, flow)}.")


def _check_fallback(flow: Flow, path: FieldPath) -> Iterator[Finding]:
    if "fallback" in flow.unread_fields:
        return
    if flow.fallback and not flow.names(flow.fallback):
        yield Finding(
            (*path, "fallback"),
            f"fallback names node {flow.fallback!r}, which flow {flow.id!r} does not have.",
            FALLS,
            f"Name {_one_of(flow.fallback, flow)}.",
        )
    elif not flow.fallback:
        yield Finding(
            (*path, "fallback"),
            f"Flow {flow.id!r} has no fallback.",
            "A call that the flow cannot lead on is told to call again later, and ends.",
            "Name a node as fallback, best a queue.",
            "warning",
        )


def _one_of(wrong: str, flow: Flow) -> str:
    near = get_close_matches(wrong, flow.nodes, n=1)
    guess = f"{near[0]!r}, or another" if near else "one"
    return f"{guess} of: {', '.join(flow.nodes)}" if flow.nodes else "a node, and add it"


def _check_edges(place: Place, node: Node) -> Iterator[Finding]:
    flow = place.flow
    for path, target in node.edges():
        if target and not flow.names(target):
            yield Finding(
                place.path(*path),
                f"There is no node {target!r} in flow {flow.id!r}.",
                "Calls that go this way fall to the fallback." if flow.fallback else FALLS,
                f"Name {_one_of(target, flow)}.",
            )
        elif not target and flow.fallback in ("", place.node_id):
            yield from _check_empty_edge(place, node, path)


def _check_empty_edge(place: Place, node: Node, path: FieldPath) -> Iterator[Finding]:
    edge, flow = str(path[0]), place.flow
    if "fallback" in flow.unread_fields:
        return
    if not needs(node, edge) or (
        isinstance(node, Queue) and not place.comes_back(node.queue, edge)
    ):
        return
    why = "this is the fallback" if flow.fallback else "the flow has no fallback"
    yield Finding(
        place.path(*path),
        f"Nothing follows: {'.'.join(map(str, path))} is empty and {why}.",
        FALLS,
        f"Name {_one_of('', flow)}, or give the flow a fallback.",
        "warning" if flow.fallback else "error",
    )


def _check_circles(graph: Graph) -> Iterator[Finding]:
    for circle in graph.idle_circles():
        flow, first = circle[0]
        names = " -> ".join(f"{f}.{n}" if f != flow else n for f, n in [*circle, circle[0]])
        silent = not any(list(graph.nodes[spot].prompt_values()) for spot in circle)
        means = (
            "Calls would go round without a sound; after 200 steps they take the fallback."
            if silent
            else "A caller who does nothing goes round for ever and keeps the line busy."
        )
        yield Finding(
            ("flow", flow, "node", first),
            f"Circle without a caller's act: {names}.",
            means,
            "Let one way out of the circle lead to a queue, voicemail or hang_up.",
        )


def _check_ways(flows: FlowSet, graph: Graph) -> Iterator[Finding]:
    for spot, node in graph.nodes.items():
        flow = flows.flows[spot[0]]
        path: FieldPath = ("flow", spot[0], "node", spot[1])
        if not graph.leads_to([spot], EXITS):
            yield Finding(
                path,
                f"Dead end: no way from {spot[1]!r} leads to a queue, agent, voicemail, "
                "forward or hang_up.",
                "Callers who get here cannot leave but by hanging up.",
                "Let a way lead to one of these, best a queue.",
            )
        elif isinstance(node, Asking):
            yield from _check_way_to_person(path, spot, node, flow, graph)


def _check_way_to_person(
    path: FieldPath, spot: Spot, node: Asking, flow: Flow, graph: Graph
) -> Iterator[Finding]:
    """Who cannot press keys must end with a person, or at least leave a message."""
    for edge in ("on_silence", "on_wrong"):
        target = getattr(node, edge) or node.on_failed or flow.fallback
        if target and not graph.leads_to([(spot[0], target)], (*PERSON, Voicemail)):
            given = edge if getattr(node, edge) else "on_failed" if node.on_failed else "fallback"
            field = path if given == "fallback" else (*path, given)
            yield Finding(
                field,
                f"After the last retry, {given} leads to {target!r}, from where no way leads to "
                "a person or a mailbox.",
                "A caller who cannot press keys never reaches anybody.",
                "Let it lead to a queue, an agent, forward or voicemail.",
                "warning",
            )
            return
