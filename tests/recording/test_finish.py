"""A finished file holds what was said, in its channel, and the raw file goes last."""

import hashlib
import json
import random
from pathlib import Path
from typing import Literal

import pytest
import soundfile

from appliance.recording.files import free_mb, raw_path, room_for_recording
from appliance.recording.finish import finish
from appliance.recording.jobs import FinishJob
from appliance.recording.wav import BadWav, inspect, repair
from appliance.recording.worker import attempt
from tests.recording.audio import assert_tones, header, tones, write_raw

RAW = "2026/11/22/r1.part.wav"


def job(folder: Path, form: Literal["flac", "opus"] = "flac", raw: str = RAW) -> FinishJob:
    return FinishJob(
        folder=str(folder),
        raw=raw,
        call="c1",
        recording="r1",
        form=form,
        pauses=((1.0, 2.5),),
        started_us=1_700_000_000_000_000,
    )


@pytest.mark.parametrize("form", ["flac", "opus"])
def test_two_tones_survive_in_their_channels(tmp_path: Path, form: Literal["flac", "opus"]) -> None:
    raw = write_raw(tmp_path / RAW, tones(6))
    result = finish(job(tmp_path, form))
    done = tmp_path / result.path
    assert result.path == f"2026/11/22/r1.{form}"
    assert result.duration_s == 6.0
    assert_tones(done)
    assert result.sha256 == hashlib.sha256(done.read_bytes()).hexdigest()
    assert result.bytes == done.stat().st_size
    assert not raw.exists()
    assert [p.name for p in done.parent.iterdir()] == [done.name]
    with soundfile.SoundFile(done) as sound:
        assert sound.frames == 6 * 8000
        assert sound.title == "c1"
        tags = json.loads(sound.comment)
    assert tags["pauses_s"] == [[1.0, 2.5]]
    assert tags["recording"] == "r1"


def test_flac_is_the_raw_file_bit_for_bit(tmp_path: Path) -> None:
    samples = random.Random(1).randbytes(4 * 8000 * 3)
    write_raw(tmp_path / RAW, samples)
    result = finish(job(tmp_path))
    data, _ = soundfile.read(tmp_path / result.path, dtype="int16")
    assert data.astype("<i2").tobytes() == samples


@pytest.mark.parametrize("seed", range(12))
def test_a_file_cut_at_any_byte_gives_all_but_the_tail(tmp_path: Path, seed: int) -> None:
    samples = tones(3)
    whole = header(random.Random(seed).choice([0, len(samples)])) + samples
    cut = random.Random(seed).randrange(45, len(whole))
    (tmp_path / RAW).parent.mkdir(parents=True)
    (tmp_path / RAW).write_bytes(whole[:cut])
    frames = (cut - 44) // 4
    assert inspect(tmp_path / RAW).frames == frames
    repaired = repair(tmp_path / RAW)
    assert repaired.frames == frames
    assert not inspect(tmp_path / RAW).stale
    with soundfile.SoundFile(tmp_path / RAW) as sound:  # an independent reader agrees
        assert sound.frames == frames
    if frames:
        result = finish(job(tmp_path))
        data, _ = soundfile.read(tmp_path / result.path, dtype="int16", always_2d=True)
        assert data.astype("<i2").tobytes() == samples[: frames * 4]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"RIFF", "no WAV header"),
        (b"x" * 100, "no WAV header"),
        (header(0)[:30], "before the samples"),
        (header(0)[:20] + b"\x07\x00" + header(0)[22:], "not 16-bit PCM"),
    ],
)
def test_what_is_no_recording_is_named_and_kept(tmp_path: Path, content: bytes, why: str) -> None:
    raw = tmp_path / RAW
    raw.parent.mkdir(parents=True)
    raw.write_bytes(content)
    with pytest.raises(BadWav, match=why):
        inspect(raw)
    result = attempt(job(tmp_path))
    assert why in result.failed
    assert RAW in result.failed
    assert raw.read_bytes() == content


def test_a_chunk_after_the_samples_is_not_taken_for_sound(tmp_path: Path) -> None:
    samples = tones(1)
    (tmp_path / "x.wav").write_bytes(header(len(samples)) + samples + b"LIST\x04\0\0\0abcd")
    assert inspect(tmp_path / "x.wav").frames == 8000


def test_finishing_twice_gives_the_same_result(tmp_path: Path) -> None:
    """The news of the first result may be lost in a crash after the raw file is gone."""
    write_raw(tmp_path / RAW, tones(2))
    first = finish(job(tmp_path))
    assert finish(job(tmp_path, "opus")) == first


def test_a_missing_raw_file_is_named(tmp_path: Path) -> None:
    assert "missing" in attempt(job(tmp_path)).failed


def test_a_full_disk_keeps_the_raw_file_and_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource
    import signal

    samples = random.Random(2).randbytes(4 * 8000 * 20)
    raw = write_raw(tmp_path / RAW, samples)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        result = attempt(job(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert result.failed
    assert [p.name for p in raw.parent.iterdir()] == [raw.name]
    assert not attempt(job(tmp_path)).failed


def test_no_recording_starts_on_a_nearly_full_disk(tmp_path: Path) -> None:
    assert room_for_recording(tmp_path / "not" / "yet", 0) == ""
    why = room_for_recording(tmp_path, free_mb(tmp_path) + 1_000_000)
    assert "disk almost full" in why
    assert "min_free_mb" in why


def test_raw_paths_are_by_utc_day() -> None:
    assert raw_path("r7", 1_700_000_000_000_000) == "2023/11/14/r7.part.wav"


def test_a_recording_without_a_sample_says_so_and_is_not_tried_for_ever(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / RAW, b"")
    result = attempt(job(tmp_path))
    assert "too short" in result.failed
    assert [p.name for p in raw.parent.iterdir()] == [raw.name + ".broken"]
