"""Prompts as files: all made before a call, looked up during one.

`PromptStore.prepare` has everything made that a site needs and takes its time; `resolve` only
looks up. In a call nothing is synthesised, converted or read, and no process is started.
"""

import itertools
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from appliance.model.findings import FieldPath, Finding
from appliance.model.prompt import Prompt
from appliance.model.site import SiteFile
from appliance.speech.clips import Clip, clips_of
from appliance.speech.languages import LANGUAGES
from appliance.speech.orders import MAKER, Order, have_made
from appliance.speech.phrases import music_prompt
from appliance.speech.pruning import DAY_S, LIMIT_BYTES, mark_used, prune
from appliance.speech.sounds import PACKAGE_DIR, Sounds, find_sounds, known_phrases
from appliance.speech.troubles import Troubles
from appliance.speech.tts import Espeak, NoEngine
from appliance.speech.whole import SoundError, is_whole
from appliance.speech.wishes import WantedPrompts, wishes
from appliance.speech.workshop import Workshop

MISSING = Path(__file__).parent / "builtin" / "missing.wav"
"""Played in place of what is not there: two short soft tones. Part of the package."""
RUNNING_S = DAY_S
"""For so long after a reload a call may run that began before it."""
Progress = Callable[[int, int], None]
"""Clips done, clips in all; called from the thread that runs `prepare`."""

log = logging.getLogger("callfloor.prompts")


@dataclass
class PromptReport:
    """What `prepare` did: clips made now, clips found made already, old ones removed, seconds,
    and what is wrong, each with the field of site.toml."""

    made: int = 0
    found: int = 0
    removed: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Shelf:
    """One finished state; replaced as a whole, so that a call never sees half of a new one.

    `own`: files of the settings themselves. `files`: these, and those of settings that were
    replaced since `RUNNING_S`, whose calls go on with the flow that they began.
    """

    own: dict[Clip, Path] = field(default_factory=dict)
    files: dict[Clip, Path] = field(default_factory=dict)
    sounds: Sounds = field(default_factory=Sounds)
    language: str = "en"


class PromptStore:
    """`data_dir`: where ``prompts/`` is kept. `base_dir`: the folder of site.toml."""

    def __init__(
        self,
        data_dir: Path,
        base_dir: Path,
        *,
        package_dir: Path = PACKAGE_DIR,
        workers: int | None = None,
        maker: Sequence[str] = MAKER,
        limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        self.folder = data_dir / "prompts"
        self.base_dir = base_dir
        self.package_dir = package_dir
        self.misses: Counter[str] = Counter()
        """Prompts that a call wanted and that were not there, with how often."""
        self._engine = Espeak()
        self._maker = maker
        self._limit_bytes = limit_bytes
        self._workers = workers or min(4, os.cpu_count() or 1)
        self._shelf = _Shelf()
        self._replaced: dict[Clip, tuple[Path, float]] = {}

    def prepare(
        self, site: SiteFile, flows: WantedPrompts, progress: Progress | None = None
    ) -> PromptReport:
        """Makes everything that calls of this site can need. Raises nothing: what cannot be
        made is in the report. Blocking; run it in a thread. Calls go on with the old files
        until it is done, and those that began before it until they end. Prompts that nobody
        has used for long are removed (`pruning`)."""
        started = time.monotonic()
        report = PromptReport()
        sounds = find_sounds(self.base_dir / "prompts", self.package_dir, flows.languages)
        wanted: dict[Clip, FieldPath] = {}
        for wish in wishes(site, flows):
            for clip in clips_of(wish.prompt, wish.language, sounds, self.base_dir):
                wanted.setdefault(clip, wish.path)
        own = self._make_all(wanted, report, progress)
        self._shelf = _Shelf(own, self._with_replaced(own), sounds, site.site.language)
        self._tidy_up(report)
        report.findings += _foreign(flows.languages)
        report.seconds = time.monotonic() - started
        return report

    def _with_replaced(self, own: dict[Clip, Path]) -> dict[Clip, Path]:
        """Only what the new settings have not: a box that is reloaded each minute stays small."""
        now = time.monotonic()
        before = self._replaced | {clip: (path, now) for clip, path in self._shelf.own.items()}
        self._replaced = {
            clip: (path, since)
            for clip, (path, since) in before.items()
            if clip not in own and now - since < RUNNING_S
        }
        return {**{clip: path for clip, (path, _) in self._replaced.items()}, **own}

    def _tidy_up(self, report: PromptReport) -> None:
        files, now = self._shelf.files, time.time()
        mark_used(files.values(), now)
        # A recording may itself lie in the cache, where settings were kept without the original.
        originals = {Path(clip.value) for clip in files if clip.kind == "file"}
        removed = prune(
            self.folder, {*files.values(), *originals}, now, limit_bytes=self._limit_bytes
        )
        report.removed = removed.files
        if removed.files:
            log.info("Removed %d old prompts, %d kB.", removed.files, removed.bytes // 1000)

    def resolve(self, prompt: Prompt, language: str) -> list[Path]:
        """The files of a prompt, in order; a missing one is replaced by `MISSING` and logged.

        `language` where the prompt names none. Never synthesises, never raises."""
        shelf = self._shelf
        found = self._look_up(shelf, prompt, language)
        if found is None and shelf.language != (prompt.language or language):
            other = Prompt(kind=prompt.kind, value=prompt.value, language=shelf.language)
            found = self._look_up(shelf, other, language)
        if found is not None:
            return found
        self._miss(prompt, language)
        return [MISSING]

    def files(self, prompt: Prompt, language: str) -> tuple[str, ...]:
        """As `resolve`, as names."""
        return tuple(str(path) for path in self.resolve(prompt, language))

    def music(self, name: str) -> Path:
        """The file of music on hold, by what `Queue.music` says."""
        return self.resolve(music_prompt(name), "")[0]

    def known_phrases(self, languages: Iterable[str]) -> set[str]:
        """Names of phrases that can be said."""
        return known_phrases(self.base_dir, languages, self.package_dir)

    def _look_up(self, shelf: _Shelf, prompt: Prompt, language: str) -> list[Path] | None:
        clips = clips_of(prompt, language, shelf.sounds, self.base_dir)
        files = [shelf.files.get(clip) for clip in clips]
        there = [path for path in files if path is not None and path.exists()]
        return there if clips and len(there) == len(clips) else None

    def _miss(self, prompt: Prompt, language: str) -> None:
        what = f"{prompt.kind} {prompt.value[:60]!r} ({prompt.language or language})"
        self.misses[what] += 1
        if self.misses[what] == 1:
            log.warning(
                "Prompt not ready: %s. The call goes on with two short tones in its place. "
                "Run 'callfloor check' and correct what it names.",
                what,
            )

    def _make_all(
        self, wanted: dict[Clip, FieldPath], report: PromptReport, progress: Progress | None
    ) -> dict[Clip, Path]:
        files: dict[Clip, Path] = {}
        troubles = Troubles(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            troubles.add((), error)
            wanted = {}
        told = itertools.count(1)
        for clip, path, fresh, trouble in self._each(list(wanted)):
            if trouble is not None:
                troubles.add(wanted[clip], trouble)
            else:
                files[clip] = path
                report.made += fresh
                report.found += not fresh
            if progress is not None:
                progress(next(told), len(wanted))
        report.findings += troubles.findings()
        return files

    def _each(self, wanted: list[Clip]) -> Iterator[tuple[Clip, Path, bool, Exception | None]]:
        """Each clip, its file, whether it was made just now, and why there is none. First
        come those that are there, because finding them costs no process."""
        workshop = Workshop(self.folder, self._engine)
        orders: list[Order] = []
        for clip in wanted:
            try:
                path = workshop.path_of(clip)
            except (SoundError, NoEngine) as error:
                yield clip, MISSING, False, error
                continue
            if is_whole(path):
                yield clip, path, False, None
            else:
                orders.append(Order(len(orders), clip, str(path)))
        for made in have_made(orders, self._workers, self._maker):
            order = orders[made.number]
            yield order.clip, Path(order.path), True, made.error()


def _foreign(languages: Iterable[str]) -> list[Finding]:
    """Languages whose built-in phrases are English for want of words."""
    return [
        Finding(
            ("site", "language"),
            f"Callfloor has no words of its own in language {code!r}.",
            "Announcements in the queue and built-in phrases are heard in English; texts of the "
            "flow are spoken in that language.",
            f"Record them as prompts/{code}/NAME.wav beside site.toml; docs/flows.md lists them.",
            "warning",
        )
        for code in languages
        if code not in LANGUAGES
    ]
