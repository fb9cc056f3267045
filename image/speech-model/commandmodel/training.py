"""The training loop: one schedule for both criteria; it continues where it was stopped."""

import copy
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import nn

from . import batches, losses
from .batches import FRAMES, Batch
from .channel import USUAL, Strength
from .corpus import Utterance
from .network import Network, normalise

SAVE_EVERY = 120.0  # seconds


@dataclass(frozen=True)
class Schedule:
    """`hours` of sound to hear, `peak` learning rate, `sequences`: sentence criterion instead of
    frames. `seed` draws batches, `decay` is that of the averaged weights. `goes_on`: the network
    comes from the same criterion, so that its outputs are likelihoods already."""

    hours: float
    peak: float
    sequences: bool = False
    seed: int = 1
    decay: float = 0.999
    goes_on: bool = False
    strength: Strength = USUAL

    @property
    def steps(self) -> int:
        return max(2, round(self.hours * 360000 / FRAMES))


class Trainer:
    """Trains `network` on `utterances`; `path` holds the state between runs."""

    def __init__(
        self, network: Network, utterances: Sequence[Utterance], plan: Schedule, path: Path
    ) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = network.to(self.device)
        self.plan, self.path, self.utterances, self.step = plan, path, utterances, 0
        self.optimiser = torch.optim.AdamW(network.parameters(), lr=plan.peak, weight_decay=1e-3)
        self.rate = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, plan.peak, total_steps=plan.steps + 1, pct_start=0.1
        )
        self.average = copy.deepcopy(network)
        self.criterion: losses.Sequences | None = None
        self.prior: torch.Tensor | None = None
        self._continue()

    def _continue(self) -> None:
        if not self.path.exists():
            return
        state = torch.load(self.path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rate.load_state_dict(state["rate"])
        self.step = state["step"]

    def save(self) -> None:
        """Writes everything that is needed to go on."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "rate": self.rate.state_dict(),
            "step": self.step,
        }
        half = self.path.with_suffix(".part")
        torch.save(state, half)
        half.rename(self.path)

    def run(self) -> Network:
        """Trains to the end; the result is the average of the weights over the last steps."""
        if self.plan.sequences:
            slow = [u for u in self.utterances if u.speed == 1.0]
            self.criterion = losses.Sequences(losses.bigram(slow), self.device)
            self.prior = batches.prior(slow[:: max(1, len(slow) // 3000)]).to(self.device)
        stream = batches.loader(self.utterances, self.plan.seed + self.step, self.plan.strength)
        if self.step == 0:
            self._begin(stream)
        self.network.train()
        begun = saved = time.monotonic()
        told = [0.0, 0.0]
        while self.step < self.plan.steps:
            loss, right = self._learn(next(stream))
            told = [told[0] + loss, told[1] + right]
            if self.step % 50 == 0:
                spent = time.monotonic() - begun
                print(
                    f"{self.path.stem} {self.step}/{self.plan.steps} loss {told[0] / 50:.3f} "
                    f"frames right {told[1] / 50:.3f} {spent:.0f} s",
                    flush=True,
                )
                told = [0.0, 0.0]
            if time.monotonic() - saved > SAVE_EVERY:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.average

    def _begin(self, stream: Iterator[Batch]) -> None:
        """The first time: scales of the inputs, or from chances to likelihoods."""
        if self.prior is None:
            seen = [next(stream).features.flatten(0, 1) for _ in range(4)]
            normalise(self.network, torch.cat(seen))
        elif not self.plan.goes_on:
            with torch.no_grad():
                cast(torch.Tensor, self.network.output.bias).sub_(self.prior)
        self.average.load_state_dict(self.network.state_dict())

    def _learn(self, batch: Batch) -> tuple[float, float]:
        features, labels = batch.features.to(self.device), batch.labels.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            scores = self.network.over(features)
        scores = scores.float()
        if self.criterion is None or self.prior is None:
            loss = losses.frames(scores, labels)
        else:
            loss = 0.1 * losses.frames(scores + self.prior[:, None], labels)
            loss = loss - self.criterion(scores, labels) + 0.0005 * scores.square().mean()
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.rate.step()
        self.step += 1
        self._follow()
        valid = labels >= 0
        right = (scores.argmax(1) // 2 == labels // 2) & valid
        return loss.item(), (right.sum() / valid.sum()).item()

    def _follow(self) -> None:
        keep = min(self.plan.decay, 1 - 1 / (self.step + 1))
        with torch.no_grad():
            for mine, theirs in zip(
                self.average.state_dict().values(), self.network.state_dict().values(), strict=True
            ):
                if mine.dtype.is_floating_point:
                    mine.lerp_(theirs, 1 - keep)
                else:
                    mine.copy_(theirs)
