"""`callfloor recordings verify`."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec

from appliance.box.config import load_site
from appliance.box.options import site_option
from appliance.progress import progress
from appliance.recording.files import FOLDER
from appliance.recording.verify import TYPES, Report, verify
from appliance.store.errors import StoreError
from appliance.store.eventlog import FILE
from appliance.store.reader import EventReader

_DAY_US = int(timedelta(days=1).total_seconds() * 1e6)


@click.group()
def recordings() -> None:
    """The recordings of calls."""


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
    try:
        with (
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
    except StoreError as error:
        raise click.ClickException(str(error)) from error
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
        f"{report.recorded_s:.0f} s recorded"
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
