"""`callfloor recordings search`, `transcript` and `index`."""

import os

import msgspec
import pytest

from appliance.model import events as ev
from appliance.model.ids import CallId
from appliance.recording.transcripts import Transcripts
from appliance.store.transcriptsdb import FILE
from tests.recording.texts.box import Box, run


def test_commands_find_and_read_without_an_office(box: Box) -> None:
    box.record("a")
    box.record("b", kind="voicemail")
    box.say(ev.TalkStarted(call=CallId("c-a"), agent="erika"))
    box.transcribe("a", "the invoice please")
    found = run(box, "search", "inv*")
    assert found.exit_code == 0, found.output
    assert "a  call c-a  +4930123456 erika" in found.output
    assert "0:00  caller  the invoice please" in found.output
    assert "Nobody said that" in run(box, "search", "nothing").output
    as_json = msgspec.json.decode(run(box, "search", "invoice", "--json").output)
    assert (as_json["id"], as_json["count"]) == ("a", 1)
    assert as_json["places"][0]["parts"] == ["the ", "invoice", " please"]
    text = run(box, "transcript", "a")
    assert "by the model small" in text.output
    assert "the invoice please" in text.output
    as_json = msgspec.json.decode(run(box, "transcript", "a", "--json").output)
    assert as_json["utterances"][0]["words"][1]["word"] == "invoice"


def test_commands_say_why_there_is_nothing(box: Box) -> None:
    box.record("a")
    box.record("b")
    box.fail("b")
    assert "[speech] transcribe" in run(box, "transcript", "a").output
    assert "No recording has become text" in run(box, "search", "nothing").output
    assert "with the model small: damaged" in run(box, "transcript", "b").output
    assert "no recording nobody" in run(box, "transcript", "nobody").output
    wrong = run(box, "search", '"open')
    assert wrong.exit_code == 2
    assert "quotation mark is open" in wrong.output
    assert run(box, "search", "-paid").exit_code == 2


def test_the_text_of_a_deleted_recording_is_shown_no_more(box: Box) -> None:
    """Also before its index, and the text itself, follow."""
    file = box.folder / box.record("a")
    box.transcribe("a", "my pin is nine")
    assert "my pin" in run(box, "transcript", "a").output
    file.unlink()
    shown = run(box, "transcript", "a")
    assert shown.exit_code == 1
    assert "recording a is gone" in shown.output
    assert "my pin" not in shown.output
    assert "my pin" not in run(box, "transcript", "a", "--json").output
    assert "my pin" not in run(box, "search", "pin").output


def test_the_index_command_makes_it_anew(box: Box) -> None:
    box.record("a")
    box.transcribe("a", "yes")
    done = run(box, "index")
    assert done.exit_code == 0, done.output
    assert "made anew from 4 events" in done.output
    assert box.found("yes") == ["a"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("was", ["none", "root's", "damaged"])
def test_what_root_types_leaves_files_that_the_office_can_write(box: Box, was: str) -> None:
    box.record("a")
    box.transcribe("a", "yes")
    box.index.close()
    if was == "none":
        for file in box.data.glob(FILE + "*"):
            file.unlink()
    elif was == "damaged":
        (box.data / FILE).write_bytes(b"rotten" * 1000)
    os.chown(box.data / "events.db", 1234, 1235)
    seen: list[set[tuple[int, int]]] = []

    def owners(done: int, total: int) -> None:
        files = [file.stat() for file in box.data.glob(FILE + "*")]
        seen.append({(file.st_uid, file.st_gid) for file in files})
        assert len(files) == 3

    with Transcripts(box.reader, box.data / FILE, box.folder) as transcripts:
        transcripts.rebuild(owners)
    assert seen == [{(1234, 1235)}]
    assert run(box, "search", "yes").exit_code == 0
    assert (box.data / FILE).stat().st_uid == 1234
    box.open()
