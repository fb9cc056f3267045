"""A whole office under test: stand-in core in this process, the office as a process of its own."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from appliance.web.tokens import Role, TokenStore
from tests.web.floors import write_site
from tests.web.standin import StandIn

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], seconds: float = 15) -> Any:
    """Waits for a state; returns what made it true."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)
    return value


class House:
    """`core` is the stand-in; `get` and `post` speak to the office with a token by role."""

    def __init__(self, folder: Path, *, start_core: bool = True, **site: Any) -> None:
        self.site = write_site(folder, **site)
        self.core = StandIn(self.site)
        self.tokens = TokenStore(self.core.loaded.data_dir)
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = (folder / "office.log").open("a+")
        self.secrets: dict[str, str] = {}
        if start_core:
            self.core.start()
        self.open()
        if start_core:
            until(lambda: self.get("/status", "kiosk").json()["core"] == "up")

    def open(self) -> None:
        """Starts the office."""
        command = [sys.executable, "-m", "appliance.office", "--site", str(self.site)]
        self.office = subprocess.Popen(
            [*command, "--port", str(self.port)], cwd=ROOT, stderr=self.log
        )
        until(self._listens)

    def close(self, number: int = signal.SIGTERM) -> int:
        """Ends the office; its exit code."""
        self.office.send_signal(number)
        return self.office.wait(15)

    def end(self) -> None:
        if self.office.poll() is None:
            self.close()
        if self.core.running:
            self.core.stop()
        self.log.close()

    def secret(self, role: Role, agent: str = "") -> str:
        key = f"{role} {agent}"
        if key not in self.secrets:
            self.secrets[key] = self.tokens.create(role, agent=agent)[1]
        return self.secrets[key]

    def headers(self, role: Role | None, agent: str = "") -> dict[str, str]:
        return {} if role is None else {"Authorization": f"Bearer {self.secret(role, agent)}"}

    def get(self, path: str, role: Role | None = "supervisor", agent: str = "") -> Any:
        return requests.get(
            f"{self.origin}/api/v1{path}", headers=self.headers(role, agent), timeout=10
        )

    def post(
        self, path: str, body: Any = None, role: Role | None = "supervisor", agent: str = ""
    ) -> Any:
        return requests.post(
            f"{self.origin}/api/v1{path}",
            json=body,
            headers=self.headers(role, agent),
            timeout=10,
        )

    def told(self) -> str:
        """What the office wrote to its log."""
        return Path(self.log.name).read_text()

    def settle(self) -> None:
        """Waits until the office has all events."""
        last = self.core.log.last_seq
        until(lambda: self.get("/status", "kiosk").json()["seq"] >= last)

    def _listens(self) -> bool:
        assert self.office.poll() is None, f"the office ended: {self.told()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


__all__ = ["House", "free_port", "rss_mb", "until"]
