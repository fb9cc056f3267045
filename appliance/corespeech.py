"""Speech in the core: recognisers joined with the taps of the legs, and what is told of them.

Whatever fails here costs a caller nothing but speech: keys always work.
"""

import asyncio
import functools
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from appliance.box.config import LoadedSite
from appliance.coreparts import changed_troubles
from appliance.flow.language import FlowSet
from appliance.model.events import Trouble
from appliance.model.hearing import Hearing, SpeechOff, SpeechReport
from appliance.model.ids import LegId
from appliance.sip.hearing import SpeechTaps
from appliance.speech.catalog.apart import Order, ready_apart
from appliance.speech.live.crowd import Crowd
from appliance.speech.live.keeping import FOLDER, prune_hourly

if TYPE_CHECKING:
    from appliance.speech.live.service import SpeechSettings

log = logging.getLogger(__name__)

LOOK_S = 2.0


class Service(Protocol):
    """What is needed of `speech.live.SpeechService`."""

    async def start(self) -> None: ...

    async def configure(self, settings: "SpeechSettings") -> None: ...

    def listen(self, leg: LegId, listen: int, hearing: Hearing) -> None: ...

    def feed(self, leg: LegId, near: memoryview, far: memoryview) -> None: ...

    def stop(self, leg: LegId) -> None: ...

    async def close(self) -> None: ...

    def busy(self) -> tuple[int, int]: ...


Report = Callable[[SpeechReport], None]
Tell = Callable[[Trouble], None]
Make = Callable[["SpeechSettings", Report, Tell], Service]


def recognisers(settings: "SpeechSettings", report: Report, tell: Tell) -> Service:
    """The real ones."""
    from appliance.speech.live.service import SpeechService  # 12 MB, only where speech is on

    return SpeechService(settings, report, tell)


class Ears:
    """Listens to legs (`calls.controller.Ears`). `report` takes what is heard, `tell` troubles.

    `make` makes the recognisers; they are started only where speech is switched on and some
    question has words to listen for.
    """

    def __init__(
        self,
        loaded: LoadedSite,
        flows: FlowSet,
        make: Make,
        report: Report,
        tell: Tell,
    ) -> None:
        self._loaded = loaded
        self._flows = flows
        self._make = make
        self._report = report
        self._tell = tell
        self._taps: SpeechTaps | None = None
        self._service: Service | None = None
        self._crowd = Crowd()
        self._open: dict[LegId, int] = {}
        self._told: list[Trouble] = []
        self._failed: list[Trouble] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._pruning: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    # -- life ---------------------------------------------------------------------------------

    def start(self, taps: SpeechTaps) -> None:
        """Begin to get ready; until then callers use keys. Returns at once."""
        self._taps = taps
        self._tasks = [
            asyncio.create_task(self._get_ready("start")),
            asyncio.create_task(self._watch()),
        ]

    def reconfigure(self, loaded: LoadedSite, flows: FlowSet) -> None:
        """As `configure`, and returns at once: models may take long to load, and calls must not
        wait for them."""
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.create_task(self.configure(loaded, flows)))

    async def configure(self, loaded: LoadedSite, flows: FlowSet) -> None:
        """Another site.toml; questions that are being listened for go on as they are."""
        self._loaded, self._flows = loaded, flows
        await self._get_ready("take over the new settings")

    async def close(self) -> None:
        self._prune(False)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        service, self._service = self._service, None
        if service is not None:
            try:
                await service.close()
            except Exception as error:
                self._tell(_failed("stop", error))

    async def _get_ready(self, what: str) -> None:
        """What fails is told until it succeeds."""
        failed = []
        try:
            await self._apply()
        except Exception as error:
            failed = [_failed(what, error)]
        for trouble in changed_troubles(self._failed, failed):
            self._tell(trouble)
        self._failed = failed

    async def _apply(self) -> None:
        async with self._turn:
            wanted = self._wanted()
            self._prune(not wanted)
            if not wanted:
                await self._switch_off()
                return
            order = await asyncio.to_thread(_order, self._loaded, self._flows)
            found = await ready_apart(order)
            settings = await asyncio.to_thread(_settings, self._loaded, found.folders)
            self._say(found.troubles)
            if self._service is not None:
                await self._service.configure(settings)
                return
            self._service = self._make(settings, self._heard, self._tell)
            await self._service.start()

    def _prune(self, on: bool) -> None:
        """Where nobody listens any more: what was kept goes in time, as the service sees to."""
        if self._pruning is not None:
            self._pruning.cancel()
        days = self._loaded.site.speech.keep_failed_days
        kept = prune_hourly(self._loaded.data_dir / FOLDER, days) if on else None
        self._pruning = asyncio.create_task(kept) if kept else None

    def _wanted(self) -> bool:
        """A box whose questions have nothing to listen for needs no recognisers."""
        return self._loaded.site.speech.enabled and any(True for _ in self._flows.hearings())

    async def _switch_off(self) -> None:
        self._say([])
        if over := self._crowd.over():
            self._tell(over)
        service, self._service = self._service, None
        if service is not None:
            for leg, listen in list(self._open.items()):
                self._heard(_off(leg, listen, "speech was switched off"))
            await service.close()

    def _say(self, troubles: list[Trouble]) -> None:
        """What is wrong with the models, and what is not any more."""
        for trouble in changed_troubles(self._told, troubles):
            self._tell(trouble)
        self._told = troubles

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._service is not None:
                over = self._crowd.look(*self._service.busy(), time.monotonic())
                if over is not None:
                    self._tell(over)

    # -- listening ----------------------------------------------------------------------------

    def listen(self, leg: LegId, listen: int, hearing: Hearing) -> None:
        """From now on; reports come later, never within this call."""
        self._open[leg] = listen
        service, taps = self._service, self._taps
        if service is None or taps is None:
            self._cannot(leg, listen, "the recognisers are not ready yet")
            return
        try:
            taps.start(leg, functools.partial(service.feed, leg))
            service.listen(leg, listen, hearing)
        except Exception as error:
            log.exception("%s cannot be listened to", leg)
            self._cannot(leg, listen, f"no sound of the caller: {error}")

    def stop(self, leg: LegId) -> None:
        """Nothing is reported of this leg any more."""
        self._open.pop(leg, None)
        if self._taps is not None:
            self._taps.stop(leg)
        if self._service is not None:
            self._service.stop(leg)

    def _cannot(self, leg: LegId, listen: int, detail: str) -> None:
        """Told when the turn of the calls is over that asked for it."""
        asyncio.get_running_loop().call_soon(self._heard, _off(leg, listen, detail))

    def _heard(self, report: SpeechReport) -> None:
        if self._open.get(report.leg) != report.listen:
            return
        if isinstance(report, SpeechOff):
            if not report.once:
                del self._open[report.leg]
                if self._taps is not None:
                    self._taps.stop(report.leg)
            self._deaf(report)
        self._report(report)

    def _deaf(self, report: SpeechOff) -> None:
        recognisers = self._service.busy()[1] if self._service else 0
        if report.why == "busy" and recognisers:
            trouble = self._crowd.turned_away(recognisers)
            if trouble is not None:
                self._tell(trouble)


def _off(leg: LegId, listen: int, detail: str) -> SpeechOff:
    return SpeechOff(leg=leg, listen=listen, why="broken", detail=detail)


def _failed(what: str, error: Exception) -> Trouble:
    """While it is handled."""
    log.exception("speech cannot %s", what)
    return Trouble(
        where="speech",
        what=f"speech cannot {what}: {error or type(error).__name__}",
        meaning="Callers choose by keys; calls go on.",
        remedy="Look into the core's log, which names the place, and reload or start anew.",
    )


def _words(flows: FlowSet) -> dict[str, set[str]]:
    """What callers may say, by language: a model that can learn is taught what it lacks."""
    words: dict[str, set[str]] = {}
    for heard in flows.hearings():
        said = words.setdefault(heard.language, set())
        said.update(word for _, phrase in heard.phrases for word in phrase.split())
    return words


def _order(loaded: LoadedSite, flows: FlowSet) -> Order:
    return Order(loaded.site.speech, loaded.data_dir, _words(flows))


def _settings(loaded: LoadedSite, models: dict[str, Path]) -> "SpeechSettings":
    """[speech] of site.toml with its defaults filled in for this machine."""
    from appliance.speech.live.service import SpeechSettings  # not on the thread of the calls

    speech = loaded.site.speech
    return SpeechSettings(
        models=models,
        recognisers=speech.recognisers or 2 * max(1, len(os.sched_getaffinity(0)) - 1),
        sure=speech.sure,
        unsure=speech.unsure,
        keep_failed=loaded.data_dir / FOLDER if speech.keep_failed else None,
        keep_failed_days=speech.keep_failed_days,
        enabled=True,
        data_dir=loaded.data_dir,
    )
