"""The spoken sentences on disk: shards of raw 8 kHz sound at three speeds, with phone times."""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .synthesis import at_speed, speak
from .voices import Job

SHARD = 250
SPEEDS = ((1.0, 1.0), (0.85, 0.98), (1.02, 1.2))


@dataclass
class Utterance:
    """One recording: text, voice, sound (int16, 8 kHz), speed, phone ends in seconds at speed 1
    (None: unknown yet). `key` is the same for the speeds of one sentence."""

    key: str
    text: str
    voice: str
    samples: np.ndarray
    speed: float
    segments: list[tuple[str, float]] | None


def make(jobs: Sequence[Job], folder: Path, workers: int, seed: int) -> list[Path]:
    """The shards of `jobs`; those that exist already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [jobs[i : i + SHARD] for i in range(0, len(jobs), SHARD)]
    paths = [folder / f"{i:04d}-{_digest(part, seed)}.npz" for i, part in enumerate(parts)]
    missing = [
        (p, list(part), seed) for p, part in zip(paths, parts, strict=True) if not p.exists()
    ]
    with ProcessPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(_shard, missing), 1):
            print(f"spoken: {done} of {len(missing)} shards", flush=True)
    return paths


def _digest(jobs: Sequence[Job], seed: int) -> str:
    told = json.dumps([SPEEDS, seed, [asdict(job) for job in jobs]])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _shard(order: tuple[Path, list[Job], int]) -> None:
    path, jobs, seed = order
    rng = random.Random(f"{path.name}{seed}")
    sounds: list[np.ndarray] = []
    rows = []
    for number, (job, made) in enumerate(zip(jobs, speak(jobs), strict=True)):
        if made is None:
            continue
        samples, rate, segments = made
        speeds = [round(rng.uniform(*between), 3) for between in SPEEDS]
        sounds += [at_speed(samples, rate, speed) for speed in speeds]
        key = f"{path.stem}-{number}"
        rows.append([key, job.text, f"{job.engine} {job.voice}", speeds, segments])
    half = path.with_suffix(".part.npz")
    lengths = np.array([len(s) for s in sounds])
    np.savez(half, samples=np.concatenate(sounds), lengths=lengths, rows=json.dumps(rows))
    half.rename(path)


def read(paths: Sequence[Path]) -> Iterator[Utterance]:
    """All recordings of the shards, three speeds of each sentence."""
    for path in paths:
        with np.load(path) as shard:
            samples, lengths = shard["samples"], shard["lengths"]
            rows = json.loads(str(shard["rows"]))
        ends = np.cumsum(lengths)
        sounds = iter(np.split(samples, ends[:-1]))
        for key, text, voice, speeds, segments in rows:
            for speed in speeds:
                yield Utterance(key, text, voice, next(sounds), speed, segments)
