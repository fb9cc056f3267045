"""What was said against what was heard: counts, rates and a table. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.model.hearing import Verdict
from appliance.speech.tools.tally import percentile

NOTHING = "(nothing)"


@dataclass(frozen=True)
class Outcome:
    """One file. `expected`: the value that should be heard, '' for nothing, None if nobody
    knows. `choice`: the value that was, '' for nothing. Times in seconds; `latency_s`: the
    silence that was waited for, `cpu_s`: processor time for the whole file."""

    file: str
    expected: str | None
    text: str = ""
    choice: str = ""
    confidence: float = 0.0
    verdict: Verdict = "none"
    missed: str = ""
    audio_s: float = 0.0
    latency_s: float = 0.0
    cpu_s: float = 0.0
    error: str = ""

    @property
    def taken(self) -> str:
        """What the flow would act on, or ask back."""
        return self.choice if self.verdict != "none" else ""

    @property
    def right(self) -> bool | None:
        return None if self.expected is None or self.error else self.taken == self.expected


@dataclass(frozen=True)
class Rates:
    """`asked`: files with something to hear; of them `right` (`sure`: without asking back),
    `wrong` (`wrong_sure`) and `missed`. `foreign`: files with nothing to hear; `accepted` ones
    were taken for a choice all the same."""

    asked: int
    right: int
    sure: int
    wrong: int
    wrong_sure: int
    missed: int
    foreign: int
    accepted: int
    accepted_sure: int

    @property
    def recognition(self) -> float | None:
        return self.right / self.asked if self.asked else None

    @property
    def false_accepts(self) -> float | None:
        return self.accepted / self.foreign if self.foreign else None


def rates(outcomes: Sequence[Outcome]) -> Rates:
    known = [one for one in outcomes if one.right is not None]
    asked = [one for one in known if one.expected]
    foreign = [one for one in known if not one.expected]
    right = [one for one in asked if one.right]
    wrong = [one for one in asked if one.taken and not one.right]
    accepted = [one for one in foreign if one.taken]
    return Rates(
        asked=len(asked),
        right=len(right),
        sure=_sure(right),
        wrong=len(wrong),
        wrong_sure=_sure(wrong),
        missed=len(asked) - len(right) - len(wrong),
        foreign=len(foreign),
        accepted=len(accepted),
        accepted_sure=_sure(accepted),
    )


def _sure(outcomes: Sequence[Outcome]) -> int:
    return sum(one.verdict == "sure" for one in outcomes)


def table(outcomes: Sequence[Outcome], names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Rows what was said, columns what was heard; [] where nobody knows what was said.

    `names`: what a value is called to people."""
    counted = Counter((one.expected or "", one.taken) for one in outcomes if one.right is not None)
    if not counted:
        return []
    order = [*names, *sorted({v for pair in counted for v in pair} - set(names) - {""}), ""]
    said = [one for one in order if any(pair[0] == one for pair in counted)]
    heard = [one for one in order if any(pair[1] == one for pair in counted)]
    head = ("SAID", *(_name(one, names) for one in heard), "FILES", "RIGHT")
    return [head, *(_row(one, heard, counted, names) for one in said)]


def _row(
    said: str, heard: Sequence[str], counted: Counter[tuple[str, str]], names: Mapping[str, str]
) -> tuple[str, ...]:
    cells = [counted[said, one] for one in heard]
    share = f"{counted[said, said] / sum(cells):.0%}"
    return (_name(said, names), *(str(n) if n else "." for n in cells), str(sum(cells)), share)


def _name(value: str, names: Mapping[str, str]) -> str:
    return names.get(value, value) if value else NOTHING


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    """The totals in words."""
    found, lines = rates(outcomes), []
    if found.recognition is not None:
        lines.append(
            f"Recognised: {found.right} of {found.asked} ({found.recognition:.1%}); "
            f"{found.sure} without asking back, {found.wrong} taken for something else "
            f"({found.wrong_sure} without asking back), {found.missed} not understood."
        )
    if found.false_accepts is not None:
        lines.append(
            f"False accepts: {found.accepted} of {found.foreign} that mean nothing here "
            f"({found.false_accepts:.1%}; {found.accepted_sure} without asking back)."
        )
    latency = [one.latency_s for one in outcomes if one.taken]
    if latency:
        p50, p95 = percentile(latency, 0.5) or 0.0, percentile(latency, 0.95) or 0.0
        lines.append(f"Silence waited for: p50 {p50:.2f} s, p95 {p95:.2f} s.")
    audio, cpu = sum(one.audio_s for one in outcomes), sum(one.cpu_s for one in outcomes)
    if audio:
        lines.append(
            f"{audio:.1f} s of sound took {cpu:.1f} s of processor time ({cpu / audio:.2f})."
        )
    if unsaid := sum(one.expected is None and not one.error for one in outcomes):
        lines.append(
            f"Not counted: {unsaid} of {len(outcomes)} files: neither labels.tsv nor their names, "
            "nor those of the folders that were given, tell what is said in them."
        )
    if unread := sum(bool(one.error) for one in outcomes):
        lines.append(f"Not read: {unread} of {len(outcomes)} files.")
    return lines
