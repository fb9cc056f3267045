"""Whether all of a model is there, and of the kind that a telephone box can use. Nothing is loaded:
a Kaldi assertion ends the process that it fails in."""

import mmap
import os
import re
from collections.abc import Iterator
from pathlib import Path

from appliance.speech.catalog.folder import MARKER, RATE, Fault, ModelFolder, read_marker, reason
from appliance.speech.catalog.symbols import Unreadable

HIGHEST = 192_000
IVECTOR = ("final.dubm", "final.ie", "final.mat", "global_cmvn.stats")
IVECTOR_CONF = ("online_cmvn.conf", "splice.conf")


def faults(model: ModelFolder) -> list[Fault]:
    """What is missing or of the wrong kind, without reading the large files whole."""
    if closed := list(_closed(model.path)):
        return closed
    if not model.path.is_dir():
        return [Fault("", f"There is no folder {model.path}.")]
    found = [*_marker_faults(model), *_missing(model)]
    if not found:
        found += [*_rate_faults(model), *_graph_faults(model)]
    return found


def _closed(folder: Path) -> Iterator[Fault]:
    """Folders that may not be looked into: whoever fetched the model is somebody else."""
    refused: list[OSError] = []
    inside = [base for base, _, _ in os.walk(folder, onerror=refused.append)]
    shut = [one for one in inside if not os.access(one, os.R_OK | os.X_OK)]
    shut += [str(one.filename) for one in refused if isinstance(one, PermissionError)]
    for one in sorted(set(shut)):
        told = f"{one} cannot be looked into: Callfloor's user needs the right to read it."
        yield Fault(os.path.relpath(one, folder), told)


def _marker_faults(model: ModelFolder) -> Iterator[Fault]:
    try:
        marker = read_marker(model.path)
    except Unreadable as error:
        yield Fault(MARKER, str(error))
        return
    if marker.language and not re.fullmatch("[a-z]{2}", marker.language):
        told = f"its language is {marker.language!r}, which is no code of two small letters"
        yield Fault(MARKER, f"{MARKER} says that {told}.")
    for file in marker.files:
        if file.startswith("/") or ".." in Path(file).parts or "\0" in file:
            yield Fault(MARKER, f"{MARKER} names {file!r}, which is outside of the model.")


def _missing(model: ModelFolder) -> Iterator[Fault]:
    layout = model.layout
    wanted = [layout.mdl, layout.mfcc, layout.boundary]
    if layout.conf:
        wanted.append(layout.conf)
    if not (model.path / layout.at("HCLG.fst")).is_file():
        wanted += [layout.at(one) for one in ("HCLr.fst", "Gr.fst", "disambig_tid.int")]
    if (model.path / "ivector").exists() or _wants_ivector(model.path / layout.mdl):
        wanted += [f"ivector/{one}" for one in (*IVECTOR, *IVECTOR_CONF)]
    may_be_empty = ("ivector/online_cmvn.conf", "ivector/splice.conf")
    for file in wanted:
        one = model.path / file
        if not one.is_file():
            yield Fault(file, f"{file} is missing.")
        elif not one.stat().st_size and file not in may_be_empty:
            yield Fault(file, f"{file} is empty.")


def _wants_ivector(mdl: Path) -> bool:
    """Has the net an input for i-vectors? Its wiring stands in the file as text."""
    try:
        with mdl.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(b"input-node name=ivector") >= 0
    except (OSError, ValueError):
        return False


def options(file: Path) -> dict[str, str]:
    """A Kaldi configuration file: ``--name=value`` a line. Raises `Unreadable`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file.name} cannot be read: {reason(error)}.") from None
    found = {}
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        name, equals, value = line.removeprefix("--").partition("=")
        if not line.startswith("--") or not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            raise Unreadable(f"{file.name}: '{line[:60]}' is no option.")
        found[name.strip().replace("_", "-")] = value.strip() if equals else "true"
    return found


def _rate_faults(model: ModelFolder) -> Iterator[Fault]:
    """Kaldi stops at audio of another rate than the model's unless it is told to convert;
    Vosk tells it to convert downwards only."""
    file = model.layout.mfcc
    try:
        told = options(model.path / file)
        rate = float(told.get("sample-frequency", "16000"))
    except Unreadable as error:
        yield Fault(file, str(error))
        return
    except ValueError:
        yield Fault(file, f"{file}: sample-frequency is no number.")
        return
    upsample = told.get("allow-upsample", "false").lower() in ("true", "t", "1", "")
    if not (rate == RATE or (RATE < rate <= HIGHEST and upsample)):
        yield Fault(
            file,
            f"{file}: the model is for sound of {rate:g} Hz and cannot take that of a telephone "
            f"line ({RATE} Hz).",
        )
    elif model.marker.sample_rate and model.marker.sample_rate != rate:
        yield Fault(
            file,
            f"{file}: the model is for sound of {rate:g} Hz, but {MARKER} says "
            f"{model.marker.sample_rate} Hz.",
        )


def _graph_faults(model: ModelFolder) -> Iterator[Fault]:
    try:
        words = model.words
    except Unreadable as error:
        yield Fault(model.layout.at("words.txt"), str(error))
        return
    if not words:
        yield Fault(model.layout.at("words.txt"), "The model knows no words.")
