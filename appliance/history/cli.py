"""`callfloor history`: list, show, export, rebuild."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import click
import msgspec

from appliance.box.config import load_site
from appliance.box.options import site_option
from appliance.history.export import csv_lines, json_lines, moment
from appliance.history.parts import Interaction
from appliance.history.projection import Projection
from appliance.history.queries import Filter, History
from appliance.progress import progress
from appliance.store.eventlog import FILE as EVENTS_FILE
from appliance.store.historydb import FILE as HISTORY_FILE
from appliance.store.reader import EventReader
from appliance.store.telling import databases


@click.group()
def history() -> None:
    """What happened: every caller's whole walk, and the figures made from it."""


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Take the databases in this folder; no site.toml is read, times are UTC.",
    )(command)
    return site_option(command)


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    for option, text in (
        ("--outcome", "Only this outcome, e.g. answered or abandoned."),
        ("--caller", "Only this number, or numbers that begin so: +4930*."),
        ("--agent", "Only calls that this agent talked with."),
        ("--queue", "Only calls that were in this queue."),
        ("--until", "Only calls begun before: 2026-11-30 or 2026-11-30T18:00."),
        ("--since", "Only calls begun then or later: 2026-11-01 or 2026-11-01T08:00."),
    ):
        command = click.option(option, help=text)(command)
    return command


@history.command("list")
@_where
@_filters
@click.option("--limit", default=50, show_default=True, help="At most so many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object a line.")
def list_(
    site_path: Path, data_dir: Path | None, limit: int, as_json: bool, **wanted: str | None
) -> None:
    """Calls, newest first."""
    folder, zone = _place(site_path, data_dir)
    with _history(folder) as found:
        left, cursor = limit, None
        while left > 0:
            page = found.page(_filter(wanted, zone), cursor=cursor, limit=left)
            for line in json_lines(page.items) if as_json else _rows(page.items, zone):
                click.echo(line, nl=not as_json)
            left, cursor = left - len(page.items), page.next
            if cursor is None:
                break


@history.command()
@_where
@click.argument("call")
def show(site_path: Path, data_dir: Path | None, call: str) -> None:
    """One call with all its parts, as JSON."""
    folder, _ = _place(site_path, data_dir)
    with _history(folder) as found:
        item = found.show(call)
    if item is None:
        raise click.ClickException(f"No call {call} in {folder / HISTORY_FILE}.")
    click.echo(msgspec.json.format(msgspec.json.encode(item), indent=2).decode())


@history.command()
@_where
@_filters
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="Rows for spreadsheets, or one JSON document a line.",
)
@click.option(
    "--output",
    "-o",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="File to write; - is the screen.",
)
def export(
    site_path: Path, data_dir: Path | None, form: str, output: IO[str], **wanted: str | None
) -> None:
    """All matching calls, oldest first: CSV for spreadsheets, JSON lines for programs."""
    folder, zone = _place(site_path, data_dir)
    with _history(folder) as found, progress("Exporting") as shown:
        chosen = _filter(wanted, zone)
        items = _counted(found.each(chosen), found.count(chosen), shown.step)
        for line in csv_lines(items, zone) if form == "csv" else json_lines(items):
            output.write(line)


@history.command()
@_where
def rebuild(site_path: Path, data_dir: Path | None) -> None:
    """Make history anew from the event log; the box may run on meanwhile."""
    folder, _ = _place(site_path, data_dir)
    with (
        databases(),
        EventReader(folder / EVENTS_FILE) as log,
        Projection(log, folder / HISTORY_FILE) as projection,
        progress("Rebuilding history") as shown,
    ):
        done = projection.rebuild(shown.step)
    click.echo(f"History made anew from {done} events.")


def _place(site_path: Path, data_dir: Path | None) -> tuple[Path, tzinfo]:
    if data_dir is not None:
        return data_dir, UTC
    loaded = load_site(site_path)
    return loaded.data_dir, ZoneInfo(loaded.site.site.timezone)


@contextmanager
def _history(folder: Path) -> Iterator[History]:
    """History as new as the log, also when no office runs."""
    with databases(), EventReader(folder / EVENTS_FILE) as log:
        with (
            Projection(log, folder / HISTORY_FILE) as projection,
            progress("Reading the event log") as shown,
        ):
            projection.catch_up(shown.step)
        with History(folder / HISTORY_FILE) as found:
            yield found


def _filter(wanted: dict[str, str | None], zone: tzinfo) -> Filter:
    return Filter(
        since_us=_moment("--since", wanted["since"], zone),
        until_us=_moment("--until", wanted["until"], zone),
        queue=wanted["queue"],
        agent=wanted["agent"],
        caller=wanted["caller"],
        outcome=wanted["outcome"],
    )


def _moment(option: str, text: str | None, zone: tzinfo) -> int | None:
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time; write 2026-11-30 or 2026-11-30T18:00.", param_hint=option
        ) from None
    aware = when if when.tzinfo is not None else when.replace(tzinfo=zone)
    return int(aware.timestamp() * 1_000_000)


def _rows(items: list[Interaction], zone: tzinfo) -> Iterator[str]:
    for item in items:
        queues = " ".join(dict.fromkeys(visit.queue for visit in item.visits)) or "-"
        agents = " ".join(dict.fromkeys(talk.agent for talk in item.talks)) or "-"
        caller = "anonymous" if item.anonymous else item.caller or "unknown"
        yield (
            f"{moment(item.started_us, zone)[:19]}  {item.call}  {caller:<16}  "
            f"{item.outcome or 'going on':<14}  wait {item.wait_s:6.1f} s  "
            f"talk {item.talk_s:7.1f} s  {queues}  {agents}"
        )


def _counted(
    items: Iterator[Interaction], total: int, step: Callable[[float, float], None]
) -> Iterator[Interaction]:
    for done, item in enumerate(items):
        yield item
        step(done + 1, total)
