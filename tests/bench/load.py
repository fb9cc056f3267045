"""One run of the load scenario against one system: sipp callers, sipp agents, the witness.

Each caller sends an INVITE, hears the prompt, waits in the queue, is bridged to an agent and
speaks for as long as the run lasts, with RTP both ways (the agents echo). All calls are up at
once in the steady window in which CPU and memory are read.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.bench import usage
from tests.bench.place import PROMPT_S, Ports, write_caller

HERE = Path(__file__).parent
RATE = 10
"""New calls per second."""
STEADY_S = 10.0
SETTLE_S = 4.0
"""From the last INVITE to the steady window: prompt, queue, bridge."""
IN_TIME_S = 2.0
READY_S = 90.0


class System(Protocol):
    name: str
    ports: Ports

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def pids(self) -> dict[str, int]: ...
    def trouble(self) -> str: ...
    def recordings(self) -> list[float]: ...


@dataclass
class Run:
    """What one run showed. Times in seconds, memory in MB, CPU in cores."""

    system: str
    calls: int
    cores: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
    threads: dict[str, float] = field(default_factory=dict)
    memory: dict[str, usage.Memory] = field(default_factory=dict)
    start_s: float = 0.0
    failed: int = 0
    bridged: int = 0
    late: int = 0
    invite_to_200: list[float] = field(default_factory=list)
    prompt_to_agent: list[float] = field(default_factory=list)
    queue_to_agent: list[float] = field(default_factory=list)
    bridge_s: list[float] = field(default_factory=list)
    lost: int = 0
    packets: int = 0
    jitter: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    missed: int = 0
    recordings: int = 0
    short_recordings: int = 0

    @property
    def clean(self) -> bool:
        """Every call up, bridged within `IN_TIME_S` of the prompt's end, and held to its end."""
        return self.failed == 0 and self.bridged == self.calls and self.late == 0

    @property
    def rss(self) -> float:
        return sum(part.rss for part in self.memory.values())

    @property
    def pss(self) -> float:
        return sum(part.pss for part in self.memory.values())


def run(system: System, calls: int, *, steady_s: float = STEADY_S) -> Run:
    """Start the system, load it, stop it. Raises what the system's start raises."""
    result = Run(system.name, calls)
    with tempfile.TemporaryDirectory(prefix="callfloor-bench-") as folder:
        began = time.monotonic()
        try:
            system.start()
            wait_for_sip(system)
            result.start_s = time.monotonic() - began
            _settle(system)
            with _agents(system.ports, Path(folder)), _witness(system.ports, calls) as seen:
                _call(system, result, Path(folder), steady_s)
            _read(result, seen, system)
        finally:
            system.stop()
        made = system.recordings()
        result.recordings = len(made)
        result.short_recordings = sum(seconds < steady_s for seconds in made)
    return result


def wait_for_sip(system: System, within_s: float = READY_S) -> None:
    """Until it answers OPTIONS. Raises TimeoutError with what it said of its trouble."""
    port, deadline = system.ports.system, time.monotonic() + within_s
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.05)
        mine = sock.getsockname()[1]
        for i in range(1_000_000):
            trouble = system.trouble()
            if trouble or time.monotonic() > deadline:
                raise TimeoutError(f"{system.name} does not answer SIP on port {port}: {trouble}")
            text = (
                f"OPTIONS sip:ping@127.0.0.1:{port} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{mine};branch=z9hG4bK{os.getpid()}{i}\r\n"
                f"From: <sip:ping@127.0.0.1:{mine}>;tag={i}\r\nTo: <sip:ping@127.0.0.1:{port}>\r\n"
                f"Call-ID: ping{os.getpid()}-{i}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\n"
                "Content-Length: 0\r\n\r\n"
            )
            with contextlib.suppress(OSError):
                sock.sendto(text.encode(), ("127.0.0.1", port))
                if sock.recv(2000).startswith(b"SIP/2.0"):
                    return
                continue
            time.sleep(0.02)


def _settle(system: System) -> None:
    """Until the start's own work is over: less than 2 % of a core in half a second."""
    deadline = time.monotonic() + 20
    pids = usage.family(system.pids().values())
    while time.monotonic() < deadline:
        before = sum(usage.cpu_s(pid) for pid in pids)
        time.sleep(1.0)
        if sum(usage.cpu_s(pid) for pid in pids) - before < 0.03:
            return


@contextlib.contextmanager
def _agents(ports: Ports, folder: Path) -> Iterator[None]:
    """One sipp that takes every agent's calls and echoes the audio."""
    command = ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(ports.agents), "-rtp_echo"]
    command += ["-mp", str(ports.agent_media), "-nostdin"]
    with (folder / "uas.log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)
    try:
        time.sleep(0.3)
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _witness(ports: Ports, calls: int) -> Iterator[dict[str, Any]]:
    """The dictionary is filled when the block ends."""
    seen: dict[str, Any] = {}
    command = [sys.executable, "-m", "tests.bench.witness", "--system", str(ports.system)]
    command += ["--callers", str(ports.callers), "--agents", str(ports.agents)]
    command += ["--agent-media", str(ports.agent_media), "--first", str(ports.caller_media)]
    command += ["--last", str(ports.caller_media + 4 * calls + 400)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield seen
        finally:
            process.terminate()
            seen.update(json.loads(process.stdout.read() or "{}"))


def _call(system: System, result: Run, folder: Path, steady_s: float) -> None:
    """The callers; reads CPU and memory while all are talking."""
    ports, calls = system.ports, result.calls
    write_caller(folder / "caller.ulaw")
    ramp = calls / RATE
    hold_s = ramp + SETTLE_S + steady_s + 2.0
    command = ["sipp", "-sf", str(HERE / "caller.xml"), f"127.0.0.1:{ports.system}", "-s", "100"]
    command += ["-i", "127.0.0.1", "-p", str(ports.callers), "-m", str(calls), "-l", str(calls)]
    command += ["-r", str(RATE), "-d", str(round(hold_s * 1000)), "-nostdin"]
    command += ["-mp", str(ports.caller_media)]
    with (folder / "uac.log").open("wb") as out:
        callers = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)
    try:
        time.sleep(ramp + SETTLE_S)
        _steady(system, result, steady_s)
        callers.wait(hold_s + 60)
    finally:
        if callers.poll() is None:
            callers.kill()
            callers.wait()
    result.failed = failed_calls((folder / "uac.log").read_text(errors="replace"))


def _steady(system: System, result: Run, seconds: float) -> None:
    pids = system.pids()
    halves = {name: usage.family([pid]) for name, pid in pids.items()}
    threads = {pid: usage.threads_s(pid) for pid in pids.values()}
    began = time.monotonic()
    before = {name: sum(map(usage.cpu_s, family)) for name, family in halves.items()}
    time.sleep(seconds)
    after = {name: sum(map(usage.cpu_s, family)) for name, family in halves.items()}
    took = time.monotonic() - began
    result.parts = {name: (after[name] - before[name]) / took for name in halves}
    result.cores = sum(result.parts.values())
    for pid, old in threads.items():
        new = usage.threads_s(pid)
        result.threads |= {name: (new[name] - old.get(name, 0.0)) / took for name in new}
    for name, family in halves.items():
        sizes = [usage.memory(pid) for pid in family]
        result.memory[name] = usage.Memory(sum(s.rss for s in sizes), sum(s.pss for s in sizes))


def failed_calls(screen: str) -> int:
    """From sipp's last statistics; -1 when it printed none."""
    found = re.findall(r"Failed call\s*\|\s*\d+\s*\|\s*(\d+)", screen)
    return int(found[-1]) if found else -1


def _read(result: Run, seen: dict[str, Any], system: System) -> None:
    """From the witness's notes to figures."""
    queued = system.queued_at() if hasattr(system, "queued_at") else {}
    for call in seen.get("calls", ()):
        if call["answered"]:
            result.invite_to_200.append(call["answered"] - call["invited"])
        if call["agent_invited"]:
            result.prompt_to_agent.append(call["agent_invited"] - call["answered"] - PROMPT_S)
            if at := queued.get(call["call_id"]):
                result.queue_to_agent.append(call["agent_invited"] - at)
        if call["heard"]:
            result.bridged += 1
            result.bridge_s.append(call["heard"] - call["answered"] - PROMPT_S)
            result.late += result.bridge_s[-1] > IN_TIME_S
        result.failed += call["dropped_by_system"]
    for stream in seen.get("streams", ()):
        result.packets += stream["packets"]
        result.lost += stream["lost"]
        result.jitter.append(stream["jitter"])
        result.gaps.append(stream["gap"])
    result.missed = seen.get("missed", 0)
