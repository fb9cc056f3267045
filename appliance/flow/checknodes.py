"""Checks of single nodes: what they name, what they say, their keys and hours."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from appliance.flow.checkhours import check_hours
from appliance.flow.language import Flow, FlowSet
from appliance.flow.nodes import (
    Agent,
    Asking,
    Collect,
    Forward,
    Goto,
    Hours,
    Menu,
    Node,
    Queue,
    Set,
    Voicemail,
)
from appliance.flow.parts import PLACEHOLDER, FilePart, PhrasePart, SayPart, TextPart, walk
from appliance.model.findings import FieldPath, Finding
from appliance.model.site import SiteFile


@dataclass(frozen=True)
class Place:
    """Where a node stands, and what it may name."""

    site: SiteFile
    flows: FlowSet
    flow: Flow
    node_id: str
    base_dir: Path
    phrases: Collection[str] | None

    def path(self, *field: str | int) -> FieldPath:
        return ("flow", self.flow.id, "node", self.node_id, *field)


def check_node(place: Place, node: Node) -> Iterator[Finding]:
    yield from _check_names(place, node)
    yield from _check_prompts(place, node)
    if isinstance(node, Asking):
        yield from _check_asking(place, node)
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
        if other and node.node:
            yield from _unknown(place, "node", node.node, list(other.nodes))


def _unknown(place: Place, kind: str, name: str, known: list[str]) -> Iterator[Finding]:
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    guess = f"{near[0]!r}, or another" if near else "one"
    to_do = f"Name {guess} of: {', '.join(known)}." if known else f"Add a {kind} of that id."
    means = "Calls that get here cannot be handed on; they take the way for failure."
    yield Finding(place.path(kind), f"There is no {kind} {name!r}.", means, to_do)


# -- prompts ----------------------------------------------------------------------------------


def _check_prompts(place: Place, node: Node) -> Iterator[Finding]:
    for path, _, part in node.parts():
        yield from _check_part(place, path, part)
    for path, value in node.prompt_values():
        yield from _check_languages(place, path, value)
    if isinstance(node, Set):
        for key, text in node.data.items():
            yield from _check_placeholders(place, ("data", key), text)


def _check_part(place: Place, path: tuple[str | int, ...], part: Any) -> Iterator[Finding]:
    if isinstance(part, FilePart):
        yield from _check_file(place, (*path, "file"), part.file)
    elif isinstance(part, PhrasePart):
        yield from _check_phrase(place, (*path, "phrase"), part.phrase)
    elif isinstance(part, SayPart):
        yield from _check_said(place, (*path, "value"), part.value)
    elif isinstance(part, str | TextPart):
        text, where = (part, path) if isinstance(part, str) else (part.text, (*path, "text"))
        if PLACEHOLDER.search(text):
            yield Finding(
                place.path(*where),
                f"Text cannot hold {PLACEHOLDER.search(text)[0]}: it is rendered before calls.",  # type: ignore[index]
                "Callers would hear the words in braces.",
                'Split it: [ "text", { say = "digits", value = "{data.order}" } ].',
            )


def _check_file(place: Place, path: tuple[str | int, ...], name: str) -> Iterator[Finding]:
    file = place.base_dir / name
    if file.is_file():
        return
    yield Finding(
        place.path(*path),
        f"There is no file {name!r} in {place.base_dir}.",
        "Callers would hear a short tone in its place.",
        "Put the recording there, or name another one.",
    )


def _check_phrase(place: Place, path: tuple[str | int, ...], name: str) -> Iterator[Finding]:
    if place.phrases is not None and name not in place.phrases:
        yield unknown_phrase(place.path(*path), name, place.phrases)


def unknown_phrase(path: FieldPath, name: str, known: Collection[str]) -> Finding:
    """Also for the settings of queues, which name phrases too."""
    near = get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    return Finding(
        path,
        f"There is no phrase {name!r}.",
        "Callers would hear a short tone in its place.",
        f"{guess}Install a package of asterisk-core-sounds that has it, record it as "
        f"prompts/<language>/{name}.wav, or write a text.",
    )


def _check_said(place: Place, path: tuple[str | int, ...], value: str) -> Iterator[Finding]:
    yield from _check_placeholders(place, path, value)
    rest = PLACEHOLDER.sub("", value)
    if not any(c in "0123456789*#" for c in rest) and not PLACEHOLDER.search(value):
        yield Finding(
            place.path(*path),
            f"{value!r} has no digit and no placeholder.",
            "Callers would hear nothing here.",
            'Write digits, or a placeholder such as "{data.order}" or "{caller}".',
        )
    for name in PLACEHOLDER.findall(value):
        if name.removeprefix("data.") in _secrets(place) and name.startswith("data."):
            yield Finding(
                place.path(*path),
                f"{{{name}}} is secret.",
                "It is never said: callers would hear nothing here.",
                "Leave it out, or take secret from the collect node.",
            )


def _check_placeholders(place: Place, path: tuple[str | int, ...], text: str) -> Iterator[Finding]:
    known = _data_keys(place)
    for name in PLACEHOLDER.findall(text):
        key = name.removeprefix("data.")
        if name.startswith("data.") and key not in known:
            yield Finding(
                place.path(*path),
                f"No node and no [[caller]] sets {{{name}}}.",
                "Callers and agents would get nothing in its place.",
                f"Name one of: {', '.join(sorted(known)) or 'none is set'}.",
                "warning",
            )


def _all_nodes(place: Place) -> Iterable[Node]:
    return (node for flow in place.flows.flows.values() for node in flow.nodes.values())


def _secrets(place: Place) -> set[str]:
    return {n.store for n in _all_nodes(place) if isinstance(n, Collect) and n.secret}


def _data_keys(place: Place) -> set[str]:
    keys = {key for caller in place.site.caller for key in caller.data}
    for node in _all_nodes(place):
        if isinstance(node, Collect):
            keys.add(node.store)
        elif isinstance(node, Set):
            keys |= set(node.data)
    return keys


def _check_languages(place: Place, path: tuple[str | int, ...], value: Any) -> Iterator[Finding]:
    tables = [(path, value)] if isinstance(value, dict) else []
    if isinstance(value, list):
        tables = [((*path, i), one) for i, one in enumerate(value) if isinstance(one, dict)]
    for where, table in tables:
        missing = [code for code in place.flows.languages if code not in table]
        if missing and any(walk(table)):
            yield Finding(
                place.path(*where),
                f"It is not given in: {', '.join(missing)}.",
                f"Callers of that language hear it in {_heard(place, table)} instead.",
                "Add the language to the table.",
                "warning",
            )


def _heard(place: Place, table: dict[str, Any]) -> str:
    return place.flows.language if place.flows.language in table else next(iter(table))


# -- keys -------------------------------------------------------------------------------------


def _check_asking(place: Place, node: Asking) -> Iterator[Finding]:
    for field in ("silence_prompts", "wrong_prompts"):
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
    for language in place.flows.languages:
        owner: dict[str, str] = {}
        for key, choice in node.choice.items():
            for word in choice.words(language):
                other = owner.setdefault(word.casefold().strip(), key)
                if other != key:
                    yield Finding(
                        place.path("choice", key, "say"),
                        f"The word {word!r} also means choice {other}.",
                        "A caller who says it gets either.",
                        "Keep it in one of them.",
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


def comes_back(place: Place, node: Queue, edge: str) -> bool:
    """Does the queue's own setting ever send a caller back by this edge?"""
    queue = next((q for q in place.site.queue if q.id == node.queue), None)
    if queue is None:
        return False
    overflow = queue.overflow
    overflows = overflow.after_s or overflow.length or overflow.unstaffed
    to_flow = overflow.to.rstrip(":") == "flow"
    used = {"on_exit_key": bool(queue.exit_key), "on_overflow": bool(overflows and to_flow)}
    return used.get(edge, True)


def _check_queue(place: Place, node: Queue) -> Iterator[Finding]:
    """The flow's edges and the queue's own settings must fit."""
    if node.queue not in [queue.id for queue in place.site.queue]:
        return
    if node.on_exit_key and not comes_back(place, node, "on_exit_key"):
        yield Finding(
            place.path("on_exit_key"),
            f"Queue {node.queue!r} has no exit_key.",
            "Callers cannot leave the queue this way.",
            "Give the queue an exit_key, or take this out.",
            "warning",
        )
    if node.on_overflow and not comes_back(place, node, "on_overflow"):
        yield Finding(
            place.path("on_overflow"),
            f'Queue {node.queue!r} has no overflow with to = "flow:".',
            "Only a full or unstaffed queue sends callers this way.",
            'Give the queue an overflow with to = "flow:", or take this out.',
            "warning",
        )
