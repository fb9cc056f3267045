"""How commands tell what is wrong with a database."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from appliance.store.errors import StoreError


@contextmanager
def databases() -> Iterator[None]:
    """Around the use of databases: what is wrong with one ends the command with its words."""
    try:
        yield
    except StoreError as error:
        raise click.ClickException(str(error)) from error
