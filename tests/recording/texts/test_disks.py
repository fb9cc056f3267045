"""Disks that go and come: what is away is not deleted."""

import shutil

import pytest

from tests.recording.texts.box import Box, run


def test_a_disk_that_is_not_there_is_no_deletion(box: Box) -> None:
    path = box.record("a")
    box.transcribe("a", "my secret")
    box.record("b")
    box.index.catch_up()
    away = box.data / "away"
    shutil.move(box.folder, away)
    assert box.index.sweep() == 0
    assert box.next() == ""
    box.folder.mkdir()  # an empty mount point
    assert box.index.sweep() == 0
    box.folder.rmdir()
    shutil.move(away, box.folder)
    assert box.next() == "b"
    assert box.found("secret") == ["a"]
    assert (box.folder / path).exists()


def test_what_is_taken_in_while_the_disk_is_away_is_there_when_it_is_back(box: Box) -> None:
    box.record("a")
    box.record("b")
    box.transcribe("a", "my secret")
    shutil.move(box.folder, box.data / "away")
    box.folder.mkdir()
    (box.folder / "lost+found").mkdir()  # a mount point that is not empty
    assert box.next() == ""
    assert box.index.sweep() == 0
    shutil.rmtree(box.folder)
    shutil.move(box.data / "away", box.folder)
    assert box.index.elsewhere
    box.index.sweep()
    assert not box.index.elsewhere
    assert box.next() == "b"
    assert box.found("secret") == ["a"]


def many(box: Box, count: int = 24) -> None:
    for n in range(count):
        box.record(f"r{n}")
        box.transcribe(f"r{n}", f"word{n} yes")
    box.index.catch_up()
    box.index.sweep()


def test_another_folder_with_little_in_it_is_no_deletion(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    many(box)
    box.record("early")
    box.index.catch_up()
    shutil.move(box.folder, box.data / "away")
    box.record("today")
    assert box.next() == "today"
    for _ in range(2):
        assert box.index.sweep() == 0
    box.transcribe("today", "yes now")
    assert box.next() == ""  # early is on the other disk
    assert len(box.found("yes")) == 25
    assert [one.message.split(" are not in ")[0] for one in caplog.records] == [
        "25 of 26 recordings"
    ]
    shutil.rmtree(box.folder)
    shutil.move(box.data / "away", box.folder)
    assert box.index.sweep() == 1
    assert box.next() == "early"
    assert len(box.found("word*")) == 24


def test_who_deletes_most_of_them_in_the_same_folder_means_it(box: Box) -> None:
    many(box)
    for file in box.folder.rglob("*.flac"):
        if file.name != "r3.flac":
            file.unlink()
    assert box.index.sweep() == 23
    assert box.found("yes") == ["r3"]


def test_the_index_command_ends_the_doubt(box: Box) -> None:
    many(box)
    shutil.move(box.folder, box.data / "away")
    box.record("today")
    assert box.next() == "today"
    assert run(box, "index").exit_code == 0
    box.index.catch_up()
    box.index.sweep()
    assert box.found("yes") == []
    assert box.next() == "today"
