"""A text or an index that is harmed is made again."""

import sqlite3

import msgspec
import pytest

from appliance.model.transcript import transcript_path
from appliance.store.transcriptsdb import FILE
from tests.recording.texts.box import KINDS, SMALL, Box, run


@pytest.mark.parametrize("harm", ["gone", "torn", "changed"])
def test_a_text_that_is_harmed_is_made_again(box: Box, harm: str) -> None:
    path = box.folder / transcript_path(box.record("a"))
    box.transcribe("a", "yes")
    body = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(body[:-9] if harm == "torn" else body.replace(b"yes", b"yep"))
    assert box.next() == "a"
    assert box.found("yep") == []


def test_a_recording_that_is_finished_once_more_keeps_its_text(box: Box) -> None:
    box.record("a")
    box.transcribe("a", "yes")
    box.say(msgspec.structs.replace(box.finished("a"), sha256="1" * 64))
    assert box.next() == ""
    box.index.sweep()
    assert box.next() == ""
    assert box.found("yes") == ["a"]


@pytest.mark.parametrize("harm", ["gone", "torn", "another"])
def test_a_text_that_was_harmed_later_is_made_again(box: Box, harm: str) -> None:
    path = box.folder / transcript_path(box.record("a"))
    box.transcribe("a", "yes")
    box.record("b")
    box.transcribe("b", "yes")
    assert box.next() == ""
    body = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        other = path.with_name("b.transcript.json").read_bytes()
        path.write_bytes(body[:-9] if harm == "torn" else other)
    assert box.index.sweep() == 0
    assert box.found("yes") == ["b"]
    assert box.next() == "a"


def test_a_text_that_nobody_can_read_is_made_again_at_once(box: Box) -> None:
    path = box.folder / transcript_path(box.record("a"))
    box.transcribe("a", "yes")
    box.index.catch_up()
    box.index.again("a")
    assert box.next() == ""
    path.write_bytes(b"{")
    box.index.again("a")
    assert box.next() == "a"


def spoil(box: Box) -> None:
    """Every page of the index but the first is rotten; the header still says what it is."""
    box.index.close()
    path = box.data / FILE
    with sqlite3.connect(path) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    body = path.read_bytes()
    path.write_bytes(body[:4096] + b"\xa5" * (len(body) - 4096))
    box.open()


def test_a_damaged_index_heals_by_itself(box: Box) -> None:
    box.record("a")
    box.record("b")
    box.transcribe("a", "yes")
    box.index.catch_up()
    spoil(box)
    assert box.next() == "b"
    assert box.found("yes") == ["a"]


@pytest.mark.parametrize("ask", ["next", "sweep"])
def test_damage_that_is_met_between_two_looks_at_the_log_heals_too(box: Box, ask: str) -> None:
    box.record("a")
    box.record("b")
    box.transcribe("a", "yes")
    box.index.catch_up()
    spoil(box)
    if ask == "next":
        row = box.index.next(KINDS, SMALL, "en")
        assert row is not None
        assert row.id == "b"
    else:
        assert box.index.sweep() == 0
    assert box.found("yes") == ["a"]


def test_the_index_command_heals_a_damaged_one(box: Box) -> None:
    box.record("a")
    box.transcribe("a", "yes")
    box.index.catch_up()
    spoil(box)
    done = run(box, "index")
    assert done.exit_code == 0, done.output
    assert box.found("yes") == ["a"]
