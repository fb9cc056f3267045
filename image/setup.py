"""Makes a checkout ready to run and to test, on Debian 12 or 13.

    python3 image/setup.py

Each step writes a stamp with the hash of its inputs to build/stamps/, so that a second run
does nothing, needs no network and is over in seconds. Standard library only: it runs before
anything is installed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / "build" / "stamps"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's own: the pjsua2 wheel is built against it
LOCK = ROOT / "requirements.lock"
APT_LIST = ROOT / "image" / "apt-packages.txt"
WHEEL_RECIPE = ROOT / "image" / "pjsua2"
PAGES = ROOT / "appliance" / "web" / "pages"
BEGAN = time.monotonic()


class SetupError(Exception):
    """What went wrong and what to do, for the person at the keyboard."""


def main() -> int:
    """Runs the steps; returns the exit code."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        take_turn(lock)
        try:
            # The pages last: where they cannot be built, calls can be taken without them.
            for step in (debian_packages, environment, python_packages, pjsua2, callfloor, pages):
                step()
        except SetupError as error:
            print(f"\nmake setup did not finish: {error}", file=sys.stderr)
            return 1
        say("ready: .venv/bin/callfloor --help")
    return 0


def take_turn(lock: IO[str]) -> None:
    """Waits until no other set-up of this checkout is at work."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another make setup is at work here: waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def debian_packages() -> None:
    """Installs what is missing of image/apt-packages.txt and of the pjsua2 build."""
    missing = missing_packages([*listed_packages(), *wheel_packages()])
    if not missing:
        say("Debian packages: all there")
        return
    say(f"Debian packages: installing {' '.join(missing)}")
    apt = [*as_root(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    hint = "Install them by hand (" + " ".join(missing) + "), then run it again."
    run([*apt, "update"], f"The package lists could not be fetched. {hint}")
    names = [choose(name) for name in missing]
    run(
        [*apt, "install", "-y", "--no-install-recommends", *names],
        f"Debian packages could not be installed. {hint}",
    )


def listed_packages() -> list[str]:
    """Packages of image/apt-packages.txt, alternatives as ``a|b``."""
    lines = (line.split() for line in APT_LIST.read_text().splitlines())
    return [words[1] for words in lines if words and not words[0].startswith("#")]


def wheel_packages() -> list[str]:
    """What building the pjsua2 wheel needs."""
    command = [SYSTEM_PYTHON, str(WHEEL_RECIPE / "build.py"), "--apt-packages"]
    return output(command, "The recipe of the pjsua2 wheel does not run.").split()


def missing_packages(wanted: Sequence[str]) -> list[str]:
    """Those of `wanted` of which no alternative is installed, by itself or under another name
    (Debian 13 provides libspandsp2 by libspandsp2t64)."""
    form = "${db:Status-Status} ${Package}, ${Provides}\\n"
    told = output(["dpkg-query", "-W", "-f", form], "This needs Debian 12 or 13, or its dpkg.")
    installed: set[str] = set()
    for line in told.splitlines():
        status, _, names = line.partition(" ")
        if status == "installed":
            installed |= {name.split("(")[0].strip() for name in names.split(",")}
    return [entry for entry in dict.fromkeys(wanted) if installed.isdisjoint(entry.split("|"))]


def choose(entry: str) -> str:
    """The first alternative that this Debian release has."""
    for name in entry.split("|"):
        policy = subprocess.run(
            ["apt-cache", "policy", name], capture_output=True, text=True, check=False
        ).stdout
        if policy and "Candidate: (none)" not in policy:
            return name
    return entry.split("|", maxsplit=1)[0]


def as_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"]
    raise SetupError(
        "Debian packages are missing and you are not root. Run it as root, or install sudo."
    )


def environment() -> None:
    """Makes .venv with Debian's own Python; again when Debian's Python has changed."""
    version = output(
        [SYSTEM_PYTHON, "-c", "import sys; print(*sys.version_info[:2], sys.base_prefix)"],
        "Debian's python3 does not run. Install the package python3.",
    )
    probe = "import sys, pip; print(*sys.version_info[:2], sys.base_prefix)"
    if PYTHON.exists() and answer([str(PYTHON), "-c", probe]) == version:
        return
    say("Python environment: making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    run([SYSTEM_PYTHON, "-m", "venv", str(VENV)], "Is the package python3-venv installed?")


def python_packages() -> None:
    """Installs requirements.lock, every file checked by its hash."""
    state = digest([LOCK], made_by())
    if stamped("python-packages", state):
        say("Python packages: up to date")
        return
    say("Python packages: installing requirements.lock (a minute or two)")
    pip("install", "--require-hashes", "-r", str(LOCK))
    stamp("python-packages", state)


def pjsua2() -> None:
    """Builds or takes the wheel of the SIP library and installs it."""
    state = digest(files(WHEEL_RECIPE), made_by())
    if stamped("pjsua2", state):
        say("SIP library: up to date")
        return
    say("SIP library: building pjsua2 (about three minutes, once)")
    build = subprocess.Popen(
        [str(PYTHON), str(WHEEL_RECIPE / "build.py")], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    wheel = ""
    assert build.stdout is not None
    for line in build.stdout:
        print(f"  {line}", end="", flush=True)
        wheel = line.strip() or wheel
    if build.wait() != 0:
        raise SetupError("The SIP library could not be built; the reason is above.")
    pip("install", "--no-deps", "--no-index", "--force-reinstall", wheel)
    stamp("pjsua2", state)


def pages() -> None:
    """Builds the web pages into the package."""
    web = ROOT / "web"
    if not (web / "package-lock.json").exists():
        return
    state = digest(files(web), made_by())
    if stamped("pages", state) and PAGES.is_dir():
        say("Pages: up to date")
        return
    say("Pages: building (half a minute)")
    hint = "The pages could not be built. Calls work without them: .venv/bin/callfloor run"
    if (
        not stamped("npm", digest([web / "package-lock.json"]))
        or not (web / "node_modules").exists()
    ):
        npm(["ci", "--no-audit", "--no-fund"], hint)
        stamp("npm", digest([web / "package-lock.json"]))
    npm(["run", "build"], hint)
    stamp("pages", state)


def npm(arguments: list[str], hint: str) -> None:
    """npm of the environment's own node: Debian 12's is too old for the build tools."""
    path = f"{VENV / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    run([str(VENV / "bin" / "npm"), *arguments], hint, cwd=ROOT / "web", env={"PATH": path})


def callfloor() -> None:
    """Installs the checkout itself, editable."""
    state = digest([ROOT / "pyproject.toml"], made_by())
    if stamped("callfloor", state) and (VENV / "bin" / "callfloor").exists():
        return
    quiet = {"PYTHONWARNINGS": "ignore"}  # setuptools warns of every editable install
    pip("install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT), env=quiet)
    stamp("callfloor", state)


def pip(*arguments: str, env: dict[str, str] | None = None) -> None:
    command = [str(PYTHON), "-m", "pip", "-q", "--disable-pip-version-check", *arguments]
    run(command, "Python packages could not be installed; the reason is above.", env=env)


def made_by() -> str:
    """Changes when .venv was made anew, so that everything in it is installed again."""
    return str((VENV / "pyvenv.cfg").stat().st_mtime_ns)


def files(folder: Path) -> list[Path]:
    """Source files of a folder: what git would take, without asking git."""
    skipped = {"node_modules", "dist", "build", "__pycache__", ".vite", "test-results"}
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and skipped.isdisjoint(path.relative_to(folder).parts)
    )


def digest(paths: Iterable[Path], *more: str) -> str:
    """SHA-256 over names and contents."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in paths:
        total.update(f"\0{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def stamped(step: str, state: str) -> bool:
    path = STAMPS / step
    return path.exists() and path.read_text() == state


def stamp(step: str, state: str) -> None:
    (STAMPS / step).write_text(state)


def say(text: str) -> None:
    print(f"[setup {time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)


def run(
    command: Sequence[str],
    hint: str,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
) -> None:
    """Runs a command with its output shown. Raises SetupError with the hint."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        raise SetupError(f"`{' '.join(command[:6])} ...` failed. {hint}")


def output(command: Sequence[str], hint: str) -> str:
    said = answer(command)
    if said is None:
        raise SetupError(f"`{' '.join(command)}` failed. {hint}")
    return said


def answer(command: Sequence[str]) -> str | None:
    """What the command prints, None where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
