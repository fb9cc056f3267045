"""The office as a process: without a core, over restarts, under signals, when attacked."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from appliance.link import LinkClient
from appliance.model import events as ev
from appliance.web.app import make_app
from appliance.web.floor import Floor
from appliance.web.listen import Listening
from appliance.web.past import PAUSE_S
from appliance.web.services import Limits, Services
from appliance.web.tokens import TokenStore
from tests.web.floors import busy_floor, waiting, write_site
from tests.web.house import ROOT, House, rss_mb, until


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, start_core=False)
    yield made
    made.end()


def test_without_a_core_pages_stay_and_say_so(alone: House) -> None:
    status = until(
        lambda: (s := alone.get("/status").json())["reason"].find("not running") > 0 and s
    )
    assert status["core"] == "down"
    assert abs(status["since_us"] / 1e6 - time.time()) < 30
    queues = alone.get("/queues")
    assert queues.status_code == 503
    assert "Retry-After" in queues.headers
    assert alone.post("/calls/x/hangup").status_code == 503
    assert requests.get(alone.origin, timeout=10).status_code in (200, 503)
    assert "text/html" in requests.get(alone.origin, timeout=10).headers["Content-Type"]


def test_core_comes_goes_and_comes_again(alone: House) -> None:
    alone.core.start()
    until(lambda: alone.get("/status").json()["core"] == "up")
    busy_floor(alone.core, 6, 2)
    alone.settle()
    before = alone.get("/queues").json()["queues"]
    alone.core.stop()
    down = until(lambda: (s := alone.get("/status").json())["core"] == "down" and s)
    assert down["waiting"] == 5  # the last known state stays readable
    assert alone.get("/queues").json()["queues"] == before
    refused = alone.post("/agents/agent-1/state", {"state": "ready"})
    assert refused.status_code == 503
    assert "not running" in refused.json()["error"]
    alone.core.start()
    alone.core.append(*waiting("later", "q1"))
    until(lambda: alone.get("/status").json()["core"] == "up")
    alone.settle()
    assert alone.get("/queues/q1").json()["waiting"] == 2


def test_the_last_event_of_an_evening_is_in_history_at_once(tmp_path: Path) -> None:
    """It is told before it can be read, and nothing comes after it that would make one look."""
    house = House(tmp_path)
    try:
        for n in range(3):
            house.core.append(*waiting(f"c{n}", "q1"))
            until(lambda n=n: house.get(f"/interactions/c{n}").ok)
            time.sleep(2 * PAUSE_S)  # a quiet evening: the office waits for news again
            house.core.append(ev.CallEnded(call=f"c{n}", outcome="served"))
            until(lambda n=n: house.get(f"/interactions/c{n}").json().get("outcome") == "served", 5)
    finally:
        house.end()


def test_a_killed_office_comes_back_whole(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        busy_floor(house.core, 6, 2)
        house.settle()
        before = house.get("/queues").json()["queues"]
        until(lambda: len(house.get("/interactions?limit=100").json()["interactions"]) == 34)
        assert house.close(signal.SIGKILL) == -signal.SIGKILL
        house.open()
        until(lambda: house.get("/status").json()["core"] == "up")
        assert house.get("/queues").json()["queues"] == before
        until(lambda: len(house.get("/interactions?limit=100").json()["interactions"]) == 34)
    finally:
        house.end()


def test_sigterm_ends_it_cleanly_with_pages_open(tmp_path: Path) -> None:
    house = House(tmp_path)
    held = socket.create_connection(("127.0.0.1", house.port))
    try:
        assert house.close() == 0
        assert "Traceback" not in house.told()
        house.open()  # the port is free at once
        assert house.get("/status").status_code == 200
    finally:
        held.close()
        house.end()


def test_a_renamed_queue_is_taken_over_when_the_core_applies_it(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        house.core.append(*waiting("c", "q1"))
        write_site(tmp_path, queues=("Verkauf", "Support"))
        house.core.append(ev.ConfigApplied(version="1", by="test"))
        until(lambda: house.get("/queues/q1").json()["name"] == "Verkauf")
        assert house.get("/queues/q1").json()["waiting"] == 1
    finally:
        house.end()


def test_a_taken_port_and_a_wrong_file_say_what_to_do(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    command = [sys.executable, "-m", "appliance.office", "--site", str(site)]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [*command, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert ran.returncode == 1
    assert "web.port" in ran.stderr
    assert "Traceback" not in ran.stderr
    site.write_text("[site]\nnam = 1\n")
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "nam" in ran.stderr


def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        house = House(tmp_path, start_core=False)
        told = {systemd.recv(100)}
        while b"WATCHDOG=1" not in told:
            told.add(systemd.recv(100))
        assert b"READY=1" in told
        house.close()
        while b"STOPPING=1" not in told:
            told.add(systemd.recv(100))
        house.end()


async def test_too_many_connections_and_silent_ones(tmp_path: Path) -> None:
    """Who opens connections and says nothing does not shut others out for long."""
    limits = Limits(connections=20, first_request_s=0.5)
    services = Services(floor=Floor(), core=LinkClient(tmp_path), tokens=TokenStore(tmp_path))
    web = Listening(make_app(services), "127.0.0.1", 0, limits)
    await web.start()
    silent = [await asyncio.open_connection("127.0.0.1", web.port) for _ in range(20)]
    silent[0][1].write(b"GET / HTT")  # half a request is no request
    refused, _ = await asyncio.open_connection("127.0.0.1", web.port)
    async with asyncio.timeout(10):
        assert (await refused.read()).startswith(b"HTTP/1.1 503")
        for reader, _ in silent:
            assert await reader.read() == b""
        reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
        writer.write(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    for _, each in [*silent, (reader, writer)]:
        each.close()
    await web.stop()


def test_memory_stays_small_with_a_full_house(tmp_path: Path) -> None:
    house = House(tmp_path, agents=200)
    try:
        busy_floor(house.core, 200, 2)
        for number in range(2000):
            house.core.append(*waiting(f"w{number}", "q1"))
        house.settle()
        assert house.get("/queues/q1").json()["waiting"] >= 2000
        assert rss_mb(house.office.pid) < 110
    finally:
        house.end()
