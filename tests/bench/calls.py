"""Calls under load, beside Asterisk: CPU, memory, set-up times, RTP, and how many go cleanly.

The systems take turns, one run each, so that both meet the same minutes of the same machine; a
figure is the median over the rounds and a ratio the median of the rounds' ratios. Callfloor
records in two channels and is counted with its office; the peer records mixed (its usual way)
and, as a third system, in two channels.
"""

import dataclasses
import statistics
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.bench import load, place
from tests.bench.box import Box
from tests.bench.figures import Figure, percentile
from tests.bench.load import Run
from tests.bench.peer import Peer, PeerError, chroot, version

ROUNDS = 3
AGENTS = 200
FULL = 60
LADDER = (10, 30, 60, 80, 100, 120)


@dataclasses.dataclass
class Bench:
    """Runs by system. `peer_trouble`: why there is no peer, '' when there is one."""

    ours: list[Run]
    mixed: list[Run]
    two: list[Run]
    peer_trouble: str = ""

    def at(self, runs: Iterable[Run], calls: int) -> list[Run]:
        return [run for run in runs if run.calls == calls]


def measure() -> list[Figure]:
    """Up the ladder, then the rounds at `FULL` calls. About 15 minutes."""
    bench = Bench([], [], [], _no_peer())
    if bench.peer_trouble:
        print(f"   no peer: {bench.peer_trouble}")
    else:
        print(f"   peer: {version()}")
    with tempfile.TemporaryDirectory(prefix="callfloor-box-") as folder:
        box = Box(place.OURS, AGENTS, Path(folder))
        _climb(bench, box)
        for _ in range(ROUNDS - 1):
            _round(bench, box)
    return list(_figures(bench))


def _no_peer() -> str:
    try:
        chroot()
    except (PeerError, OSError) as error:
        return str(error)
    return ""


def _climb(bench: Bench, box: Box) -> None:
    """Each system goes up until its first run that is not clean, and one run at `FULL` more."""
    peer = Peer(place.PEERS, AGENTS)
    up = {"ours": True, "peer": not bench.peer_trouble}
    for calls in LADDER:
        if up["ours"] or calls <= FULL:
            bench.ours.append(_told(box, calls))
            up["ours"] = up["ours"] and bench.ours[-1].clean
        if not bench.peer_trouble and (up["peer"] or calls <= FULL):
            bench.mixed.append(_told(peer, calls))
            up["peer"] = up["peer"] and bench.mixed[-1].clean
        if calls == FULL and not bench.peer_trouble:
            bench.two.append(_told(Peer(place.PEERS, AGENTS, two_channels=True), calls))


def _round(bench: Bench, box: Box) -> None:
    bench.ours.append(_told(box, FULL))
    if not bench.peer_trouble:
        bench.mixed.append(_told(Peer(place.PEERS, AGENTS), FULL))
        bench.two.append(_told(Peer(place.PEERS, AGENTS, two_channels=True), FULL))


def _told(system: load.System, calls: int) -> Run:
    run = load.run(system, calls)
    print(
        f"   {run.system:24} {calls:3} calls  {run.cores:.3f} cores  {run.rss:.0f} MB  "
        f"{run.failed} failed, {run.bridged} bridged, {run.late} late  "
        f"{run.lost} of {run.packets} packets lost  {run.recordings} recordings"
        f"{'' if run.clean else '  NOT CLEAN'}",
        flush=True,
    )
    return run


def _figures(bench: Bench) -> Iterable[Figure]:
    full = bench.at(bench.ours, FULL), bench.at(bench.mixed, FULL), bench.at(bench.two, FULL)
    ours, mixed, two = full
    yield _pair("call.cores_vs_asterisk", "cores/call", ours, mixed, _per_call)
    yield _pair("call.cores_vs_asterisk_two_channels", "cores/call", ours, two, _per_call)
    for calls in sorted({run.calls for run in bench.ours}):
        at = bench.at(bench.ours, calls), bench.at(bench.mixed, calls)
        yield _pair(f"call.cores_at_{calls}", "cores", *at, lambda run: run.cores)
    yield Figure(
        "call.clean_calls",
        _clean(bench.ours),
        "calls",
        None if bench.peer_trouble else _clean(bench.mixed),
    )
    yield _pair("call.rss_mb_at_60", "MB", ours, mixed, lambda run: run.rss)
    yield _pair("call.pss_mb_at_60", "MB", ours, mixed, lambda run: run.pss)
    for half in ("core", "office"):
        yield _pair(f"call.{half}_rss_mb_at_60", "MB", ours, [], _rss_of(half))
        yield _pair(f"call.{half}_cores_at_60", "cores", ours, [], _cores_of(half))
    yield from _times("call.invite_to_200_ms", ours, mixed, lambda run: run.invite_to_200)
    yield from _times("call.queue_to_agent_invite_ms", ours, [], lambda run: run.queue_to_agent)
    yield from _times(
        "call.prompt_end_to_agent_invite_ms", ours, mixed, lambda run: run.prompt_to_agent
    )
    yield from _times("call.prompt_end_to_bridged_ms", ours, mixed, lambda run: run.bridge_s)
    yield from _times("call.rtp_jitter_ms", ours, mixed, lambda run: run.jitter)
    yield from _times("call.rtp_longest_gap_ms", ours, mixed, lambda run: run.gaps)
    yield _pair("call.rtp_lost_per_million", "packets", ours, mixed, _lost)
    yield _pair("call.start_s", "s", bench.ours, bench.mixed, lambda run: run.start_s)


def _per_call(run: Run) -> float:
    return run.cores / run.calls


def _lost(run: Run) -> float:
    return 1e6 * run.lost / max(1, run.lost + run.packets)


def _rss_of(half: str) -> Callable[[Run], float]:
    return lambda run: run.memory[half].rss


def _cores_of(half: str) -> Callable[[Run], float]:
    return lambda run: run.parts[half]


def _clean(runs: list[Run]) -> int:
    """The largest number of calls of which every run, and every smaller one, was clean."""
    dirty = min((run.calls for run in runs if not run.clean), default=10**9)
    return max((run.calls for run in runs if run.clean and run.calls < dirty), default=0)


def _pair(
    key: str, unit: str, ours: list[Run], peer: list[Run], value: Callable[[Run], float]
) -> Figure:
    """Medians; the ratio is the median of the ratios of runs made one after the other."""
    mine, theirs = [value(run) for run in ours], [value(run) for run in peer]
    ratios = [a / b for a, b in zip(mine, theirs, strict=False) if b]
    return Figure(
        key,
        round(statistics.median(mine), 5),
        unit,
        round(statistics.median(theirs), 5) if theirs else None,
        rounds=len(mine),
        ratio_of_rounds=round(statistics.median(ratios), 4) if ratios else None,
    )


def _times(
    key: str, ours: list[Run], peer: list[Run], values: Callable[[Run], list[float]]
) -> Iterable[Figure]:
    """p50 and p99 over all calls of all rounds, in ms."""
    mine = [1000 * value for run in ours for value in values(run)]
    theirs = [1000 * value for run in peer for value in values(run)]
    for share in (50, 99):
        yield Figure(
            f"{key}_p{share}",
            round(percentile(mine, share), 3),
            "ms",
            round(percentile(theirs, share), 3) if theirs else None,
            rounds=len(ours),
        )
