"""CallRecorder: the file has what was heard, at the right time, whatever the disk does."""

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pjsua2.audio import active, header_frames, level_db, read_stereo, silent_db

pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]  # a first build
RATE = 8000
HERE = Path(__file__).resolve().parent
SILENCE_DB = -90  # of full scale: below one step of 16 bits
TONE_DB = -14  # a ToneGenerator's tone, roughly

Start = Callable[..., Any]


@pytest.fixture
def box(start: Start) -> Any:
    program = start("recorder_box.py")
    program.wait("ready")
    return program


def until(condition: Callable[[], Any], what: str, patience: float = 15) -> Any:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {patience} s for {what}")


def seconds_recorded(box: Any, seconds: float) -> None:
    """Wait until so much is on its way (the writer is half a second behind)."""
    until(lambda: box.ask("status")["now"] >= seconds, f"{seconds} s to pass", seconds + 10)


def closed(box: Any) -> dict[str, Any]:
    """Close and wait for the file; the facts of both."""
    facts = box.ask("close")
    until(lambda: box.ask("status")["closed"], "the file to be complete")
    return {**facts, **box.ask("status")}


def test_each_side_has_a_channel_of_its_own(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    box.ask("connect", side="right", hertz=1000)
    seconds_recorded(box, 2)
    facts = closed(box)
    left, right, rate = read_stereo(path)
    assert rate == RATE and facts["error"] == 0 and facts["dropped"] == 0
    middle = slice(4000, 12000)
    assert level_db(left[middle], 440) > TONE_DB
    assert level_db(right[middle], 1000) > TONE_DB
    assert level_db(left[middle], 1000) < level_db(left[middle], 440) - 60
    assert level_db(right[middle], 440) < level_db(right[middle], 1000) - 60


def test_its_length_is_wall_time_without_any_source(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    box.ask("record", path=str(path))
    seconds_recorded(box, 2)
    facts = closed(box)
    left, right, _ = read_stereo(path)
    assert left.size / RATE == pytest.approx(facts["length"], abs=0.1)
    assert facts["samples"] == left.size
    assert not left.any() and not right.any()


def test_channels_stay_aligned_when_sources_come_and_go(box: Any, tmp_path: Path) -> None:
    """One interrupted tone goes to both sides, which are cut off and joined at will: wherever
    both have it, they have the same samples."""
    path = tmp_path / "call.wav"
    box.ask("record", path=str(path))
    beat = {"hertz": 440, "on": 70, "off": 50}
    box.ask("connect", side="left", **beat)
    seconds_recorded(box, 0.5)
    box.ask("connect", side="right", **beat)
    seconds_recorded(box, 1.2)
    box.ask("disconnect", side="left", hertz=440)
    seconds_recorded(box, 1.7)
    box.ask("connect", side="left", **beat)
    seconds_recorded(box, 2.5)
    closed(box)
    left, right, _ = read_stereo(path)
    for begin, end in ((0.7, 1.1), (1.9, 2.4)):
        part = slice(int(begin * RATE), int(end * RATE))
        assert silent_db(left[part]) > -30
        assert np.array_equal(left[part], right[part])
    assert not right[: int(0.4 * RATE)].any()
    assert not left[int(1.35 * RATE) : int(1.6 * RATE)].any()


def test_a_pause_is_silence_of_its_length(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    box.ask("connect", side="right", hertz=440)
    seconds_recorded(box, 1)
    begin = box.ask("pause", on=True)
    seconds_recorded(box, 1.8)
    end = box.ask("pause", on=False)
    seconds_recorded(box, 2.8)
    facts = closed(box)
    left, right, _ = read_stereo(path)
    assert left.size / RATE == pytest.approx(facts["length"], abs=0.1)
    for side in (left, right):
        first, second = active(side)
        assert first[1] == pytest.approx(begin, abs=0.1)
        assert second[0] == pytest.approx(end, abs=0.1)
        assert second[0] - first[1] == pytest.approx(end - begin, abs=0.05)
        gap = side[int((first[1] + 0.01) * RATE) : int((second[0] - 0.01) * RATE)]
        assert not gap.any()


def test_kill_9_costs_less_than_a_second(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    box.ask("connect", side="right", hertz=1000)
    seconds_recorded(box, 3.3)
    box.kill()
    by_header, by_length = header_frames(path)
    assert by_length / RATE > 3.3 - 0.7
    assert by_header / RATE > 3.3 - 1.7  # and the rest is found by the length
    left, right, _ = read_stereo(path)
    assert level_db(left[4000:], 440) > TONE_DB
    assert level_db(right[4000:], 1000) > TONE_DB


def test_the_file_is_legal_at_every_instant(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    until(path.exists, "the file")
    until(lambda: path.stat().st_size >= 44, "its header")
    seen = set()
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        by_header, by_length = header_frames(path)
        assert by_header <= by_length
        seen.add(by_header)
    assert len(seen) >= 3, "the header is renewed while it records"
    closed(box)
    by_header, by_length = header_frames(path)
    assert by_header == by_length


def test_it_never_writes_over_a_file(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_text("somebody's evidence")
    assert "raised" in box.ask("record", path=str(path))
    assert path.read_text() == "somebody's evidence"


def test_a_folder_that_is_not_there_raises(box: Any, tmp_path: Path) -> None:
    answer = box.ask("record", path=str(tmp_path / "none" / "call.wav"))
    assert os.strerror(errno.ENOENT) in answer["raised"]


def test_the_end_of_the_process_completes_the_file(box: Any, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    seconds_recorded(box, 1.5)
    length = box.ask("status")["now"]
    assert box.finish() == 0
    by_header, by_length = header_frames(path)
    assert by_header == by_length
    assert by_length / RATE == pytest.approx(length, abs=0.2)


def test_a_full_disk_keeps_what_there_is_and_the_call(
    start: Start, tmp_path: Path, small_disk: Path
) -> None:
    box = start("recorder_box.py")
    box.wait("ready")
    path = small_disk / "call.wav"
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    status = until(
        lambda: (s := box.ask("status"))["error"] and s, "the disk to be full", patience=20
    )
    assert status["error"] == errno.ENOSPC
    assert status["told"], "the eventFd says so"
    ticks = status["ticks"]
    until(lambda: box.ask("status")["ticks"] > ticks + 50, "the call to go on for a second")
    by_header, by_length = header_frames(path)
    assert 0 < by_header <= by_length
    left, _, _ = read_stereo(path)
    assert level_db(left[4000:], 440) > TONE_DB

    (small_disk / "ballast").unlink()  # somebody makes room
    kept = status["samples"]
    going = until(lambda: (s := box.ask("status")["samples"]) > kept and s, "recording to go on")
    until(lambda: box.ask("status")["samples"] > going + RATE, "another second")
    facts = closed(box)
    left, _, _ = read_stereo(path)
    assert facts["dropped"] > 0
    assert left.size / RATE == pytest.approx(facts["length"], abs=0.3), "time has been kept"
    assert level_db(left[-RATE:], 440) > TONE_DB


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A disk with 60 kB left (two seconds), and 2 MB taken by `ballast`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2060k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs root to make a small disk")
    (folder / "ballast").write_bytes(bytes(2000 * 1024))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def stalling_disk(tmp_path: Path) -> dict[str, str]:
    """An environment in which writing waits while the file $STALL exists."""
    library = tmp_path / "stall.so"
    compiler = shutil.which("g++")
    assert compiler
    source = str(HERE / "programs/stall.c")
    command = [compiler, "-x", "c", "-shared", "-fPIC", "-O1", "-o", str(library), source, "-ldl"]
    subprocess.run(command, check=True)
    return {"LD_PRELOAD": str(library), "STALL": str(tmp_path / "stall")}


def test_a_disk_that_hangs_for_seconds_loses_nothing_and_stops_nobody(
    start: Start, tmp_path: Path, stalling_disk: dict[str, str]
) -> None:
    box = start("recorder_box.py", **stalling_disk)
    box.wait("ready")
    path, stall = tmp_path / "call.wav", Path(stalling_disk["STALL"])
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    box.ask("connect", side="right", hertz=1000)
    seconds_recorded(box, 1)
    stall.touch()
    before = box.ask("status")
    seconds_recorded(box, 5)
    during = box.ask("status")
    stall.unlink()
    ticks = during["ticks"] - before["ticks"]
    assert ticks / (during["now"] - before["now"]) == pytest.approx(50, abs=2)
    assert during["samples"] - before["samples"] < RATE, "the disk did hang"
    seconds_recorded(box, 6)
    facts = closed(box)
    assert facts["dropped"] == 0
    left, right, _ = read_stereo(path)
    assert left.size / RATE == pytest.approx(facts["length"], abs=0.1)
    assert len(active(left)) == 1 and len(active(right)) == 1, "no hole anywhere"
    assert level_db(left[2 * RATE : 4 * RATE], 440) > TONE_DB


@pytest.mark.slow
def test_a_disk_that_hangs_too_long_costs_samples_but_no_time(
    start: Start, tmp_path: Path, stalling_disk: dict[str, str]
) -> None:
    box = start("recorder_box.py", **stalling_disk)
    box.wait("ready")
    path, stall = tmp_path / "call.wav", Path(stalling_disk["STALL"])
    box.ask("record", path=str(path))
    box.ask("connect", side="left", hertz=440)
    seconds_recorded(box, 1)
    stall.touch()
    until(lambda: box.ask("status")["dropped"] > RATE, "samples to be dropped", 20)
    box.ask("close")
    status = box.ask("status")  # answered while the disk still hangs: close() waits for nobody
    assert not status["closed"]
    length = status["now"]
    stall.unlink()
    until(lambda: box.ask("status")["closed"], "the file to be complete")
    dropped = box.ask("status")["dropped"]
    left, _, _ = read_stereo(path)
    assert left.size / RATE == pytest.approx(length, abs=0.3)
    (heard,) = active(left)
    assert left.size / RATE - heard[1] == pytest.approx(dropped / RATE, abs=0.3)


def test_objects_may_be_freed_in_any_order_and_thread(run: Callable[..., str]) -> None:
    assert "survived" in run("freeing.py", timeout=60)
