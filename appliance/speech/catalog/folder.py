"""A model as it lies on disk: what it is. Whether all of it is there: `faults`.

Vosk reads two layouts (its ``src/model.cc``): folders ``am``, ``conf`` and ``graph`` with
``conf/model.conf``, and the older flat one. Nothing here loads a model: a Kaldi assertion ends
the process that it fails in.
"""

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
MARKER = "callfloor-model.json"
RECEIPT = "callfloor-fetched.json"
NAME = re.compile(r"[a-z0-9][A-Za-z0-9._-]{0,63}")
"""As `appliance.model.site.ModelName`."""
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
