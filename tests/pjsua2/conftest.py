"""The wheel with assertions, in a throw-away environment of its own.

The programs of programs/ run in processes of their own: what they look for ends a process.
"""

import fcntl
import json
import os
import queue
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).resolve().parent / "programs"
BUILD = ROOT / "build" / "pjsua2-tests"
PATIENCE = 15.0  # seconds; a state that is not there by then will not come


@pytest.fixture(scope="session")
def wheel_python() -> Path:
    """An interpreter that has the assertions wheel and nothing else."""
    command = [sys.executable, str(ROOT / "image/pjsua2/build.py"), "--asserts"]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    wheel = Path(built.stdout.splitlines()[-1])
    BUILD.mkdir(parents=True, exist_ok=True)
    home = BUILD / wheel.stem
    with (BUILD / "lock").open("w") as lock:  # two test processes may come at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
            (site,) = home.glob("lib/python*/site-packages")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)
            (home / "complete").touch()
    return home / "bin" / "python"


@pytest.fixture
def run(wheel_python: Path) -> Callable[..., str]:
    """Runs a program to its end and returns its output; fails the test when it dies."""

    def program(name: str, *arguments: object, timeout: float = 60, **env: str) -> str:
        command = [str(wheel_python), str(PROGRAMS / name), *map(str, arguments)]
        done = subprocess.run(
            command,
            env={**os.environ, **env},
            timeout=timeout,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, f"{name} ended with {done.returncode}:\n{done.stdout[-3000:]}"
        return done.stdout

    return program


class Program:
    """A running program that prints JSON objects and takes commands as JSON lines."""

    def __init__(self, python: Path, name: str, *arguments: object, **env: str) -> None:
        self.process = subprocess.Popen(
            [str(python), str(PROGRAMS / name), *map(str, arguments)],
            env={**os.environ, **env},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.untaken: list[dict[str, Any]] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait(self, kind: str, patience: float = PATIENCE, **facts: Any) -> dict[str, Any]:
        """Take the first object of this kind with these facts that nobody has taken yet."""
        end = time.monotonic() + patience
        while True:
            for event in self.untaken:
                if event["kind"] == kind and all(event[k] == v for k, v in facts.items()):
                    self.untaken.remove(event)
                    return event
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind} {facts}; there was {self.untaken}") from None
            if line is None:
                raise AssertionError(f"it ended with {self.process.wait()}: {self.untaken}")
            if line.startswith("{"):
                self.untaken.append(json.loads(line))

    def ask(self, command: str, **facts: Any) -> Any:
        """Give a command and return its result."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"command": command, **facts}) + "\n")
        self.process.stdin.flush()
        return self.wait("result", command=command)["result"]

    def finish(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start(wheel_python: Path) -> Iterator[Callable[..., Program]]:
    """Starts programs that are talked to; none outlives the test."""
    programs: list[Program] = []

    def program(name: str, *arguments: object, **env: str) -> Program:
        programs.append(Program(wheel_python, name, *arguments, **env))
        return programs[-1]

    yield program
    for one in programs:
        one.kill()
