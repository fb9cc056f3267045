"""All prompts are ready before a call, and nothing is made during one."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from appliance.model.prompt import Prompt
from appliance.speech.convert import active_level, write_wav
from appliance.speech.phrases import queue_phrases, whisper_prompt
from appliance.speech.prompts import MISSING, PromptStore
from appliance.speech.sounds import PACKAGE_DIR
from appliance.speech.tones import tone
from appliance.speech.whole import LEVEL_DBOV, RATE
from tests.speech.conftest import SITE, Stores, read_site, spoken


def text(value: str, language: str = "en") -> Prompt:
    return Prompt(kind="text", value=value, language=language)


def sound_of(paths: list[Path]) -> np.ndarray:
    assert MISSING not in paths
    parts = []
    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32")
        assert rate == RATE and samples.ndim == 1
        assert soundfile.info(path).subtype == "PCM_16"
        parts.append(samples)
    return np.concatenate(parts)


def record(path: Path, hz: float = 700, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(rate) / rate
    soundfile.write(path, 0.05 * np.sin(2 * np.pi * hz * time_s), rate)
    return path


def test_everything_a_call_can_need_is_ready(store: Stores) -> None:
    ready = store()
    site, flows = read_site()
    assert ready.prepare(site, flows).findings == []
    whisper = whisper_prompt(site.queue[0], "en")
    assert whisper is not None
    for prompt in (
        text("Welcome to the test floor."),
        text("Willkommen.", "de"),
        text("You can also write to us."),
        whisper,
        Prompt(kind="phrase", value="cf-sorry", language="de"),
        Prompt(kind="phrase", value="beep"),
        Prompt(kind="digits", value="0123456789*#"),
        Prompt(kind="number", value="4711"),
        Prompt(kind="number", value="12345678901"),
        Prompt(kind="music", value="music"),
    ):
        sound = sound_of(ready.resolve(prompt, "en"))
        assert 0.15 < sound.size / RATE < 40
        assert active_level(sound) == pytest.approx(LEVEL_DBOV, abs=2.5)
    assert not ready.misses


def test_every_announcement_is_ready_in_every_language(store: Stores) -> None:
    ready = store()
    ready.prepare(*read_site())
    for language in ("en", "de"):
        for position in (*range(1, 103), None):
            for low, high in ((0, 30), (200, 700), (300, 300), (3000, 4000), (0, 9999)):
                for prompt in queue_phrases(language, position, low, high):
                    assert ready.resolve(prompt, language) != [MISSING], prompt
    assert not ready.misses


def test_what_is_rendered_is_not_spoken_again(store: Stores, espeak_log: Path) -> None:
    report = store().prepare(*read_site())
    assert (report.made, spoken(espeak_log)) == (0, [])
    changed = SITE.replace("Welcome to the", "Hello on the")
    report = store().prepare(*read_site(changed))
    assert report.made == len(spoken(espeak_log)) == 1, "only what is new"
    assert report.found > 500


def test_a_half_written_prompt_is_made_again(store: Stores, espeak_log: Path) -> None:
    ready = store()
    ready.prepare(*read_site())
    [path] = ready.resolve(text("Willkommen.", "de"), "de")
    whole = path.read_bytes()
    path.unlink()  # the copy is a hard link
    path.write_bytes(whole[:100])
    assert ready.prepare(*read_site()).made == 1
    assert path.read_bytes() == whole
    assert len(spoken(espeak_log)) == 1


def test_during_a_call_no_process_is_started_and_nothing_is_made(
    store: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ready = store()
    ready.prepare(*read_site())

    def forbidden(*args: object, **options: object) -> None:
        raise AssertionError("a process was started during a call")

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    monkeypatch.setattr(os, "posix_spawn", forbidden)
    before = sorted(ready.folder.iterdir())
    assert ready.resolve(text("Willkommen.", "de"), "de") != [MISSING]
    with caplog.at_level(logging.WARNING, "callfloor.prompts"):
        for _ in range(3):
            assert ready.resolve(text("Never seen before"), "en") == [MISSING]
    assert len(caplog.records) == 1 and "Never seen before" in caplog.text
    assert ready.misses == {"text 'Never seen before' (en)": 3}
    assert sorted(ready.folder.iterdir()) == before


def test_nothing_raises_whatever_is_asked(store: Stores) -> None:
    ready = store()
    for prepared in (False, True):
        if prepared:
            ready.prepare(*read_site())
        for kind in ("text", "file", "phrase", "number", "digits", "silence", "music"):
            for value in ("", "../../etc/passwd", "x" * 5000, "-1", "٣", "12a", "\0"):
                found = ready.resolve(Prompt(kind=kind, value=value), "xx")
                assert found


def test_a_text_that_is_missing_in_one_language_is_heard_in_the_sites(store: Stores) -> None:
    ready = store()
    ready.prepare(*read_site())
    english = ready.resolve(Prompt(kind="phrase", value="cf-hold"), "en")
    assert ready.resolve(Prompt(kind="phrase", value="cf-hold"), "fr") == english


def site_with(prompt: str) -> str:
    return SITE.replace('{ en = "Welcome to the test floor.", de = "Willkommen." }', prompt)


def test_recordings_are_taken_and_a_changed_one_gets_a_new_file(
    store: Stores, tmp_path: Path
) -> None:
    record(tmp_path / "my prompts" / "hello.flac", rate=48_000)
    flows = read_site(site_with('{ file = "my prompts/hello.flac" }'))
    ready = store()
    ready.prepare(*flows)
    prompt = Prompt(kind="file", value="my prompts/hello.flac")
    [first] = ready.resolve(prompt, "en")
    assert sound_of([first]).size == pytest.approx(RATE, abs=80)
    assert active_level(sound_of([first])) == pytest.approx(LEVEL_DBOV, abs=0.5)
    record(tmp_path / "my prompts" / "hello.flac", hz=900)
    assert ready.resolve(prompt, "en") == [first], "not before the next reload"
    ready.prepare(*flows)
    [second] = ready.resolve(prompt, "en")
    assert second != first and first.exists(), "a call that plays the old one goes on"


def test_own_music_and_comfort_files(store: Stores, tmp_path: Path) -> None:
    record(tmp_path / "song.ogg", rate=44_100)
    own = SITE.replace('whisper = "auto"', 'music = "song.ogg"\nwhisper = "song.ogg"')
    ready = store()
    assert ready.prepare(*read_site(own)).findings == []
    assert ready.music("song.ogg") != ready.music("music") == ready.music("")
    assert ready.resolve(text("song.ogg"), "en") == [ready.music("song.ogg")]


def test_own_recordings_of_phrases_win(store: Stores, tmp_path: Path) -> None:
    record(tmp_path / "prompts" / "de" / "position" / "3.wav", hz=1234)
    ready = store()
    ready.prepare(*read_site())
    [prompt] = queue_phrases("de", 3, None, None)
    own = sound_of(ready.resolve(prompt, "de"))
    assert np.argmax(np.abs(np.fft.rfft(own))) * RATE / own.size == pytest.approx(1234, abs=2)
    [other] = queue_phrases("en", 3, None, None)
    assert ready.resolve(other, "en") != ready.resolve(prompt, "de")


PACKAGE = ["queue-thereare", "queue-callswaiting", "vm-goodbye", "beep", "digits/20", "digits/3"]


def make_package(folder: Path, names: list[str]) -> None:
    for name in names:
        path = folder / "en" / f"{name}.gsm"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(600, 0.5, -30), RATE, format="RAW", subtype="GSM610")
    write_wav(folder / "en" / "vm-goodbye.wav", tone(600, 0.7, -30))


def test_recorded_phrases_of_a_package_are_used_whole_sentences_only(
    store: Stores, tmp_path: Path
) -> None:
    make_package(tmp_path / "package", PACKAGE)
    ready = store()
    assert ready.prepare(*read_site()).findings == []
    [there] = queue_phrases("en", 23, None, None)
    names = [path.name.split("-")[0] for path in ready.resolve(there, "en")]
    assert names == ["file"] * 4, "thereare 20 3 callswaiting"
    [partly] = queue_phrases("en", 24, None, None)
    assert [p.name.split("-")[0] for p in ready.resolve(partly, "en")] == ["text"], (
        "digits/4 is not there: one voice for the sentence"
    )
    goodbye = sound_of(ready.resolve(Prompt(kind="phrase", value="vm-goodbye"), "en"))
    assert goodbye.size == 0.7 * RATE, "WAV is better than GSM"
    german = ready.resolve(Prompt(kind="phrase", value="vm-goodbye"), "de")
    assert german[0].name.startswith("text")


@pytest.mark.skipif(not (PACKAGE_DIR / "en").is_dir(), reason="no asterisk-core-sounds-en here")
def test_debians_package_is_understood(store: Stores) -> None:
    ready = store(package_dir=PACKAGE_DIR)
    assert ready.prepare(*read_site()).findings == []
    assert {"vm-goodbye", "digits/7", "cf-sorry"} <= ready.known_phrases(["en"])
    for prompt, pieces in (
        (queue_phrases("en", 1, None, None)[0], 1),
        (queue_phrases("en", 42, None, None)[0], 4),
        (Prompt(kind="number", value="1999"), 6),
        (Prompt(kind="digits", value="1*#"), 3),
        (Prompt(kind="phrase", value="vm-goodbye"), 1),
    ):
        files = ready.resolve(prompt, "en")
        assert [path.name.startswith("file-") for path in files] == [True] * pieces, prompt
        assert active_level(sound_of(files)) == pytest.approx(LEVEL_DBOV, abs=1.5)


BAD = [
    ('{ file = "gone.wav" }', ("prompt",), "There is no file"),
    ('{ file = "notes.txt" }', ("prompt",), "cannot be read"),
    ('[{ phrase = "vm-goodby" }]', ("prompt", 0), "no phrase 'vm-goodby'"),
    ('"..."', ("prompt",), "nothing to be heard"),
]


@pytest.mark.parametrize(("prompt", "field", "says"), BAD)
def test_what_cannot_be_made_is_named_with_its_field(
    store: Stores, tmp_path: Path, prompt: str, field: tuple[str | int, ...], says: str
) -> None:
    (tmp_path / "notes.txt").write_text("not a sound")
    report = store().prepare(*read_site(site_with(prompt)))
    [finding] = report.findings
    assert finding.path == ("flow", "main", "node", "greet", *field)
    assert says in finding.what
    assert "two short soft tones" in finding.means
    assert finding.to_do


def test_without_espeak_what_was_rendered_before_is_used(
    store: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    ready = store()
    assert ready.prepare(*read_site()).findings == []
    report = ready.prepare(*read_site(site_with('"A text that is new"')))
    [finding] = report.findings
    assert finding.path == ("flow", "main", "node", "greet", "prompt")
    assert "espeak-ng is not installed" in finding.what and "apt install" in finding.to_do
    assert ready.resolve(text("A text that is new"), "en") == [MISSING]
    assert ready.resolve(text("Call from queue Support."), "en") != [MISSING]


def test_a_folder_that_cannot_be_written_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder should be")
    store = PromptStore(tmp_path / "var", tmp_path)
    report = store.prepare(*read_site())
    [finding] = report.findings
    assert str(tmp_path / "var") in finding.what and "Free space" in finding.to_do
    assert store.resolve(text("Willkommen.", "de"), "de") == [MISSING]


FULL = """
import json, sys
for order in json.load(sys.stdin):
    print(json.dumps({"number": order["number"], "trouble": "disk", "errno": 28,
                      "text": "No space left on device"}))
"""


def test_a_full_disk_is_named_once_and_the_rest_is_there(store: Stores) -> None:
    ready = store(maker=(sys.executable, "-c", FULL))
    report = ready.prepare(*read_site(site_with('{ en = "New", de = "Neu" }')))
    [finding] = report.findings
    assert "No space left" in finding.what
    assert ready.resolve(text("Call from queue Support."), "en") != [MISSING]


@pytest.mark.parametrize(
    ("maker", "says"),
    [
        ((sys.executable, "-c", "import os; os.abort()"), "ended early"),
        ((sys.executable, "-c", "print('not JSON')"), "failed"),
        (("/no/such/program",), "failed"),
    ],
)
def test_a_maker_that_dies_is_told_and_the_box_has_its_other_prompts(
    store: Stores, maker: tuple[str, ...], says: str
) -> None:
    ready = store(maker=maker)
    report = ready.prepare(*read_site(site_with('"A text that is new"')))
    [finding] = report.findings
    assert "the process that makes prompts" in finding.what and says in finding.what
    assert ready.resolve(text("Call from queue Support."), "en") != [MISSING]


def test_what_is_made_already_needs_no_process(store: Stores) -> None:
    report = store(maker=("/no/such/program",)).prepare(*read_site())
    assert report.findings == [] and report.made == 0


def test_the_core_does_not_load_what_only_the_making_needs() -> None:
    program = "import sys, appliance.core; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert "appliance.speech.prompts" in done.stdout.split()
    assert not {"numpy", "soundfile", "soxr"} & set(done.stdout.split())


def test_a_language_without_words_is_told_once(store: Stores) -> None:
    french = SITE.replace('language = "de"', 'language = "fr"')
    report = store().prepare(*read_site(french))
    assert [(f.path, f.severity) for f in report.findings] == [(("site", "language"), "warning")]


def test_progress_is_told_to_the_end(store: Stores) -> None:
    steps: list[tuple[int, int]] = []
    report = store().prepare(*read_site(), progress=lambda done, all_: steps.append((done, all_)))
    assert [done for done, _ in steps] == list(range(1, steps[0][1] + 1))
    assert steps[-1][0] == report.made + report.found
