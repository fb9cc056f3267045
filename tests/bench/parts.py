"""Single parts of the box that calls or people wait for: event log, prompts, command line."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from appliance.flow.language import compile_flows
from appliance.model.events import AgentChanged
from appliance.model.ids import AgentId, CallId
from appliance.model.site import SiteFile
from appliance.speech.phrases import queue_phrases
from appliance.speech.prompts import PromptStore
from appliance.store.eventlog import EventLog
from tests.bench.figures import Figure

EVENTS = 40_000
LOOK_UPS = 1_000
VERSION = [sys.executable, "-c", "from appliance.cli import main; main(['--version'])"]


def measure() -> list[Figure]:
    """Wanted: under 30 us an event for the caller, 20,000 events/s; far below a frame of 20 ms
    for a look-up, which is done on the thread that moves calls; 0.3 s for `--version`."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_log(Path(folder)), _look_up(Path(folder)), _version()]


def _log(folder: Path) -> list[Figure]:
    with EventLog.open(folder) as log:
        began = time.perf_counter()
        for i in range(EVENTS):
            call = CallId(f"c{i // 30}")
            agent = AgentId(f"a{i % 50}")
            log.append(
                AgentChanged(agent=agent, was="ready", state="ringing", cause="x", call=call)
            )
        caller_s = time.perf_counter() - began
        log.flush_now(60)
        whole_s = time.perf_counter() - began
    return [
        Figure("store.append_us", round(caller_s / EVENTS * 1e6, 1), "us"),
        Figure("store.events_per_s", round(EVENTS / whole_s), "1/s"),
    ]


def _look_up(folder: Path) -> Figure:
    site = SiteFile()
    store = PromptStore(folder, folder)
    store.prepare(site, compile_flows(site))
    prompts = queue_phrases("en", 77, 200, 700)

    def once() -> None:
        for prompt in prompts:
            store.resolve(prompt, "en")

    return Figure("prompts.announcement_us", round(_cpu(once, LOOK_UPS) * 1e6, 1), "us")


def _version() -> Figure:
    def once() -> None:
        subprocess.run(VERSION, capture_output=True, check=True)

    once()  # the first time compiles
    return Figure("cli.version_cpu_s", round(min(_cpu(once, 1) for _ in range(5)), 3), "s")


def _cpu(once: Callable[[], None], times: int) -> float:
    """Seconds of processor time for one, in this process and its children."""
    before = _spent()
    for _ in range(times):
        once()
    return (_spent() - before) / times


def _spent() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)
