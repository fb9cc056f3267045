"""Runs `callfloor exchange` as a process and reads its report."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAIN = "from appliance.cli import main; main()"
Line = dict[str, Any]


def free_port() -> int:
    """A UDP port nobody has, for SIP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Playing:
    """An exchange at work; `lines()` are those written so far."""

    def __init__(self, folder: Path, name: str, scenario: str, *options: str) -> None:
        path = folder / f"{name}.toml"
        path.write_text(scenario)
        self.report = folder / f"{name}.jsonl"
        self.errors = folder / f"{name}.err"
        command = [sys.executable, "-c", MAIN, "exchange", str(path)]
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*command, "--report", str(self.report), *options], stdout=errors, stderr=errors
            )

    def lines(self) -> list[Line]:
        if not self.report.exists():
            return []
        whole = self.report.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def only(self, what: str, **facts: Any) -> list[Line]:
        return [
            line
            for line in self.lines()
            if line["what"] == what and all(line.get(k) == v for k, v in facts.items())
        ]

    def wait(self, what: str, count: int = 1, seconds: float = 30, **facts: Any) -> list[Line]:
        """The first `count` lines of this kind."""
        self.until(lambda: len(self.only(what, **facts)) >= count, f"{count} {what}", seconds)
        return self.only(what, **facts)

    def until(self, true: Callable[[], bool], what: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s for {what}; {self._state()}")
            if self.process.poll() is not None and not true():
                raise AssertionError(f"it ended with {self.process.poll()}: {self._state()}")
            time.sleep(0.05)

    def finished(self, seconds: float = 40) -> list[Line]:
        """The whole report of an exchange that ends by itself."""
        code = self.process.wait(seconds)
        assert code == 0, self._state()
        return self.lines()

    def stop(self) -> list[Line]:
        self.process.terminate()
        return self.finished(15)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _state(self) -> str:
        return self.errors.read_text()[-2000:] + "\n".join(map(str, self.lines()[-20:]))
