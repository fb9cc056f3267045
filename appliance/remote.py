"""Commands that a running core carries out, sent over its local socket."""

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from appliance.box.config import load_site
from appliance.box.options import site_option
from appliance.model import commands
from appliance.model.ids import AgentId, CallId
from appliance.model.numbers import display
from appliance.progress import progress

NO_CORE = 3
RELOAD_S = 300.0  # new prompts are spoken before anything is applied


def ask(site_path: Path, command: commands.AnyCommand, timeout: float = 5.0) -> Any:
    """Send one command; returns `Reply.data`. Raises ClickException with the core's reason."""
    from appliance import link

    try:
        with progress("Waiting for the core"):
            socket = link.socket_path(load_site(site_path).data_dir)
            reply = link.ask(socket, command, timeout)
    except link.CoreAway as error:
        raise _NoCore(str(error)) from error
    if not reply.ok:
        raise click.ClickException(reply.error)
    return reply.data


class _NoCore(click.ClickException):
    exit_code = NO_CORE


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as aligned text; the first is the heading."""
    lines = list(rows)
    widths = [max(len(row[column]) for row in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in lines
    )


def ago(since_us: int) -> str:
    """``3:07`` for a moment in UTC microseconds, counted to now."""
    seconds = max(0, int(time.time() - since_us / 1e6))
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def board(site_path: Path) -> dict[str, Any]:
    """The wallboard as the core has it now."""
    shown: dict[str, Any] = ask(site_path, commands.Snapshot(by="cli"))["board"]
    return shown


@click.group()
def agent() -> None:
    """List agents, log them in and out."""


@agent.command("list")
@site_option
def agents(site_path: Path) -> None:
    """All agents with their state and since when."""
    rows = [("AGENT", "NAME", "STATE", "FOR", "QUEUES", "CALL")]
    for one in board(site_path)["agents"].values():
        state = f"{one['state']} ({one['reason']})" if one.get("reason") else one["state"]
        queues = ",".join(one["queues"])
        rows.append(
            (one["id"], one["name"], state, ago(one["since_us"]), queues, one.get("call") or "")
        )
    click.echo(table(rows))


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


@call.command("list")
@site_option
def calls(site_path: Path) -> None:
    """All calls that are in the box now."""
    country = load_site(site_path).site.site.country
    rows = [("CALL", "LINE", "CALLER", "STAGE", "FOR", "QUEUE")]
    for one in board(site_path)["calls"].values():
        caller = "anonymous" if one["anonymous"] else display(one["caller"], country)
        stage, queue = one["stage"], one.get("queue") or ""
        rows.append((one["id"], one["line"], caller, stage, ago(one["since_us"]), queue))
    click.echo(table(rows))


@call.command("hangup")
@click.argument("call_id")
@site_option
def hangup(call_id: str, site_path: Path) -> None:
    """End a call for everybody in it."""
    ask(site_path, commands.CallHangup(call=CallId(call_id), by="cli"))
    click.echo(f"{call_id} is hung up.")


@click.group()
def config() -> None:
    """Change, reload and restore settings."""


@config.command("reload")
@site_option
def reload(site_path: Path) -> None:
    """The running box takes over site.toml; no call is dropped."""
    from appliance.box.check import load_checked

    load_checked(site_path)  # errors are told here, with their lines
    data = ask(site_path, commands.ConfigReload(by="cli"), RELOAD_S) or {}
    changed = data.get("changed", []) if isinstance(data, dict) else []
    click.echo("\n".join(changed) or "Nothing has changed.")


# VALUE may begin with a minus.
@config.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("field")
@click.argument("value")
@click.option("--by", default="cli", show_default=True, help="Who; kept with the version.")
@site_option
def set_value(field: str, value: str, by: str, site_path: Path) -> None:
    """Change one setting, keep the file's comments, and check the whole before it is written.

    Entries of lists are named by their id: `callfloor config set queue.sales.ring_s 20`. VALUE
    is TOML; what is none is taken as text.
    """
    from appliance.box.edit import Editor
    from appliance.box.rewrite import value_of

    changes = Editor(site_path, time.time).set(tuple(field.split(".")), value_of(value), by)
    click.echo("\n".join(changes.changed) or "Nothing has changed.")


@config.command("versions")
@site_option
def versions(site_path: Path) -> None:
    """The versions that can be restored."""
    from appliance.box.edit import Editor

    rows = [("VERSION", "WRITTEN", "BY", "WHAT")]
    for one in reversed(Editor(site_path, time.time).versions()):
        written = datetime.fromtimestamp(one.at).strftime("%Y-%m-%d %H:%M:%S")
        rows.append((one.version, written, one.by, one.what))
    click.echo(table(rows))


@config.command("restore")
@click.argument("version")
@click.option("--by", default="cli", show_default=True, help="Who; kept with the version.")
@site_option
def restore(version: str, by: str, site_path: Path) -> None:
    """Go back to a kept version, also when site.toml is broken."""
    from appliance.box.edit import Editor

    Editor(site_path, time.time).restore(version, by)
    click.echo(f"{site_path} is as in version {version}. `callfloor config reload` applies it.")
