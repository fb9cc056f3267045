"""The index that is made anew from log and files is the one that grew."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance.model.transcript import transcript_path
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


# -- any history ----------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b"])
MODELS = st.sampled_from(["commands", "small", "large"])
Step = tuple[str, str, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["record", "again", "transcribe", "fail", "delete", "harm", "look"]),
        NAMES,
        MODELS,
    ),
    max_size=10,
)


def steps(text: str) -> list[Step]:
    """Steps of recording a, a model after a colon."""
    parts = (each.split(":") for each in text.split())
    return [(kind, "a", model[0] if model else "") for kind, *model in parts]


@settings(max_examples=40, deadline=None)
@given(STEPS)
@example(steps("record fail:small transcribe:large look delete"))
@example(steps("record transcribe:large look fail:small look delete"))
@example(steps("record transcribe:commands look harm look delete"))
@example(steps("record fail:small transcribe:large look harm"))
@example(steps("record transcribe:large look fail:small harm"))
@example(steps("record transcribe:commands transcribe:large look delete fail:small"))
def test_any_history_made_anew_is_what_grew(given_steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder))
        try:
            box.record("z")
            for each in given_steps:
                happen(box, *each)
            happen(box, "look", "", "")
            grown = whole(box)
            box.index.rebuild()
            box.index.sweep()
            assert whole(box) == grown
        finally:
            box.close()


def happen(box: Box, kind: str, name: str, model: str) -> None:
    path = f"2026/11/23/{name}.flac"
    known = any(box.reader.read(call=f"c-{name}"))
    if kind == "look":
        box.index.catch_up()
        box.index.sweep()
    elif kind == "record":
        if not known:
            box.record(name)
    elif not known:
        return
    elif kind == "again":
        box.say(box.finished(name))
    elif kind == "transcribe":
        box.transcribe(name, f"{name} said {model}", model)
    elif kind == "fail":
        box.fail(name, model)
    elif kind == "delete":
        (box.folder / path).unlink(missing_ok=True)
    else:
        (box.folder / transcript_path(path)).unlink(missing_ok=True)


def whole(box: Box) -> tuple[object, ...]:
    """All that is in the index."""
    do = box.index._db._do
    return do("SELECT * FROM recording ORDER BY n"), do("SELECT rowid, * FROM said ORDER BY rowid")
