"""Commands that a running core carries out, sent over its local socket."""

import asyncio
import inspect
from pathlib import Path
from typing import Any

import click

from appliance.box.config import load_site
from appliance.model import commands
from appliance.model.ids import AgentId, CallId

NO_CORE = 3

site_option = click.option(
    "--site",
    "site_path",
    type=click.Path(path_type=Path),
    default="site.toml",
    show_default=True,
    envvar="CALLFLOOR_SITE",
    help="The box's settings.",
)


def ask(site_path: Path, command: commands.AnyCommand) -> Any:
    """Send one command; returns `Reply.data`. Raises ClickException with the core's reason."""
    from appliance import link

    socket = load_site(site_path).data_dir / "run" / "core.sock"
    try:
        reply = link.ask(socket, command)
        if inspect.isawaitable(reply):
            reply = asyncio.run(_wait(reply))
    except OSError as error:
        raise _NoCore(socket, error) from error
    if not reply.ok:
        raise click.ClickException(reply.error)
    return reply.data


async def _wait(reply: Any) -> Any:
    return await reply


class _NoCore(click.ClickException):
    exit_code = NO_CORE

    def __init__(self, socket: Path, error: OSError) -> None:
        super().__init__(
            f"The core does not answer at {socket} ({error.strerror or error}). "
            "Nothing was changed. Start it with `callfloor run`, or name the right file "
            "with --site."
        )


@click.group()
def agent() -> None:
    """List agents, log them in and out."""


@agent.command("login")
@click.argument("agent_id")
@site_option
def login(agent_id: str, site_path: Path) -> None:
    """The agent takes calls from now on."""
    ask(site_path, commands.AgentLogin(agent=AgentId(agent_id), by="cli"))
    click.echo(f"{agent_id} is logged in.")


@agent.command("logout")
@click.argument("agent_id")
@site_option
def logout(agent_id: str, site_path: Path) -> None:
    """No more calls; a call that is running is finished first."""
    ask(site_path, commands.AgentLogout(agent=AgentId(agent_id), by="cli"))
    click.echo(f"{agent_id} is logged out, or will be when the present call ends.")


@agent.command("pause")
@click.argument("agent_id")
@click.option("--reason", default="", help="Why; one of the site's pause reasons.")
@site_option
def pause(agent_id: str, reason: str, site_path: Path) -> None:
    """No calls for a while; a call that is running is finished first."""
    ask(site_path, commands.AgentPause(agent=AgentId(agent_id), reason=reason, by="cli"))
    click.echo(f"{agent_id} is paused, or will be when the present call ends.")


@agent.command("ready")
@click.argument("agent_id")
@site_option
def ready(agent_id: str, site_path: Path) -> None:
    """Ends a pause, not-ready or wrap-up."""
    ask(site_path, commands.AgentReady(agent=AgentId(agent_id), by="cli"))
    click.echo(f"{agent_id} is ready.")


@click.group()
def call() -> None:
    """List calls, hang one up."""


@call.command("hangup")
@click.argument("call_id")
@site_option
def hangup(call_id: str, site_path: Path) -> None:
    """End a call for everybody in it."""
    ask(site_path, commands.CallHangup(call=CallId(call_id), by="cli"))
    click.echo(f"{call_id} is hung up.")
