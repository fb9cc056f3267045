"""What the person waiting sees, and the log that keeps the rest."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HEARTBEAT = 10.0  # seconds


class BuildError(Exception):
    """Something a person has to act on; the text says what to do."""


class Progress:
    """Lines with elapsed time on stderr; command output into a log file."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self.log: Path | None = None

    def say(self, text: str) -> None:
        with self._lock:
            elapsed = time.monotonic() - self._start
            print(f"[{elapsed:6.1f}s] {text}", file=sys.stderr, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce a piece of work, say every ten seconds that it goes on,
        and how long it took."""
        begin = time.monotonic()
        over = threading.Event()

        def heartbeat() -> None:
            while not over.wait(HEARTBEAT):
                self.say(f"... {name}, {time.monotonic() - begin:.0f} s so far")

        threading.Thread(target=heartbeat, daemon=True).start()
        self.say(name)
        try:
            yield
        finally:
            over.set()
        self.say(f"{name}: {time.monotonic() - begin:.1f} s")

    def run(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        what: str,
    ) -> None:
        """Run a command with its output in the log.

        Raises BuildError with the last lines of the output."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {}), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if self.log is not None:
            with self._lock, self.log.open("a") as log:
                log.write(f"\n$ {' '.join(map(str, command))}\n{done.stdout}")
        if done.returncode:
            tail = "\n".join(done.stdout.strip().splitlines()[-15:])
            where = f"\nWhole log: {self.log}" if self.log else ""
            raise BuildError(f"{what} failed:\n{tail}{where}")
