"""`callfloor speech`: how well callers are understood, live and in tests."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec

from appliance.box.config import LoadedSite, load_site
from appliance.box.options import site_option
from appliance.flow.language import FlowErrors, FlowSet, compile_flows
from appliance.flow.questions import Menu as MenuNode
from appliance.progress import progress
from appliance.speech.tools import confusion, reporting
from appliance.speech.tools.labels import BadLabel, Labels, expected, sounds
from appliance.speech.tools.question import NoQuestion, Question, chosen
from appliance.speech.tools.tally import TYPES, Menu, Place, Tally
from appliance.store.eventlog import FILE
from appliance.store.reader import EventReader
from appliance.store.telling import databases


@click.group()
def speech() -> None:
    """Callers who speak: try menus on recordings, see how callers fare."""


@speech.command()
@site_option
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Take the event log in this folder; no site.toml is read, times are UTC.",
)
@click.option("--since", help="Only what happened then or later: 2026-11-01 or 2026-11-01T08:00.")
@click.option("--menu", help="Only this one: the id of a node, or flow.node.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")
def report(
    site_path: Path, data_dir: Path | None, since: str | None, menu: str | None, as_json: bool
) -> None:
    """How callers were understood, menu by menu, from the event log."""
    folder, zone = _place(site_path, data_dir)
    begin = None if since is None else _moment(since, zone)
    spoken = _tallied(folder / FILE, begin)
    menus = _wanted(spoken, menu)
    if as_json:
        click.echo(json.dumps(reporting.document(menus, since), indent=2))
        return
    if not menus:
        where = f" at {menu}" if menu else ""
        when = f" since {since}" if since else ""
        others = ", ".join(map(".".join, spoken))
        click.echo(
            f"Nobody has spoken{where}{when}, and nobody was kept from it: nothing to report."
            + (f" Callers spoke at: {others}." if others else "")
        )
        return
    blocks = (
        _table(reporting.rows(menus)), "\n".join(reporting.details(menus)), reporting.LEGEND,
    )  # fmt: skip
    click.echo("\n\n".join(block for block in blocks if block))


def _tallied(log: Path, begin_us: int | None) -> dict[Place, Menu]:
    tally = Tally()
    with databases(), EventReader(log) as reader, progress("Reading the event log") as shown:
        first, last = 0 if begin_us is None else reader.seq_at(begin_us), reader.last_seq()
        for record in reader.read(first, types=TYPES, until_seq=last):
            tally.take(record.event)
            shown.step(record.seq - first, last - first)
    return tally.spoken()


def _wanted(menus: dict[Place, Menu], name: str | None) -> dict[Place, Menu]:
    return {
        (flow, node): menu
        for (flow, node), menu in menus.items()
        if name is None or name in (node, f"{flow}.{node}")
    }


def _place(site_path: Path, data_dir: Path | None) -> tuple[Path, tzinfo]:
    if data_dir is not None:
        return data_dir, UTC
    loaded = load_site(site_path)
    return loaded.data_dir, ZoneInfo(loaded.site.site.timezone)


def _moment(text: str, zone: tzinfo) -> int:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time; write 2026-11-30 or 2026-11-30T18:00.", param_hint="--since"
        ) from None
    aware = when if when.tzinfo is not None else when.replace(tzinfo=zone)
    return int(aware.timestamp() * 1_000_000)


@speech.command("test")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@site_option
@click.option("--menu", required=True, help="The question: the id of a node, or flow.node.")
@click.option("--language", default="", help="In this language; else the site's.")
@click.option("--model", default="", help="With this model, not the one in use.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")
@click.pass_context
def test_(
    context: click.Context,
    path: Path,
    site_path: Path,
    menu: str,
    language: str,
    model: str,
    as_json: bool,
) -> None:
    """Play recordings to a question and show what it hears: a file, or all of a folder.

    What is said in a file is known by labels.tsv beside it (name, tab, choice), by its folder's
    name, or by the beginning of its own (billing-3.wav); 'none' says that it means nothing.
    Exit code 1 when a file cannot be read.
    """
    loaded = load_site(site_path)
    flows = _flows(loaded)
    try:
        question = chosen(_questions(flows), menu, language)
        files = sounds(path)
        wanted = expected(files, path, Labels(question.hearing, question.names))
    except (NoQuestion, BadLabel) as error:
        raise click.ClickException(str(error)) from None
    if not files:
        raise click.ClickException(f"There is no sound file in {path}.")
    outcomes = _tried(loaded, flows, question, wanted, model)
    if as_json:
        click.echo(_test_json(question, outcomes))
    else:
        _show(question, outcomes, path if path.is_dir() else path.parent)
    context.exit(1 if any(one.error for one in outcomes) else 0)


def _flows(loaded: LoadedSite) -> FlowSet:
    try:
        return compile_flows(loaded.site)
    except FlowErrors as error:
        raise click.ClickException(f"{error}\n`callfloor check` shows it all.") from None


def _questions(flows: FlowSet) -> list[Question]:
    found = []
    for heard in flows.hearings():
        _, flow, _, node = heard.path[:4]
        at = flows.flows[str(flow)].nodes[str(node)]
        choices = at.choice if isinstance(at, MenuNode) else {}
        names = {value: choice.name or choice.next for value, choice in choices.items()}
        today = msgspec.structs.replace(heard.hearing, today=date.today().isoformat())
        found.append(Question(str(flow), str(node), today, names))
    return found


def _tried(
    loaded: LoadedSite,
    flows: FlowSet,
    question: Question,
    wanted: dict[Path, str | None],
    name: str,
) -> list[confusion.Outcome]:
    # Vosk and numpy are slow to load, and no other command needs them.
    from appliance.speech.catalog.words import words_of
    from appliance.speech.live.grammar import NoWords
    from appliance.speech.live.offline import load
    from appliance.speech.tools.models import NoModel, model_for
    from appliance.speech.tools.trying import tried

    said = words_of(flows.hearings())
    speech, language = loaded.site.speech, question.hearing.language
    try:
        with progress("Listening") as shown:
            model = load(model_for(speech, loaded.data_dir, language, said, name))
            found = tried(model, question.hearing, wanted, speech.sure, speech.unsure, shown.step)
            return list(found)
    except (NoModel, NoWords) as error:
        raise click.ClickException(f"{question.title}: {error}") from None


def _show(question: Question, outcomes: list[confusion.Outcome], root: Path) -> None:
    rows = [("FILE", "SAID", "HEARD", "CHOICE", "CONFIDENCE", "", "WAITED")]
    for one in outcomes:
        if one.error:
            continue
        mark = "WRONG" if one.right is False else ""
        said = "not told" if one.expected is None else question.named(one.expected)
        taken = f"{question.named(one.taken)}{' ?' if one.verdict == 'unsure' else ''}"
        sure, waited = f"{one.confidence:.2f}", f"{one.latency_s:.2f}"
        rows.append((_short(one, root), said, one.text or one.missed, taken, sure, mark, waited))
    if len(rows) > 1:
        click.echo(_table(rows, figures=4))
    counted = confusion.table(outcomes, question.names)
    unread = [one.error for one in outcomes if one.error]
    for block in (counted and _table(counted), *unread, "\n".join(confusion.summary(outcomes))):
        if block:
            click.echo(f"\n{block}")
    if any(one.verdict == "unsure" for one in outcomes):
        click.echo("\n? is asked back: did you say ...?")


def _short(one: confusion.Outcome, root: Path) -> str:
    file = Path(one.file)
    return str(file.relative_to(root)) if file.is_relative_to(root) else one.file


def _test_json(question: Question, outcomes: list[confusion.Outcome]) -> str:
    found = confusion.rates(outcomes)
    told = {
        "menu": question.title,
        "language": question.hearing.language,
        "names": dict(question.names),
        "rates": {
            **asdict(found),
            "recognition": found.recognition,
            "false_accepts": found.false_accepts,
        },
        "files": [{**asdict(one), "right": one.right} for one in outcomes],
    }
    return json.dumps(told, indent=2)


def _table(lines: Sequence[tuple[str, ...]], figures: int = 1) -> str:
    """Texts to the left; from column `figures` on to the right."""
    widths = [max(len(one[column]) for one in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column >= figures else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(one, widths, strict=True))
        ).rstrip()
        for one in lines
    )
