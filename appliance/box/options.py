"""Options that many commands share."""

from pathlib import Path

import click

site_option = click.option(
    "--site",
    "site_path",
    type=click.Path(path_type=Path),
    default=Path("site.toml"),
    show_default=True,
    envvar="CALLFLOOR_SITE",
    help="The box's settings.",
)
