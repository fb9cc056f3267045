"""An index and its reader, for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store.transcriptsdb import FILE, TranscriptsDb
from appliance.store.transcriptsread import TranscriptsReader


@pytest.fixture
def db(tmp_path: Path) -> Iterator[TranscriptsDb]:
    made = TranscriptsDb(tmp_path / FILE)
    yield made
    made.close()


@pytest.fixture
def reader(db: TranscriptsDb) -> Iterator[TranscriptsReader]:
    with TranscriptsReader(db.path) as made:
        yield made
