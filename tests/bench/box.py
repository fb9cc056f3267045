"""Our side under load: core and office for a site with one trunk, one queue, many agents."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import soundfile

from appliance.model.events import CallArrived, QueueEntered
from appliance.store.reader import EventReader
from tests.bench.place import Ports, write_prompt

WEB_PORT = 8763
STOP_S = 20.0
SOUNDS = (".wav", ".flac")


class Box:
    """`folder` keeps its prompts between runs; log and recordings are fresh each time."""

    name = "callfloor"

    def __init__(self, ports: Ports, agents: int, folder: Path, *, max_calls: int = 120) -> None:
        self.ports = ports
        self.folder = folder
        self._text = "\n".join(_site(ports, agents, max_calls)) + "\n"
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        var = self.folder / "var"
        for old in var.glob("*") if var.exists() else ():
            if old.name == "recordings":
                shutil.rmtree(old)
            elif old.is_file():
                old.unlink()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_prompt(self.folder / "prompt.wav")
        site = self.folder / "site.toml"
        site.write_text(self._text)
        for half in ("core", "office"):
            with (self.folder / f"{half}.log").open("wb") as out:
                self._children[half] = subprocess.Popen(
                    [sys.executable, "-m", f"appliance.{half}", "--site", str(site)],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env=_as_installed(),
                )

    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items()}

    def trouble(self) -> str:
        """What the core said before it ended; '' while it runs."""
        if self._children["core"].poll() is None:
            return ""
        return (self.folder / "core.log").read_text()[-2000:]

    def stop(self) -> None:
        for child in reversed(self._children.values()):
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    def recordings(self) -> list[float]:
        """Seconds of each recording, be it raw or finished."""
        files = (self.folder / "var/recordings").rglob("*")
        return [soundfile.info(path).duration for path in files if path.suffix in SOUNDS]

    def queued_at(self) -> dict[str, float]:
        """SIP Call-ID of the caller's leg -> UTC seconds at which the caller entered the queue."""
        ids: dict[str, str] = {}
        at: dict[str, float] = {}
        with EventReader(self.folder / "var/events.db") as log:
            for record in log.read():
                event = record.event
                if isinstance(event, CallArrived):
                    ids[event.call] = event.sip_call_id
                elif isinstance(event, QueueEntered) and event.call in ids:
                    at.setdefault(ids[event.call], record.at_us / 1e6)
        return at


def _as_installed() -> dict[str, str]:
    """Byte code is kept, as on an installed box: compiling at each start takes 13 MB that a
    process never gives back."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _site(ports: Ports, agents: int, max_calls: int) -> list[str]:
    lines = ["[site]", 'name = "Bench"', 'language = "en"', "[sip]", f"port = {ports.system}"]
    lines += [f"rtp_port_first = {ports.rtp_first}", f"rtp_port_last = {ports.rtp_last}"]
    lines += [f"max_calls = {max_calls}", "[web]", f"port = {WEB_PORT}"]
    lines += ["[[trunk]]", 'id = "line"', 'host = "127.0.0.1"', f"port = {ports.callers}"]
    lines += ['addresses = ["127.0.0.1"]', f"channels = {max_calls}", "options_s = 0"]
    lines += ['flow = "main"', "[[queue]]", 'id = "support"', 'name = "Support"', "record = true"]
    lines += ["[flow.main]", 'start = "greet"', 'fallback = "support"']
    lines += ["[flow.main.node.greet]", 'type = "greeting"', 'prompt = { file = "prompt.wav" }']
    lines += ['next = "support"', "[flow.main.node.support]", 'type = "queue"', 'queue = "support"']
    for i in range(1, agents + 1):
        lines += ["[[agent]]", f'id = "a{i}"', f'seat = "sip:agent{i}@127.0.0.1:{ports.agents}"']
        lines += ['queues = [{ id = "support" }]', "login = true"]
    return lines
