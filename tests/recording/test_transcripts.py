"""What waits for its text, what has one, what is gone: all of it from the log and the files."""

import errno
import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from appliance.model import events as ev
from appliance.model.ids import CallId, RecordingId, TrunkId
from appliance.model.transcript import Transcript, Utterance, Word, transcript_path
from appliance.recording.cli import recordings as command
from appliance.recording.transcripts import Transcripts
from appliance.store.eventlog import EventLog
from appliance.store.reader import EventReader
from appliance.store.transcriptsdb import FILE
from appliance.store.transcriptsquery import parse
from appliance.store.transcriptsread import TranscriptsReader

KINDS = ("voicemail", "call")
SMALL = {"en": "small"}


class Box:
    """A data folder with a log, recordings and their index."""

    def __init__(self, folder: Path) -> None:
        self.data = folder
        self.folder = folder / "recordings"
        self.log = EventLog.open(folder)
        self.reader = EventReader(folder / "events.db")
        self.open()

    def open(self) -> None:
        self.index = Transcripts(self.reader, self.data / FILE, self.folder, batch=7)

    def close(self) -> None:
        self.index.close()
        self.reader.close()
        self.log.close()

    def say(self, *events: ev.AnyEvent) -> None:
        for event in events:
            self.log.append(event)
        self.log.flush_now()

    def record(self, name: str, *, kind: str = "call", language: str = "") -> str:
        """A finished recording; its path."""
        call, path = CallId(f"c-{name}"), f"2026/11/23/{name}.flac"
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"sound of " + name.encode())
        tagged = [ev.CallTagged(call=call, language=language)] if language else []
        self.say(
            ev.CallArrived(call=call, trunk=TrunkId("t"), caller="+4930123456"),
            *tagged,
            ev.RecordingStarted(
                call=call,
                recording=RecordingId(name),
                path=f"2026/11/23/{name}.part.wav",
                kind="voicemail" if kind == "voicemail" else "call",
            ),
            self.finished(name),
        )
        return path

    def finished(self, name: str) -> ev.RecordingFinished:
        return ev.RecordingFinished(
            call=CallId(f"c-{name}"),
            recording=RecordingId(name),
            path=f"2026/11/23/{name}.flac",
            sha256="0" * 64,
            duration_s=3.0,
            bytes=9 + len(name),
        )

    def transcribe(self, name: str, text: str, model: str = "small") -> None:
        words = [
            Word(word=each, start=n, end=n + 0.5, confidence=0.8)
            for n, each in enumerate(text.split())
        ]
        said = Utterance(channel="caller", start=0.0, end=len(words), words=tuple(words))
        made = Transcript(
            recording=name,
            call=f"c-{name}",
            audio_sha256="0" * 64,
            duration_s=3.0,
            language="en",
            model=model,
            utterances=(said,),
        )
        body = msgspec.json.encode(made)
        path = transcript_path(f"2026/11/23/{name}.flac")
        (self.folder / path).write_bytes(body)
        self.say(
            ev.RecordingTranscribed(
                call=CallId(f"c-{name}"),
                recording=RecordingId(name),
                path=path,
                sha256=hashlib.sha256(body).hexdigest(),
                language="en",
                model=model,
                words=made.words,
            )
        )

    def fail(self, name: str, model: str = "small") -> None:
        self.say(
            ev.TranscriptFailed(
                call=CallId(f"c-{name}"), recording=RecordingId(name), model=model, cause="damaged"
            )
        )

    def next(
        self,
        models: dict[str, str] = SMALL,
        language: str = "en",
        poor: tuple[str, ...] = ("commands",),
    ) -> str:
        self.index.catch_up()
        row = self.index.next(KINDS, models, language, poor)
        return "" if row is None else row.id

    def found(self, text: str) -> list[str]:
        with TranscriptsReader(self.data / FILE) as reader:
            return [one.recording.id for one in reader.search(parse(text), after=None, limit=50)]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.close()


def test_voicemail_comes_first_then_the_newest(box: Box) -> None:
    for name, kind in (("a", "call"), ("b", "voicemail"), ("c", "call"), ("d", "voicemail")):
        box.record(name, kind=kind)
    order = []
    while name := box.next():
        order.append(name)
        box.transcribe(name, "yes")
    assert order == ["d", "b", "c", "a"]
    assert box.found("yes") == ["d", "c", "b", "a"]


def test_only_what_is_wanted_is_made(box: Box) -> None:
    box.record("a")
    box.index.catch_up()
    assert box.index.next(("voicemail",), SMALL, "en") is None
    assert box.index.next((), SMALL, "en") is None
    assert box.index.next(KINDS, {}, "en") is None
    assert box.index.next(("call",), SMALL, "en") is not None


def test_nothing_is_made_twice_whoever_asks_and_after_any_restart(box: Box) -> None:
    for name in "abc":
        box.record(name)
    box.transcribe("b", "yes")
    box.fail("c")
    box.index.catch_up()
    box.index.close()
    box.open()
    assert box.next() == "a"
    box.transcribe("a", "no")
    box.transcribe("a", "no")  # its news came twice
    assert box.next() == ""
    assert box.found("no") == ["a"]


def test_a_failure_is_tried_again_only_with_another_model(box: Box) -> None:
    box.record("a")
    box.fail("a")
    assert box.next() == ""
    assert box.next({"en": "large"}) == "a"
    box.fail("a", "large")
    assert box.next({"en": "large"}) == ""
    box.transcribe("a", "yes", "huge")
    assert box.next({"en": "large"}) == ""
    box.fail("a", "later")  # a late word on what is there changes nothing
    assert box.next({"en": "small"}) == ""


def test_a_text_of_a_few_words_is_made_again_with_a_real_model(box: Box) -> None:
    box.record("a")
    box.transcribe("a", "yes", "commands")
    assert box.next({"en": "commands"}) == ""
    assert box.next({"en": "large"}) == "a"
    box.fail("a", "large")
    assert box.next({"en": "large"}) == ""
    assert box.found("yes") == ["a"]  # what there is stays
    assert box.next({"en": "huge"}) == "a"
    box.transcribe("a", "yes please", "huge")
    assert box.next({"en": "large"}) == ""
    assert box.found("please") == ["a"]


def test_new_ones_come_before_those_that_are_made_again(box: Box) -> None:
    box.record("old", kind="voicemail")
    box.transcribe("old", "yes", "commands")
    box.record("german", language="de")
    box.record("new")
    order = []
    while name := box.next({"en": "large", "de": "gross"}):
        order.append(name)
        box.transcribe(name, "yes", "large")
    assert order == ["new", "german", "old"]


def test_many_that_cannot_be_made_hold_up_nobody(box: Box) -> None:
    """A site whose language has no model asks after each event."""
    box.record("first")
    box.index.catch_up()
    with box.index._db.transaction():
        row = box.index._db.find("first")
        assert row is not None
        for n in range(20_000):
            row.n, row.id, row.spoken = 1000 + n, f"r{n}", "de"
            row.state, row.model = ("done", "commands") if n % 2 else ("waiting", "")
            box.index._db.put(row)
    began = time.perf_counter()
    for _ in range(20):
        assert box.index.next(KINDS, {"en": "commands"}, "en", ("commands",)).id == "first"
        assert box.index.next(KINDS, {"fr": "x"}, "en") is None
    assert time.perf_counter() - began < 1.0


def test_a_language_without_a_model_waits(box: Box) -> None:
    box.record("german", language="de")
    box.record("unknown")
    assert box.next() == "unknown"
    box.transcribe("unknown", "yes")
    assert box.next() == ""
    assert box.next({"en": "small", "de": "klein"}) == "german"


def test_the_language_is_that_of_the_call_when_it_was_recorded(box: Box) -> None:
    box.record("a", language="de")
    box.say(ev.CallTagged(call=CallId("c-a"), language="en"))
    assert box.next() == ""
    assert box.next({"de": "klein"}, language="en") == "a"


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


# -- commands ---------------------------------------------------------------------------------


def run(box: Box, *arguments: str) -> Result:
    site = box.data / "site.toml"
    if not site.exists():
        site.write_text(f'[site]\nname = "Test"\ndata_dir = "{box.data}"\n')
    return CliRunner().invoke(command, [*arguments, "--site", str(site)])


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
    assert "with the model small: damaged" in run(box, "transcript", "b").output
    assert "no recording nobody" in run(box, "transcript", "nobody").output
    wrong = run(box, "search", '"open')
    assert wrong.exit_code == 2
    assert "quotation mark is open" in wrong.output
    assert run(box, "search", "-paid").exit_code == 2


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


# -- disks that go and come -------------------------------------------------------------------


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


# -- nothing stays of what is deleted ---------------------------------------------------------


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


def test_a_file_that_cannot_be_looked_at_is_neither_gone_nor_next(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.record("a")
    box.record("b")
    is_file = Path.is_file

    def refuse(path: Path) -> bool:
        if path.name == "b.flac":
            raise OSError(errno.EIO, "Input/output error")
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    assert box.next() == "a"
    box.transcribe("a", "yes")
    assert box.next() == ""
    assert box.index.sweep() == 0
    monkeypatch.undo()
    assert box.next() == "b"


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


def test_others_go_before_those_that_are_set_aside(box: Box) -> None:
    for name in "abc":
        box.record(name)
    box.index.catch_up()
    row = box.index.next(KINDS, SMALL, "en", (), {"b", "c"})
    assert row is not None
    assert row.id == "a"
    assert box.index.next(KINDS, SMALL, "en", (), {"a", "b", "c"}) is None
