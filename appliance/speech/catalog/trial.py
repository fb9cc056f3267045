"""Lets a child process load a model and hear silence with it.

A failed assertion inside Kaldi ends the process that it happens in, so it is never ours.
``python -m appliance.speech.catalog.trial FOLDER`` is the child: Vosk's own words go to its
standard error.
"""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

from appliance.speech.catalog.folder import RATE, Fault, ModelFolder

CHILD = ("-m", "appliance.speech.catalog.trial")
TIMEOUT_S = 120.0
BYTES_PER_S = 10_000_000
"""A large model on a slow card, beside a core that takes calls."""
SILENCE_S = 0.5


class TooSlow(Fault):
    """It may be good: loading it took more time than was given."""


def limit_s(model: ModelFolder) -> float:
    """How long loading a model of this size may take."""
    return TIMEOUT_S + model.size / BYTES_PER_S


def try_out(model: ModelFolder, timeout_s: float | None = None) -> Fault | None:
    """None when the model can be used, else what went wrong. `timeout_s`: None is `limit_s`."""
    timeout_s = limit_s(model) if timeout_s is None else timeout_s
    command = [sys.executable, *CHILD, str(model.path)]
    root = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        told = f"Loading it and hearing {SILENCE_S:g} s of silence took more than {timeout_s:.4g} s"
        return TooSlow("", f"{told}; `callfloor models` takes a longer --timeout.")
    if done.returncode == 0 and done.stdout.strip() == b"heard":
        return None
    return _told(model.path, done.returncode, done.stderr.decode("utf-8", "replace"))


def _told(folder: Path, code: int, words: str) -> Fault:
    lines = [one.strip() for one in words.splitlines() if one.strip()]
    bad = [one for one in lines if one.startswith(("ERROR", "ASSERTION_FAILED"))]
    said = bad[0] if bad else (lines[-1] if lines else f"status {code}")
    said = re.sub(r"^[A-Z_]+ \(VoskAPI:[^ ]*\) ", "", said)
    file = next((str(one) for one in _named(folder, said)), "")
    told = said.replace(f"{folder}/", "").rstrip(".")[:300]
    how = f"ended by signal {-code}" if code < 0 else "Vosk cannot use it"
    return Fault(file, f"It does not load: {how}: {told}.")


def _named(folder: Path, said: str) -> list[Path]:
    found = [Path(one) for one in re.findall(re.escape(str(folder)) + r"/([\w./-]+\w)", said)]
    return [one for one in found if (folder / one).exists()]


def main(folder: Path) -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import vosk

    vosk.SetLogLevel(-1)
    found = ModelFolder(folder)
    model = vosk.Model(str(folder))
    if found.listens:
        recogniser = vosk.KaldiRecognizer(model, RATE, '["[unk]"]')
    else:
        recogniser = vosk.KaldiRecognizer(model, RATE)
    recogniser.AcceptWaveform(bytes(int(RATE * SILENCE_S) * 2))
    recogniser.FinalResult()
    print("heard")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
