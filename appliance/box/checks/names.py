"""Ids and numbers: everything that is named exists, and nothing exists twice."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from appliance.model.findings import FieldPath, Finding
from appliance.model.numbers import normalise
from appliance.model.site import Agent, SiteFile


def check(site: SiteFile) -> Iterator[Finding]:
    """Findings about ids, references between tables, and telephone numbers."""
    yield from _duplicates(site)
    yield from _references(site)
    yield from _trunk_numbers(site)
    yield from _callers(site)
    yield from _unused(site)


def _duplicates(site: SiteFile) -> Iterator[Finding]:
    for table in ("trunk", "queue", "agent", "mailbox", "pause_reason"):
        ids = (((table, i, "id"), thing.id) for i, thing in enumerate(getattr(site, table)))
        yield from twice(
            ids,
            f"There is another {table.replace('_', ' ')} with this id.",
            "Calls would go to one of the two, by chance.",
            "Give it an id of its own.",
        )
    seats = (
        (("agent", i, "seat"), agent.seat.partition(";")[0].lower().removesuffix(":5060"))
        for i, agent in enumerate(site.agent)
    )
    yield from twice(
        seats,
        "Another agent has the same seat.",
        "Two agents would ring on one phone, and each would look free during the other's call.",
        "Give each agent a SIP address of their own.",
    )
    for i, agent in enumerate(site.agent):
        yield from twice(
            ((("agent", i, "queues", j, "id"), one.id) for j, one in enumerate(agent.queues)),
            "The agent has this queue twice.",
            "Order and weight of one of the two would be ignored.",
            "Remove one.",
        )


def twice(
    values: Iterable[tuple[FieldPath, str]], what: str, means: str, to_do: str
) -> Iterator[Finding]:
    """One error for each value that came before."""
    seen: set[str] = set()
    for path, value in values:
        if value in seen:
            yield Finding(path, f"'{value}': {what}", means, to_do)
        seen.add(value)


def unknown(path: FieldPath, kind: str, name: str, known: Collection[str], means: str) -> Finding:
    """A reference to something that is not in the file."""
    near = get_close_matches(name, known, n=1)
    there = f"there are: {', '.join(known)}" if known else f"the file has no {kind} yet"
    guess = f"Did you mean {near[0]}? Otherwise add" if near else "Correct the name or add"
    what = f"There is no {kind} '{name}'."
    return Finding(path, what, means, f"{guess} the {kind} ({there}).")


def _references(site: SiteFile) -> Iterator[Finding]:
    queues = [queue.id for queue in site.queue]
    agents = {agent.id: None for agent in site.agent}  # asked once for each caller
    for i, agent in enumerate(site.agent):
        for j, one in enumerate(agent.queues):
            if one.id not in queues:
                means = "The agent would get no calls from it."
                yield unknown(("agent", i, "queues", j, "id"), "queue", one.id, queues, means)
    for i, caller in enumerate(site.caller):
        if caller.agent is not None and caller.agent not in agents:
            means = "The caller would get any agent."
            yield unknown(("caller", i, "agent"), "agent", caller.agent, agents, means)
    yield from _flows_of_trunks(site)


def _flows_of_trunks(site: SiteFile) -> Iterator[Finding]:
    for i, trunk in enumerate(site.trunk):
        named: list[tuple[FieldPath, str]] = [
            (("trunk", i, "numbers", number), flow) for number, flow in trunk.numbers.items()
        ]
        if trunk.flow is not None:
            named.append((("trunk", i, "flow"), trunk.flow))
        for path, flow in named:
            if flow not in site.flow:
                means = "These calls would be refused with 404."
                yield unknown(path, "flow", flow, list(site.flow), means)
        if not named and trunk.enabled:
            yield Finding(
                ("trunk", i, "flow"),
                "The line has neither flow nor numbers.",
                "Every call that comes in over it is refused with 404.",
                'Add flow = "..." for all numbers, or a numbers table; for a line that only '
                "dials out this is right.",
                "warning",
            )


def _trunk_numbers(site: SiteFile) -> Iterator[Finding]:
    country = site.site.country
    taken: dict[str, tuple[str, str]] = {}
    for i, trunk in enumerate(site.trunk):
        own: set[str] = set()
        for number, flow in trunk.numbers.items():
            path = ("trunk", i, "numbers", number)
            kept = normalise(number, country)
            yield from _form(path, number, kept, "Calls to it would not be recognised.")
            if kept in own:
                yield Finding(
                    path,
                    f"{number}: the line has this number twice.",
                    "Only one of the two flows would ever run.",
                    "Remove one.",
                )
            own.add(kept)
            other, other_flow = taken.setdefault(kept, (trunk.id, flow))
            if other != trunk.id and other_flow != flow:
                yield Finding(
                    path,
                    f"{number}: line {other} leads this number to flow {other_flow}.",
                    "Callers hear another flow when the call comes in over the other line.",
                    "Use one flow on both lines, unless this is meant.",
                    "warning",
                )


def _form(path: FieldPath, number: str, kept: str, means: str) -> Iterator[Finding]:
    if number.lstrip("+") != kept.lstrip("+"):
        what = f"'{number}' is not in the form in which numbers arrive."
        to_do = f'Write "{kept}".' if kept else "Write a number such as +4930123456."
        yield Finding(path, what, means, to_do)


def _callers(site: SiteFile) -> Iterator[Finding]:
    numbers = [(("caller", i, "number"), one.number) for i, one in enumerate(site.caller)]
    means = "The caller would not be recognised."
    yield from twice(numbers, "The caller list has it twice.", means, "Remove one.")
    for i, caller in enumerate(site.caller):
        path: FieldPath = ("caller", i, "number")
        if caller.number.endswith("*"):
            if not caller.number[:-1].removeprefix("+").isdigit():
                to_do = "Write the digits that the number begins with, then *, such as +4930*."
                yield Finding(path, f"'{caller.number}' is not a prefix.", means, to_do)
        else:
            kept = normalise(caller.number, site.site.country)
            if caller.number != kept:
                what = f"'{caller.number}' is not in the form in which numbers arrive."
                to_do = f'Write "{kept}".' if kept else "Write a number such as +4930123456."
                yield Finding(path, what, means, to_do)
        if caller.blocked and caller.vip:
            yield Finding(
                ("caller", i, "blocked"),
                "The caller is blocked and VIP.",
                "The caller is refused.",
                "Remove one of the two.",
            )


def _unused(site: SiteFile) -> Iterator[Finding]:
    serving: dict[str, list[Agent]] = {}
    for agent in site.agent:
        for one in agent.queues:
            serving.setdefault(one.id, []).append(agent)
    for i, queue in enumerate(site.queue):
        able = serving.get(queue.id, [])
        if not able:
            yield Finding(
                ("queue", i, "id"),
                f"No agent serves queue {queue.id}.",
                "Callers wait there until they give up or overflow.",
                f'Add {{ id = "{queue.id}" }} to the queues of an agent.',
                "warning",
            )
        for skill, level in queue.skills.items():
            if able and not any(a.skills.get(skill, 0) >= level for a in able):
                yield Finding(
                    ("queue", i, "skills", skill),
                    f"No agent of the queue has {skill} at level {level} or above.",
                    "Callers wait until the requirement is relaxed, or for ever.",
                    "Lower the level, relax it, or give an agent the skill.",
                    "warning",
                )
    for i, agent in enumerate(site.agent):
        if not agent.queues:
            yield Finding(
                ("agent", i, "queues"),
                f"Agent {agent.id} serves no queue.",
                "The agent gets only calls that are sent to them by name.",
                "Add queues, unless this is meant.",
                "warning",
            )
