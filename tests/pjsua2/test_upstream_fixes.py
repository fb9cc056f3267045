"""Each defect of upstream that image/pjsua2/patches/ mends, tried on the patched wheel.

Every one of these fails on a wheel without the patches (CALLFLOOR_PJSUA2_WHEEL names another
wheel to try).
"""

import os
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.pjsua2.audio import level_db

PROGRAMS = Path(__file__).resolve().parent / "programs"
pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]  # a first build


def test_the_end_of_a_file_does_not_reach_a_deleted_player(
    run: Callable[..., str], tmp_path: Path
) -> None:
    assert "survived" in run("player_eof.py", tmp_path, 10)


@pytest.fixture
def alsa(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Sound devices made of files: `speaker` writes heard.raw, `mic` hears a 1 kHz tone, and
    `headset` is there until SLAVE says otherwise. None of them has a clock."""
    os.mkfifo(tmp_path / "tone")
    feeder = subprocess.Popen([sys.executable, PROGRAMS / "feed_tone.py", tmp_path / "tone"])
    config = tmp_path / "asound.conf"
    config.write_text(
        f"""
        pcm.idle {{ type null }}
        pcm.speaker {{ type file; slave.pcm idle; format raw; file "{tmp_path}/heard.raw"
                       hint {{ show on; description speaker }} }}
        pcm.mic {{ type file; slave.pcm idle; format raw; file /dev/null
                   infile "{tmp_path}/tone"; hint {{ show on; description mic }} }}
        pcm.headset {{ type plug; slave.pcm {{ @func getenv; vars [ SLAVE ]; default idle }}
                       hint {{ show on; description headset }} }}
        """
    )
    yield {"ALSA_CONFIG_PATH": str(config)}
    feeder.kill()
    feeder.wait()


def tone_frames(samples: npt.NDArray[np.generic], hertz: int, other: int) -> float:
    """The part of the 20 ms frames with signal in which one frequency beats the other by
    20 dB. (A device without a clock repeats and skips frames, not samples.)"""
    frames = samples[: samples.size // 160 * 160].reshape(-1, 160)
    loud = frames[np.abs(frames).max(axis=1) > 500][:500]
    assert len(loud) >= 10, f"{len(loud)} of {len(frames)} frames have a signal"
    return float(np.mean([level_db(f, hertz) > level_db(f, other) + 20 for f in loud]))


def test_a_device_that_does_not_open_raises(
    run: Callable[..., str], tmp_path: Path, alsa: dict[str, str]
) -> None:
    assert "raised" in run("extra_device.py", "vanish", "headset", tmp_path, **alsa)


def test_a_device_plays_without_a_microphone(
    run: Callable[..., str], tmp_path: Path, alsa: dict[str, str]
) -> None:
    run("extra_device.py", "play", "speaker", tmp_path, **alsa)
    heard = np.memmap(tmp_path / "heard.raw", "<i2", mode="r")
    assert tone_frames(heard, 440, 1000) > 0.8


def test_a_device_captures_without_a_loudspeaker(
    run: Callable[..., str], tmp_path: Path, alsa: dict[str, str]
) -> None:
    run("extra_device.py", "capture", "mic", tmp_path / "captured.raw", **alsa)
    captured = np.fromfile(tmp_path / "captured.raw", "<i2").astype(float)
    assert tone_frames(captured, 1000, 440) > 0.8
    # No loudspeaker means none, not the first one of the list.
    heard = tmp_path / "heard.raw"
    assert not heard.exists() or heard.stat().st_size == 0


def test_freeing_a_finished_call_leaves_the_slots_next_call_alone(run: Callable[..., str]) -> None:
    assert "kept" in run("stale_call.py")


def test_byte_vectors_keep_the_interpreter_locked(run: Callable[..., str]) -> None:
    assert "intact" in run("bytevector.py", 5)


def test_a_looping_file_has_no_hole_where_it_begins_anew(
    run: Callable[..., str], tmp_path: Path
) -> None:
    """Files of whole cycles: shorter than PJMEDIA's buffer of 2000 samples, longer, and one whose
    end lies inside a frame of 160. Nothing but the file itself may be heard, sample by sample."""
    cycle = np.round(8000 * np.sin(2 * np.pi * np.arange(20) / 20)).astype("<i2")
    files = []
    for samples in (1600, 2680, 4000):
        files.append(tmp_path / f"{samples}.wav")
        with wave.open(str(files[-1]), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(np.tile(cycle, samples // 20).tobytes())
    run("player_loop.py", 100, *files)
    for name in files:
        heard = np.fromfile(name.with_suffix(".raw"), "<i2")
        heard = heard[np.flatnonzero(heard)[0] :]  # the player joins when the bridge has its turn
        assert heard.size > 1.5 * 8000
        broken = np.flatnonzero(heard[20:] != heard[:-20])
        assert not broken.size, f"{name.name}: broken after {broken[0] / 8000:.3f} s"
