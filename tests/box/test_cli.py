"""The command line as people meet it: real processes, one clear message, known exit codes."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from appliance import __version__
from appliance import progress as progress_module
from appliance.cli import COMMANDS
from appliance.progress import Progress, progress
from appliance.remote import ago, table
from tests.box.conftest import GOOD

CALLFLOOR = [sys.executable, "-c", "from appliance.cli import main; main()"]


def callfloor(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "CALLFLOOR_SITE"}
    return subprocess.run(
        [*CALLFLOOR, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=60,
        check=False,
    )


def test_version_is_told_without_loading_the_product() -> None:
    code = (
        "import sys; from appliance.cli import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('appliance', 'pydantic', 'aiohttp', 'numpy', 'phonenumbers', 'pjsua2', 'sqlite3')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, modules = out.stdout.splitlines()
    assert version == f"callfloor {__version__}"
    assert modules == "['appliance', 'appliance.cli']"


def test_help_lists_every_command() -> None:
    out = callfloor("--help").stdout
    assert all(f"\n  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_can_be_loaded(command: str) -> None:
    done = callfloor(command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage: callfloor" in done.stdout


def test_check_of_a_good_site(site_file: Path) -> None:
    done = callfloor("check", "--site", str(site_file))
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"{site_file}: no errors, 0 warnings: usable.\n",
        "",
    )


def test_check_tells_all_errors_of_settings_and_flows_at_once(site_file: Path) -> None:
    bad = GOOD.replace("Europe/Berlin", "Europe/Bern").replace('next = "support"', 'next = "x"')
    site_file.write_text(bad)
    done = callfloor("check", cwd=site_file.parent)  # site.toml here is the default
    assert done.returncode == 2
    heads = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert len(heads) >= 3
    numbers = [int(line.split(":")[1]) for line in heads[:-1]]
    assert numbers == sorted(numbers)
    rows = bad.splitlines()
    assert any("Bern" in rows[number - 1] for number in numbers)
    assert any('next = "x"' in rows[number - 1] for number in numbers)
    assert heads[-1].endswith("not usable.")


def test_check_for_programs(site_file: Path) -> None:
    done = callfloor("check", "--json", "--site", str(site_file))
    assert json.loads(done.stdout) == {"file": str(site_file), "usable": True, "findings": []}
    site_file.write_text("[site]\nname = 5\n")
    done = callfloor("check", "--json", "--site", str(site_file))
    report = json.loads(done.stdout)
    assert done.returncode == 2
    assert report["usable"] is False
    assert [(one["line"], one["field"]) for one in report["findings"]] == [(2, ["site", "name"])]


def test_check_with_warnings_only_is_no_failure(site_file: Path) -> None:
    site_file.write_text(GOOD.replace("unstaffed = true\n", ""))
    done = callfloor("check", "--site", str(site_file))
    assert done.returncode == 0
    assert "warning: " in done.stdout
    assert done.stdout.endswith("no errors, 1 warning: usable.\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nonsense"], 2, "No such command 'nonsense'"),
        (["check", "--nonsense"], 2, "No such option"),
        (["check", "--site", "/no/such/site.toml"], 2, "There is no such file"),
        (["agent", "list", "--site", "{bad}"], 2, "site.name"),
        (["agent", "list", "--site", "{good}"], 3, "The core is not running"),
        (["agent", "login", "agent1", "--site", "{good}"], 3, "The core is not running"),
        (["agent", "logout", "agent1", "--site", "{good}"], 3, "The core is not running"),
        (["agent", "pause", "agent1", "--site", "{good}"], 3, "The core is not running"),
        (["agent", "ready", "agent1", "--site", "{good}"], 3, "The core is not running"),
        (["call", "list", "--site", "{good}"], 3, "The core is not running"),
        (["call", "hangup", "x", "--site", "{good}"], 3, "The core is not running"),
        (["config", "reload", "--site", "{good}"], 3, "The core is not running"),
        (["config", "reload", "--site", "{bad}"], 2, "site.name"),
        (["config", "restore", "abc", "--site", "{good}"], 1, "There is no version abc"),
        (["config", "set", "queue.x.ring_s", "5", "--site", "{good}"], 1, "There is no queue 'x'"),
        (["config", "set", "queue.sales.ring_s", "-5", "--site", "{good}"], 2, "ring_s"),
    ],
)
def test_an_error_is_one_clear_message(
    arguments: list[str], code: int, says: str, site_file: Path
) -> None:
    bad = site_file.with_name("bad.toml")
    bad.write_text("[site]\nname = 5\n")
    done = callfloor(*(one.format(good=site_file, bad=bad) for one in arguments))
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_where_an_error_comes_from(site_file: Path) -> None:
    site_file.write_text("[site]\nname = 5\n")
    done = callfloor("--debug", "agent", "list", "--site", str(site_file))
    assert "Traceback" in done.stderr


def test_config_is_set_listed_and_restored(site_file: Path) -> None:
    site = ["--site", str(site_file)]
    done = callfloor("config", "set", "queue.sales.ring_s", "22", "--by", "Agent 1", *site)
    assert done.stdout == "queue sales: ring_s 15.0 -> 22.0\n"
    listed = callfloor("config", "versions", *site).stdout.splitlines()
    assert listed[0].split() == ["VERSION", "WRITTEN", "BY", "WHAT"]
    assert "Agent 1" in listed[1]
    assert "queue.sales.ring_s" in listed[1]
    assert callfloor("config", "restore", listed[2].split()[0], *site).returncode == 0
    assert site_file.read_text() == GOOD


def test_rows_are_aligned() -> None:
    assert table([("A", "B"), ("long", "x"), ("s", "")]) == "A     B\nlong  x\ns"
    now = time.time()
    assert ago(int((now - 187.2) * 1e6)) == "3:07"
    assert ago(int((now - 3723.2) * 1e6)) == "1:02:03"
    assert ago(int((now + 60) * 1e6)) == "0:00"


class Screen(io.StringIO):
    """Notes when something is written to it."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal
        self.written = threading.Event()

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        done = super().write(text)
        self.written.set()
        return done


def test_quick_work_shows_no_progress() -> None:
    screen = Screen(terminal=True)
    with progress("Checking", screen):
        pass
    assert screen.getvalue() == ""


@pytest.mark.parametrize("terminal", [True, False])
def test_slow_work_shows_progress(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "QUIET_S", 0.01)
    screen = Screen(terminal)
    with progress("Rebuilding", screen) as shown:
        shown.step(1, 2)
        assert screen.written.wait(10)
    text = screen.getvalue()
    assert "Rebuilding: 50%, 0 s, about 0 s left" in text
    assert text.endswith("\r\x1b[K" if terminal else "\n")


def test_progress_without_a_total_tells_the_time() -> None:
    assert Progress("Waiting").line() == "Waiting: 0 s"
