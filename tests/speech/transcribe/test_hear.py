"""Words of a real recogniser land in the right channel at the right time."""

import errno
import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from appliance.model.transcript import Transcript, Utterance
from appliance.speech.transcribe.jobs import TranscribeJob
from tests.faults.broken import namespace, small_disk
from tests.speech.transcribe.said import MODEL, RATE, channel, needs_model, record, voice

pytest.importorskip("vosk")
from appliance.speech.transcribe.hear import Model, hear
from appliance.speech.transcribe.transcriber import Transcriber, write

NEAR_S = 0.3


@pytest.fixture(scope="module")
def transcriber() -> Transcriber:
    return Transcriber()


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of processor time is the worker's, not the test's."""
    monkeypatch.setattr("appliance.speech.transcribe.transcriber.allow_cpu", lambda seconds: None)
    monkeypatch.setattr("appliance.speech.transcribe.transcriber.tell", lambda line: None)


def made(job: TranscribeJob) -> Transcript:
    return msgspec.json.decode((Path(job.folder) / job.path).read_bytes(), type=Transcript)


def times(text: Transcript, who: str) -> list[tuple[str, float]]:
    return [(w.word, w.start) for u in text.utterances if u.channel == who for w in u.words]


@needs_model
@pytest.mark.parametrize("suffix", [".flac", ".opus"])
def test_words_are_in_their_channel_at_their_time(
    tmp_path: Path, transcriber: Transcriber, suffix: str
) -> None:
    left = [(1.0, "sales"), (9.5, "yes"), (31.2, "billing"), (50.0, "support")]
    right = [(4.0, "no"), (9.6, "monday"), (40.3, "tuesday")]
    job = record(tmp_path, "r1", channel(60, *left), channel(60, *right), suffix=suffix)
    result = transcriber.attempt(job)
    assert (result.fault, result.cause) == ("", "")
    text = made(job)
    for who, lines in (("caller", left), ("floor", right)):
        found = times(text, who)
        assert [each for each, _ in found] == [each for _, each in lines]
        for (_, start), (at, _) in zip(found, lines, strict=True):
            assert abs(start - at) <= NEAR_S, (start, at)
    assert result.words == text.words == 7
    starts = [each.start for each in text.utterances]
    assert starts == sorted(starts)
    assert all(0 <= w.confidence <= 1 for u in text.utterances for w in u.words)


@needs_model
def test_the_file_is_its_owners_only_and_what_the_result_says(
    tmp_path: Path, transcriber: Transcriber
) -> None:
    job = record(tmp_path, "r1", channel(5, (1.0, "yes")))
    result = transcriber.attempt(job)
    path = tmp_path / "2026/11/23/r1.transcript.json"
    assert path == Path(job.folder) / job.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert hashlib.sha256(path.read_bytes()).hexdigest() == result.sha256
    text = made(job)
    assert (text.call, text.recording, text.model) == (job.call, "r1", MODEL.name)
    assert [u.channel for u in text.utterances] == ["caller"]
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "r1.flac",
        "r1.transcript.json",
    ]


@needs_model
def test_what_is_there_already_is_not_made_again(tmp_path: Path, transcriber: Transcriber) -> None:
    job = record(tmp_path, "r1", channel(5, (1.0, "yes")))
    first = transcriber.attempt(job)
    path = Path(job.folder) / job.path
    before = path.stat().st_mtime_ns
    assert transcriber.attempt(job) == first
    assert path.stat().st_mtime_ns == before
    path.write_bytes(path.read_bytes()[:-20])  # torn
    assert transcriber.attempt(job).words == first.words
    assert made(job).words == first.words
    other = msgspec.structs.replace(job, model="another")
    transcriber.attempt(other)
    assert made(job).model == "another"


@needs_model
def test_ten_minutes_of_silence_cost_next_to_nothing(
    tmp_path: Path, transcriber: Transcriber
) -> None:
    silent = np.zeros(600 * RATE, np.int16)
    result = transcriber.attempt(record(tmp_path, "still", silent, silent))
    assert (result.words, result.fault) == (0, "")
    assert result.cpu_s < 20  # 0.5 s are measured


@needs_model
@pytest.mark.parametrize("left", [0.6, 0.01, 0.0])
def test_a_damaged_recording_is_the_recordings_fault(
    tmp_path: Path, transcriber: Transcriber, left: float
) -> None:
    job = record(tmp_path, "r1", channel(20, (1.0, "yes")))
    path = tmp_path / job.audio
    os.truncate(path, int(path.stat().st_size * left))
    result = transcriber.attempt(job)
    assert result.fault == "recording"
    assert "r1.flac is damaged" in result.cause
    assert not (tmp_path / job.path).exists()


@needs_model
def test_a_recording_that_was_deleted_is_nobodys_fault(
    tmp_path: Path, transcriber: Transcriber
) -> None:
    job = record(tmp_path, "r1", channel(1))
    (tmp_path / job.audio).unlink()
    result = transcriber.attempt(job)
    assert (result.fault, result.cause) == ("away", "")


@needs_model
@pytest.mark.parametrize("folder", ["stays", "goes too"])
def test_a_recording_that_is_deleted_while_it_is_heard_gets_no_text(
    tmp_path: Path, transcriber: Transcriber, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    job = record(tmp_path, "r1", channel(3, (1.0, "yes")))

    def hear_and_delete(path: Path, model: Model) -> list[Utterance]:
        heard = hear(path, model)
        path.unlink()
        if folder == "goes too":
            path.parent.rmdir()
        return heard

    monkeypatch.setattr("appliance.speech.transcribe.transcriber.hear", hear_and_delete)
    result = transcriber.attempt(job)
    assert (result.fault, result.cause) == ("away", "")
    assert not (tmp_path / job.path).exists()


@needs_model
@pytest.mark.parametrize("when", ["opened", "read"])
def test_a_disk_that_does_not_let_it_be_read_is_no_damage(
    tmp_path: Path, transcriber: Transcriber, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    job = record(tmp_path, "r1", channel(3, (1.0, "yes")))
    if when == "read":  # libsndfile only sees a file that ends too early
        path = tmp_path / job.audio
        os.truncate(path, path.stat().st_size // 2)
        opened = hear
        monkeypatch.setattr(
            "appliance.speech.transcribe.transcriber.hear", lambda *given: refuse(opened, *given)
        )

    def refuse(then: Any, *given: Any) -> Any:
        try:
            return then(*given)
        finally:
            monkeypatch.setattr(Path, "open", broken)

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    if when == "opened":
        monkeypatch.setattr(Path, "open", broken)
    result = transcriber.attempt(job)
    assert (result.fault, result.cause) == (
        "away",
        "2026/11/23/r1.flac cannot be read: Input/output error",
    )


def test_a_folder_without_a_model_is_the_models_fault(
    tmp_path: Path, transcriber: Transcriber
) -> None:
    job = record(tmp_path, "r1", channel(1))
    result = transcriber.attempt(msgspec.structs.replace(job, model_folder=str(tmp_path / "no")))
    assert result.fault == "model"
    assert str(tmp_path / "no") in result.cause


def test_sound_at_an_odd_rate_is_refused_in_words(tmp_path: Path) -> None:
    from appliance.speech.transcribe.hear import Damaged, hear

    path = tmp_path / "odd.flac"
    soundfile.write(path, np.zeros(1000, np.int16), 11025)
    with pytest.raises(Damaged, match="11025 Hz"):
        hear(path, None)  # it is refused before anybody listens


FULL = """
import sys
from pathlib import Path
from appliance.speech.transcribe.transcriber import Transcriber
from tests.faults.broken import fill
from tests.speech.transcribe.said import channel, record
folder = Path(sys.argv[1])
job = record(folder, "r1", channel(5, (1.0, "yes")))
import appliance.speech.transcribe.transcriber as worker
worker.tell = lambda line: None
big = fill(folder)
result = Transcriber().attempt(job)
files = (folder / job.path).parent.iterdir()
print(result.fault, "|", result.cause, "|", *sorted(file.name for file in files))
big.unlink()
print(Transcriber().attempt(job).fault, (folder / job.path).exists())
"""


@needs_model
def test_a_full_disk_is_named_and_leaves_no_half_file(tmp_path: Path) -> None:
    command = [*namespace(small_disk(tmp_path / "disk", "1m")), sys.executable, "-c", FULL]
    ran = subprocess.run(
        [*command, str(tmp_path / "disk")],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    first, second = ran.stdout.splitlines()
    fault, cause, files = (each.strip() for each in first.split("|"))
    assert fault == "disk"
    assert cause == "the transcript of 2026/11/23/r1.flac cannot be written: the disk is full"
    assert files == "r1.flac"
    assert second.split() == ["True"]


def test_write_leaves_nothing_when_it_fails(tmp_path: Path) -> None:
    (tmp_path / "r.transcript.json").mkdir()  # what cannot be replaced
    with pytest.raises(OSError):
        write(tmp_path / "r.transcript.json", b"{}")
    assert [each.name for each in tmp_path.iterdir()] == ["r.transcript.json"]


def test_the_voice_of_these_tests_speaks() -> None:
    assert len(voice("sales")) > RATE / 5
