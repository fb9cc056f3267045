"""Adapters of the core: site.toml to engine settings, prompts, recordings to the finisher."""

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from appliance.box.config import LoadedSite, render
from appliance.box.sentences import label
from appliance.flow.language import FlowSet
from appliance.model import events as ev
from appliance.model.findings import Finding
from appliance.model.ids import CallId, RecordingId, TrunkId
from appliance.recording.files import room_for_recording
from appliance.recording.finisher import Finisher
from appliance.recording.health import Health, why_not
from appliance.recording.jobs import FinishJob
from appliance.recording.recover import OpenRecordings, recover
from appliance.sip.settings import EngineSettings, LineAccount
from appliance.speech.clips import clips_of
from appliance.speech.phrases import DEFAULT_MUSIC
from appliance.speech.prompts import PromptStore
from appliance.speech.sounds import Sounds
from appliance.speech.tts import Espeak
from appliance.speech.whole import SoundError, is_whole
from appliance.speech.wishes import wishes
from appliance.speech.workshop import Workshop

log = logging.getLogger(__name__)

ROOM_CHECK_S = 5.0
PROMPTS_SHOWN = 10
"""Prompts with trouble that the board shows."""


def engine_settings(loaded: LoadedSite) -> EngineSettings:
    sip = loaded.site.sip
    return EngineSettings(
        listen=sip.listen,
        port=sip.port,
        transports=tuple(sip.transports),
        rtp_first=sip.rtp_port_first,
        rtp_last=sip.rtp_port_last,
        max_legs=min(254, 2 * sip.max_calls + 14),
        user_agent=sip.user_agent,
        silence_alarm_s=sip.silence_alarm_s,
        jitter_ms=sip.jitter_ms,
        log_file=loaded.data_dir / "sip.log",
    )


def line_accounts(loaded: LoadedSite) -> list[LineAccount]:
    """Enabled trunks. A password file was checked with the rest of site.toml."""
    return [
        LineAccount(
            trunk=TrunkId(trunk.id),
            host=trunk.host,
            port=trunk.port,
            transport=trunk.transport,
            username=trunk.username,
            password=_password(loaded.base_dir, trunk.password_file),
            register=trunk.kind == "register",
            register_s=trunk.register_s,
            caller_id=trunk.caller_id,
            codecs=tuple(trunk.codecs),
            dtmf=trunk.dtmf,
        )
        for trunk in loaded.site.trunk
        if trunk.enabled
    ]


def _password(base: Path, file: Path | None) -> str:
    return (base / file).read_text(encoding="utf-8").strip() if file else ""


class Recordings:
    """Raw files on their way to finished ones; `report` takes the resulting events. `seen` is
    what the log says of recordings: whoever reads the log keeps it up to date."""

    def __init__(
        self,
        loaded: LoadedSite,
        seen: OpenRecordings,
        report: Callable[[ev.RecordingFinished | ev.RecordingFailed], None],
        tell: Callable[[ev.Trouble], None],
    ) -> None:
        self.folder = loaded.data_dir / "recordings"
        self._seen = seen
        self._report = report
        self._finisher = Finisher(report)
        self._room = (0.0, "")
        self._health = Health(self.folder, tell)
        self._asked = asyncio.Event()
        self.configure(loaded)

    def configure(self, loaded: LoadedSite) -> None:
        self._form: Literal["flac", "opus"] = loaded.site.recording.format
        self._min_free_mb = loaded.site.recording.min_free_mb

    def may_record(self) -> str:
        """'' or why not; the disk is asked every few seconds only."""
        asked, answer = self._room
        now = time.monotonic()
        if not asked or now - asked > ROOM_CHECK_S:
            answer = room_for_recording(self.folder, self._min_free_mb)
            self._room = (now, answer)
        return answer

    def recover(self) -> None:
        """At the start: finish what a crash left, name what cannot be."""
        found = recover(self.folder, self._seen, self._form)
        for job in found.jobs:
            self._finisher.put(job)
        for failed in found.failed:
            self._report(failed)
        for name in found.unknown:
            log.warning("recording %s belongs to no call; it stays where it is", name)

    def closed(self, recording: RecordingId) -> None:
        """The raw file is whole: compress and sum it in the background."""
        state = self._seen.open.get(recording)
        if state is None:
            log.error("recording %s is closed but was never started", recording)
            return
        if recording in self._seen.failed and not (self.folder / state.path).exists():
            return  # it could not be begun, and that has been said
        self._finisher.put(
            FinishJob(
                folder=str(self.folder),
                raw=state.path,
                call=CallId(state.call),
                recording=recording,
                form=self._form,
                pauses=tuple(state.pauses),
                started_us=state.started_us,
            )
        )

    def look(self) -> None:
        """A recording failed: see whether the disk is at fault."""
        self._asked.set()

    async def watch(self) -> None:
        """Until cancelled: tell when recordings cannot be made, and when they can again."""
        loop = asyncio.get_running_loop()
        while True:
            write = self._asked.is_set() or self._health.bad
            self._asked.clear()
            ask = functools.partial(why_not, self.folder, self._min_free_mb, write=write)
            if self._health.found(await loop.run_in_executor(None, ask)):
                self._room = (0.0, "")
                self._finish_late()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROOM_CHECK_S):
                    await self._asked.wait()

    def _finish_late(self) -> None:
        """What could not be finished for want of room can be now."""
        for recording, state in list(self._seen.open.items()):
            if state.stopped and recording in self._seen.failed:
                self.closed(recording)

    async def close(self) -> None:
        await self._finisher.close(5.0)


class Prompts:
    """The prompt store, with preparation kept off the event loop."""

    def __init__(self, loaded: LoadedSite) -> None:
        self._store = PromptStore(loaded.data_dir, loaded.base_dir)
        self._findings: list[Finding] = []
        self.files = self._store.files

    async def prepare(self, loaded: LoadedSite, flows: FlowSet) -> None:
        """Render what is missing; calls go on meanwhile. Says how far it is every 2 s."""
        told = [time.monotonic()]

        def progress(done: int, total: int) -> None:
            if time.monotonic() - told[0] >= 2.0:
                told[0] = time.monotonic()
                print(f"prompts: {done} of {total} ready", flush=True)

        loop = asyncio.get_running_loop()
        report = await loop.run_in_executor(None, self._store.prepare, loaded.site, flows, progress)
        self._findings = report.findings
        for found in report.findings:
            log.warning("%s", render(loaded.path, found, loaded.site.model_dump()))

    def troubles(self) -> list[ev.Trouble]:
        """What callers miss since the last `prepare`; the log of the core has all of it."""
        return [
            ev.Trouble(
                where="prompts",
                what=f"{label(one.path)}: {one.what}" if one.path else one.what,
                meaning=one.means,
                remedy=one.to_do,
            )
            for one in self._findings[:PROMPTS_SHOWN]
        ]

    def recorded(self, loaded: LoadedSite, flows: FlowSet) -> dict[str, str]:
        """Recordings as site.toml names them, and the names of their files in the cache."""
        workshop, found = Workshop(self._store.folder, Espeak()), dict[str, str]()
        for wish in wishes(loaded.site, flows):
            for clip in clips_of(wish.prompt, wish.language, Sounds(), loaded.base_dir):
                with contextlib.suppress(SoundError):
                    if clip.kind == "file" and is_whole(path := workshop.path_of(clip)):
                        found[wish.prompt.value] = path.name
        return found

    def music(self, loaded: LoadedSite) -> dict[str, Path]:
        """Music name to looped file, for every queue and the default."""
        names = {DEFAULT_MUSIC, *(queue.music for queue in loaded.site.queue)}
        return {name: self._store.music(name) for name in names}


def changed_troubles(before: list[ev.Trouble], now: list[ev.Trouble]) -> list[ev.Trouble]:
    """The ends of those that are no more, then the new ones."""
    ended = [msgspec.structs.replace(old, over=True) for old in before if old not in now]
    return ended + [new for new in now if new not in before]
