"""Old prompts leave the cache; none that anybody can still need does."""

import os
import shutil
import time
from pathlib import Path

import pytest

from appliance.model.prompt import Prompt
from appliance.speech import prompts as prompts_module
from appliance.speech.prompts import MISSING
from appliance.speech.pruning import DAY_S, KEEP_S, mark_used, prune
from tests.speech.conftest import SITE, Stores, read_site

NOW = 1_800_000_000.0


def put(
    folder: Path, letter: str, age_s: float = 0.0, size: int = 1000, kind: str = "text"
) -> Path:
    """A file as the cache has it, last used `age_s` before NOW."""
    path = folder / f"{kind}-{letter * 24}.wav"
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def there(folder: Path) -> set[Path]:
    return set(folder.iterdir())


def test_what_was_not_used_for_30_days_goes(tmp_path: Path) -> None:
    old, young = put(tmp_path, "a", KEEP_S + 1), put(tmp_path, "b", KEEP_S - 1)
    needed = put(tmp_path, "c", 10 * KEEP_S)
    done = prune(tmp_path, {needed}, NOW)
    assert there(tmp_path) == {young, needed} and not old.exists()
    assert (done.files, done.bytes) == (1, 1000)


def test_beyond_the_limit_the_longest_unused_goes_first_and_never_a_needed_one(
    tmp_path: Path,
) -> None:
    ages = {"a": 4, "b": 3, "c": 2, "d": 1}
    days = {letter: put(tmp_path, letter, age * DAY_S) for letter, age in ages.items()}
    prune(tmp_path, {days["a"]}, NOW, limit_bytes=2500)
    assert there(tmp_path) == {days["a"], days["d"]}
    prune(tmp_path, {days["a"]}, NOW, limit_bytes=10)
    assert there(tmp_path) == {days["a"]}, "needed, however large"


def test_other_peoples_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("welcome.wav", "de", "text-abc.wav", "notes.txt", "music.flac"):
        path = tmp_path / name
        path.mkdir() if name == "de" else path.write_text("mine")
        os.utime(path, (1, 1))
    before = there(tmp_path)
    assert prune(tmp_path, set(), NOW, limit_bytes=0).files == 0
    assert there(tmp_path) == before


def test_half_made_files_of_a_process_that_died_go_after_a_day(tmp_path: Path) -> None:
    for name, age_s in (("dead", 2 * DAY_S), ("busy", 60.0)):
        path = tmp_path / f".text-{name}.wav.4711.part"
        path.touch()
        os.utime(path, (NOW - age_s, NOW - age_s))
    prune(tmp_path, set(), NOW, limit_bytes=0)
    assert [path.name for path in there(tmp_path)] == [".text-busy.wav.4711.part"]


def test_a_clock_that_was_ahead_keeps_nothing_for_years(tmp_path: Path) -> None:
    path = put(tmp_path, "a", -1000 * DAY_S)
    prune(tmp_path, set(), NOW)
    assert path.exists()
    prune(tmp_path, set(), NOW + KEEP_S + 1)
    assert not path.exists()


def test_what_cannot_be_marked_or_removed_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_used([tmp_path / "gone.wav"], NOW)
    assert prune(tmp_path / "nowhere", set(), NOW).files == 0
    path = put(tmp_path, "a", 2 * KEEP_S)

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert prune(tmp_path, set(), NOW).files == 0 and path.exists()


def test_a_use_is_marked_once_a_day_only(tmp_path: Path) -> None:
    fresh, old = put(tmp_path, "a", DAY_S / 2), put(tmp_path, "b", 2 * DAY_S)
    mark_used([fresh, old], NOW)
    assert [path.stat().st_mtime for path in (fresh, old)] == [NOW - DAY_S / 2, NOW]


# -- in the store -----------------------------------------------------------------------------

OTHER = SITE.replace("Welcome to the test floor.", "You are welcome.")
WELCOME = Prompt(kind="text", value="Welcome to the test floor.", language="en")


def test_settings_make_room_by_use(store: Stores) -> None:
    ready = store()
    stale = ready.folder / f"text-{'f' * 24}-{'0' * 8}.wav"
    stale.write_bytes(b"x")
    long_ago = time.time() - KEEP_S - DAY_S
    os.utime(stale, (long_ago, long_ago))
    report = ready.prepare(*read_site())
    assert report.removed >= 1 and not stale.exists()
    assert not report.findings and report.found > 500, "what is used stays"


def test_a_call_of_before_the_reload_hears_its_own_words_to_its_end(store: Stores) -> None:
    ready = store(limit_bytes=0)
    ready.prepare(*read_site())
    before = ready.resolve(WELCOME, "en")
    assert before != [MISSING]
    ready.prepare(*read_site(OTHER))
    assert ready.resolve(WELCOME, "en") == before and before[0].exists()
    assert not ready.misses


def test_many_reloads_keep_only_what_differs(store: Stores) -> None:
    ready = store()
    for text in (SITE, OTHER, SITE, OTHER):
        ready.prepare(*read_site(text))
    assert len(ready._replaced) == 1
    assert ready.resolve(WELCOME, "en") != [MISSING]


def test_when_no_call_can_run_any_more_its_words_go(
    store: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = store()
    ready.prepare(*read_site())
    [words] = ready.resolve(WELCOME, "en")
    monkeypatch.setattr(prompts_module, "RUNNING_S", 0.0)
    ready.prepare(*read_site(OTHER))
    assert words.exists(), "the same settings may come back"
    assert ready.resolve(WELCOME, "en") == [MISSING]


def test_a_recording_that_lies_in_the_cache_itself_stays(store: Stores) -> None:
    """So it is when the box starts with kept settings, their recording gone since."""
    ready = store()
    ready.prepare(*read_site())
    [source] = ready.resolve(WELCOME, "en")
    kept = ready.folder / f"file-{'b' * 24}.wav"
    shutil.copyfile(source, kept)
    long_ago = time.time() - 2 * KEEP_S
    os.utime(kept, (long_ago, long_ago))
    text = SITE.replace('en = "Welcome to the test floor."', f'en = {{ file = "{kept}" }}')
    assert store().prepare(*read_site(text)).findings == []
    assert kept.exists()
