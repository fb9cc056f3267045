"""Nothing stays of what was said in a recording that is deleted."""

import errno
import sqlite3
from pathlib import Path

import pytest

from appliance.model.transcript import HALF_SUFFIX, transcript_path
from appliance.store.transcriptsdb import FILE
from tests.recording.texts.box import Box


def test_a_recording_that_is_gone_takes_its_text_along(box: Box) -> None:
    paths = {name: box.record(name) for name in "abc"}
    box.transcribe("a", "my secret")
    box.transcribe("b", "my secret")
    box.index.catch_up()
    assert box.index.sweep() == 0
    (box.folder / paths["a"]).unlink()
    (box.folder / paths["c"]).unlink()
    assert box.index.sweep() == 2
    assert box.found("secret") == ["b"]
    assert not (box.folder / transcript_path(paths["a"])).exists()
    assert (box.folder / transcript_path(paths["b"])).exists()
    assert box.next() == ""
    box.index.rebuild()
    assert box.found("secret") == ["b"]


def told_in_the_file(box: Box, word: bytes) -> bool:
    with sqlite3.connect(box.data / FILE) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    return word in (box.data / FILE).read_bytes()


def test_a_text_that_comes_after_its_recording_was_deleted_does_not_stay(box: Box) -> None:
    path = box.record("a")
    box.record("b")
    box.transcribe("a", "abracadabra", "commands")
    box.index.catch_up()
    (box.folder / path).unlink()
    box.transcribe("a", "abracadabra please", "large")
    box.index.catch_up()
    assert not (box.folder / transcript_path(path)).exists()
    assert box.found("abracadabra") == []
    assert not told_in_the_file(box, b"abracadabra")


def test_who_asks_for_the_next_one_forgets_wholly_what_is_deleted(box: Box) -> None:
    path = box.record("a")
    box.record("b")
    box.transcribe("a", "abracadabra", "commands")
    box.index.catch_up()
    assert told_in_the_file(box, b"abracadabra")
    (box.folder / path).unlink()
    assert box.next({"en": "large"}) == "b"
    box.fail("b", "large")
    assert box.next({"en": "large"}) == ""
    assert not (box.folder / transcript_path(path)).exists()
    assert not told_in_the_file(box, b"abracadabra")


def test_a_file_that_cannot_be_deleted_stops_nothing(
    box: Box, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    paths = {name: box.record(name) for name in "abc"}
    for name in "ab":
        box.transcribe(name, "my secret")
    box.index.catch_up()
    for name in "ab":
        (box.folder / paths[name]).unlink()
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "a.transcript.json":
            raise PermissionError(errno.EROFS, "Read-only file system")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert box.index.sweep() == 2
    assert box.index.sweep() == 0
    assert box.found("secret") == []
    assert box.next() == "c"
    assert len([one for one in caplog.records if "cannot be deleted" in one.message]) == 1
    assert not (box.folder / transcript_path(paths["b"])).exists()
    monkeypatch.undo()
    box.index.sweep()
    assert not (box.folder / transcript_path(paths["a"])).exists()


def test_what_a_crash_left_half_written_goes_with_the_recording(box: Box) -> None:
    """The process was ended while it wrote, and nobody asked for that text again."""
    path = box.folder / box.record("a")
    box.record("b")
    box.index.catch_up()
    box.index.sweep()
    half = path.with_name("a" + HALF_SUFFIX)
    half.write_bytes(b'{"recording":"a","utterances":[my secret')
    path.unlink()
    assert box.index.sweep() == 1
    assert not half.exists()
