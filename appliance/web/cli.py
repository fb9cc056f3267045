"""`callfloor token create|list|revoke`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

import click

from appliance.box.config import LoadedSite, load_site
from appliance.box.options import site_option
from appliance.web.tokens import Role, Token, TokenError, TokenStore


@click.group()
def token() -> None:
    """Create and withdraw access tokens for pages and API."""


@token.command("create")
@click.option("--role", type=click.Choice(get_args(Role)), required=True, help="What it may do.")
@click.option("--agent", "agent_id", default="", help="The agent it acts for (role agent).")
@click.option("--name", default="", help="A word for people: where it is used.")
@site_option
def create(role: str, agent_id: str, name: str, site_path: Path) -> None:
    """Make a token. It is shown once and cannot be shown again."""
    loaded = load_site(site_path)
    if agent_id:
        _check_agent(loaded, agent_id)
    try:
        made, secret = TokenStore(loaded.data_dir).create(
            cast(Role, role), agent=agent_id, name=name
        )
    except TokenError as error:
        raise click.ClickException(str(error)) from error
    click.echo(secret)
    click.echo(
        f"Token {made.id} for {_holder(made)}. Keep it now; it is not shown again.", err=True
    )


@token.command("list")
@site_option
def list_tokens(site_path: Path) -> None:
    """List tokens: id, role, made when, name. Never the secret."""
    try:
        tokens = TokenStore(load_site(site_path).data_dir).list()
    except TokenError as error:
        raise click.ClickException(str(error)) from error
    for each in tokens:
        made = datetime.fromtimestamp(each.created_us / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
        click.echo(f"{each.id}  {_holder(each):24}  {made}  {each.name}")
    if not tokens:
        click.echo("There are no tokens. Make one: callfloor token create --role supervisor")


@token.command("revoke")
@click.argument("token_id")
@site_option
def revoke(token_id: str, site_path: Path) -> None:
    """Withdraw a token; open pages that use it are closed at once."""
    try:
        gone = TokenStore(load_site(site_path).data_dir).revoke(token_id)
    except TokenError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Token {gone.id} for {_holder(gone)} does not work any more.")


def _holder(each: Token) -> str:
    return f"{each.role} {each.agent}".strip()


def _check_agent(loaded: LoadedSite, agent_id: str) -> None:
    known = [agent.id for agent in loaded.site.agent]
    if agent_id not in known:
        raise click.ClickException(
            f'There is no agent "{agent_id}" in {loaded.path}. Known: {", ".join(known) or "none"}.'
        )
