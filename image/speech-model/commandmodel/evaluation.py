"""How well a model hears: human recordings, held-out voices, speech that no menu asks for.

Nothing here is ever trained on. Each trial is one sound in one menu; the tables only count them.
"""

import json
import random
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from . import prompts, synthesis, voices
from . import vocabulary as v
from .hearing import Ear, Heard, at_rate, line, load

CONDITIONS = ("clean", "g711", "g711+noise15")
MENU = v.listed("sales support billing operator yes no repeat help goodbye")
HELD_OUT_SENTENCES = 400
SEED = 99
REPORTED = ("even", "odd")
TUNED_ON = ("even", "tuning")
T = TypeVar("T")
Sounds = Iterable[tuple[str, str, str, str, np.ndarray]]


@dataclass(frozen=True)
class Trial:
    """`text` is what was said, None where it belongs to no menu. `half`: `even` was used to tune
    knobs, `odd` never; `tuning` was tuned on and is in no table."""

    group: str
    category: str
    half: str
    condition: str
    text: str | None
    heard: Heard

    @property
    def right(self) -> bool:
        """Whether the right choice was recognised, at whatever confidence."""
        return self.text is not None and self.heard.text == self.text


@dataclass(frozen=True)
class Gate:
    """Confidences: from `confirm` on the product asks, from `accept` on it acts."""

    accept: float = 0.0
    confirm: float = 0.0


class Examination:
    """A model folder and how the product would use it; only trials of `halves` are made."""

    def __init__(self, folder: Path, halves: Container[str] = REPORTED) -> None:
        self.halves = halves
        path = folder / "callfloor-model.json"
        told = json.loads(path.read_text("utf-8")) if path.exists() else {}
        self.gate = Gate(told.get("accept", 0.0), told.get("confirm", 0.0))
        self.ear = Ear(folder, told.get("decoys", []), told.get("calibration", []))

    def human(self, condition: str) -> Iterator[Trial]:
        """English recordings, each in the menu of its category."""
        listed = [p for p in prompts.english() if self.ear.knows(p.text)]
        yield from self._menus(listed, "human", condition)

    def letters(self, condition: str) -> Iterator[Trial]:
        """Names of letters in a menu of all 26."""
        yield from self._menus(prompts.letters(), "human letters", condition)

    def _menus(
        self, listed: Sequence[prompts.Prompt], group: str, condition: str
    ) -> Iterator[Trial]:
        menus: dict[str, list[str]] = {}
        for prompt in listed:
            menu = menus.setdefault(prompt.category, [])
            if prompt.text not in menu:
                menu.append(prompt.text)
        for half, prompt in self._halved(listed):
            heard = self.ear.listen(menus[prompt.category], line(load(prompt.path), condition))
            yield Trial(group, prompt.category, half, condition, prompt.text, heard)

    def other_words(self, condition: str) -> Iterator[Trial]:
        """English recordings in a menu that has none of their words."""
        for half, prompt in self._halved(prompts.english()):
            if set(prompt.text.split()) & set(MENU):
                continue
            heard = self.ear.listen(MENU, line(load(prompt.path), condition))
            yield Trial("other words", prompt.category, half, condition, None, heard)

    def other_languages(self, condition: str, most: int = 200) -> Iterator[Trial]:
        """Recordings of other languages: those to report, and those to tune on."""
        for half, folders in (
            ("odd", prompts.REPORTED_LANGUAGES), ("tuning", prompts.TUNING_LANGUAGES)
        ):  # fmt: skip
            paths = prompts.foreign(folders) if half in self.halves else []
            for path in paths[:: max(1, len(paths) // most)]:
                heard = self.ear.listen(MENU, line(load(path), condition))
                name = path.relative_to(prompts.FOLDER).parts[0]
                yield Trial("other languages", name, half, condition, None, heard)

    def held_out(self, sounds: Sounds, condition: str) -> Iterator[Trial]:
        """Voices that no training heard, each sentence in a menu of twenty."""
        rng = random.Random(SEED)
        everything = v.unique(v.SENTENCES + v.COMMANDS)
        for half, (voice, text, _, _, samples) in self._halved(sounds):
            others = [t for t in rng.sample(everything, 19) if t != text]
            heard = self.ear.listen([text, *others], line(samples, condition))
            yield Trial("held-out voices", voice, half, condition, text, heard)

    def _halved(self, listed: Iterable[T]) -> Iterator[tuple[str, T]]:
        """Every second one is of the odd half."""
        for i, one in enumerate(listed):
            half = "odd" if i % 2 else "even"
            if half in self.halves:
                yield half, one


def held_out_sounds(count: int = HELD_OUT_SENTENCES) -> list[tuple[str, str, str, str, np.ndarray]]:
    """(voice, text, engine, name, samples) of `count` sentences, words and phrases in turn.
    Voices whose Debian package is missing are left out."""
    rng = random.Random(SEED)
    words = [word for word in v.COMMANDS if len(word) > 1]
    texts = [rng.choice(v.SENTENCES if i % 2 else words) for i in range(count)]
    jobs = [voices.draw_held_out(text, rng) for text in texts]
    made = []
    for job, spoken in zip(jobs, synthesis.speak(jobs), strict=True):
        if spoken is not None:
            samples = at_rate(spoken[0].astype(np.float64), spoken[1])
            level = samples * (20000 / (np.abs(samples).max() + 1e-6))
            made.append((f"{job.engine} {job.voice}", job.text, job.engine, job.voice, level))
    return made


def trials(
    folder: Path, conditions: Sequence[str] = CONDITIONS, halves: Container[str] = REPORTED
) -> list[Trial]:
    """Everything of `halves`, in all conditions."""
    exam = Examination(folder, halves)
    sounds = held_out_sounds()
    found: list[Trial] = []
    for condition in conditions:
        found += exam.human(condition)
        found += exam.letters(condition)
        found += exam.other_words(condition)
        found += exam.other_languages(condition)
        found += exam.held_out(sounds, condition)
    return found


def share(found: Iterable[bool]) -> float:
    """Part that is true; 0 of nothing."""
    listed = list(found)
    return sum(listed) / len(listed) if listed else 0.0


def menu_accuracy_human(folder: Path, condition: str = "g711") -> float:
    """Share of human menu words that get through: right, and at least asked about."""
    exam = Examination(folder)
    return share(t.right and t.heard.taken(exam.gate.confirm) for t in exam.human(condition))


def false_accept_human(folder: Path, condition: str = "g711") -> float:
    """Share of human words outside the menu that are taken for a choice, or asked about."""
    exam = Examination(folder)
    return share(t.heard.taken(exam.gate.confirm) for t in exam.other_words(condition))


@dataclass
class Row:
    """A line of the table: counts of trials, of those right (or wrongly let in) at any
    confidence, from `confirm` on, from `accept` on."""

    title: str
    condition: str
    trials: int
    anyhow: int
    asked: int
    acted: int


def table(found: Sequence[Trial], gate: Gate) -> list[Row]:
    """All lines: categories, halves and totals."""
    rows: list[Row] = []
    kept = [t for t in found if t.half != "tuning"]
    for group in dict.fromkeys(t.group for t in kept):
        for condition in dict.fromkeys(t.condition for t in kept):
            part = [t for t in kept if (t.group, t.condition) == (group, condition)]
            if group == "human":
                for category in dict.fromkeys(t.category for t in part):
                    some = [t for t in part if t.category == category]
                    rows.append(_row(f"  {category}", condition, some, gate))
                rows.append(_row("human, odd half", condition, _odd(part), gate))
            if group == "other words":
                rows.append(_row("other words, odd half", condition, _odd(part), gate))
            rows.append(_row(f"{group}, all", condition, part, gate))
    return rows


def _odd(part: Iterable[Trial]) -> list[Trial]:
    return [t for t in part if t.half == "odd"]


def _row(title: str, condition: str, part: Sequence[Trial], gate: Gate) -> Row:
    def count(threshold: float) -> int:
        return sum((t.right or t.text is None) and t.heard.taken(threshold) for t in part)

    return Row(title, condition, len(part), count(0.0), count(gate.confirm), count(gate.accept))


def printed(rows: Sequence[Row], gate: Gate) -> str:
    """The table as text."""
    head = f"{'':28} {'':13} trials   any conf.   >= {gate.confirm:.2f}     >= {gate.accept:.2f}"
    lines = [head]
    for row in rows:
        shares = [
            f"{n:4d} {n / max(1, row.trials):6.1%}" for n in (row.anyhow, row.asked, row.acted)
        ]
        lines.append(f"{row.title:28} {row.condition:13} {row.trials:5d} {' '.join(shares)}")
    return "\n".join(lines)


def as_json(rows: Sequence[Row], gate: Gate) -> dict[str, Any]:
    """The same for programs."""
    return {
        "accept": gate.accept,
        "confirm": gate.confirm,
        "rows": [vars(row) | {"title": row.title.strip()} for row in rows],
    }
