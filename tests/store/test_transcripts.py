"""Searching what was said: the query, the index, and what is forgotten."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.store.errors import HistoryDamaged, LogMissing, StoreError
from appliance.store.transcriptsdb import FILE, ROWS, RecordingRow, SaidRow, TranscriptsDb
from appliance.store.transcriptsquery import BadQuery, Query, parse
from appliance.store.transcriptsread import Found, TranscriptsReader


def row(n: int, **given: object) -> RecordingRow:
    made = RecordingRow(n, f"r{n}", f"c{n}", "call", n * 1000, f"r{n}.flac", "", 10.0, 100)
    for name, value in given.items():
        setattr(made, name, value)
    return made


def fill(db: TranscriptsDb, texts: dict[int, list[str]]) -> None:
    with db.transaction():
        for n, said in texts.items():
            db.put(row(n, state="done"))
            db.index(n, [SaidRow(text, "caller", 2.0 * at, 2.0 * at + 1) for at, text in
                         enumerate(said)])  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[TranscriptsDb]:
    made = TranscriptsDb(tmp_path / FILE)
    yield made
    made.close()


@pytest.fixture
def reader(db: TranscriptsDb) -> Iterator[TranscriptsReader]:
    with TranscriptsReader(db.path) as made:
        yield made


def search(reader: TranscriptsReader, text: str, **given: int) -> list[Found]:
    return reader.search(parse(text), after=given.get("after"), limit=given.get("limit", 50))


def numbers(reader: TranscriptsReader, text: str) -> list[int]:
    return [one.recording.n for one in search(reader, text)]


# -- the query --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("invoice", ['"invoice"'], []),
        ("the invoice", ['"the"', '"invoice"'], []),
        ('"credit card" lost', ['"credit card"', '"lost"'], []),
        ("refund*", ['"refund" *'], []),
        ('"credit ca"*', ['"credit ca" *'], []),
        ("invoice -paid", ['"invoice"'], ['"paid"']),
        ('invoice -"paid in full"', ['"invoice"'], ['"paid in full"']),
        ("invoice - paid", ['"invoice"', '"paid"'], []),
        ("this OR that", ['"this"', '"OR"', '"that"'], []),
        ("text:invoice", ['"text:invoice"'], []),
        ("Straße, 5!", ['"Straße,"', '"5!"'], []),
        ("a\udcffb\0c", ['"a"', '"b"', '"c"'], []),
        ("invoice _", ['"invoice"'], []),
    ],
)
def test_what_a_person_types(text: str, wanted: list[str], unwanted: list[str]) -> None:
    assert parse(text) == Query(tuple(wanted), tuple(unwanted))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no word"),
        ("  ?! ", "no word"),
        ("_ __", "no word"),
        ("\udcff", "no word"),
        ('"credit card', "quotation mark is open"),
        ('"', "quotation mark is open"),
        ("*", "after the beginning of a word"),
        ("-paid", "only what must not be said"),
        ("a b c d e f g h i", "more than 8 words"),
    ],
)
def test_what_cannot_be_searched_is_told(text: str, told: str) -> None:
    with pytest.raises(BadQuery, match=told):
        parse(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_index(reader: TranscriptsReader, text: str) -> None:
    try:
        query = parse(text)
    except BadQuery:
        return
    assert reader.search(query, after=None, limit=5) == []


# -- the index --------------------------------------------------------------------------------


def test_words_phrases_beginnings_and_exclusions(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    fill(
        db,
        {
            1: ["my credit card is lost", "the one of the bank"],
            2: ["the card", "give me credit"],
            3: ["Ich möchte die Störung melden"],
        },
    )
    assert numbers(reader, "card") == [2, 1]
    assert numbers(reader, '"credit card"') == [1]
    assert numbers(reader, "credit card") == [2, 1]  # whoever says which
    assert numbers(reader, "card bank") == [1]
    assert numbers(reader, "card -bank") == [2]
    assert numbers(reader, "cred*") == [2, 1]
    assert numbers(reader, "red*") == []
    assert numbers(reader, "stoerung") == []
    assert numbers(reader, "storung mochte") == [3]
    assert numbers(reader, "STÖRUNG") == [3]


def test_a_sharp_s_is_found_however_it_is_written(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    texts = {1: ["die Straße"], 2: ["der Straßenschlüssel"], 3: ["Ein Strassenfest"], 4: ["Maße"]}
    fill(db, texts)
    for text in ("strasse", "STRASSE", "Straße", "STRAẞE", '"die strasse"'):
        assert numbers(reader, text) == [1], text
    assert numbers(reader, "strassenschlussel") == [2]
    assert numbers(reader, "strass*") == [3, 2, 1]
    assert numbers(reader, "straß* -strassenfest") == [2, 1]
    assert numbers(reader, "die -strasse") == []
    assert numbers(reader, "masse") == [4]
    assert search(reader, "strasse")[0].places[0].parts == ("die ", "Straße", "")


ODD = [
    "NEAR(said text)",
    "said NEAR text",
    "text : said",
    "{text}: said",
    "^said",
    "said + text",
    "'; DROP TABLE said; --",
    '"" said',
    "rowid",
    "said" * 2500,
    '"' + "said it " * 1250 + '"',
    "said" + "*" * 9990,
    "(said)",
    "“said”",
    "saïd\u0301",
    "٣ 五 ß ẞ İ ı ﬁ",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_queries_harm_nothing(db: TranscriptsDb, reader: TranscriptsReader, text: str) -> None:
    fill(db, {n: ["he said it near the text"] for n in range(1, 30)})
    assert len(search(reader, text)) in (0, 29)
    assert len(search(reader, "said")) == 29


def test_a_place_has_its_moment_and_what_was_searched_for(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    fill(db, {1: ["hello", "the card and the other card", "no"]})
    (one,) = search(reader, "card hello")
    assert one.count == 2
    assert [place.parts for place in one.places] == [
        ("", "hello", ""),
        ("the ", "card", " and the other ", "card", ""),
    ]
    assert (one.places[1].start_s, one.places[1].end_s, one.places[1].channel) == (2, 3, "caller")


def test_pages_have_no_gap_and_no_duplicate(db: TranscriptsDb, reader: TranscriptsReader) -> None:
    fill(db, {n: ["yes"] * 30 if n % 2 else ["no"] for n in range(1, 60)})
    found, after = list[int](), None
    while page := reader.search(parse("yes"), after=after, limit=7):
        found += [one.recording.n for one in page]
        after = found[-1]
    assert found == [n for n in range(59, 0, -1) if n % 2]
    (first, *_) = search(reader, "yes")
    assert (first.count, len(first.places)) == (30, 20)
    rows, after = list[int](), None
    while some := reader.recordings(after=after, limit=7):
        rows += [one.n for one in some]
        after = rows[-1]
    assert rows == list(range(59, 0, -1))


def test_a_text_that_is_made_again_takes_the_place_of_the_first(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    fill(db, {1: ["wrong words"], 2: ["other words"]})
    fill(db, {1: ["right words"]})
    assert numbers(reader, "wrong") == []
    assert numbers(reader, "right") == [1]
    assert numbers(reader, "words") == [2, 1]


def test_what_is_forgotten_is_nowhere_in_the_file(db: TranscriptsDb) -> None:
    fill(db, {n: ["nothing in particular"] for n in range(2, 50)})
    fill(db, {1: ["my pin is quattuordecim"]})
    with db.transaction():
        db.forget(1)
        db.put(row(1, state="gone"))
    with db.transaction():
        db.scrub()
    db._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    left = db.path.read_bytes() + db.path.with_name(FILE + "-wal").read_bytes()
    assert b"quattuordecim" not in left
    assert b"particular" in left


def test_more_utterances_than_there_is_room_for_touch_no_other_recording(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    with db.transaction():
        db.put(row(1, state="done"))
        db.put(row(2, state="done"))
        db.index(2, [SaidRow("two", "caller", 0, 1)])
        db.index(1, (SaidRow("one", "caller", 0, 1) for _ in range(ROWS + 10)))
    assert numbers(reader, "two") == [2]
    assert search(reader, "one")[0].count == ROWS


def test_who_waits_newest_first_by_language_and_not_with_a_model_that_failed(
    db: TranscriptsDb,
) -> None:
    with db.transaction():
        db.put(row(1))
        db.put(row(2, kind="voicemail"))
        db.put(row(3, spoken="de"))
        db.put(row(4, state="failed", tried="small"))
        db.put(row(5, state="done", model="small"))
        db.put(row(6, spoken="en"))
        db.put(row(7, state="gone"))

    def waiting(kind: str, model: str, *spoken: str) -> list[int]:
        return [one.n for one in db.waiting(kind, spoken, model, 10)]

    assert waiting("call", "small", "en", "") == [6, 1]
    assert waiting("call", "large", "en", "") == [6, 4, 1]
    assert waiting("call", "small", "en") == [6]
    assert waiting("call", "x", "de") == [3]
    assert waiting("call", "x", "fr") == []
    assert waiting("voicemail", "small", "en", "") == [2]


def test_what_a_poor_model_made_waits_for_a_better_one(db: TranscriptsDb) -> None:
    with db.transaction():
        db.put(row(1, state="done", model="commands"))
        db.put(row(2, state="done", model="small"))
        db.put(row(3, state="done", model="commands", tried="large"))
        db.put(row(4))

    def poor(model: str, *spoken: str) -> list[int]:
        return [one.n for one in db.made_by(["commands"], "call", spoken, model, 10)]

    assert poor("large", "") == [1]
    assert poor("huge", "") == [3, 1]
    assert poor("huge", "de") == []


# -- the file ---------------------------------------------------------------------------------


def test_it_is_its_owners_only(tmp_path: Path) -> None:
    """With what SQLite puts beside it, also where everybody else's files are for all to read."""
    before = os.umask(0o022)
    try:
        db = TranscriptsDb(tmp_path / FILE)
        fill(db, {1: ["in confidence"]})
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        db.close()
    finally:
        os.umask(before)
    assert modes == {FILE + end: 0o600 for end in ("", "-wal", "-shm")}


def test_a_damaged_or_older_file_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"this is no database, " * 500)
    db = TranscriptsDb(path)
    fill(db, {1: ["yes"]})
    db.close()
    with TranscriptsReader(path) as reader:
        assert numbers(reader, "yes") == [1]
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA user_version=99")
    conn.close()
    with pytest.raises(HistoryDamaged, match="recordings index"):
        TranscriptsReader(path)
    TranscriptsDb(path).close()
    with TranscriptsReader(path) as reader:
        assert numbers(reader, "yes") == []


def test_without_a_file_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(LogMissing):
        TranscriptsReader(tmp_path / FILE)


def test_a_file_that_others_hold_is_said(db: TranscriptsDb, tmp_path: Path) -> None:
    second = TranscriptsDb(tmp_path / FILE, busy_ms=50)
    with db.transaction(), pytest.raises(StoreError, match="Calls go on"), second.transaction():
        pass
    second.close()


def test_a_reader_follows_to_the_new_file(db: TranscriptsDb, reader: TranscriptsReader) -> None:
    fill(db, {1: ["yes"]})
    assert numbers(reader, "yes") == [1]
    db.start_over()
    fill(db, {2: ["yes"]})
    assert numbers(reader, "yes") == [2]


def test_a_reader_that_comes_before_the_new_file_is_whole_reads_it_later(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    fill(db, {1: ["yes"]})
    db.close()
    for file in db.path.parent.glob(FILE + "*"):
        file.unlink()
    db.path.touch()
    for _ in range(2):
        with pytest.raises(HistoryDamaged, match="another version"):
            numbers(reader, "yes")
    anew = TranscriptsDb(db.path)
    fill(anew, {2: ["yes"]})
    assert numbers(reader, "yes") == [2]
    anew.close()


def test_a_search_that_takes_too_long_is_ended(
    db: TranscriptsDb, reader: TranscriptsReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db, {n: ["yes no maybe"] * 40 for n in range(1, 300)})
    monkeypatch.setattr("appliance.store.transcriptsread.PATIENCE_S", -1.0)
    with pytest.raises(StoreError, match="rarer"):
        reader.search(parse("yes -nothing no maybe"), after=None, limit=400)
    monkeypatch.undo()
    assert len(search(reader, "yes")) == 50


@pytest.mark.slow
def test_a_year_of_recordings_is_searched_in_no_time(
    db: TranscriptsDb, reader: TranscriptsReader
) -> None:
    """20,000 recordings of 30 utterances: 100 calls a day for most of a year."""
    words = [
        "please",
        "could",
        "you",
        "tell",
        "me",
        "about",
        "the",
        "invoice",
        "from",
        "last",
        "month",
        "thank",
        "you",
        "very",
        "much",
    ]
    with db.transaction():
        for n in range(1, 20_001):
            db.put(row(n, state="done"))
            said = (f"{words[(n + at) % 15]} {words[at % 15]} w{n % 997}" for at in range(30))
            db.index(n, [SaidRow(text, "caller", at, at + 1) for at, text in enumerate(said)])
    began = time.perf_counter()
    assert len(search(reader, "invoice")) == 50
    assert len(search(reader, "invoice w77")) == 20
    assert len(search(reader, '"invoice from"')) == 50
    assert len(search(reader, "w7*", limit=20)) == 20
    took = time.perf_counter() - began
    assert took < 5.0, took  # 0.06 s are measured
