"""What the network is trained towards.

First each frame by itself (cross entropy); then the whole sentence against all other phone
sequences (lattice-free maximum mutual information, Povey et al. 2016), with the aligned path as
numerator and a sum over a phone bigram as denominator.
"""

import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import nn

from appliance.speech.lexicon.phones import BASES

from .batches import IGNORED
from .corpus import Utterance

HALF = math.log(0.5)  # to stay in a phone or to leave it


def frames(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy per frame."""
    return nn.functional.cross_entropy(scores, labels, ignore_index=IGNORED, label_smoothing=0.05)


def bigram(utterances: Iterable[Utterance]) -> torch.Tensor:
    """Log probabilities (from, to) of phones; the last row and column are the ends."""
    count = len(BASES)
    seen = np.full((count + 1, count + 1), 0.5)
    for utterance in utterances:
        before = count
        for phone, _ in utterance.segments or []:
            now = BASES.index(phone)
            if now == before == 0:
                continue
            seen[before, now] += 1
            before = now
        seen[before, count] += 1
    return torch.from_numpy(np.log(seen / seen.sum(1, keepdims=True)).astype(np.float32))


class Sequences:
    """The sentence criterion; `scores` are (batch, OUTPUTS, outputs), used as they are."""

    def __init__(self, language: torch.Tensor, device: torch.device) -> None:
        self.language = language.to(device)
        self.count = len(language) - 1
        self.moves = self.language[: self.count, : self.count].exp()

    def __call__(self, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean over frames of log P(path) - log P(anything): 0 is perfect."""
        labels = labels.clone()
        start = labels[:, 0]
        labels[:, 0] = torch.where(start % 2 == 1, start - 1, start)
        lengths = (labels >= 0).sum(1)
        won = self._path(scores, labels)
        return (won - self._all(scores, lengths)).sum() / lengths.sum()

    def _path(self, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        valid = labels >= 0
        safe = labels.clamp_min(0)
        phone, first = safe // 2, safe % 2 == 0
        emitted = scores.gather(1, safe[:, None])[:, 0]
        moved = self.language[phone[:, :-1], phone[:, 1:]] + HALF
        moved = torch.where(first[:, 1:], moved, torch.full_like(moved, HALF))
        start = self.language[self.count, phone[:, 0]]
        return (emitted * valid).sum(1) + (moved * valid[:, 1:]).sum(1) + start

    def _all(self, scores: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        entering, staying = scores[:, 0::2], scores[:, 1::2]
        inside = entering[:, :, 0] + self.language[self.count, : self.count]
        history = [inside]
        for t in range(1, scores.shape[2]):
            top = inside.amax(1, keepdim=True)
            into = ((inside - top).exp() @ self.moves).clamp_min(1e-30).log() + top
            inside = HALF + torch.logaddexp(into + entering[:, :, t], inside + staying[:, :, t])
            history.append(inside)
        last = (lengths - 1)[:, None, None].expand(-1, self.count, 1)
        return torch.logsumexp(torch.stack(history, 2).gather(2, last)[:, :, 0], 1)
