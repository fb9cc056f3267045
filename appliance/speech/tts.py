"""Text to speech with espeak-ng, one niced process per text, never during a call."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.speech.whole import SoundError

if TYPE_CHECKING:
    from appliance.speech.convert import Samples

NICENESS = 15
TIMEOUT_S = 60.0


class NoEngine(Exception):
    """espeak-ng is not installed."""


@dataclass(frozen=True)
class Voice:
    """How a text is spoken. `name` as in ``espeak-ng --voices``; `speed` in words a minute;
    `pitch` 0 to 99."""

    name: str
    speed: int = 155
    pitch: int = 45


class Espeak:
    """The synthesiser. `command` is looked up in PATH at each use."""

    def __init__(self, command: str = "espeak-ng") -> None:
        self.command = command

    def version(self) -> str:
        """E.g. ``1.51``; raises `NoEngine`. Part of the cache key: a new version sounds new."""
        words = self._run(["--version"], "").split()
        return next((word for word in words if word[:1].isdigit()), "unknown")

    def speak(self, text: str, voice: Voice) -> "Samples":
        """The spoken text, trimmed and levelled. Raises `NoEngine` or `SoundError`."""
        from appliance.speech.convert import levelled, read_sound, trimmed  # the core speaks not

        with tempfile.TemporaryDirectory(prefix="callfloor-tts-") as folder:
            file = Path(folder) / "speech.wav"
            options = ["-v", voice.name, "-s", str(voice.speed), "-p", str(voice.pitch)]
            # By standard input: a text that begins with a dash is no option.
            self._run([*options, "-b", "1", "-w", str(file), "--stdin"], text)
            if not file.is_file():
                raise SoundError(f"espeak-ng gave no sound for {text[:40]!r}. Reword the text.")
            try:
                return levelled(trimmed(read_sound(file)))
            except SoundError:
                raise SoundError(
                    f"There is nothing to be heard in the text {text[:40]!r}. Reword it."
                ) from None

    def _run(self, options: list[str], text: str) -> str:
        path = shutil.which(self.command)
        if path is None:
            raise NoEngine(f"{self.command} is not installed")
        with subprocess.Popen(
            [path, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            _be_nice(process.pid)
            try:
                out, error = process.communicate(text, timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise SoundError(f"espeak-ng took more than {TIMEOUT_S:.0f} s.") from None
        if process.returncode:
            raise SoundError(f"espeak-ng failed: {error.strip()[:200] or process.returncode}.")
        return out


def _be_nice(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    except OSError:
        return  # it has ended already
