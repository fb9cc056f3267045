"""A recogniser, as the rest of the room sees it, and Vosk behind it.

PyPI's vosk is used without its `__init__`, which drags in requests, tqdm and srt: a worker of
ours is small. Kaldi ends the process at a failed assertion, so call this in a process of its own
wherever calls depend on it.
"""

import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import msgspec

RATE = 8000


class Word(msgspec.Struct, frozen=True):
    """`start`, `end` in seconds since the recogniser was made; `conf` 0 to 1 (Kaldi's MBR)."""

    word: str
    conf: float
    start: float
    end: float


class Recogniser(Protocol):
    """Hears one utterance after the other, with one grammar."""

    def accept(self, pcm: bytes) -> None:
        """8 kHz int16 native samples, any number."""

    def partial(self) -> str:
        """The words so far; lags by the network's chunk of about 0.2 s."""

    def finish(self) -> list[Word]:
        """The words of the utterance; the next sample begins a new one."""

    def reset(self) -> None:
        """Forgets the utterance."""

    def close(self) -> None:
        """Gives the memory back."""


class SpeechModel(Protocol):
    """A loaded model."""

    def knows(self, word: str) -> bool:
        """Whether the word may stand in a grammar."""

    def begin(self, phrases: Sequence[str]) -> Recogniser:
        """A recogniser for these phrases; each of their words must be known.

        Raises `RecogniserError`."""


class RecogniserError(Exception):
    """Vosk refused a model or a grammar; its reason is on the process's standard error."""


class VoskModel:
    """A model folder in memory. Raises `RecogniserError` if Vosk cannot load it."""

    def __init__(self, folder: Path, log_level: int = -1) -> None:
        # One thread: a recogniser has one core at most, and threads would not survive a fork.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._ffi, self._vosk = _library()
        self._vosk.vosk_set_log_level(log_level)
        self._model = self._vosk.vosk_model_new(os.fsencode(folder))
        if self._model == self._ffi.NULL:
            raise RecogniserError(f"Vosk cannot load the model in {folder}")

    def knows(self, word: str) -> bool:
        return int(self._vosk.vosk_model_find_word(self._model, word.encode())) >= 0

    def begin(self, phrases: Sequence[str]) -> "VoskRecogniser":
        return VoskRecogniser(self._ffi, self._vosk, self._model, phrases)

    def close(self) -> None:
        """After the last recogniser is closed."""
        if self._model != self._ffi.NULL:
            self._vosk.vosk_model_free(self._model)
            self._model = self._ffi.NULL


class VoskRecogniser:
    def __init__(self, ffi: Any, vosk: Any, model: Any, phrases: Sequence[str]) -> None:
        self._ffi, self._vosk = ffi, vosk
        grammar = json.dumps(list(phrases), ensure_ascii=False).encode()
        self._handle = vosk.vosk_recognizer_new_grm(model, float(RATE), grammar)
        if self._handle == ffi.NULL:
            raise RecogniserError("Vosk cannot build the grammar")
        vosk.vosk_recognizer_set_words(self._handle, 1)

    def accept(self, pcm: bytes) -> None:
        # Its own end of speech, if it finds one, is left alone until its result is asked for.
        if self._vosk.vosk_recognizer_accept_waveform(self._handle, pcm, len(pcm)) < 0:
            raise RecogniserError("Vosk failed on the audio")

    def partial(self) -> str:
        told = self._json(self._vosk.vosk_recognizer_partial_result(self._handle))
        return str(told.get("partial", ""))

    def finish(self) -> list[Word]:
        told = self._json(self._vosk.vosk_recognizer_final_result(self._handle))
        return msgspec.convert(told.get("result", []), list[Word])

    def reset(self) -> None:
        # vosk_recognizer_reset keeps what the network has not heard yet: up to half a second.
        self._vosk.vosk_recognizer_final_result(self._handle)

    def close(self) -> None:
        if self._handle != self._ffi.NULL:
            self._vosk.vosk_recognizer_free(self._handle)
            self._handle = self._ffi.NULL

    def _json(self, text: Any) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._ffi.string(text).decode())
        return told


def _library() -> tuple[Any, Any]:
    found = importlib.util.find_spec("vosk")
    if found is None or not found.submodule_search_locations:
        raise RecogniserError("The package vosk is not installed")
    folder = Path(found.submodule_search_locations[0])
    ffi = _module("vosk_cffi", folder / "vosk_cffi.py").ffi
    return ffi, ffi.dlopen(str(folder / "libvosk.so"))


def _module(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RecogniserError(f"The package vosk lacks {file.name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
