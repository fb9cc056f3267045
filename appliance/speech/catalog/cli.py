"""`callfloor models`: list, fetch, verify, use."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from appliance.box.config import load_site
from appliance.box.options import site_option
from appliance.model.site import Speech
from appliance.progress import QUIET_S
from appliance.speech.catalog.fetch import Fetcher, NotFetched
from appliance.speech.catalog.folder import Fault, ModelFolder
from appliance.speech.catalog.listing import Row, rows
from appliance.speech.catalog.resolve import KEYS
from appliance.speech.catalog.shelf import Shelf
from appliance.speech.catalog.trial import BYTES_PER_S, TIMEOUT_S
from appliance.speech.catalog.verify import verify as verified


@click.group()
def models() -> None:
    """Speech models: which there are, get one, use it. They listen to callers offline."""


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Models are below this folder; no site.toml is read.",
    )(command)
    return site_option(command)


_timeout = click.option(
    "--timeout",
    default=None,
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    help=f"Longest time that loading one may take; else {TIMEOUT_S:g} s, and 1 s more for each "
    f"{BYTES_PER_S / 1e6:g} MB.",
)


def _place(site_path: Path, data_dir: Path | None) -> tuple[Shelf, Speech]:
    if data_dir is not None:
        return Shelf(data_dir), Speech()
    loaded = load_site(site_path)
    return Shelf(loaded.data_dir), loaded.site.speech


@models.command("list")
@_where
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")
def list_(site_path: Path, data_dir: Path | None, as_json: bool) -> None:
    """Models that are there, and those that can be fetched."""
    shelf, speech = _place(site_path, data_dir)
    found = list(rows(shelf, speech))
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], indent=2))
        return
    click.echo(
        _table(
            [("MODEL", "LANGUAGE", "KIND", "SIZE", "WORDS", "USED FOR", "STATE")]
            + [_cells(one) for one in found]
        )
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.language or "?",
        row.kind,
        f"{row.size / 1e6:.0f} MB",
        str(row.words) if row.words else "",
        ", ".join(row.used_for),
        row.state,
    )


def _table(lines: list[tuple[str, ...]]) -> str:
    widths = [max(len(one[column]) for one in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=True)).rstrip()
        for one in lines
    )


@models.command()
@click.argument("model")
@_where
@click.option("--name", default="", help="What to call it here; for folders and zips.")
@click.option("--language", default="", help="What it hears (ISO 639-1), where nothing tells.")
@click.option("--again", is_flag=True, help="Also when it is there already.")
@_timeout
def fetch(
    site_path: Path,
    data_dir: Path | None,
    model: str,
    name: str,
    language: str,
    again: bool,
    timeout: float | None,
) -> None:
    """Get a model: by name from the Vosk project, or from a folder or zip on a USB stick.

    MODEL is a name that `callfloor models list` shows, a language such as de, a folder or a
    zip. A download that was cut goes on where it ended. Nothing is put in place before it is
    checked and tried; models in use go on working meanwhile.
    """
    shelf, _ = _place(site_path, data_dir)
    try:
        with progress_bars() as step:
            fetcher = Fetcher(shelf, step, timeout_s=timeout)
            done = fetcher.fetch(model, name=name, language=language, again=again)
    except NotFetched as error:
        raise click.ClickException(str(error)) from None
    found = done.model
    if not done.fresh:
        click.echo(f"{found.name} is there already, and whole.")
        return
    click.echo(f"{found.name} is there: {found.size / 1e6:.0f} MB, {len(found.words)} words.")
    if done.pinned:
        click.echo(
            f"Nobody has told what its SHA-256 should be. {_came(model)}; from now on "
            f"{done.sha256} counts, and another one will be refused."
        )
    click.echo(f"Use it: callfloor models use {found.name}")


def _came(what: str) -> str:
    if Path(what).exists():
        return "What was brought is taken as it is"
    return "It came over an encrypted connection"


@models.command("verify")
@click.argument("names", nargs=-1, metavar="MODEL")
@_where
@click.option("--no-trial", is_flag=True, help="Look at the files only, load nothing.")
@_timeout
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")
@click.pass_context
def verify_(
    context: click.Context,
    site_path: Path,
    data_dir: Path | None,
    names: tuple[str, ...],
    no_trial: bool,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Read every file of the models (all, if none is named) and let each hear silence.

    Exit code 1 when one is damaged: calls are taken by keys where it should listen.
    """
    shelf, _ = _place(site_path, data_dir)
    found = [_named(shelf, one) for one in names] or shelf.all()
    results = {}
    for model in found:
        results[model.name] = verified(model, trial=not no_trial, timeout_s=timeout)
        if not as_json:
            click.echo(_verdict(model, results[model.name]))
    if as_json:
        told = [
            {"model": name, "good": not wrong, "faults": [[one.file, one.what] for one in wrong]}
            for name, wrong in results.items()
        ]
        click.echo(json.dumps(told, indent=2))
    elif not found:
        click.echo(f"There are no models in {shelf.folder}, and none is built in.")
    context.exit(1 if any(results.values()) else 0)


def _verdict(model: ModelFolder, wrong: list[Fault]) -> str:
    if not wrong:
        return f"{model.name}: good."
    listed = "\n".join(f"    {one.what}" for one in wrong)
    again = (
        "Install Callfloor again."
        if model.built_in
        else (
            f"Get it again, or from its folder or zip: callfloor models fetch {model.name} --again"
        )
    )
    return f"{model.name}: cannot be used.\n{listed}\n    for calls: {KEYS}\n    to do:     {again}"


@models.command()
@click.argument("model")
@click.option("--language", default="", help="Listen with it to callers in this language.")
@click.option("--by", default="cli", show_default=True, help="Who; kept with the version.")
@_timeout
@site_option
def use(site_path: Path, model: str, language: str, by: str, timeout: float | None) -> None:
    """Let a model listen to callers: writes it into site.toml, comments survive."""
    from appliance.box.edit import Editor

    loaded = load_site(site_path)
    found = _named(Shelf(loaded.data_dir), model)
    chosen = language or found.language
    if not chosen:
        raise click.UsageError(f"Nothing tells which language {model} hears. Give --language.")
    if wrong := verified(found, timeout_s=timeout):
        raise click.ClickException(f"{_verdict(found, wrong)}\nsite.toml was not changed.")
    if not found.listens:
        raise click.ClickException(
            f"{model} cannot listen for the words of a menu; it can only make whole recordings "
            f"text: callfloor config set speech.transcribe_models.{chosen} {model}"
        )
    if found.language and chosen != found.language:
        click.echo(f"{model} is for '{found.language}'; it knows few words of '{chosen}'.")
    changes = Editor(site_path, time.time).set(("speech", "models", chosen), model, by)
    if not changes.changed:
        click.echo(f"{model} was in use for '{chosen}' already.")
        return
    click.echo("\n".join(changes.changed))
    click.echo("`callfloor config reload` applies it; calls go on.")


def _named(shelf: Shelf, name: str) -> ModelFolder:
    found = shelf.find(name)
    if found is None:
        there = ", ".join(one.name for one in shelf.all()) or "none"
        raise click.ClickException(
            f"There is no model {name} here; there are: {there}. "
            f"Get it: callfloor models fetch {name}"
        )
    return found


@contextmanager
def progress_bars() -> Iterator[Callable[[str, float, float], None]]:
    """Tells on standard error how far each step is: a bar on a terminal, lines elsewhere."""
    bars: dict[str, Any] = {}
    told = {"at": time.monotonic() + QUIET_S}

    def step(what: str, done: float, total: float) -> None:
        if not sys.stderr.isatty():
            if time.monotonic() >= told["at"]:
                told["at"] = time.monotonic() + 10
                share = f" {done / total:.0%}" if total else ""
                click.echo(f"{what}{share}", err=True)
            return
        if what not in bars:
            _finish(bars)
            if not total:
                click.echo(f"{what} ...", err=True)
                return
            bars[what] = click.progressbar(
                length=int(total) or 1, label=what, file=sys.stderr, width=0
            )
            bars[what].render_progress()
        bar = bars[what]
        bar.make_step(int(done) - bar.pos)  # `update` cannot go back
        bar.render_progress()

    try:
        yield step
    finally:
        _finish(bars)


def _finish(bars: dict[str, Any]) -> None:
    for bar in bars.values():
        if not getattr(bar, "ended", False):
            bar.ended = True
            bar.render_finish()
