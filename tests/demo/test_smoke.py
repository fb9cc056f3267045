"""The whole demo, as a person starts it: comes up, works, stops, leaves nothing behind."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import soundfile

from appliance.speech.catalog.shelf import BUILT_IN

pytestmark = [pytest.mark.peers, pytest.mark.slow, pytest.mark.timeout(240)]

MAIN = "from appliance.cli import main; main()"


class Demo:
    """A running `callfloor demo`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder.parent / "demo.out"
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", MAIN, "demo", "--data", str(folder)],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def until(self, true: Callable[[], Any], what: str, seconds: float = 90) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}: {self.said()}"
            assert self.process.poll() is None, f"it ended: {self.said()}"
            time.sleep(0.2)
        return found

    def said(self) -> str:
        return self.out.read_text()

    def get(self, path: str) -> Any:
        """From the API, with the token that the demo printed."""
        url = re.search(r"http://\S+/", self.said())
        token = re.search(r"supervisor\s+(\S+)", self.said())
        assert url and token
        request = urllib.request.Request(
            f"{url[0]}api/v1/{path}", headers={"Authorization": f"Bearer {token[1]}"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def report(self) -> list[dict[str, Any]]:
        path = self.folder / "exchange.jsonl"
        text = path.read_text().rpartition("\n")[0] if path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def events(self, kind: str, /, **fields: str) -> list[dict[str, Any]]:
        """Events of the log whose fields are as given."""
        path = self.folder / "var" / "events.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as log:
            rows = log.execute("select body from event where type = ?", (kind,))
            found = [json.loads(body) for (body,) in rows]
        return [one for one in found if fields.items() <= one.items()]

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def clean_up(self) -> None:
        for process in self.family() if self.process.poll() is None else []:
            process.kill()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo")
    yield running
    running.clean_up()


def test_the_demo_comes_up_works_and_leaves_nothing_behind(demo: Demo) -> None:
    demo.until(lambda: "Wallboard" in demo.said(), "the place to look")
    assert demo.get("status")["core"] == "up"
    assert len(demo.get("agents")["agents"]) == 6 and len(demo.get("queues")["queues"]) == 2
    board_alive = time.monotonic() + 20
    demo.until(
        lambda: {a["state"] for a in demo.get("agents")["agents"]} & {"ringing", "talking"},
        "an agent with a call",
        board_alive - time.monotonic(),
    )

    def served() -> list[dict[str, Any]]:
        """Callers who heard an agent and whose call has ended."""
        return [
            line
            for line in demo.report()
            if line["what"] == "ended" and line["who"].startswith("caller") and line.get("heard")
        ]

    demo.until(lambda: len(served()) >= 2, "two callers who were served", 120)
    recordings = demo.folder / "var" / "recordings"
    demo.until(lambda: list(recordings.rglob("*.flac")), "a finished recording", 30)
    if (BUILT_IN / "en-commands").is_dir():
        demo.until(lambda: demo.events("flow.input", kind="speech"), "a spoken choice", 60)
    family = demo.family()
    assert len(family) >= 4  # supervisor, core, office, exchange
    talked_out = set(recordings.rglob("*.flac"))  # a talk may begin as we stop

    os.kill(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(45) == 0, demo.said()
    assert demo.said().rstrip().endswith("Stopped.")
    _, alive = psutil.wait_procs(family, timeout=2)
    assert alive == []
    for path in recordings.rglob("*.flac"):
        samples, rate = soundfile.read(path)
        assert rate == 8000 and samples.shape[1] == 2
        assert len(samples) > (rate if path in talked_out else 0)
    assert not list(recordings.rglob("*.wav"))  # all of them are finished
    tokens = json.loads((demo.folder / "var" / "tokens.json").read_text())["tokens"]
    assert tokens == []  # those that were printed are good for nothing now


@pytest.mark.soak
@pytest.mark.timeout(1000)
def test_everything_that_the_demo_promises_is_seen_within_a_quarter_of_an_hour(demo: Demo) -> None:
    demo.until(lambda: "Wallboard" in demo.said(), "the place to look")
    promised = {"abandoned", "overflow_wait", "exit_key", "answered", "voicemail.left"}
    promised |= {"hold.started", "transfer.ended", "paused", "kept its place"}
    promised |= {"speech", "no_match"}

    def seen() -> set[str]:
        path = demo.folder / "var" / "events.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as log:
            found = set()
            for kind, body in log.execute("select type, body from event"):
                facts = json.loads(body)
                found |= {kind, facts.get("reason", ""), facts.get("state", "")}
                if kind == "flow.input":
                    found.add(facts["kind"])
                found.add(facts.get("missed", ""))
                if kind == "queue.entered" and facts.get("kept_s"):
                    found.add("kept its place")
        return found & promised

    demo.until(lambda: seen() == promised, f"all of {sorted(promised)}", 900)
