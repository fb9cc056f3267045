"""Checks of single nodes: what they name, their keys, how they fit their queue."""

from collections.abc import Iterator
from difflib import get_close_matches

from appliance.flow.checkhours import check_hours
from appliance.flow.checkprompts import check_prompts
from appliance.flow.checkprompts import unknown_phrase as unknown_phrase
from appliance.flow.checkspeech import check_speech
from appliance.flow.node import PROMPT_LISTS, Node
from appliance.flow.nodes import Agent, Forward, Goto, Hours, Queue, Voicemail
from appliance.flow.place import Place
from appliance.flow.questions import Asking, Collect, Menu
from appliance.model.findings import Finding


def check_node(place: Place, node: Node) -> Iterator[Finding]:
    yield from _check_names(place, node)
    yield from check_prompts(place, node)
    if isinstance(node, Asking):
        yield from _check_asking(place, node)
        yield from check_speech(place, node)
    if isinstance(node, Menu):
        yield from _check_menu(place, node)
    if isinstance(node, Collect):
        yield from _check_collect(place, node)
    if isinstance(node, Hours):
        yield from check_hours(place.path(), node, place.site.site)
    if isinstance(node, Queue):
        yield from _check_queue(place, node)


def _check_names(place: Place, node: Node) -> Iterator[Finding]:
    """Queues, agents, mailboxes, lines and flows that are not in the site."""
    site = place.site
    if isinstance(node, Queue):
        yield from _unknown(place, "queue", node.queue, [q.id for q in site.queue])
    elif isinstance(node, Agent):
        yield from _unknown(place, "agent", node.agent, [a.id for a in site.agent])
    elif isinstance(node, Voicemail):
        yield from _unknown(place, "mailbox", node.mailbox, [m.id for m in site.mailbox])
    elif isinstance(node, Forward) and node.trunk:
        yield from _unknown(place, "trunk", node.trunk, [t.id for t in site.trunk])
    elif isinstance(node, Goto):
        yield from _unknown(place, "flow", node.flow, list(place.flows.flows))
        other = place.flows.get(node.flow)
        if other and node.node and not other.names(node.node):
            yield from _unknown(place, "node", node.node, list(other.nodes))


def _unknown(place: Place, kind: str, name: str, known: list[str]) -> Iterator[Finding]:
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    guess = f"{near[0]!r}, or another" if near else "one"
    to_do = f"Name {guess} of: {', '.join(known)}." if known else f"Add a {kind} of that id."
    means = "Calls that get here cannot be handed on; they take the way for failure."
    yield Finding(place.path(kind), f"There is no {kind} {name!r}.", means, to_do)


def _check_asking(place: Place, node: Asking) -> Iterator[Finding]:
    for field in PROMPT_LISTS:
        if len(getattr(node, field)) > node.retries:
            yield Finding(
                place.path(field),
                f"{field} has more entries than there are retries ({node.retries}).",
                "The last ones are never heard.",
                "Raise retries, or take the last ones out.",
                "warning",
            )


def _check_menu(place: Place, node: Menu) -> Iterator[Finding]:
    if not node.choice:
        yield Finding(
            place.path("choice"),
            "The menu has no choices.",
            "Every key is wrong; callers only hear that.",
            'Add [...choice.1] next = "...", or make it a play node.',
        )


def _check_collect(place: Place, node: Collect) -> Iterator[Finding]:
    if node.min > node.max:
        yield Finding(
            place.path("min"),
            f"min {node.min} is more than max {node.max}.",
            "No entry is ever right.",
            "Lower min or raise max.",
        )
    if node.terminator.isdigit():
        yield Finding(
            place.path("terminator"),
            f"The terminator {node.terminator} is a digit.",
            f"Nobody can enter a number with a {node.terminator} in it.",
            'Use "#" or "*", or "" for none.',
        )
    if node.secret and node.confirm:
        yield Finding(
            place.path("confirm"),
            "A secret entry is not read back.",
            "Callers are not asked whether it is right.",
            "Take out confirm or secret.",
            "warning",
        )


def _check_queue(place: Place, node: Queue) -> Iterator[Finding]:
    """The flow's edges and the queue's own settings must fit."""
    if place.queue(node.queue) is None:
        return
    if node.on_exit_key and not place.comes_back(node.queue, "on_exit_key"):
        yield Finding(
            place.path("on_exit_key"),
            f"Queue {node.queue!r} has no exit_key.",
            "Callers cannot leave the queue this way.",
            "Give the queue an exit_key, or take this out.",
            "warning",
        )
    if node.on_overflow and not place.comes_back(node.queue, "on_overflow"):
        yield Finding(
            place.path("on_overflow"),
            f'Queue {node.queue!r} has no overflow with to = "flow:".',
            "Only a full or unstaffed queue sends callers this way.",
            'Give the queue an overflow with to = "flow:", or take this out.',
            "warning",
        )
