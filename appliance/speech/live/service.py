"""Callers who speak: the part of the core that lends them recognisers, while they do.

All on the asyncio thread, and nothing here waits: neither for a process nor for the disk.
"""

import asyncio
import contextlib
import itertools
import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import msgspec

from appliance.model.events.box import Trouble
from appliance.model.hearing import Deaf, Hearing, SpeechOff, SpeechReport
from appliance.model.ids import LegId
from appliance.speech.live import wire
from appliance.speech.live.attention import Attention
from appliance.speech.live.crew import Crew
from appliance.speech.live.keeping import FOLDER, Keeper, prune_hourly
from appliance.speech.live.listening import Listening
from appliance.speech.live.staff import Staff

LOG = logging.getLogger("callfloor.speech")
START_S = 10.0
"""How long a start waits for models; large ones go on loading behind it."""


CLOSE_S = 2.0
CROWD = 10
"""Questions listened to for each recogniser; they are silent most of the time. More would only
cost the core's time."""
LEGS = 64
"""Calls whose noise and echo are remembered, 60 KB each."""


class SpeechSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`models`: language (ISO 639-1) -> model folder, verified. `recognisers`: callers heard at
    once, at least 1. `sure`, `unsure`: over the models' own limits. `keep_failed`: folder below
    `data_dir` for the sound of what was not understood, None: nothing is kept. What is older than
    `keep_failed_days` is deleted there, or in ``speech`` of `data_dir` where nothing is kept."""

    models: dict[str, Path]
    recognisers: int
    data_dir: Path
    sure: float | None = None
    unsure: float | None = None
    keep_failed: Path | None = None
    keep_failed_days: int = 14
    enabled: bool = True


class SpeechService:
    """`report` and `trouble` are called from the loop, never from within a call of ours."""

    def __init__(
        self,
        settings: SpeechSettings,
        report: Callable[[SpeechReport], None],
        trouble: Callable[[Trouble], None],
    ) -> None:
        self._settings, self._report = settings, report
        self._staff = Staff(trouble)
        self._listenings: dict[LegId, Listening] = {}
        self._attention: OrderedDict[LegId, Attention] = OrderedDict()
        self._serials = itertools.count(1)
        self._keeper: Keeper | None = None
        self._pruning: asyncio.Task[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Recognisers are ready when this returns, except those of models that cannot be had in
        time or at all: those tell a `Trouble`, and their questions are deaf."""
        await self.configure(self._settings)

    async def configure(self, settings: SpeechSettings) -> None:
        """From the next question on. Questions that listen keep what they have."""
        self._settings = settings
        models = settings.models if settings.enabled else {}
        folders = set(models.values())
        marks = await asyncio.to_thread(lambda: {folder: _mark(folder) for folder in folders})
        if self._closed or settings is not self._settings:
            return
        self._staff.change(models, marks, settings.recognisers)
        self._keeping()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                await self._staff.settled()

    def listen(self, leg: LegId, listen: int, hearing: Hearing) -> None:
        """A question begins; what was asked before on this leg is stopped. All answers come by
        `report`, also that nobody can listen."""
        self.stop(leg)
        crew, deaf, detail = self._choose(hearing.language)
        if crew is None:
            self._deaf(leg, listen, deaf, detail)
            return
        settings = self._settings
        question = wire.Question(next(self._serials), hearing, settings.sure, settings.unsure)
        packet = wire.encode(question)
        if len(packet) >= wire.LONGEST:
            self._deaf(leg, listen, "words", f"{len(packet)} bytes of phrases are too many")
            return
        keep = self._keep if self._keeper and not hearing.secret else None
        attention = self._attentive(leg)
        told = (self._report, self._turned_away)
        listening = Listening(leg, listen, question, packet, crew, *told, keep, attention)
        self._listenings[leg] = listening
        listening.start()

    def feed(self, leg: LegId, near: memoryview, far: memoryview) -> None:
        """What the caller says, and what he is played in the same time: whole frames of 20 ms,
        8 kHz int16 native; `far` empty means silence. Legs that nobody asks are ignored."""
        listening = self._listenings.get(leg)
        if listening is not None:
            listening.feed(near, far)

    def stop(self, leg: LegId) -> None:
        """The question is over; no report of it after this."""
        listening = self._listenings.pop(leg, None)
        if listening is not None:
            listening.stop()

    async def close(self) -> None:
        """Ends all processes."""
        self._closed = True
        if self._pruning is not None:
            self._pruning.cancel()
        for leg in list(self._listenings):
            self.stop(leg)
        self._staff.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._staff.gone()
        if self._keeper is not None:
            await self._keeper.close()

    def busy(self) -> tuple[int, int]:
        """Recognisers in use, which are those of callers who speak, and all; all are in use also
        where no more questions can be listened to."""
        size = self._settings.recognisers if self._staff else 0
        return size if len(self._listenings) >= CROWD * size else self._engaged(), size

    def _choose(self, language: str) -> tuple[Crew | None, Deaf, str]:
        if not self._settings.enabled:
            return None, "no_model", "speech is switched off in [speech]"
        crew = self._staff.serving(language)
        if crew is None:
            return None, "no_model", f"there is no model for language {language}"
        if crew.fault:
            return None, "broken", f"model {crew.folder.name}: {crew.fault}"
        open_, most = len(self._listenings), CROWD * self._settings.recognisers
        if open_ >= most:
            return None, "busy", f"{open_} callers are listened to, and no more can be"
        return crew, "busy", ""

    def _turned_away(self) -> str:
        """Why nobody can listen to one more who begins to speak; '' if somebody can."""
        size = self._settings.recognisers if self._staff else 0
        return f"all {size} recognisers are in use" if self._engaged() >= size else ""

    def _engaged(self) -> int:
        return sum(listening.engaged for listening in self._listenings.values())

    def _attentive(self, leg: LegId) -> Attention:
        """A call's next question need not learn its noise and echo anew."""
        attention = self._attention.pop(leg, None) or Attention()
        self._attention[leg] = attention
        if len(self._attention) > LEGS:
            self._attention.popitem(last=False)
        return attention

    def _deaf(self, leg: LegId, listen: int, why: Deaf, detail: str) -> None:
        off = SpeechOff(leg=leg, listen=listen, why=why, detail=detail)
        asyncio.get_running_loop().call_soon(self._report, off)

    def _keep(self, pcm: bytes, leg: LegId, listen: int) -> str:
        """As the setting is when it was not understood, not when the question began."""
        return self._keeper.keep(pcm, leg, listen) if self._keeper else ""

    def _keeping(self) -> None:
        """As the settings say, from now on; what was kept before goes in time."""
        settings, old = self._settings, self._keeper
        folder, days = settings.keep_failed, settings.keep_failed_days
        self._keeper = Keeper(settings.data_dir, folder, days) if folder else None
        if old is not None:
            old.retire()
        if self._pruning is not None:
            self._pruning.cancel()
        kept = folder or settings.data_dir / FOLDER
        self._pruning = asyncio.create_task(prune_hourly(kept, days))


def _mark(folder: Path) -> object:
    """Changes when the folder's files do. Blocks."""
    try:
        return sorted(
            (str(file), state.st_size, state.st_mtime_ns, state.st_ino)
            for file in folder.rglob("*")
            if (state := file.stat())
        )
    except OSError as error:
        return error.errno
