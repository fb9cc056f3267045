"""`callfloor check`."""

import json
from pathlib import Path

import click

from appliance.box.config import SiteError, render
from appliance.box.options import site_option
from appliance.model.findings import Finding
from appliance.progress import progress


@click.command()
@site_option
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")
@click.pass_context
def check(context: click.Context, site_path: Path, as_json: bool) -> None:
    """Check a site.toml and its call flows: everything at once, each with file and line.

    Exit code 2 when there is an error, 0 otherwise.
    """
    found, data = _check(site_path)
    errors = sum(one.severity == "error" for one in found)
    if as_json:
        click.echo(_as_json(site_path, found))
    else:
        for one in found:
            click.echo(render(site_path, one, data))
        click.echo(_summary(site_path, errors, len(found) - errors))
    context.exit(2 if errors else 0)


def _check(site_path: Path) -> tuple[list[Finding], object]:
    from appliance.box.check import load_checked  # holidays and phonenumbers are slow to load

    try:
        with progress("Checking"):
            loaded, found = load_checked(site_path, advice=True)
    except SiteError as error:
        return error.findings, error.data
    return found, loaded.site.model_dump()


def _summary(path: Path, errors: int, warnings: int) -> str:
    if errors:
        return f"{path}: {_count(errors, 'error')}, {_count(warnings, 'warning')}: not usable."
    return f"{path}: no errors, {_count(warnings, 'warning')}: usable."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _as_json(path: Path, found: list[Finding]) -> str:
    return json.dumps(
        {
            "file": str(path),
            "usable": not any(one.severity == "error" for one in found),
            "findings": [
                {
                    "severity": one.severity,
                    "line": one.line,
                    "field": list(one.path),
                    "what": one.what,
                    "means": one.means,
                    "to_do": one.to_do,
                }
                for one in found
            ],
        },
        indent=2,
    )
