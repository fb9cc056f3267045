"""Recordings -> batches: sound through the telephone, features, and the right output per frame."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from appliance.speech.lexicon.phones import BASES, OUTPUTS

from .channel import USUAL, Strength, Telephone
from .corpus import Utterance
from .features import RATE, SHIFT, WINDOW, Mfcc, frame_count
from .network import STRIDE

FRAMES = 12000  # of a batch: two minutes
IGNORED = -100
# Unvoiced sounds: next to people's, those of the synthetic voices are up to 15 dB too weak.
HISSED = ("S", "SH", "F", "TH", "CH", "T", "K", "P", "HH", "Z")
LONGEST = 7.0  # seconds


@dataclass
class Batch:
    """`features` (rows, frames, 40); `labels` (rows, outputs), IGNORED past the end."""

    features: torch.Tensor
    labels: torch.Tensor


def labels_of(utterance: Utterance, before: float, outputs: int) -> np.ndarray:
    """The network output that each 30 ms frame should be, with `before` seconds of silence put
    in front; the first frame of a phone has another output than the rest."""
    segments = utterance.segments or []
    times = (np.arange(outputs) * STRIDE * SHIFT + WINDOW / 2) / RATE
    times = (times - before) * utterance.speed
    ends = np.array([end for _, end in segments])
    which = np.where(times < 0, -1, np.searchsorted(ends, times, side="right"))
    phones = np.array([BASES.index(phone) for phone, _ in segments] + [0])
    phone = np.where(which < 0, 0, phones[np.minimum(which, len(segments))])
    silent = phone == 0
    first = np.ones(outputs, bool)
    first[1:] = (which[1:] != which[:-1]) & ~(silent[1:] & silent[:-1])
    return 2 * phone + np.where(first, 0, 1)


def prior(utterances: Iterable[Utterance]) -> torch.Tensor:
    """Log of how often each output is right."""
    seen = np.ones(OUTPUTS)
    for utterance in utterances:
        count = (frame_count(len(utterance.samples) + RATE // 3) + STRIDE - 1) // STRIDE
        seen += np.bincount(labels_of(utterance, 1 / 6, count), minlength=OUTPUTS)
    return torch.from_numpy(np.log(seen / seen.sum()).astype(np.float32))


def hissed(utterance: Utterance, rng: random.Random) -> np.ndarray:
    """The sound with its unvoiced phones louder or weaker, together and each by itself."""
    sound = utterance.samples.astype(np.float32)
    common, start = rng.uniform(-4.0, 12.0), 0.0
    for phone, end in utterance.segments or []:
        if phone in HISSED:
            first, last = (int(t / utterance.speed * RATE) for t in (start, end))
            sound[max(first, 0) : last] *= 10 ** ((common + rng.gauss(0, 3.0)) / 20)
        start = end
    return sound


def grouped(utterances: Sequence[Utterance], rng: random.Random) -> list[list[Utterance]]:
    """Batches of about equal length, in random order."""
    usable = [u for u in utterances if u.segments and len(u.samples) < LONGEST * RATE]
    ordered = sorted(usable, key=lambda u: len(u.samples) * rng.uniform(0.85, 1.15))
    groups: list[list[Utterance]] = [[]]
    longest = 0
    for utterance in ordered:
        longest = max(longest, len(utterance.samples) + RATE // 2)
        if (len(groups[-1]) + 1) * longest > FRAMES * SHIFT:
            groups.append([])
            longest = len(utterance.samples) + RATE // 2
        groups[-1].append(utterance)
    rng.shuffle(groups)
    return [group for group in groups if group]


class Stream(IterableDataset[Batch]):
    """Endless batches; the same seed gives the same ones."""

    def __init__(self, utterances: Sequence[Utterance], seed: int, how: Strength) -> None:
        self.utterances, self.seed, self.how = utterances, seed, how

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        rng = random.Random(self.seed)
        telephone, mfcc = Telephone(self.seed, self.how), Mfcc()
        while True:
            for group in grouped(self.utterances, rng):
                yield make(group, rng, telephone, mfcc)


def make(group: list[Utterance], rng: random.Random, telephone: Telephone, mfcc: Mfcc) -> Batch:
    """One batch."""
    # Mostly short silences, sometimes a long one: noise alone must be silence too.
    before = [
        rng.uniform(0.03, 0.35) if rng.random() < 0.85 else rng.uniform(0.3, 1.0) for _ in group
    ]
    after = [rng.uniform(0.03, 0.35) for _ in group]
    lengths = [
        int(RATE * (b + a)) + len(u.samples) for u, b, a in zip(group, before, after, strict=True)
    ]
    clean = torch.zeros(len(group), max(lengths))
    spoken = torch.zeros(len(group))
    for row, (utterance, start) in enumerate(zip(group, before, strict=True)):
        voice = torch.from_numpy(hissed(utterance, rng))
        at = int(RATE * start)
        clean[row, at : at + len(voice)] = voice
        spoken[row] = voice.square().mean().sqrt()
    heard = telephone(clean, spoken)
    features = mfcc(heard, telephone.warps(len(group)), telephone.roughen)
    outputs = (features.shape[1] + STRIDE - 1) // STRIDE
    labels = np.full((len(group), outputs), IGNORED, np.int64)
    for row, (utterance, start) in enumerate(zip(group, before, strict=True)):
        count = min(outputs, (frame_count(lengths[row]) + STRIDE - 1) // STRIDE)
        labels[row, :count] = labels_of(utterance, start, count)
    _mask(features, rng)
    return Batch(features, torch.from_numpy(labels))


def _mask(features: torch.Tensor, rng: random.Random) -> None:
    """Hides a short time of some recordings (Park et al. 2019), so that context must help."""
    for row in features:
        if rng.random() < 0.5:
            start = rng.randrange(len(row))
            row[start : start + rng.randint(2, 12)] = row.mean(0)


def loader(utterances: Sequence[Utterance], seed: int, how: Strength = USUAL) -> Iterator[Batch]:
    """Endless batches, made in a process of their own."""
    stream = Stream(utterances, seed, how)
    return iter(DataLoader(stream, batch_size=None, num_workers=1, prefetch_factor=4))
