"""Whose text is wanted next, and whose never again."""

import errno
import time
from pathlib import Path

import pytest

from appliance.model import events as ev
from appliance.model.ids import CallId
from tests.recording.texts.box import KINDS, SMALL, Box


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
    began = time.process_time()  # ours alone: others may have the processors
    for _ in range(20):
        assert box.index.next(KINDS, {"en": "commands"}, "en", ("commands",)).id == "first"
        assert box.index.next(KINDS, {"fr": "x"}, "en") is None
    assert time.process_time() - began < 1.0


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


def test_others_go_before_those_that_are_set_aside(box: Box) -> None:
    for name in "abc":
        box.record(name)
    box.index.catch_up()
    row = box.index.next(KINDS, SMALL, "en", (), {"b", "c"})
    assert row is not None
    assert row.id == "a"
    assert box.index.next(KINDS, SMALL, "en", (), {"a", "b", "c"}) is None
