"""`callfloor simulate`: the queue's own code on simulated time."""

import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

import click

from appliance.acd.simulator.result import as_json, as_text, result
from appliance.acd.simulator.run import Run
from appliance.acd.simulator.scenario import HOUR_S, Scenario, rate_h
from appliance.acd.strategies import KEYS

_QUIET_S = 2.0
_SHARE = click.FloatRange(0, 1)
_SECONDS = click.FloatRange(0, 86_400)


def _rate(ctx: click.Context, param: click.Parameter, value: str) -> float:
    try:
        return rate_h(value)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), ctx, param) from None


class _Progress:
    """A line on standard error, from the third second on."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.last = 0.0
        self.shown = False

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        # A terminal gets one line that changes; a log file gets a line now and then.
        live = sys.stderr.isatty()
        if now - self.began < _QUIET_S or now - self.last < (1.0 if live else 10.0):
            return
        self.last, self.shown = now, live
        left_s = (now - self.began) * (1 - share) / share if share else 0.0
        text = f"simulating: {share:4.0%}, about {left_s:.0f} s left"
        click.echo(f"\r{text} " if live else text, err=True, nl=not live)

    def done(self, run: Run) -> None:
        took_s = time.monotonic() - self.began
        if self.shown:
            click.echo("", err=True)
        events = run.tally.events
        click.echo(
            f"{run.arrived} calls in {took_s:.1f} s: {events / max(took_s, 1e-9):,.0f} events/s",
            err=True,
        )
        click.echo(_end(run), err=True)


def _end(run: Run) -> str:
    scenario = run.scenario
    if run.ended_by == "calls":
        return f"ended by --calls {scenario.calls}, after {run.now / HOUR_S:.2f} simulated hours"
    end = f"ended by --hours {scenario.hours:g}"
    if run.arrived < scenario.calls:
        end += f", before --calls {scenario.calls} was reached: --arrivals is too low for both"
    return end


@click.command()
@click.option(
    "--arrivals",
    callback=_rate,
    default="300/h",
    show_default=True,
    help="Calls: 300/h, 5/min or 0.1/s.",
)
@click.option(
    "--agents",
    type=click.IntRange(1, 10_000),
    default=12,
    show_default=True,
    help="Agents, logged in from the start.",
)
@click.option(
    "--queues",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Every agent serves all; callers are spread evenly.",
)
@click.option(
    "--hours",
    type=click.FloatRange(0),
    default=None,
    help="Simulated hours of arrivals; 8 where --calls is not given.",
)
@click.option("--calls", type=click.IntRange(0), default=0, help="End after so many calls.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Same seed, same callers, same result."
)
@click.option(
    "--strategy",
    type=click.Choice(list(KEYS)),
    default="longest_idle",
    show_default=True,
    help="Which free agent gets the next caller.",
)
@click.option(
    "--talk",
    type=click.FloatRange(0.1, 86_400),
    default=120.0,
    show_default=True,
    help="Mean talk time, s.",
)
@click.option(
    "--spread",
    type=click.FloatRange(0.01, 10),
    default=1.0,
    show_default=True,
    help="Talk times: standard deviation / mean; 1 exponential, else lognormal.",
)
@click.option("--wrap-up", type=_SECONDS, default=0.0, help="Mean after-call work, s.")
@click.option(
    "--patience",
    type=_SECONDS,
    default=180.0,
    show_default=True,
    help="Mean time callers wait at most, s; 0: for ever.",
)
@click.option(
    "--pickup",
    type=_SECONDS,
    default=3.0,
    show_default=True,
    help="Mean time until an agent answers, s.",
)
@click.option("--no-answer", type=_SHARE, default=0.0, help="Share of offers nobody answers.")
@click.option(
    "--redial", type=_SHARE, default=0.0, help="Share of callers who gave up and dial again."
)
@click.option("--vip", type=_SHARE, default=0.0, help="Share of callers with priority.")
@click.option("--json", "json_", is_flag=True, help="Result as JSON.")
def simulate(
    arrivals: float,
    agents: int,
    queues: int,
    hours: float | None,
    calls: int,
    seed: int,
    strategy: str,
    talk: float,
    spread: float,
    wrap_up: float,
    patience: float,
    pickup: float,
    no_answer: float,
    redial: float,
    vip: float,
    json_: bool,
) -> None:
    """Staffing what-if and proof of fairness: the real queues with made-up people.

    Exit code 1: the queue broke one of its rules, which is a defect worth reporting.
    """
    if hours is None:
        hours = 0.0 if calls else 8.0
    if not hours and not calls:
        raise click.UsageError("Without an end: give --hours or --calls.")
    play(
        Run(
            Scenario(
                arrivals_h=arrivals,
                agents=agents,
                queues=queues,
                hours=hours,
                calls=calls,
                seed=seed,
                strategy=strategy,
                talk_s=talk,
                spread=spread,
                wrap_up_s=wrap_up,
                patience_s=patience,
                pickup_s=pickup,
                no_answer=no_answer,
                redial=redial,
                vip=vip,
            )
        ),
        json_,
    )


def play(
    run: Run,
    json_: bool,
    more: Callable[[Run], dict[str, Any]] = lambda run: {},
    more_text: Callable[[dict[str, Any]], str] = lambda found: "",
) -> NoReturn:
    """Runs it with progress on standard error, prints the result and ends with its exit code.

    `more`: figures beside those of every run, and how people read them."""
    progress = _Progress()
    run.go(progress)
    progress.done(run)
    found = result(run) | more(run)
    click.echo(as_json(found) if json_ else as_text(found) + more_text(found))
    sys.exit(1 if found["violations"] or found["order_inversions"] else 0)
