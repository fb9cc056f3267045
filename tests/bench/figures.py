"""The shape of a benchmark's result."""

import math
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured figure: `key` such as ``call.rss_mb_at_60``; `peer` is the other product's.

    `ratio_of_rounds`: where the two took turns, the median of the ratios of each turn.
    """

    key: str
    value: float
    unit: str
    peer: float | None = None
    rounds: int = 1
    ratio_of_rounds: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours / the peer's."""
        if self.ratio_of_rounds is not None:
            return self.ratio_of_rounds
        return self.value / self.peer if self.peer else None

    def as_json(self, machine: str) -> dict[str, Any]:
        told = asdict(self)
        del told["ratio_of_rounds"]
        return {**told, "ratio": self.ratio, "machine": machine}


def of(result: Any) -> list[Figure]:
    """What a ``measure()`` returned: figures, or {key: {"value", "unit", "peer"}}."""
    if isinstance(result, dict):
        return [
            Figure(key, one["value"], one["unit"], one.get("peer")) for key, one in result.items()
        ]
    return list(result)


def table(figures: list[Figure]) -> str:
    """Figures as aligned text."""
    rows = [("figure", "value", "unit", "peer", "ratio")]
    rows += [(f.key, number(f.value), f.unit, number(f.peer), number(f.ratio)) for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 2) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` per cent do not exceed; 0.0 without values."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(share / 100 * len(values)) - 1)]


def machine() -> str:
    """Processor, cores, kernel and what else is running, so that like is compared with like."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            model = line.partition(":")[2].strip()
            break
    load = Path("/proc/loadavg").read_text().split()[0]
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, load average {load}"
