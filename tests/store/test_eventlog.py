"""The event log keeps what it was given: order, times, durability, delivery."""

import asyncio
import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from appliance.model.events import AgentChanged, CallArrived, CallEnded, Record, Trouble
from appliance.model.ids import AgentId, CallId, TrunkId
from appliance.store.errors import LogClosed, LogDamaged, LogLocked, LogTooNew, LogUnwritable
from appliance.store.eventlog import EventLog
from appliance.store.reader import EventReader
from appliance.store.schema import connect_writer, row_crc


def arrived(call: str, caller: str = "") -> CallArrived:
    return CallArrived(call=CallId(call), trunk=TrunkId("t"), caller=caller)


def ended(call: str) -> CallEnded:
    return CallEnded(call=CallId(call), outcome="answered")


def changed(agent: str, call: str | None = None) -> AgentChanged:
    return AgentChanged(
        agent=AgentId(agent),
        was="ready",
        state="ringing",
        cause="offer",
        call=None if call is None else CallId(call),
    )


def test_records_come_back_as_appended_and_gapless_across_reopen(tmp_path: Path) -> None:
    with EventLog.open(tmp_path) as log:
        given = [log.append(arrived(f"c{i}", caller="+4930123")) for i in range(700)]
    with EventLog.open(tmp_path) as log:
        assert log.last_seq == 700
        given.append(log.append(ended("c0")))
        log.flush_now()
        assert list(log.read()) == given
    assert [r.seq for r in given] == list(range(1, 702))
    assert all(a.at_us <= b.at_us for a, b in itertools.pairwise(given))


def test_read_filters_by_call_agent_type_and_limit(tmp_path: Path) -> None:
    with EventLog.open(tmp_path) as log:
        for i in range(2500):
            log.append(arrived(f"c{i % 5}") if i % 2 else changed(f"a{i % 4}", f"c{i % 5}"))
        log.flush_now()
        assert {r.event.call for r in log.read(call="c3")} == {"c3"}
        assert len(list(log.read(call="c3"))) == 500
        assert len(list(log.read(agent="a2"))) == 625
        assert len(list(log.read(types=["call.arrived"]))) == 1250
        assert len(list(log.read(types=[]))) == 0
        assert [r.seq for r in log.read(1100, limit=1050)] == list(range(1101, 2151))
        assert list(log.read(limit=0)) == []
        assert len(list(log.read(100, call="c1", types=["agent.changed"], limit=7))) == 7


def test_another_process_reads_what_was_flushed(tmp_path: Path) -> None:
    with EventLog.open(tmp_path) as log:
        for i in range(10):
            log.append(arrived(f"c{i}"))
        log.flush_now()
        program = (
            "import sys, pathlib; from appliance.store.reader import EventReader\n"
            "r = EventReader(pathlib.Path(sys.argv[1]) / 'events.db')\n"
            "print(r.last_seq(), len(list(r.read())))"
        )
        out = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert out.stdout.split() == ["10", "10"]


async def test_subscribers_hear_in_order_on_the_loop_even_when_one_appends(tmp_path: Path) -> None:
    log = EventLog.open(tmp_path)
    first: list[int] = []
    second: list[int] = []
    all_heard = asyncio.Event()

    def answer(record: Record) -> None:
        first.append(record.seq)
        if isinstance(record.event, CallArrived):
            log.append(ended(record.event.call))

    def note(record: Record) -> None:
        assert asyncio.get_running_loop()
        second.append(record.seq)
        if len(second) == 10:
            all_heard.set()
        if record.seq == 3:
            raise ValueError("a subscriber that fails harms nobody")

    log.subscribe(answer)
    stop = log.subscribe(note)
    for i in range(5):
        log.append(arrived(f"c{i}"))
    assert first == []  # append itself calls nobody
    await asyncio.wait_for(all_heard.wait(), 5)
    assert first == second == list(range(1, 11))
    stop()
    log.append(ended("x"))
    await log.flush()
    await asyncio.sleep(0)
    assert len(second) == 10
    assert len(first) == 11
    log.close()


async def test_threads_append_without_gap_and_subscribers_stay_in_order(tmp_path: Path) -> None:
    log = EventLog.open(tmp_path)
    heard: list[int] = []
    all_heard = asyncio.Event()

    def hear(record: Record) -> None:
        heard.append(record.seq)
        if len(heard) == 2000:
            all_heard.set()

    log.subscribe(hear)

    def work(name: str) -> None:
        for i in range(500):
            log.append(arrived(f"{name}{i}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in "abcd"]
    for thread in threads:
        thread.start()
    await asyncio.wait_for(all_heard.wait(), 20)
    await log.flush()
    assert heard == list(range(1, 2001))
    assert [r.seq for r in log.read()] == heard
    log.close()


async def test_durable_means_on_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    log = EventLog.open(tmp_path)
    record = log.append(ended("c1"), durable=True)
    await log.durable(record.seq)
    assert log.synced_seq >= record.seq
    with EventReader(log.path) as reader:
        assert reader.last_seq() == record.seq
    log.append(ended("c2"))
    await log.flush()  # also without a durable event
    assert log.synced_seq == 2
    await log.flush()  # and with nothing to do
    log.close()
    with pytest.raises(LogClosed):
        log.append(ended("c3"))


def test_what_is_no_event_is_refused_and_leaves_no_gap(tmp_path: Path) -> None:
    with EventLog.open(tmp_path) as log:
        log.append(ended("c1"))
        with pytest.raises(TypeError):
            log.append("no event")
        with pytest.raises(TypeError):
            log.append(CallEnded(call=object(), outcome="answered"))
        assert log.append(ended("c2")).seq == 2


def test_a_second_core_is_refused_and_told_who_holds_the_log(tmp_path: Path) -> None:
    with EventLog.open(tmp_path), pytest.raises(LogLocked, match=str(os.getpid())):
        EventLog.open(tmp_path)
    EventLog.open(tmp_path).close()


def test_a_file_locked_by_another_program_is_not_taken_for_damage(tmp_path: Path) -> None:
    EventLog.open(tmp_path).close()
    other = connect_writer(tmp_path / "events.db")
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LogLocked, match="another program"):
        EventLog.open(tmp_path)
    other.close()
    EventLog.open(tmp_path).close()
    assert not list(tmp_path.glob("*damaged*"))


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    EventLog.open(tmp_path).close()
    conn = connect_writer(tmp_path / "events.db")
    conn.execute("PRAGMA user_version=99")
    conn.close()
    with pytest.raises(LogTooNew, match="schema 99"):
        EventLog.open(tmp_path)
    with pytest.raises(LogTooNew):
        EventReader(tmp_path / "events.db")


def test_a_reader_outlives_a_file_that_it_refuses(tmp_path: Path) -> None:
    here, newer, whole = (tmp_path / name for name in ("here", "newer", "whole"))
    for folder in (here, newer, whole):
        EventLog.open(folder).close()
    conn = connect_writer(newer / "events.db")
    conn.execute("PRAGMA user_version=99")
    conn.close()

    def put(folder: Path) -> None:
        for old in here.glob("events.db-*"):
            old.unlink()
        (folder / "events.db").replace(here / "events.db")

    with EventReader(here / "events.db") as reader:
        put(newer)
        for _ in range(2):
            with pytest.raises(LogTooNew):
                reader.last_seq()
        put(whole)
        assert reader.last_seq() == 0


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogUnwritable, match="file"):
        EventLog.open(tmp_path / "file" / "data")


def test_a_changed_byte_in_an_event_is_noticed(tmp_path: Path) -> None:
    with EventLog.open(tmp_path) as log:
        log.append(arrived("c1", caller="+49301"))
        log.append(ended("c1"))
    conn = connect_writer(tmp_path / "events.db")
    conn.execute("UPDATE event SET body=replace(body, '+49301', '+49302') WHERE seq=1")
    conn.close()
    with EventReader(tmp_path / "events.db") as reader, pytest.raises(LogDamaged, match="Event 1"):
        list(reader.read())


def test_checkpoints_shorten_the_replay_and_the_newest_good_one_wins(tmp_path: Path) -> None:
    def replayed(log: EventLog) -> tuple[list[bytes], list[int], int]:
        loaded: list[bytes] = []
        folded: list[int] = []
        last = log.replay(lambda r: folded.append(r.seq), "floor/1", loaded.append)
        return loaded, folded, last

    with EventLog.open(tmp_path) as log:
        for i in range(10):
            log.append(arrived(f"c{i}"))
            log.save_checkpoint(i + 1, "floor/1", b"state %d" % (i + 1))
        log.append(ended("c1"))
        log.flush_now()
        assert replayed(log) == ([b"state 10"], [11], 11)
        assert log.latest_checkpoint("other") is None
    conn = connect_writer(tmp_path / "events.db")
    assert conn.execute("SELECT count(*) FROM checkpoint").fetchone() == (2,)
    conn.execute("UPDATE checkpoint SET body='rot' WHERE seq=10")
    conn.close()
    with EventLog.open(tmp_path) as log:
        assert replayed(log) == ([b"state 9"], [10, 11], 11)

        def refuse(blob: bytes) -> None:
            raise ValueError(blob)

        assert log.replay(lambda r: None, "floor/1", refuse) == 11


def test_seq_at_finds_the_last_event_before_a_time(tmp_path: Path) -> None:
    now = [1_000]
    with EventLog.open(tmp_path, wall=lambda: now[0], monotonic=lambda: now[0]) as log:
        for _ in range(100):
            now[0] += 10
            log.append(ended("c"))
        log.flush_now()
        with EventReader(log.path) as reader:
            assert reader.seq_at(0) == 0
            assert reader.seq_at(1_010) == 0
            assert reader.seq_at(1_011) == 1
            assert reader.seq_at(1_500) == 49
            assert reader.seq_at(9_999) == 100


class Clock:
    """A wall clock and a monotonic clock in microseconds."""

    def __init__(self) -> None:
        self.wall, self.mono = 1_700_000_000_000_000, 0

    def go(self, seconds: float) -> None:
        self.wall += int(seconds * 1e6)
        self.mono += int(seconds * 1e6)


def test_a_clock_set_back_never_takes_the_log_back_and_is_told_once(tmp_path: Path) -> None:
    clock, troubles = Clock(), list[Trouble]()

    def open_log() -> EventLog:
        return EventLog.open(
            tmp_path,
            on_trouble=troubles.append,
            wall=lambda: clock.wall,
            monotonic=lambda: clock.mono,
        )

    with open_log() as log:
        start = log.append(ended("c")).at_us
        clock.go(10)
        clock.wall -= 3600_000_000
        log.append(ended("c"))
        clock.go(5)
        last = log.append(ended("c")).at_us
        assert last - start == 15_000_000  # durations stay right
        assert [(t.where, t.over) for t in troubles] == [("clock", False)]
        assert "set back by 3600 s" in troubles[0].what
    with open_log() as log:  # also across a restart
        troubles.clear()
        assert log.append(ended("c")).at_us >= last
        assert [t.over for t in troubles] == [False]
        clock.go(1000)
        log.append(ended("c"))
        clock.wall += 3600_000_000
        log.append(ended("c"))
        assert [t.over for t in troubles] == [False, True]
        times = [r.at_us for r in log.read()]
        assert times == sorted(times)


def test_a_clock_jumping_forward_is_followed_and_told_once(tmp_path: Path) -> None:
    clock, troubles = Clock(), list[Trouble]()
    with EventLog.open(
        tmp_path, on_trouble=troubles.append, wall=lambda: clock.wall, monotonic=lambda: clock.mono
    ) as log:
        log.append(ended("c"))
        clock.wall += 86_400_000_000
        assert log.append(ended("c")).at_us == clock.wall
        clock.wall += 86_400_000_000
        log.append(ended("c"))
        assert [t.over for t in troubles] == [False]
        for _ in range(20):
            clock.go(60)
            log.append(ended("c"))
        assert [t.over for t in troubles] == [False, True]


@pytest.mark.parametrize("bit", range(64))
def test_the_checksum_covers_every_bit_of_place_and_time(bit: int) -> None:
    body = b'{"type":"call.ended"}'
    good = row_crc(1000, 1_795_376_061_079_462, body)
    assert row_crc(1000 ^ 1 << bit, 1_795_376_061_079_462, body) != good
    assert row_crc(1000, 1_795_376_061_079_462 ^ 1 << bit, body) != good
