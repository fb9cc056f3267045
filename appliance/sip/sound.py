"""Players and recorders on the bridge. The clock thread reads and writes; Python only starts."""

import asyncio
import errno
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pjsua2 as pj

from appliance.sip.bridge import Bridge
from appliance.sip.errors import reason
from appliance.sip.watch import Guard

BURY_S = 0.3
"""PJMEDIA hands late end-of-file events to players; keep them this long after they stop."""


class _FilePlayer(pj.AudioMediaPlayer):  # type: ignore[misc] # pjsua2 ships no types
    def __init__(self, done: Callable[[], None]) -> None:
        super().__init__()
        self._done = done

    def onEof2(self) -> None:
        self._done()


class Players:
    """Plays are lists of 8 kHz mono WAV files; music is a loop shared by all listeners."""

    def __init__(
        self,
        bridge: Bridge,
        post: Callable[[Callable[..., None], Any], None],
        done: Callable[[int], None],
    ) -> None:
        self._bridge = bridge
        self._post = post
        self._done = done
        self._plays: dict[int, Any] = {}
        self._music: dict[str, Any] = {}
        self._files: dict[str, Path] = {}

    def start(self, play: int, leg: str, files: tuple[str, ...]) -> None:
        """Errors of a file end the play at once: a caller is never left in a dead prompt."""
        self.stop(play)
        player = _FilePlayer(lambda: self._post(self._finished, play))
        try:
            if len(files) == 1:
                player.createPlayer(files[0], pj.PJMEDIA_FILE_NO_LOOP)
            else:
                names = pj.StringVector()
                for name in files:
                    names.append(name)
                player.createPlaylist(names, "", pj.PJMEDIA_FILE_NO_LOOP)
        except (pj.Error, ValueError) as error:
            raise PlayError(files, reason(error)) from error
        self._plays[play] = player
        self._bridge.set_media(f"play:{play}", player)
        self._bridge.want(f"play:{play}", {(f"play:{play}", f"leg:{leg}")})

    def stop(self, play: int) -> None:
        player = self._plays.pop(play, None)
        if player is None:
            return
        self._bridge.want(f"play:{play}", ())
        self._bridge.remove(f"play:{play}")
        bury(player)

    def _finished(self, play: int) -> None:
        if play in self._plays:
            self.stop(play)
            self._done(play)

    def set_music(self, name: str, path: Path) -> None:
        """Name a looped file; it is opened when somebody first listens.

        Who listens now hears the new one from here; raises PlayError where it cannot be opened,
        and then the old one goes on.
        """
        if self._files.get(name) == path:
            return
        old = self._music.get(name)
        if old is not None:
            new = _loop(path)
            self._bridge.remove(f"music:{name}")
            bury(old)
            self._play_music(name, new)
        self._files[name] = path

    def need_music(self, name: str) -> None:
        """Raises PlayError where its file cannot be opened; who wants it hears nothing then."""
        if name not in self._music and name in self._files:
            self._play_music(name, _loop(self._files[name]))

    def _play_music(self, name: str, player: Any) -> None:
        self._music[name] = player
        self._bridge.set_media(f"music:{name}", player)

    def close(self) -> None:
        for play in list(self._plays):
            self.stop(play)
        for name in list(self._music):
            self._bridge.remove(f"music:{name}")
        self._music.clear()


def _loop(path: Path) -> Any:
    player = pj.AudioMediaPlayer()
    try:
        player.createPlayer(str(path), 0)
    except pj.Error as error:
        raise PlayError((str(path),), reason(error)) from error
    return player


class PlayError(Exception):
    """A prompt or music file cannot be played."""

    def __init__(self, files: tuple[str, ...], why: str) -> None:
        self.files, self.why = files, why
        super().__init__(f"cannot play {', '.join(files)}: {why}")


class Recorders:
    """Two-channel recordings; a failing disk is reported once and never stops a call."""

    def __init__(
        self, bridge: Bridge, fsync_s: float, trouble: Callable[[str, int, int], None]
    ) -> None:
        self._bridge = bridge
        self._fsync_s = fsync_s
        self._trouble = trouble
        self._open: dict[str, Any] = {}
        self._told: dict[str, tuple[int, int]] = {}

    def start(self, recording: str, path: Path) -> None:
        """Raises OSError when the file cannot be made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        recorder = pj.CallRecorder()
        try:
            recorder.open(str(path), 8000, round(self._fsync_s))
        except pj.Error as error:
            raise OSError(_errno(error), reason(error)) from error
        self._open[recording] = recorder
        self._bridge.set_media(f"left:{recording}", recorder.left())
        self._bridge.set_media(f"right:{recording}", recorder.right())

    def pause(self, recording: str, paused: bool) -> None:
        if recorder := self._open.get(recording):
            recorder.pause(paused)

    def seconds(self, recording: str) -> float:
        recorder = self._open.get(recording)
        return recorder.samples() / 8000 if recorder else 0.0

    def stop(self, recording: str, closed: Callable[[], None] = lambda: None) -> None:
        """`closed` is called when the file is whole on disk; the writer thread does that."""
        recorder = self._open.pop(recording, None)
        if recorder is None:
            closed()
            return
        self._told.pop(recording, None)
        self._bridge.remove(f"left:{recording}")
        self._bridge.remove(f"right:{recording}")
        recorder.close()
        _when_closed(recorder, closed)

    def watch(self, guard: Guard) -> None:
        """Report new write errors and dropped frames; call about once a second."""
        for recording, recorder in list(self._open.items()):
            guard("disk of a recording", partial(self._look, recording, recorder))

    def _look(self, recording: str, recorder: Any) -> None:
        now = (int(recorder.errorCode()), int(recorder.dropped()))
        if now != self._told.get(recording, (0, 0)):
            self._told[recording] = now
            self._trouble(recording, *now)

    def close(self) -> None:
        for recording in list(self._open):
            self.stop(recording)


def _errno(error: Any) -> int:
    """The system's error number inside a status of PJLIB (PJ_ERRNO_START_SYS)."""
    number = int(getattr(error, "status", 0)) - 120_000
    return number if 0 < number < 50_000 else errno.EIO


def _when_closed(recorder: Any, closed: Callable[[], None]) -> None:
    if recorder.closed():
        bury(recorder, 2.0)
        closed()
    else:
        asyncio.get_running_loop().call_later(0.1, _when_closed, recorder, closed)


def bury(thing: Any, seconds: float = BURY_S) -> None:
    """Keep a reference until PJMEDIA's clock thread has surely let go of the port."""
    asyncio.get_running_loop().call_later(seconds, _drop, [thing])


def _drop(things: list[Any]) -> None:
    things.clear()
