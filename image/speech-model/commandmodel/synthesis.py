"""Sentences -> sound, by the speech engines of Debian; with phone times where the engine tells."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from .voices import Job

RATE = 8000
# The engines' own phone names that ARPABET lacks.
PHONES = {
    "pau": "SIL", "ssil": "SIL", "h#": "SIL", "brth": "SIL", "q": "SIL", "#": "SIL",
    "ax": "AH", "axr": "ER", "dx": "T", "nx": "N", "el": "L", "em": "M", "en": "N", "ix": "IH",
    "hv": "HH",
}  # fmt: skip
SPOKEN = {"xray": "x ray", "oclock": "o'clock", "ok": "okay"}
Segments = list[tuple[str, float]]  # phone, end in seconds
Spoken = tuple[np.ndarray, Segments | None]  # float32 at 8 kHz per speed is made later


def speak(jobs: Sequence[Job]) -> list[tuple[np.ndarray, int, Segments | None] | None]:
    """Samples (float32, full scale 1), their rate, phone times; None where an engine failed."""
    with tempfile.TemporaryDirectory(prefix="speech-model-") as place:
        folder = Path(place)
        _festival(jobs, folder)
        return [_one(job, folder / str(i)) for i, job in enumerate(jobs)]


def _words(text: str) -> str:
    return " ".join(SPOKEN.get(word, word) for word in text.split())


def _one(job: Job, stem: Path) -> tuple[np.ndarray, int, Segments | None] | None:
    wav, segments = stem.with_suffix(".wav"), None
    if job.engine == "flite":
        segments = _flite(job, wav)
    elif job.engine == "espeak":
        _espeak(job, wav)
    else:
        segments = _read_segments(stem.with_suffix(".seg"))
    if not wav.exists() or wav.stat().st_size < 2000:
        return None
    samples, rate = soundfile.read(wav, dtype="float32")
    wav.unlink()
    return samples, rate, segments


def _flite(job: Job, wav: Path) -> Segments:
    settings = {
        "duration_stretch": job.pace,
        "int_f0_target_mean": job.pitch,
        "int_f0_target_stddev": job.lilt,
    }
    command = ["flite", "-voice", job.voice, "-psdur"]
    for name, value in settings.items():
        command += ["--setf", f"{name}={value}"]
    command += ["-t", _words(job.text), "-o", str(wav)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    pairs = (item.rsplit(":", 1) for item in told.split())
    return [(PHONES.get(phone, phone.upper()), float(end)) for phone, end in pairs]


def _espeak(job: Job, wav: Path) -> None:
    command = ["espeak-ng", "-v", job.voice, "-s", str(int(job.pace)), "-p", str(job.pitch)]
    command += ["-g", str(job.lilt), "-w", str(wav), _words(job.text)]
    subprocess.run(command, capture_output=True, check=False)


def _festival(jobs: Sequence[Job], folder: Path) -> None:
    """All festival sentences of `jobs` in one run: its start costs more than a sentence."""
    wanted = [(i, job) for i, job in enumerate(jobs) if job.engine == "festival"]
    if not wanted:
        return
    lines, voice = [], ""
    for i, job in sorted(wanted, key=lambda pair: pair[1].voice):
        if job.voice != voice:
            voice = job.voice
            lines.append(f"(voice_{voice})")
        stem = folder / str(i)
        lines.append(f"(Parameter.set 'Duration_Stretch {job.pace})")
        lines.append(f'(set! u (utt.synth (Utterance Text "{_words(job.text)}")))')
        lines.append(f'(utt.save.wave u "{stem}.wav" \'riff)')
        lines.append(f'(utt.save.segs u "{stem}.seg")')
    script = folder / "speak.scm"
    script.write_text("\n".join(lines), "utf-8")
    subprocess.run(["festival", "-b", str(script)], capture_output=True, check=False)


def _read_segments(path: Path) -> Segments | None:
    if not path.exists():
        return None
    rows = (line.split() for line in path.read_text("utf-8").splitlines()[1:])
    return [(PHONES.get(row[2], row[2].upper()), float(row[0])) for row in rows if len(row) > 2]


def at_speed(samples: np.ndarray, rate: int, speed: float) -> np.ndarray:
    """`samples` as int16 at 8 kHz, played `speed` times as fast (pitch and formants go along)."""
    made = soxr.resample(samples, rate * speed, RATE) if rate * speed != RATE else samples
    peak = float(np.abs(made).max()) + 1e-6
    return np.round(made / peak * 20000).astype(np.int16)
