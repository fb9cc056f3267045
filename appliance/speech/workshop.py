"""Where the file of each clip is, made or not. The making is done by `making`, elsewhere."""

import hashlib
from functools import cached_property
from pathlib import Path

from appliance.speech.clips import Clip
from appliance.speech.tts import Espeak, NoEngine, Voice
from appliance.speech.whole import LEVEL_DBOV, SoundError, is_whole

RECIPE = f"1 {LEVEL_DBOV}"
"""Changes when the same input shall sound different: part of every name in the cache."""


class Workshop:
    """`folder` holds the finished files, named by what they were made from."""

    def __init__(self, folder: Path, engine: Espeak) -> None:
        self.folder = folder
        self._engine = engine

    def path_of(self, clip: Clip) -> Path:
        """The clip's file, there or still to be made. Raises `SoundError` or `NoEngine` for
        what cannot be made."""
        if clip.kind == "text":
            return self._spoken(clip)
        if clip.kind == "file":
            return self._named(f"file-{_hash(*_identity(Path(clip.value)))}")
        if clip.kind == "unknown":
            raise SoundError(
                f"There is no phrase {clip.value!r} in this language. Record it as "
                f"prompts/<language>/{clip.value}.wav beside site.toml, or write a text."
            )
        return self._named(f"{clip.value}-{_hash(RECIPE, clip.value)}")

    def _spoken(self, clip: Clip) -> Path:
        stem = f"text-{_hash(RECIPE, clip.value, repr(Voice(clip.voice)))}"
        if self._engine_version is None:  # then what any version has made is good enough
            older = self._spoken_before.get(stem)
            if older is None:
                raise NoEngine("espeak-ng is not installed")
            return older
        return self._named(f"{stem}-{_hash(self._engine_version)[:8]}")

    @cached_property
    def _spoken_before(self) -> dict[str, Path]:
        """Texts that any version has spoken, by the name without the version."""
        found = (path for path in sorted(self.folder.glob("text-*.wav")) if is_whole(path))
        return {path.stem.rpartition("-")[0]: path for path in found}

    @cached_property
    def _engine_version(self) -> str | None:
        try:
            return self._engine.version()
        except (NoEngine, SoundError):
            return None

    def _named(self, name: str) -> Path:
        return self.folder / f"{name}.wav"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _identity(path: Path) -> tuple[str, ...]:
    """A recording that is replaced gets a new name, so that running calls keep the old one."""
    try:
        state = path.stat()
    except OSError:
        raise SoundError(f"There is no file {path}. Put the recording there.") from None
    return RECIPE, str(path.resolve()), str(state.st_size), str(state.st_mtime_ns)
