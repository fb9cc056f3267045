"""A model as it lies on disk: what it is, and whether all of it is there.

Vosk reads two layouts (its ``src/model.cc``): folders ``am``, ``conf`` and ``graph`` with
``conf/model.conf``, and the older flat one. Nothing here loads a model: a Kaldi assertion ends
the process that it fails in.
"""

import mmap
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from appliance.speech.catalog.official import BY_NAME, language_of
from appliance.speech.catalog.symbols import Unreadable, symbols

RATE = 8000
"""Hz of telephone audio, which is what a model gets to hear."""
HIGHEST = 192_000
MARKER = "callfloor-model.json"
RECEIPT = "callfloor-fetched.json"
NAME = re.compile(r"[a-z0-9][A-Za-z0-9._-]{0,63}")
"""As `appliance.model.site.ModelName`."""
IVECTOR = ("final.dubm", "final.ie", "final.mat", "global_cmvn.stats")
IVECTOR_CONF = ("online_cmvn.conf", "splice.conf")
LARGE = 300_000_000
"""Bytes from which a folder counts as a large model."""

Kind = Literal["commands", "small", "large"]
KINDS: tuple[Kind, ...] = ("commands", "small", "large")
"""`commands`: our own, takes new words. `small`: knows its words for good, listens for those of
a menu. `large`: for whole sentences; most of them cannot listen for a menu's words."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a model: `what`, a sentence that names `file`."""

    file: str
    what: str


class Marker(msgspec.Struct, frozen=True):
    """``callfloor-model.json``, which our own models bring along; or what a fetch wrote.

    `files`: path within the folder -> SHA-256, lower case hex.
    """

    id: str = ""
    name: str = ""
    language: str = ""
    kind: str = ""
    sample_rate: int = 0
    licence: str = ""
    files: dict[str, str] = {}
    source: str = ""
    archive_sha256: str = ""
    pinned: bool = False


@dataclass(frozen=True)
class Layout:
    """Where Vosk looks for what, relative to the folder."""

    mdl: str
    mfcc: str
    conf: str | None
    graph: str
    boundary: str

    def at(self, name: str) -> str:
        return f"{self.graph}{name}"


NEW = Layout(
    "am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/", "graph/phones/word_boundary.int"
)
FLAT = Layout("final.mdl", "mfcc.conf", None, "", "word_boundary.int")


def is_file(path: Path) -> bool:
    """False as well where nobody may look."""
    try:
        return path.is_file()
    except PermissionError:
        return False


@dataclass(frozen=True)
class ModelFolder:
    """One model. Whatever is read from disk is read when it is first asked for."""

    path: Path
    built_in: bool = False

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def layout(self) -> Layout:
        flat = not is_file(self.path / NEW.mdl) and is_file(self.path / FLAT.mdl)
        return FLAT if flat else NEW

    @cached_property
    def marker(self) -> Marker:
        """What the folder says of itself; empty where it says nothing or nonsense."""
        try:
            return read_marker(self.path)
        except Unreadable:
            return Marker()

    @cached_property
    def language(self) -> str:
        """ISO 639-1, '' where nothing tells."""
        known = BY_NAME.get(self.name)
        return self.marker.language or (known.language if known else language_of(self.name))

    @cached_property
    def kind(self) -> Kind:
        for kind in KINDS:
            if kind == self.marker.kind:
                return kind
        return "small" if self.listens and self.size < LARGE else "large"

    @cached_property
    def listens(self) -> bool:
        """Can it listen for just the words of a menu? Vosk puts a grammar into Gr.fst's place;
        a finished HCLG.fst leaves no place for one."""
        return is_file(self.path / self.layout.at("HCLr.fst")) and not is_file(
            self.path / self.layout.at("HCLG.fst")
        )

    @cached_property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.stat().st_size for one in self.files())

    def files(self) -> Iterator[Path]:
        for one in sorted(self.path.rglob("*")):
            if is_file(one) and one.name != RECEIPT:
                yield one

    @cached_property
    def words(self) -> frozenset[str]:
        """All words that the model knows, lower case as it has them. Raises `Unreadable`."""
        for name in ("HCLG.fst", "Gr.fst"):
            file = self.path / self.layout.at(name)
            if is_file(file) and (found := symbols(file)) is not None:
                return _sayable(found)
        return _sayable(_text_symbols(self.path / self.layout.at("words.txt")))


def _sayable(found: frozenset[str]) -> frozenset[str]:
    return frozenset(
        one for one in found if not one.startswith(("<", "[", "#", "!")) and one != "-"
    )


def _text_symbols(file: Path) -> frozenset[str]:
    """Vosk's words.txt: a word and its number a line, with ASCII spaces or tabs between; other
    spaces of Unicode may be in a word."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file.name} cannot be read: {reason(error)}.") from None
    pairs = [re.split(r"[ \t]+", bare) for line in lines if (bare := line.strip(" \t\r"))]
    if not pairs or any(len(one) != 2 or not one[1].lstrip("-").isdigit() for one in pairs):
        raise Unreadable(f"{file.name} is no list of words with their numbers.")
    return frozenset(one[0] for one in pairs)


def read_marker(folder: Path) -> Marker:
    """What the folder says of itself, empty when it has nothing to say. Raises `Unreadable`."""
    for name in (MARKER, RECEIPT):
        try:
            return msgspec.json.decode((folder / name).read_bytes(), type=Marker)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, msgspec.MsgspecError) as error:
            raise Unreadable(f"{name} cannot be read: {reason(error)}.") from None
    return Marker()


def reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__).rstrip(".")


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
