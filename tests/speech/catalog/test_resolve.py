"""Which model hears which language, and what is told where one cannot."""

import hashlib
import os
from pathlib import Path

import pytest

from appliance.model.site import Speech
from appliance.speech.catalog import ledger
from appliance.speech.catalog.listing import rows
from appliance.speech.catalog.resolve import Resolved, resolve
from appliance.speech.catalog.shelf import Shelf
from tests.speech.catalog.modelfiles import FILES, Models, fst, marker, write_model


def told(found: Resolved) -> str:
    return "\n".join(f"{one.what} {one.means} {one.to_do}" for one in found.findings)


def test_the_built_in_model_hears_its_language(data_dir: Path, built_in: Path) -> None:
    found = resolve(Speech(), data_dir, built_in)
    assert found.folders == {"en": built_in / "en-test"}
    assert found.transcribers == {}  # it knows commands only
    assert found.findings == ()
    assert not data_dir.exists()  # looking leaves nothing behind


def test_a_configured_model_comes_before_the_built_in_one(
    data_dir: Path, built_in: Path, models: Models
) -> None:
    mine, german = models("mine"), models("vosk-model-small-de-0.15")
    speech = Speech(models={"en": "mine", "de": "vosk-model-small-de-0.15"})
    found = resolve(speech, data_dir, built_in)
    assert found.folders == {"en": mine, "de": german}
    assert found.transcribers == {"en": mine, "de": german}
    assert found.findings == ()


def test_a_missing_model_leaves_the_built_in_one_listening(data_dir: Path, built_in: Path) -> None:
    found = resolve(Speech(models={"en": "vosk-model-small-en-us-0.15"}), data_dir, built_in)
    assert found.folders == {"en": built_in / "en-test"}
    assert "There is no speech model vosk-model-small-en-us-0.15." in told(found)
    assert "built-in model en-test listens" in told(found)
    assert "callfloor models fetch vosk-model-small-en-us-0.15" in told(found)
    [trouble] = found.troubles
    assert trouble.where == "speech"
    assert found.findings[0].path == ("speech", "models", "en")
    assert found.findings[0].severity == "warning"


def test_without_any_model_there_are_keys(data_dir: Path, built_in: Path) -> None:
    found = resolve(Speech(models={"de": "nowhere"}), data_dir, built_in)
    assert "de" not in found.folders
    assert "Calls are still taken by keys." in told(found)


def test_names_cannot_lead_out_of_the_folder(data_dir: Path, built_in: Path) -> None:
    speech = Speech.model_construct(models={"en": "../../etc"}, transcribe_models={})
    assert "There is no speech model ../../etc." in told(resolve(speech, data_dir, built_in))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"am/final.mdl": None}, "am/final.mdl is missing."),
        ({"conf/model.conf": None}, "conf/model.conf is missing."),
        ({"conf/mfcc.conf": None}, "conf/mfcc.conf is missing."),
        ({"graph/HCLr.fst": None}, "graph/HCLr.fst is missing."),
        ({"graph/Gr.fst": None}, "graph/Gr.fst is missing."),
        ({"graph/disambig_tid.int": b""}, "graph/disambig_tid.int is empty."),
        ({"graph/phones/word_boundary.int": None}, "word_boundary.int is missing."),
        ({"graph/words.txt": None}, "words.txt cannot be read: No such file"),
        ({"graph/words.txt": b"<eps> 0\n"}, "The model knows no words."),
        ({"graph/words.txt": b"a list of words\n"}, "words.txt is no list of words"),
        ({"graph/words.txt": b"\xff\xfe 1\n"}, "words.txt cannot be read"),
        ({"graph/Gr.fst": b"not a graph at all"}, "Gr.fst is cut off or damaged."),
        ({"graph/Gr.fst": fst(["billing"])[:-3]}, "Gr.fst is cut off or damaged."),
        ({"ivector/final.ie": b"x"}, "ivector/final.dubm is missing."),
        ({"am/final.mdl": b"input-node name=ivector dim=30"}, "ivector/final.ie is missing."),
        ({"conf/mfcc.conf": b"--sample-frequency=16000\n"}, "16000 Hz and cannot take"),
        ({"conf/mfcc.conf": b"--sample-frequency=4000\n"}, "4000 Hz and cannot take"),
        ({"conf/mfcc.conf": b"--dither=0\n"}, "16000 Hz and cannot take"),
        ({"conf/mfcc.conf": b"--sample-frequency=fast\n"}, "sample-frequency is no number"),
        ({"conf/mfcc.conf": b"<html>\n"}, "mfcc.conf: '<html>' is no option."),
        (marker(sample_rate=16000), "but callfloor-model.json says 16000 Hz"),
        ({"callfloor-model.json": b"{"}, "callfloor-model.json cannot be read"),
        (marker(language="english"), "its language is 'english', which is no code"),
        (marker(files={"../../etc/passwd": "0"}), "outside of the model"),
    ],
)
def test_a_bad_model_is_refused_with_the_file_named(
    data_dir: Path, built_in: Path, models: Models, changed: dict[str, bytes | None], says: str
) -> None:
    models("mine", changed)
    found = resolve(Speech(models={"en": "mine", "de": "mine"}), data_dir, built_in)
    assert found.folders == {"en": built_in / "en-test"}
    assert "Speech model mine cannot be used:" in told(found)
    assert says in told(found)
    assert "Calls are still taken by keys." in told(found)  # of German, which has no other model


def test_models_of_16_khz_that_take_telephone_sound_are_fine(
    data_dir: Path, built_in: Path, models: Models
) -> None:
    conf = b"--sample-frequency=16000\n--allow-upsample=true # as the official ones\n"
    mine = models("mine", {"conf/mfcc.conf": conf})
    assert resolve(Speech(models={"en": "mine"}), data_dir, built_in).folders["en"] == mine


def test_words_may_be_inside_the_graph(data_dir: Path, built_in: Path, models: Models) -> None:
    mine = models("mine", {"graph/Gr.fst": fst(["sales"]), "graph/words.txt": None})
    assert resolve(Speech(models={"en": "mine"}), data_dir, built_in).folders["en"] == mine


def test_the_older_flat_layout_is_read(data_dir: Path, built_in: Path, models: Models) -> None:
    flat = {
        Path(name).name: content if name != "graph/Gr.fst" else fst(["vendas"])
        for name, content in FILES.items()
        if name != "conf/model.conf"
    }
    mine = models("vosk-model-small-pt-0.3", {**dict.fromkeys(FILES), **flat})
    found = resolve(Speech(models={"pt": "vosk-model-small-pt-0.3"}), data_dir, built_in)
    assert found.folders["pt"] == mine
    assert found.findings == ()


def test_a_static_graph_cannot_listen_for_menus(
    data_dir: Path, built_in: Path, models: Models
) -> None:
    big = models("big", {"graph/HCLG.fst": fst(["sales"]), "graph/HCLr.fst": None})
    speech = Speech(models={"en": "big"}, transcribe_models={"en": "big"})
    found = resolve(speech, data_dir, built_in)
    assert found.folders == {"en": built_in / "en-test"}
    assert found.transcribers == {"en": big}
    assert "big cannot listen for the words of a menu." in told(found)


def test_commands_cannot_become_a_transcript(data_dir: Path, built_in: Path) -> None:
    found = resolve(Speech(transcribe_models={"en": "en-test"}), data_dir, built_in)
    assert found.transcribers == {}
    assert "en-test knows commands only" in told(found)


def test_a_model_for_another_language_is_told(
    data_dir: Path, built_in: Path, models: Models
) -> None:
    mine = models("vosk-model-small-de-0.15")
    found = resolve(Speech(models={"fr": mine.name}), data_dir, built_in)
    assert found.folders["fr"] == mine  # somebody wrote so
    assert "is for 'de', not 'fr'" in told(found)


def listed(changed: bytes | None = None) -> dict[str, bytes | None]:
    """A model with a list of its files; `changed`: another final.mdl than the one listed."""
    sums = {"am/final.mdl": hashlib.sha256(FILES["am/final.mdl"]).hexdigest()}
    files = marker(files=sums)
    return files if changed is None else {**files, "am/final.mdl": changed}


def test_a_changed_file_is_noticed(data_dir: Path, built_in: Path, models: Models) -> None:
    models("mine", listed(b"\0B nut"))
    found = resolve(Speech(models={"en": "mine"}), data_dir, built_in)
    assert found.folders == {"en": built_in / "en-test"}
    assert "am/final.mdl is not what it was" in told(found)


def test_files_are_read_once_and_again_when_they_change(
    data_dir: Path, built_in: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = ledger.digest
    monkeypatch.setattr(ledger, "digest", lambda path: read.append(path.name) or real(path))
    mine, speech = models("mine", listed()), Speech(models={"en": "mine"})
    for _ in range(3):
        assert resolve(speech, data_dir, built_in).folders["en"] == mine
    assert read == ["final.mdl"]
    mdl = mine / "am/final.mdl"
    mdl.write_bytes(b"\0B nut")  # as long as before
    os.utime(mdl, ns=(1, 1))
    assert resolve(speech, data_dir, built_in).folders["en"] != mine
    assert read == ["final.mdl", "final.mdl"]


@pytest.mark.parametrize("rubbish", [b"", b"[]", b'{"a": 3}', b"\xff"])
def test_a_spoilt_memory_is_no_hindrance(
    data_dir: Path, built_in: Path, models: Models, rubbish: bytes
) -> None:
    mine = models("mine", listed())
    (data_dir / "models" / ledger.FILE).write_bytes(rubbish)
    assert resolve(Speech(models={"en": "mine"}), data_dir, built_in).folders["en"] == mine


def test_a_damaged_built_in_model_is_told(data_dir: Path, built_in: Path) -> None:
    (built_in / "en-test/am/final.mdl").unlink()
    found = resolve(Speech(), data_dir, built_in)
    assert found.folders == {}
    assert "The built-in speech model en-test is damaged: am/final.mdl is missing." in told(found)
    assert "Calls are still taken by keys." in told(found)


@pytest.mark.parametrize("locked", ["", "mine", "mine/am"])
def test_models_that_only_their_owner_may_read_take_nothing_from_the_others(
    nobodys: Path, locked: str
) -> None:
    """As `sudo callfloor models fetch` with a strict umask leaves them."""
    built_in = nobodys / "package"
    write_model(built_in / "en-test", marker(language="en", kind="commands", sample_rate=8000))
    write_model(nobodys / "var/models/mine")
    (nobodys / "var/models" / locked).chmod(0)
    found = resolve(Speech(models={"de": "mine"}), nobodys / "var", built_in)
    assert found.folders == {"en": built_in / "en-test"}
    [finding] = found.findings
    assert "mine cannot be used" in finding.what
    assert "needs the right to read it" in finding.what
    assert [one.name for one in rows(Shelf(nobodys / "var", built_in), Speech()) if one.here]
    (nobodys / "var/models" / locked).chmod(0o700)
