"""The stages from sentences to the trained network, each kept on disk under the digest of all
that it was made from: what is there already is not made again."""

import hashlib
import json
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

from . import corpus, dictionary, sentences, voices
from .alignment import align
from .channel import LIGHT, MILD
from .corpus import Utterance
from .network import LAYERS, WIDTH, Network
from .training import Schedule, Trainer

# With strong telephones from the start the network hears people worse: README.md, figures.
TOLD = Schedule(30, 2e-3, seed=11, strength=MILD)
FRAMES = Schedule(40, 2e-3, seed=12, strength=MILD)
WHOLE = Schedule(44, 1.2e-3, sequences=True, seed=13)
LAST = Schedule(58, 8e-4, sequences=True, seed=14, goes_on=True, strength=LIGHT)


@dataclass(frozen=True)
class Recipe:
    """All that decides what comes out."""

    sentences: int = 30000
    width: int = WIDTH
    layers: int = LAYERS
    told: Schedule = TOLD
    frames: Schedule = FRAMES
    whole: Schedule = WHOLE
    last: Schedule = LAST
    seed: int = 20261123


TINY = Recipe(
    sentences=40,
    width=32,
    layers=2,
    told=Schedule(0.1, 3e-3, seed=11),
    frames=Schedule(0.1, 3e-3, seed=12),
    whole=Schedule(0.1, 1e-3, sequences=True, seed=13),
    last=Schedule(0.1, 5e-4, sequences=True, seed=14, goes_on=True, strength=LIGHT),
)


def digest(*parts: Any) -> str:
    """A short name for exactly these ingredients."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


class Workshop:
    """Makes the stages of `recipe` in `folder` with `workers` processes."""

    def __init__(self, recipe: Recipe, folder: Path, workers: int = 2) -> None:
        self.recipe, self.folder, self.workers = recipe, folder, workers
        self.words = dictionary.read()
        folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def shards(self) -> list[Path]:
        """Stage 1: shards of sentences by all training voices."""
        recipe = self.recipe
        writer = sentences.Writer(self.words, recipe.seed)
        rng = random.Random(recipe.seed)
        jobs = [voices.draw(writer.sentence(), rng) for _ in range(recipe.sentences)]
        return corpus.make(jobs, self.folder / "corpus", self.workers, recipe.seed)

    def recordings(self) -> list[Utterance]:
        """All recordings, with the phone times that engines told."""
        return list(corpus.read(self.shards))

    def _name(self, stage: str, *more: Any) -> str:
        recipe = self.recipe
        said = [p.name for p in self.shards]
        return f"{stage}-{digest(said, recipe.width, recipe.layers, *more)}"

    def told(self, recordings: Sequence[Utterance]) -> Network:
        """Stage 2: a network from the recordings whose phone times are known."""
        return self._train(
            self._new(), [u for u in recordings if u.segments], self.recipe.told, self._told_name()
        )

    def _told_name(self) -> str:
        return self._name("told", asdict(self.recipe.told))

    def aligned(self, recordings: Sequence[Utterance]) -> list[Utterance]:
        """Stage 3: phone times for the others, found by the first network."""
        path = self.folder / f"{self._name('aligned', asdict(self.recipe.told))}.json"
        if not path.exists():
            network = self.told(recordings).cpu()
            wanted = [u for u in recordings if not u.segments and u.speed == 1.0]
            path.write_text(json.dumps(self._align(wanted, network)), "utf-8")
        times = json.loads(path.read_text("utf-8"))
        for utterance in recordings:
            if not utterance.segments:
                utterance.segments = times.get(utterance.key)
        kept = [u for u in recordings if u.segments]
        print(f"aligned: {len(kept)} of {len(recordings)} recordings are used", flush=True)
        return kept

    def frames(self, recordings: Sequence[Utterance]) -> Network:
        """Stage 4: all recordings, each frame by itself."""
        plans = [asdict(p) for p in (self.recipe.told, self.recipe.frames)]
        network = self.told(recordings)
        return self._train(network, recordings, self.recipe.frames, self._name("frames", *plans))

    def whole(self, recordings: Sequence[Utterance]) -> Network:
        """Stage 5: all recordings, sentence by sentence."""
        recipe = self.recipe
        plans = [asdict(p) for p in (recipe.told, recipe.frames, recipe.whole)]
        name = self._name("whole", *plans)
        return self._train(self.frames(recordings), recordings, recipe.whole, name)

    def last(self, recordings: Sequence[Utterance]) -> Network:
        """Stage 6: the same over better lines, which is how most calls are."""
        recipe = self.recipe
        plans = [asdict(p) for p in (recipe.told, recipe.frames, recipe.whole, recipe.last)]
        name = self._name("last", *plans)
        return self._train(self.whole(recordings), recordings, recipe.last, name)

    def network(self) -> Network:
        """All stages."""
        return self.last(self.aligned(self.recordings())).cpu().eval()

    def _align(self, wanted: Sequence[Utterance], network: Network) -> dict[str, Any]:
        recipe, words = self.recipe, self.words
        parts = [list(wanted[i :: self.workers]) for i in range(self.workers)]
        orders = [
            (part, network.state_dict(), recipe.width, recipe.layers, words) for part in parts
        ]
        times: dict[str, Any] = {}
        with ProcessPoolExecutor(self.workers, get_context("spawn")) as pool:
            for found in pool.map(_align_part, orders):
                times.update(found)
        return times

    def _new(self) -> Network:
        torch.manual_seed(self.recipe.seed)
        return Network(self.recipe.width, self.recipe.layers)

    def _train(
        self, network: Network, recordings: Sequence[Utterance], plan: Schedule, name: str
    ) -> Network:
        torch.manual_seed(plan.seed)
        trainer = Trainer(network, recordings, plan, self.folder / f"{name}.pt")
        if trainer.step < plan.steps:
            return trainer.run()
        return trainer.average


def _align_part(order: tuple[list[Utterance], dict[str, torch.Tensor], int, int, Any]) -> Any:
    """In a process of its own: key -> phone times of these recordings."""
    utterances, state, width, layers, words = order
    torch.set_num_threads(1)
    network = Network(width, layers)
    network.load_state_dict(state)
    found = align(utterances, network, words)
    return {u.key: times for u, times in zip(utterances, found, strict=True)}
