"""The index that is made anew from log and files is the one that grew."""

import shutil
from pathlib import Path

from appliance.store.transcriptsdb import FILE
from appliance.store.transcriptsquery import parse
from appliance.store.transcriptsread import TranscriptsReader
from tests.recording.texts.box import Box


def test_what_was_made_anew_is_what_grew(box: Box) -> None:
    for n in range(20):
        box.record(f"r{n}", kind="voicemail" if n % 3 else "call", language="de" * (n % 4 == 1))
        if n % 2:
            box.transcribe(f"r{n}", f"word{n} yes")
        elif n % 5 == 0:
            box.fail(f"r{n}")
        box.index.catch_up()
    grown = rows(box)
    box.index.rebuild()
    assert rows(box) == grown
    assert len(box.found("yes")) == 10


def rows(box: Box) -> tuple[object, ...]:
    with TranscriptsReader(box.data / FILE) as reader:
        said = reader.search(parse("yes"), after=None, limit=50)
        return reader.recordings(after=None, limit=50), said


def test_readers_see_the_old_index_until_the_new_one_is_whole(box: Box) -> None:
    box.record("a")
    box.transcribe("a", "yes")
    box.index.catch_up()
    seen: list[list[str]] = []
    box.index.rebuild(lambda done, total: seen.append(box.found("yes")))
    assert seen
    assert all(found == ["a"] for found in seen)


def test_another_log_begins_another_index(box: Box, tmp_path: Path) -> None:
    box.record("a")
    box.transcribe("a", "yes")
    box.index.catch_up()
    other = Box(tmp_path / "other")
    try:
        shutil.copy(box.data / FILE, other.data / FILE)
        other.index.close()
        other.open()
        other.record("z")
        assert other.next() == "z"
        assert other.found("yes") == []
    finally:
        other.close()
