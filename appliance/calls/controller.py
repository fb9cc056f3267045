"""The switchboard among real things: engine, event log, timers, files. No decisions here."""

import asyncio
import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from appliance.calls import effects as fx
from appliance.calls.desk import Turn
from appliance.calls.switchboard import Switchboard
from appliance.calls.unplayed import together
from appliance.model.commands import AnyCommand, Reply
from appliance.model.events import AnyEvent, CallEnded, Event, Record, Trouble
from appliance.model.hearing import Hearing, SpeechReport
from appliance.model.ids import LegId, RecordingId
from appliance.model.legs import EngineEvent, PlayFailed, RecorderTrouble

log = logging.getLogger(__name__)


class Log(Protocol):
    """What the controller needs of `store.EventLog`."""

    def append(self, event: AnyEvent, *, durable: bool = False) -> Record: ...

    def durable(self, seq: int) -> "asyncio.Future[None]": ...


class Ears(Protocol):
    """Recognisers. What they hear comes to `Controller.on_engine`, never within these calls."""

    def listen(self, leg: LegId, listen: int, hearing: Hearing) -> None: ...

    def stop(self, leg: LegId) -> None: ...


class Controller:
    """Feeds the switchboard and carries out what it returns. All on the asyncio thread.

    `clock` gives UTC seconds that never go backwards. `recorded` is told of each raw file
    that is closed. Without `ears` nobody listens to speech.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        engine: Any,
        event_log: Log,
        clock: Callable[[], float],
        recordings: Path,
        recorded: Callable[[RecordingId], None],
        ears: Ears | None = None,
    ) -> None:
        self.switchboard = switchboard
        self._engine = engine
        self._log = event_log
        self._clock = clock
        self._recordings = recordings
        self._recorded = recorded
        self._ears = ears
        self._timer: asyncio.TimerHandle | None = None
        self._last_seq = 0
        self._stopped = False
        self._no_detector = False

    # -- in -----------------------------------------------------------------------------------

    def on_engine(self, event: EngineEvent | SpeechReport) -> None:
        if not self._stopped:
            self.run(self.switchboard.handle(event, self._clock()))

    async def command(self, command: AnyCommand) -> Reply:
        """Answers once what the command caused is safe on disk."""
        before = self._last_seq
        reply, turn = self.switchboard.command(command, self._clock())
        self.run(turn)
        if self._last_seq > before:
            await self._log.durable(self._last_seq)
        return reply

    def run(self, turn: Turn) -> None:
        """Carry out one turn and set the next timer."""
        for item in turn:
            if isinstance(item, Event):
                self.append(item)  # type: ignore[arg-type] # every Event class is in AnyEvent
            else:
                self._do(item)
        self._set_timer()

    def append(self, event: AnyEvent) -> None:
        record = self._log.append(event, durable=isinstance(event, CallEnded))
        self._last_seq = record.seq

    def stop(self) -> None:
        self._stopped = True
        if self._timer:
            self._timer.cancel()

    def set_music(self, name: str, path: Path) -> None:
        """Name a music file, or another one; a broken one is told and stops nothing else."""
        self._music(name, partial(self._engine.set_music, name, path))

    def _music(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            loop = asyncio.get_running_loop()
            loop.call_soon(self.on_engine, _no_music(name, error))

    # -- time ---------------------------------------------------------------------------------

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        when = self.switchboard.next_deadline()
        if when is None or self._stopped:
            return
        delay = max(0.0, when - self._clock())
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.run(self.switchboard.tick(self._clock()))

    # -- out ----------------------------------------------------------------------------------

    def _do(self, effect: fx.Effect) -> None:
        try:
            _ACTS[type(effect)](self, effect)
        except Exception:
            log.exception("effect %r could not be carried out", effect)

    def _answer(self, effect: fx.AnswerLeg) -> None:
        self._engine.answer(effect.leg)

    def _ringing(self, effect: fx.SendRinging) -> None:
        self._engine.ringing(effect.leg)

    def _reject(self, effect: fx.RejectLeg) -> None:
        self._engine.hang_up(effect.leg, effect.code, effect.reason)

    def _hang_up(self, effect: fx.HangUpLeg) -> None:
        self._engine.hang_up(effect.leg)

    def _dial(self, effect: fx.DialLeg) -> None:
        self._engine.dial(
            effect.leg,
            effect.target,
            trunk=effect.trunk,
            caller=effect.caller,
            caller_name=effect.caller_name,
            headers=effect.headers,
        )

    def _play(self, effect: fx.PlayFiles) -> None:
        try:
            self._engine.players.start(effect.play, effect.leg, effect.files)
        except Exception as error:
            loop = asyncio.get_running_loop()
            loop.call_soon(self.on_engine, _play_failed(effect, error))

    def _stop_play(self, effect: fx.StopPlaying) -> None:
        self._engine.players.stop(effect.play)

    def _mix(self, effect: fx.Mix) -> None:
        for name in {s.removeprefix("music:") for s, _ in effect.links if s.startswith("music:")}:
            self._music(name, partial(self._engine.players.need_music, name))
        self._engine.bridge.want(f"call:{effect.call}", effect.links)

    def _record(self, effect: fx.StartRecording) -> None:
        try:
            self._engine.recorders.start(effect.recording, self._recordings / effect.path)
        except OSError as error:
            told = RecorderTrouble(recording=effect.recording, errno=error.errno or 5, dropped=0)
            asyncio.get_running_loop().call_soon(self.on_engine, told)

    def _pause(self, effect: fx.PauseRecording) -> None:
        self._engine.recorders.pause(effect.recording, effect.paused)

    def _stop_record(self, effect: fx.StopRecording) -> None:
        recording = effect.recording
        self._engine.recorders.stop(recording, lambda: self._recorded(recording))

    def _refer(self, effect: fx.ReferProgress) -> None:
        self._engine.refer_progress(effect.leg, effect.code, effect.final)

    def _listen_inband(self, effect: fx.ListenInband) -> None:
        try:
            self._engine.inband.start(effect.leg)
        except LookupError as error:
            if not self._no_detector:
                self._no_detector = True
                self.append(_no_detector(error))

    def _listen_quiet(self, effect: fx.ListenQuiet) -> None:
        if effect.seconds:
            self._engine.quiet.start(effect.leg, effect.seconds)
        else:
            self._engine.quiet.stop(effect.leg)

    def _hear(self, effect: fx.HearSpeech) -> None:
        if self._ears is not None:
            self._ears.listen(effect.leg, effect.listen, effect.hearing)

    def _stop_hearing(self, effect: fx.StopHearing) -> None:
        if self._ears is not None:
            self._ears.stop(effect.leg)

    def _keep_alive(self, effect: fx.KeepAlive) -> None:
        self._engine.keep_alive(effect.trunk)


_ACTS: dict[type, Any] = {
    fx.AnswerLeg: Controller._answer,
    fx.SendRinging: Controller._ringing,
    fx.RejectLeg: Controller._reject,
    fx.HangUpLeg: Controller._hang_up,
    fx.DialLeg: Controller._dial,
    fx.PlayFiles: Controller._play,
    fx.StopPlaying: Controller._stop_play,
    fx.Mix: Controller._mix,
    fx.StartRecording: Controller._record,
    fx.PauseRecording: Controller._pause,
    fx.StopRecording: Controller._stop_record,
    fx.ReferProgress: Controller._refer,
    fx.KeepAlive: Controller._keep_alive,
    fx.ListenInband: Controller._listen_inband,
    fx.ListenQuiet: Controller._listen_quiet,
    fx.HearSpeech: Controller._hear,
    fx.StopHearing: Controller._stop_hearing,
}


def _play_failed(effect: fx.PlayFiles, error: Exception) -> PlayFailed:
    """Which files are to blame, and why, without the names of the innocent ones."""
    names = together(effect.files)
    bad = tuple(name for name in effect.files if not os.access(name, os.R_OK))
    why = str(error).removeprefix(f"cannot play {names}: ") or type(error).__name__
    return PlayFailed(play=effect.play, prompts=tuple(dict.fromkeys(bad)) or (names,), why=why)


def _no_music(name: str, error: Exception) -> PlayFailed:
    files = getattr(error, "files", (f"music {name}",))
    return PlayFailed(play=0, prompts=files, why=getattr(error, "why", "") or str(error))


def _no_detector(error: Exception) -> Trouble:
    what, _, remedy = str(error).partition(" Install ")
    return Trouble(
        where="sip",
        what=what,
        meaning="Their calls are taken; menus go on to a person after the retries.",
        remedy=f"Install {remedy}" if remedy else "Install libspandsp2.",
    )
