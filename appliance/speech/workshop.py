"""Makes the file of one clip, or finds it made already. Used before calls, never in one."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from appliance.speech import tones
from appliance.speech.clips import Clip
from appliance.speech.convert import (
    LEVEL_DBOV,
    Samples,
    SoundError,
    is_whole,
    levelled,
    read_sound,
    write_wav,
)
from appliance.speech.tts import Espeak, NoEngine, Voice

RECIPE = f"1 {LEVEL_DBOV}"
"""Changes when the same input shall sound different: part of every name in the cache."""


@dataclass(frozen=True)
class Made:
    """`fresh`: it was made just now, not found."""

    path: Path
    fresh: bool


class Workshop:
    """`folder` holds the finished files, named by what they were made from."""

    def __init__(self, folder: Path, engine: Espeak) -> None:
        self.folder = folder
        self._engine = engine
        self._version: str | None = None
        self._asked = False
        self._lock = threading.Lock()

    def make(self, clip: Clip) -> Made:
        """Raises `SoundError`, `NoEngine` or `OSError`."""
        if clip.kind == "text":
            return self._spoken(clip)
        if clip.kind == "file":
            source = Path(clip.value)
            return self._kept(f"file-{_hash(*_identity(source))}", lambda: _recorded(source))
        if clip.kind == "unknown":
            raise SoundError(
                f"There is no phrase {clip.value!r} in this language. Record it as "
                f"prompts/<language>/{clip.value}.wav beside site.toml, or write a text."
            )
        return self._kept(f"{clip.value}-{_hash(RECIPE, clip.value)}", lambda: _made(clip.value))

    def _spoken(self, clip: Clip) -> Made:
        voice = Voice(clip.voice)
        stem = f"text-{_hash(RECIPE, clip.value, repr(voice))}"
        version = self._engine_version()
        if version is None:  # without the engine, what any version has made is good enough
            older = self._spoken_before.get(stem)
            if older is None:
                raise NoEngine("espeak-ng is not installed")
            return Made(older, fresh=False)
        name = f"{stem}-{_hash(version)[:8]}"
        return self._kept(name, lambda: self._engine.speak(clip.value, voice))

    @cached_property
    def _spoken_before(self) -> dict[str, Path]:
        """Texts that any version has spoken, by the name without the version."""
        found = (path for path in sorted(self.folder.glob("text-*.wav")) if is_whole(path))
        return {path.stem.rpartition("-")[0]: path for path in found}

    def _engine_version(self) -> str | None:
        with self._lock:
            if not self._asked:
                self._asked = True
                try:
                    self._version = self._engine.version()
                except (NoEngine, SoundError):
                    self._version = None
        return self._version

    def _kept(self, name: str, make: Callable[[], Samples]) -> Made:
        path = self.folder / f"{name}.wav"
        if is_whole(path):
            return Made(path, fresh=False)
        samples = make()
        write_wav(path, samples)
        return Made(path, fresh=True)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _identity(path: Path) -> tuple[str, ...]:
    """A recording that is replaced gets a new name, so that running calls keep the old one."""
    try:
        state = path.stat()
    except OSError:
        raise SoundError(f"There is no file {path}. Put the recording there.") from None
    return RECIPE, str(path.resolve()), str(state.st_size), str(state.st_mtime_ns)


def _recorded(path: Path) -> Samples:
    try:
        return levelled(read_sound(path))
    except SoundError as error:
        text = str(error)
        raise SoundError(text if str(path) in text else f"{path}: {text}") from None


def _made(name: str) -> Samples:
    if name.startswith("silence-"):
        return tones.silence(int(name.removeprefix("silence-")) / 1000)
    return {"music": tones.music, "beep": tones.beep}[name]()
