"""The `callfloor` command. Subcommands are imported only when they are used.

Exit codes: 0 done, 1 it did not work, 2 wrong usage or a wrong site.toml, 3 the core does not
answer, 130 stopped by Ctrl-C. `docs/commands.md` lists all commands; a test compares the two.
"""

import importlib
import os
import sys
from typing import Any

import click

from appliance import __version__

COMMANDS = {
    "run": ("appliance.run:run", "Run the whole box: core and office."),
    "demo": ("appliance.demo.command:demo", "Run a box with a virtual floor at work."),
    "check": ("appliance.box.cli:check", "Check a site.toml and its call flows."),
    "config": ("appliance.remote:config", "Change, reload and restore settings."),
    "agent": ("appliance.remote:agent", "List agents, log them in and out."),
    "call": ("appliance.remote:call", "List calls, hang one up."),
    "history": ("appliance.history.cli:history", "List, show, export, rebuild history."),
    "recordings": ("appliance.recording.cli:recordings", "Verify recordings."),
    "models": ("appliance.speech.catalog.cli:models", "List, fetch, verify, use speech models."),
    "speech": ("appliance.speech.tools.cli:speech", "Try menus on recordings; see what was heard."),
    "token": ("appliance.web.cli:token", "Create and withdraw access tokens."),
    "simulate": ("appliance.simulate:simulate", "Try the queues on simulated time."),
    "exchange": ("appliance.lines.exchange.command:exchange", "Play scripted callers and agents."),
}

FAILED, USAGE, NO_CORE, STOPPED = 1, 2, 3, 130


class LazyGroup(click.Group):
    """Knows its commands by name; `--version` and `--help` import none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="callfloor", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def callfloor(debug: bool) -> None:
    """A whole call centre for one floor in a small box."""


def main(arguments: list[str] | None = None) -> None:
    """Console entry: runs a command and ends the process with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = callfloor.main(given, prog_name="callfloor", standalone_mode=False)
    except (click.exceptions.Exit, SystemExit) as end:
        code = end.code if isinstance(end, SystemExit) else end.exit_code
    except Exception as error:
        if "--debug" in given:
            raise
        code = _report(error)
    except KeyboardInterrupt:
        code = STOPPED
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: Exception) -> int:
    """One clear message on standard error; returns the exit code."""
    if isinstance(error, click.Abort):
        return STOPPED
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, BrokenPipeError):  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if _is(error, "appliance.box.config", "SiteError"):
        click.echo(str(error), err=True)
        return USAGE
    if _is(error, "appliance.box.rewrite", "EditError"):
        click.echo(f"Error: {error}", err=True)
        return FAILED
    if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("appliance"):
        click.echo(f"This command is not part of this build ({error.name}).", err=True)
        return FAILED
    click.echo(
        f"Error: {error or type(error).__name__}\n"
        "Calls are not touched by this command's end. Run it again as "
        "`callfloor --debug ...` to see where it comes from.",
        err=True,
    )
    return FAILED


def _is(error: Exception, module: str, name: str) -> bool:
    """isinstance without importing the module: a module not loaded has raised nothing."""
    kind: Any = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(error, kind)
