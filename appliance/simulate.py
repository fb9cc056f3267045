"""`callfloor simulate`, of a made-up floor or of a day on the floor of a site.toml."""

import inspect
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from appliance.acd.simulator.command import play
from appliance.acd.simulator.command import simulate as made_up
from appliance.acd.simulator.day import DayRun, DayScenario, Span, spans
from appliance.acd.simulator.dayresult import as_tables, by_queue_and_agent
from appliance.acd.simulator.scenario import rate_h
from appliance.model.site import Agent, Queue, SiteFile
from appliance.progress import progress

_OF_THE_SITE = {"agents": "--agents", "queues": "--queues", "strategy": "--strategy"}
"""Options that a site.toml answers itself."""
_PARAMS = [
    click.Option(
        ["--site", "site_path"],
        type=click.Path(path_type=Path, dir_okay=False),
        help="A day on the queues, agents and skills of this site.toml, instead of --agents, "
        "--queues and --strategy; all agents are there all day.",
    ),
    click.Option(
        ["--load", "loads"],
        multiple=True,
        metavar="QUEUE=RATE[,TALK]",
        help="With --site: calls of one queue and their mean talk time, s: support=40/h,180. "
        "Without any, --arrivals is spread evenly over all queues. Can be repeated.",
    ),
    click.Option(
        ["--shift", "shifts"],
        multiple=True,
        metavar="AGENT=FROM-TO",
        help="With --site: when an agent is logged in: agent1=08:00-12:30. Can be repeated.",
    ),
    click.Option(
        ["--begin"],
        default="08:00",
        show_default=True,
        help="With --site: time of day of the first call, where shifts are given.",
    ),
]


def _simulate(
    site_path: Path | None,
    loads: Sequence[str],
    shifts: Sequence[str],
    begin: str,
    **options: Any,
) -> None:
    context = click.get_current_context()
    if site_path is None:
        if loads or shifts:
            raise click.UsageError("--load and --shift name queues and agents of a --site.")
        context.invoke(made_up, **options)
        return
    for name, flag in _OF_THE_SITE.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{flag} is what site.toml says: leave it out with --site.")
    site = _site(site_path)
    scenario = _scenario(site, loads, shifts, begin, options)
    if loads and context.get_parameter_source("arrivals") is ParameterSource.COMMANDLINE:
        raise click.UsageError("Give --arrivals for all queues, or --load for each.")
    run = DayRun(scenario, site.queue, site.agent)
    play(run, options["json_"], lambda _: by_queue_and_agent(run), as_tables)


def _site(path: Path) -> SiteFile:
    """The file, though its lines and flows may be wrong, as long as its queues and agents are
    not. Raises `SiteError`."""
    from appliance.box.check import check_loaded  # phonenumbers is slow to load
    from appliance.box.config import SiteError, load_site

    with progress("Checking"):
        loaded = load_site(path)
        checked = check_loaded(loaded)
    found = [
        one
        for one in checked
        if one.severity == "error" and one.path[:1] in (("queue",), ("agent",))
    ]
    if found:
        raise SiteError(path, found, loaded.site.model_dump())
    for kind, there in (("queue", loaded.site.queue), ("agent", loaded.site.agent)):
        if not there:
            raise click.UsageError(f"{path} has no [[{kind}]]; there is nothing to simulate.")
    return loaded.site


def _scenario(
    site: SiteFile,
    loads: Sequence[str],
    shifts: Sequence[str],
    begin: str,
    options: dict[str, Any],
) -> DayScenario:
    if not options["patience"]:
        raise click.UsageError(
            "With --site, --patience must be above 0: where nobody works, callers who wait for "
            "ever would never leave."
        )
    given = [_load(text, site.queue) for text in loads]
    rates = {name: rate for name, rate, _ in given}
    if not rates:
        rates = {queue.id: options["arrivals"] / len(site.queue) for queue in site.queue}
    return DayScenario(
        arrivals_h=sum(rates.values()),
        agents=len(site.agent),
        queues=len(site.queue),
        hours=min(24.0, options["hours"] or (24.0 if options["calls"] else 8.0)),
        calls=options["calls"],
        seed=options["seed"],
        strategy=", ".join(sorted({queue.strategy for queue in site.queue})),
        talk_s=options["talk"],
        spread=options["spread"],
        wrap_up_s=options["wrap_up"],
        patience_s=options["patience"],
        pickup_s=options["pickup"],
        no_answer=options["no_answer"],
        redial=options["redial"],
        vip=options["vip"],
        begins=begin,
        loads=rates,
        talks_s={name: talk_s for name, _, talk_s in given if talk_s is not None},
        shifts=_shifts(shifts, begin, site.agent),
    )


def _load(text: str, queues: Sequence[Queue]) -> tuple[str, float, float | None]:
    """``support=40/h,180``: queue, calls per hour, mean talk time in seconds."""
    name, _, rest = text.partition("=")
    rate, _, talk = rest.partition(",")
    _known(name, [queue.id for queue in queues], "queue", "--load")
    try:
        talk_s = float(talk) if talk else None
        if talk_s is not None and not 0 < talk_s <= 86_400:
            raise ValueError(f"{talk!r} is no talk time; write seconds, such as 180")
        return name, rate_h(rate), talk_s
    except ValueError as wrong:
        raise click.UsageError(f"--load {text}: {wrong}") from None


def _shifts(texts: Sequence[str], begin: str, agents: Sequence[Agent]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for text in texts:
        name, _, hours = text.partition("=")
        _known(name, [agent.id for agent in agents], "agent", "--shift")
        try:
            found.setdefault(name, []).extend(spans(hours, begin))
        except ValueError as wrong:
            raise click.UsageError(f"--shift {text}: {wrong}") from None
    return {name: _in_order(name, one) for name, one in found.items()}


def _in_order(name: str, spans: list[Span]) -> list[Span]:
    ordered = sorted(spans)
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(ordered)):
        raise click.UsageError(f"--shift: two shifts of {name} overlap.")
    return ordered


def _known(name: str, names: list[str], kind: str, flag: str) -> None:
    if name not in names:
        raise click.UsageError(
            f"{flag}: there is no {kind} {name!r}; there are: {', '.join(names)}."
        )


_HELP = f"""{inspect.cleandoc(made_up.help or "")}

With --site, a day on the floor of a site.toml, by queue and by agent: a queue's occupancy is that
of the agents who serve it. Callers arrive at an even rate. Overflow into another queue is
followed; who goes to a mailbox, number or call flow has left the simulation. Agents use the whole
wrap-up of the settings unless --wrap-up says how long they take; offers that they miss
(--no-answer) make nobody not ready. For example: callfloor simulate --site site.toml
--load support=40/h,180 --load sales=12/h --shift agent1=08:00-12:30 --hours 9
"""
simulate = click.Command(
    "simulate", callback=_simulate, params=[*_PARAMS, *made_up.params], help=_HELP
)
