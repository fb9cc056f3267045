"""An index of what was said, filled by hand."""

from appliance.store.transcriptsdb import RecordingRow, SaidRow, TranscriptsDb
from appliance.store.transcriptsquery import parse
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


def search(reader: TranscriptsReader, text: str, **given: int) -> list[Found]:
    return reader.search(parse(text), after=given.get("after"), limit=given.get("limit", 50))


def numbers(reader: TranscriptsReader, text: str) -> list[int]:
    return [one.recording.n for one in search(reader, text)]
