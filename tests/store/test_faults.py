"""The log survives what happens to boxes: kill -9, full disks, locks."""

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from appliance.model.events import (
    CallEnded,
    Trouble,
)
from appliance.store.errors import StoreError
from appliance.store.eventlog import EventLog
from appliance.store.inspect import damage_of
from appliance.store.schema import connect_writer
from tests.store.faultlog import ended, event, everything, until

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_kill_9_again_and_again_loses_nothing_acknowledged(tmp_path: Path) -> None:
    dice, last = random.Random(1), 0
    for seed in range(22):
        program = [sys.executable, str(ROOT / "tests/store/crashing_writer.py")]
        with subprocess.Popen(
            [*program, str(tmp_path), str(seed)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            assert process.stdout is not None
            opened = process.stdout.readline().split()
            assert opened[0] == "open", opened
            assert int(opened[1]) >= last
            for _ in range(dice.randrange(1, 15)):
                last = int(process.stdout.readline())
            end = time.monotonic() + dice.random() * 0.01
            while time.monotonic() < end:
                pass  # anywhere between two acknowledgements
            process.kill()
            for line in process.stdout:
                last = int(line)
        records = everything(tmp_path)
        assert len(records) >= last
        assert isinstance(records[last - 1].event, CallEnded)
        times = [r.at_us for r in records]
        assert times == sorted(times)
    with EventLog.open(tmp_path) as log:
        found = log.latest_checkpoint("k")
        assert found is not None
        assert found[0] <= log.last_seq
    assert not list(tmp_path.glob("*damaged*"))
    assert damage_of(tmp_path / "events.db", budget_s=None) == ""


async def test_a_full_disk_keeps_events_in_memory_and_loses_none(tmp_path: Path) -> None:
    troubles: list[Trouble] = []
    full = True

    def connect() -> sqlite3.Connection:
        conn = connect_writer(tmp_path / "events.db")
        if full:
            conn.execute("PRAGMA max_page_count=20")
        return conn

    EventLog.open(tmp_path).close()
    log = EventLog.open(tmp_path, on_trouble=troubles.append, connect=connect)
    for number in range(2000):
        log.append(event(number))
    await until(lambda: bool(troubles))
    assert (troubles[0].where, troubles[0].over) == ("disk", False)
    assert "full" in troubles[0].what
    for number in range(2000, 3000):
        log.append(event(number))
    waiting = log.append(ended(), durable=True)  # waits for nothing: the disk is still full
    acknowledged = log.durable(waiting.seq)
    await asyncio.sleep(0)
    assert not acknowledged.done()
    full = False
    await asyncio.wait_for(acknowledged, 20)
    await until(lambda: len(troubles) == 2)
    assert [(t.where, t.over) for t in troubles] == [("disk", False), ("disk", True)]
    log.close()
    assert len(everything(tmp_path)) == 3001


async def test_a_lock_of_another_program_only_delays(tmp_path: Path) -> None:
    troubles: list[Trouble] = []

    def connect() -> sqlite3.Connection:
        return connect_writer(tmp_path / "events.db", busy_ms=20)

    EventLog.open(tmp_path).close()
    log = EventLog.open(tmp_path, on_trouble=troubles.append, connect=connect)
    other = connect_writer(tmp_path / "events.db")
    other.execute("BEGIN IMMEDIATE")
    record = log.append(ended(), durable=True)
    await until(lambda: bool(troubles))
    assert troubles[0].where == "database"
    assert "Close the other program" in troubles[0].remedy
    assert log.written_seq == 0
    other.execute("ROLLBACK")
    other.close()
    await asyncio.wait_for(log.durable(record.seq), 20)
    await until(lambda: len(troubles) == 2)
    log.close()
    assert len(everything(tmp_path)) == 1


def test_closing_while_the_disk_refuses_says_how_much_is_lost(tmp_path: Path) -> None:
    def connect() -> sqlite3.Connection:
        return connect_writer(tmp_path / "events.db", busy_ms=1)

    EventLog.open(tmp_path).close()
    log = EventLog.open(tmp_path, connect=connect, on_trouble=lambda trouble: None)
    other = connect_writer(tmp_path / "events.db")
    other.execute("BEGIN IMMEDIATE")
    for number in range(5):
        log.append(event(number))
    with pytest.raises(StoreError, match="5 events"):
        log.close(timeout_s=0.05)
    other.close()
