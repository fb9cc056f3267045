"""History follows from the log alone: however it was read, the bytes are the same."""

import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.history.export import csv_lines, json_lines
from appliance.history.projection import Projection
from appliance.history.queries import Filter, History
from appliance.model import events as ev
from appliance.store.eventlog import EventLog
from appliance.store.historydb import export
from appliance.store.reader import EventReader
from appliance.store.schema import connect_writer
from tests.history.floor import Step, day

START_US = 1_700_000_000_000_000


def write_log(folder: Path, steps: Sequence[Step]) -> None:
    """A log with these steps, on its own clock."""
    now = [START_US]
    with EventLog.open(folder, wall=lambda: now[0], monotonic=lambda: now[0]) as log:
        for seconds, event in steps:
            now[0] += int(seconds * 1e6)
            log.append(event)


def canonical(path: Path) -> tuple[bytes, str, str]:
    """The file's bytes after VACUUM INTO, and both exports."""
    target = path.with_name("canonical.db")
    target.unlink(missing_ok=True)
    export(path, target)
    with History(path) as found:
        wanted = Filter()
        return (
            target.read_bytes(),
            "".join(csv_lines(found.each(wanted))),
            "".join(json_lines(found.each(wanted))),
        )


@pytest.mark.parametrize("seed", range(4))
def test_grown_in_any_steps_or_rebuilt_the_bytes_are_equal(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    write_log(tmp_path, day(seed, 60))
    with EventReader(tmp_path / "events.db") as log:
        last = log.last_seq()
        grown = Projection(log, tmp_path / "grown.db", batch=dice.choice([1, 7, 100]))
        at = 0
        while at < last:  # as the office does while the floor works, with restarts in between
            at = min(last, at + dice.randrange(1, 200))
            grown.catch_up(until_seq=at)
            grown.catch_up(until_seq=at)
            if dice.random() < 0.3:
                grown.close()
                grown = Projection(log, tmp_path / "grown.db", batch=dice.choice([3, 50]))
        once = Projection(log, tmp_path / "once.db")
        assert once.catch_up() == last
        want = canonical(tmp_path / "once.db")
        assert len(want[1].splitlines()) == 61
        assert canonical(tmp_path / "grown.db") == want
        assert grown.rebuild() == last
        assert canonical(tmp_path / "grown.db") == want
        assert grown.catch_up() == 0
        for projection in (grown, once):
            projection.close()
    assert not list(tmp_path.glob("rebuild-*"))


def test_a_file_of_an_older_program_is_made_anew_by_itself(tmp_path: Path) -> None:
    """What it wrote into interactions was not what is written now."""
    write_log(tmp_path, day(5, 20))
    with EventReader(tmp_path / "events.db") as log:
        with Projection(log, tmp_path / "history.db") as old:
            old.catch_up()
        conn = sqlite3.connect(tmp_path / "history.db")
        with conn:
            conn.execute("UPDATE interaction SET body = replace(body, 'call', 'c')")
            conn.execute("PRAGMA user_version=1")
        conn.close()
        for name in ("history.db", "once.db"):
            with Projection(log, tmp_path / name) as projection:
                projection.catch_up()
    assert canonical(tmp_path / "history.db") == canonical(tmp_path / "once.db")


def test_two_processes_in_turn_project_nothing_twice(tmp_path: Path) -> None:
    write_log(tmp_path, day(9, 30))
    with EventReader(tmp_path / "events.db") as log:
        one = Projection(log, tmp_path / "history.db", batch=5)
        two = Projection(log, tmp_path / "history.db", batch=3)
        last = log.last_seq()
        for until in range(0, last + 1, 10):
            one.catch_up(until_seq=until)
            two.catch_up(until_seq=until + 5)
        one.catch_up()
        with Projection(log, tmp_path / "once.db") as once:
            once.catch_up()
        assert canonical(tmp_path / "history.db") == canonical(tmp_path / "once.db")
        one.close()
        two.close()


def test_readers_see_the_old_history_until_the_new_is_whole(tmp_path: Path) -> None:
    write_log(tmp_path, day(3, 40))
    with EventReader(tmp_path / "events.db") as log:
        projection = Projection(log, tmp_path / "history.db", batch=20)
        projection.catch_up()
        with History(tmp_path / "history.db") as reader:
            seen: list[int] = []
            projection.rebuild(lambda done, total: seen.append(reader.count(Filter())))
            assert set(seen) == {40}
            assert reader.count(Filter()) == 40
            assert reader.seq == log.last_seq()
        projection.close()


def test_history_of_another_log_is_made_anew(tmp_path: Path) -> None:
    """As after a restored backup, or a power cut that took the log's last second."""
    first, second = tmp_path / "a", tmp_path / "b"
    write_log(first, day(1, 30))
    write_log(second, day(1, 20))
    with (
        EventReader(first / "events.db") as log,
        Projection(log, tmp_path / "history.db") as projection,
    ):
        projection.catch_up()
    with (
        EventReader(second / "events.db") as log,
        Projection(log, tmp_path / "history.db") as projection,
    ):
        projection.catch_up()
        with Projection(log, tmp_path / "once.db") as projection:
            projection.catch_up()
    assert canonical(tmp_path / "history.db") == canonical(tmp_path / "once.db")


@pytest.mark.parametrize("seed", range(6))
def test_damaged_history_is_made_anew_by_itself(tmp_path: Path, seed: int) -> None:
    write_log(tmp_path, day(2, 40))
    path = tmp_path / "history.db"
    with EventReader(tmp_path / "events.db") as log:
        with Projection(log, path) as projection:
            projection.catch_up(until_seq=log.last_seq() // 2)
        dice, data = random.Random(seed), bytearray(path.read_bytes())
        if seed == 0:
            data = bytearray(b"no database" * 100)
        else:
            for _ in range(40):
                at = dice.randrange(len(data) - 64)
                data[at : at + 64] = dice.randbytes(64)
        path.write_bytes(data)
        with Projection(log, path) as projection:
            projection.catch_up()
            projection.rebuild()
        with Projection(log, tmp_path / "once.db") as projection:
            projection.catch_up()
    assert canonical(path) == canonical(tmp_path / "once.db")


def test_history_of_another_schema_is_made_anew(tmp_path: Path) -> None:
    write_log(tmp_path, day(2, 5))
    conn = connect_writer(tmp_path / "history.db")
    conn.execute("CREATE TABLE interaction (old TEXT)")
    conn.execute("PRAGMA user_version=77")
    conn.close()
    with (
        EventReader(tmp_path / "events.db") as log,
        Projection(log, tmp_path / "history.db") as projection,
    ):
        projection.catch_up()
    with History(tmp_path / "history.db") as found:
        assert found.count(Filter()) == 5


def test_wrap_up_is_added_to_the_talk_that_it_follows(tmp_path: Path) -> None:
    write_log(tmp_path, day(5, 50))
    with (
        EventReader(tmp_path / "events.db") as log,
        Projection(log, tmp_path / "history.db", batch=1) as projection,
    ):
        projection.catch_up()
    with sqlite3.connect(tmp_path / "history.db") as conn:
        stretches = conn.execute(
            "SELECT total(ended_us - started_us) / 1e6 FROM stretch "
            "WHERE state = 'wrap_up' AND ended_us IS NOT NULL"
        ).fetchone()[0]
        talks = conn.execute("SELECT total(wrap_up_s) FROM talk").fetchone()[0]
    assert stretches > 60
    assert talks == pytest.approx(stretches, abs=0.1)


def test_events_without_a_call_do_no_harm(tmp_path: Path) -> None:
    trouble = ev.Trouble(where="disk", what="x", meaning="y", remedy="z")
    write_log(tmp_path, [(0.0, trouble), (1.0, ev.CoreStopped())])
    with (
        EventReader(tmp_path / "events.db") as log,
        Projection(log, tmp_path / "history.db") as projection,
    ):
        assert projection.catch_up() == 2
        assert projection.seq == 2
