"""`callfloor exchange`: plays a scenario until it is over or stopped."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import IO

import click
from pydantic import ValidationError

from appliance.lines.exchange.load import ScenarioError, load_scenario
from appliance.lines.exchange.scenario import Scenario, Side

USAGE = 2


@click.command()
@click.argument("scenario_path", metavar="SCENARIO", type=click.Path(path_type=Path))
@click.option("--box", help="Address and port of the box, instead of the scenario's.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Own SIP port, instead of its own.")
@click.option("--seed", type=click.IntRange(0), help="Seed, instead of its own.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Stop after this time.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the report, JSON lines; without it standard output.",
)
@click.option("--check", is_flag=True, help="Only check the scenario.")
@click.pass_context
def exchange(
    context: click.Context,
    scenario_path: Path,
    box: str | None,
    port: int | None,
    seed: int | None,
    seconds: float | None,
    report_path: Path | None,
    check: bool,
) -> None:
    """Play scripted callers and agents (docs/exchange.md).

    It ends when all callers are through, after --seconds, or by Ctrl-C. Exit code 2: the
    scenario is wrong.
    """
    try:
        scenario = load_scenario(scenario_path)
    except ScenarioError as error:
        click.echo(str(error), err=True)
        context.exit(USAGE)
    scenario = _changed(scenario, box, port, seed)
    if check:
        click.echo(
            f"{scenario_path}: no errors: {len(scenario.caller)} groups of callers, "
            f"{len(scenario.phones)} agents."
        )
        return
    with _own_stdout() if report_path is None else _opened(report_path) as out:
        asyncio.run(_play(scenario, scenario_path.parent, out, seconds))


def _opened(report: Path) -> IO[bytes]:
    try:
        return report.open("wb")
    except OSError as error:
        raise click.ClickException(
            f"The report {report} cannot be written: {error.strerror}. No call is made. Name a "
            "file in a folder that there is."
        ) from error


def _own_stdout() -> IO[bytes]:
    """Standard output for the report alone: what pjlib prints goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _changed(scenario: Scenario, box: str | None, port: int | None, seed: int | None) -> Scenario:
    given = {"box": box, "port": port, "seed": seed}
    changes = {name: value for name, value in given.items() if value is not None}
    try:
        side = Side.model_validate(scenario.exchange.model_dump() | changes)
    except ValidationError:  # the others have been checked on the way here
        raise click.BadParameter(
            f"{box!r} is no address with a port; write 192.0.2.10:5060.", param_hint="--box"
        ) from None
    return scenario.model_copy(update={"exchange": side})


async def _play(scenario: Scenario, base: Path, out: IO[bytes], seconds: float | None) -> None:
    from appliance.lines.exchange.exchange import Exchange  # loads pjsua2
    from appliance.lines.exchange.report import Report
    from appliance.sip.errors import EngineError

    sys.setswitchinterval(0.0005)  # pjsua2's callbacks must not wait for a busy Python thread
    playing = asyncio.ensure_future(Exchange(scenario, base, Report(out)).run(seconds))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, playing.cancel)
    try:
        await playing
    except asyncio.CancelledError:
        if not playing.cancelled():
            raise
    except EngineError as error:
        side = scenario.exchange
        raise click.ClickException(
            f"The exchange cannot use {side.listen}, SIP port {side.port}: no call is made. Stop "
            "the program that has the port (ss -ulpn shows it), or give another with --port. "
            f"({error.__cause__ or error})"
        ) from error
