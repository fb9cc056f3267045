"""`callfloor recordings`: verify, search, transcript, index."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec

from appliance.box.config import LoadedSite, load_site
from appliance.box.options import site_option
from appliance.model import events as ev
from appliance.progress import progress
from appliance.recording.files import FOLDER
from appliance.recording.texts.files import read_transcript
from appliance.recording.transcripts import Transcripts
from appliance.recording.verify import TYPES, Report, verify
from appliance.store.eventlog import FILE
from appliance.store.reader import EventReader
from appliance.store.telling import databases
from appliance.store.transcriptsdb import FILE as INDEX
from appliance.store.transcriptsdb import RecordingRow
from appliance.store.transcriptsquery import BadQuery, parse
from appliance.store.transcriptsread import Found, TranscriptsReader

_HOW = (
    "[speech] transcribe in site.toml says what does; the running box makes it while the floor is "
    "quiet, with a model for whole sentences (callfloor models list)."
)
_NOBODY = "Nobody said that in a recording that has become text."
_NO_TEXTS = "No recording has become text, so there is nothing to search."
_LOOKED_AT = 10_000
_DAY_US = int(timedelta(days=1).total_seconds() * 1e6)


@click.group()
def recordings() -> None:
    """The recordings of calls, and what was said in them."""


@recordings.command("verify")
@site_option
@click.option("--since", help="Only calls from this day on: 2026-11-01.")
@click.option("--no-checksums", is_flag=True, help="Look at names and sizes only: quick.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.pass_context
def verify_(
    context: click.Context, site_path: Path, since: str | None, no_checksums: bool, as_json: bool
) -> None:
    """Account for every talk second and every file; exit code 1 when something is wrong.

    Which queues record is taken from site.toml as it is now.
    """
    loaded = load_site(site_path)
    due = {queue.id for queue in loaded.site.queue if queue.record}
    since_us = _day(since, ZoneInfo(loaded.site.site.timezone))
    with (
        databases(),
        EventReader(loaded.data_dir / FILE) as log,
        progress("Verifying recordings") as shown,
    ):
        report = verify(
            log.read(log.seq_at(since_us - _DAY_US), types=TYPES),
            loaded.data_dir / FOLDER,
            lambda queue: queue in due,
            since_us=since_us,
            checksums=not no_checksums,
            told=shown.step,
        )
    if as_json:
        click.echo(msgspec.json.encode({"sound": report.sound, **msgspec.to_builtins(report)}))
    else:
        _print(report)
    context.exit(0 if report.sound else 1)


def _day(text: str | None, zone: ZoneInfo) -> int:
    if text is None:
        return 0
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day; write 2026-11-01.", param_hint="--since") \
            from None  # fmt: skip
    aware = day if day.tzinfo is not None else day.replace(tzinfo=zone)
    return int(aware.timestamp() * 1_000_000)


def _print(report: Report) -> None:
    click.echo(
        f"{report.calls} calls, {report.files} recordings: {report.talk_s:.0f} s of talk, "
        f"{report.recorded_s:.0f} s recorded; {report.texts} have become text"
    )
    for reason, seconds in sorted(report.named_s.items()):
        click.echo(f"  {seconds:10.0f} s not recorded: {reason}")
    for gap in report.unexplained:
        click.echo(f"UNEXPLAINED  call {gap.call}, agent {gap.agent}: {gap.seconds:.1f} s of talk")
    for title, wrongs in (
        ("MISSING", report.missing),
        ("MISMATCH", report.mismatched),
        ("failed", report.failed),
    ):
        for wrong in wrongs:
            click.echo(f"{title:11}  {wrong.path or wrong.recording} (call {wrong.call}): "
                       f"{wrong.what}")  # fmt: skip
    for name in report.orphans:
        click.echo(f"ORPHAN       {name}: no event names this file")
    for name in report.waiting:
        click.echo(f"waiting      {name}: to be finished by the running box or its next start")
    click.echo("All accounted for." if report.sound else "Something is wrong, see above.")


# -- what was said --------------------------------------------------------------------------------


# TEXT may begin with a minus.
@recordings.command(context_settings={"ignore_unknown_options": True})
@click.argument("text")
@click.option("--limit", default=20, show_default=True, help="At most so many recordings.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object a line.")
@site_option
def search(text: str, limit: int, as_json: bool, site_path: Path) -> None:
    """Find what was said: words, '"a phrase"', the beginning of a word*, or -not.

    All words must be in one recording, whoever said them. Newest first.
    """
    loaded = load_site(site_path)
    try:
        query = parse(text)
    except BadQuery as error:
        raise click.BadParameter(f"{error}.", param_hint="TEXT") from error
    with _index(loaded) as log, TranscriptsReader(loaded.data_dir / INDEX) as index:
        found = [
            one
            for one in index.search(query, after=None, limit=max(1, limit))
            if (loaded.data_dir / FOLDER / one.recording.path).is_file()
        ]
        for one in found:
            if as_json:
                rest = {"count": one.count, "places": one.places}
                click.echo(msgspec.json.encode({**msgspec.structs.asdict(one.recording), **rest}))
            else:
                _print_found(one, _who(log, one.recording), _zone(loaded))
        texts = bool(found) or any(
            one.state == "done" for one in index.recordings(after=None, limit=_LOOKED_AT)
        )
    if not found and not as_json:
        click.echo(_NOBODY if texts else f"{_NO_TEXTS} {_HOW}")


@recordings.command()
@click.argument("recording")
@click.option("--json", "as_json", is_flag=True, help="For programs: with the time of each word.")
@site_option
def transcript(recording: str, as_json: bool, site_path: Path) -> None:
    """What was said in a recording, by whom and when."""
    loaded = load_site(site_path)
    with _index(loaded) as log, TranscriptsReader(loaded.data_dir / INDEX) as index:
        row = index.recording(recording)
        if row is None or row.state == "gone":
            raise click.ClickException(f"There is no recording {recording}.")
        if not (loaded.data_dir / FOLDER / row.path).is_file():
            raise click.ClickException(
                f"The recording {recording} is gone: {row.path} is not there, and its text is not "
                "shown. If the disk of the recordings is missing, plug it in."
            )
        if row.state != "done":
            raise click.ClickException(_no_text(row))
        made = read_transcript(loaded.data_dir / FOLDER, row.transcript)
        if made is None:
            raise click.ClickException(
                f"{row.transcript} is missing or damaged. The running box makes it again."
            )
        if as_json:
            click.echo(msgspec.json.encode(made))
            return
        click.echo(f"{_head(row, _who(log, row), _zone(loaded))}\nby the model {row.model}")
        for one in made.utterances:
            click.echo(f"{_clock(one.start):>8}  {one.channel:6}  {one.text}")


@recordings.command("index")
@site_option
def index_(site_path: Path) -> None:
    """Make the search index anew from the event log and the transcripts; the box may run on."""
    loaded = load_site(site_path)
    with (
        databases(),
        EventReader(loaded.data_dir / FILE) as log,
        Transcripts(log, loaded.data_dir / INDEX, loaded.data_dir / FOLDER) as transcripts,
        progress("Making the index of transcripts") as shown,
    ):
        done = transcripts.rebuild(shown.step)
    click.echo(f"The index of transcripts was made anew from {done} events.")


@contextmanager
def _index(loaded: LoadedSite) -> Iterator[EventReader]:
    """The index as new as the log, also when no office runs."""
    with databases(), EventReader(loaded.data_dir / FILE) as log:
        with (
            Transcripts(log, loaded.data_dir / INDEX, loaded.data_dir / FOLDER) as transcripts,
            progress("Reading the event log") as shown,
        ):
            transcripts.catch_up(shown.step)
        yield log


def _zone(loaded: LoadedSite) -> tzinfo:
    return ZoneInfo(loaded.site.site.timezone)


def _no_text(row: RecordingRow) -> str:
    if row.state == "failed":
        return f"{row.id} could not become text with the model {row.tried}: {row.cause}"
    return f"{row.id} has not become text. {_HOW}"


def _who(log: EventReader, row: RecordingRow) -> str:
    """The caller's number, and the agents who talked."""
    caller, agents = "unknown", dict[str, None]()
    for record in log.read(call=row.call):
        match record.event:
            case ev.CallArrived() as event:
                caller = "anonymous" if event.anonymous else event.caller or caller
            case ev.TalkStarted(agent=agent):
                agents[agent] = None
    return " ".join([caller, *agents])


def _head(row: RecordingRow, who: str, zone: tzinfo) -> str:
    when = datetime.fromtimestamp(row.started_us / 1e6, zone)
    kind = "  voicemail" if row.kind == "voicemail" else ""
    return f"{when:%Y-%m-%d %H:%M:%S}  {row.id}  call {row.call}  {who}{kind}"


def _print_found(one: Found, who: str, zone: tzinfo) -> None:
    click.echo(_head(one.recording, who, zone))
    for place in one.places:
        text = "".join(
            click.style(part, bold=True) if at % 2 else part for at, part in enumerate(place.parts)
        )
        click.echo(f"{_clock(place.start_s):>8}  {place.channel:6}  {text}")
    if one.count > len(one.places):
        click.echo(f"          and {one.count - len(one.places)} more")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
