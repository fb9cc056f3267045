"""What processes use, from /proc (proc(5))."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """MB (10^6 bytes). `rss`: resident; `pss`: shared pages divided among their users."""

    rss: float
    pss: float


def family(pids: Iterable[int]) -> list[int]:
    """The processes and all that they started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found, ahead = [], list(pids)
    while ahead:
        pid = ahead.pop()
        found.append(pid)
        ahead += children.get(pid, [])
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds of a process with all its threads, children that it waited for included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(value) for value in fields[11:15]) * TICK_S


def threads_s(pid: int) -> dict[str, float]:
    """CPU seconds by thread, "tid name"; nanosecond counts of the scheduler."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            found[f"{task.name} {name}"] = int((task / "schedstat").read_text().split()[0]) / 1e9
        except OSError:
            continue
    return found


def memory(pid: int) -> Memory:
    rss = pss = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                rss = int(line.split()[1])
            elif line.startswith("Pss:"):
                pss = int(line.split()[1])
    except OSError:
        pass
    return Memory(rss * 1024 / 1e6, pss * 1024 / 1e6)
