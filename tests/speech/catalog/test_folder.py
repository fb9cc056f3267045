"""Whatever lies in a model's folder, looking at it tells what is wrong and no more."""

import json
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance.speech.catalog.faults import faults
from appliance.speech.catalog.folder import ModelFolder
from appliance.speech.catalog.ledger import Ledger, checksum_faults
from appliance.speech.catalog.symbols import Unreadable
from tests.speech.catalog.modelfiles import FILES, fst, write_model

NAMES = st.sampled_from([*FILES, "callfloor-model.json", "callfloor-fetched.json"])
TEXTS = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogateescape")),
    st.builds(lambda at: fst(["a", "b"])[:at], st.integers(0, 120)),
    st.dictionaries(
        st.sampled_from(["language", "kind", "sample_rate", "files", "words", "id"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=9),
                  st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=2)),
        max_size=4,
    ).map(lambda told: json.dumps(told).encode()),
)  # fmt: skip


@settings(max_examples=40)
@given(st.dictionaries(NAMES, TEXTS, max_size=4))
@example({"callfloor-model.json": b'{"files": {"a\\u0000b": "x", "": "y", ".": "z"}}'})
@example({"callfloor-model.json": b'{"files": {"am": "x"}}'})
@example({"conf/mfcc.conf": b"--sample-frequency=nan\n"})
@example({"conf/mfcc.conf": b"--sample-frequency=1e999\n--allow-upsample=true\n"})
def test_any_content_is_told_of_in_words(changed: dict[str, bytes | None]) -> None:
    with tempfile.TemporaryDirectory() as place:
        model = ModelFolder(write_model(Path(place, "mine"), changed))
        found = faults(model) or list(checksum_faults(model, Ledger(None)))
        assert all(one.what.strip() for one in found)
        assert model.size > 0
        assert model.kind in ("commands", "small", "large")
        assert isinstance(model.language, str)
        try:
            assert all(isinstance(word, str) for word in model.words)
        except Unreadable as error:
            assert str(error)


def test_only_words_are_words(tmp_path: Path) -> None:
    text = b"<eps> 0\n[unk] 1\n#0 2\n#decoy 3\n!SIL 4\nsales 5\ndon't 6\n</s> 7\n"
    assert ModelFolder(write_model(tmp_path / "mine", {"graph/words.txt": text})).words == {
        "sales",
        "don't",
    }


def test_only_plain_spaces_part_a_word_from_its_number(tmp_path: Path) -> None:
    text = "<eps> 0\r\nà\xa0peu 1\nso\u2028long\t2\nsales  3\n".encode()
    assert ModelFolder(write_model(tmp_path / "mine", {"graph/words.txt": text})).words == {
        "à\xa0peu",
        "so\u2028long",
        "sales",
    }


def test_the_wrong_rate_is_no_number_game(tmp_path: Path) -> None:
    for rate in ("nan", "1e999", "-8000"):
        changed: dict[str, bytes | None] = {
            "conf/mfcc.conf": f"--sample-frequency={rate}\n--allow-upsample=true\n".encode()
        }
        [fault] = faults(ModelFolder(write_model(tmp_path / rate, changed)))
        assert fault.file == "conf/mfcc.conf"
