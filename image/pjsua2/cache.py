"""Where things are kept between runs, and the key that says when they serve."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from progress import Progress

HERE = Path(__file__).resolve().parent
KINDS = ("sdk", "wrapper", "wheel")
KEEP = 6  # built things of each kind: 12, 5 and 2 MB

# Which of our files decide the bytes of each stage. The rest of this folder only fetches,
# talks and checks.
SDK_INPUTS = ("config_site.h", "sdk.py", "patches/*.patch")
WRAPPER_INPUTS = (*SDK_INPUTS, "ext/*.hpp", "ext/*.i", "recipe.py")
WHEEL_INPUTS = (*WRAPPER_INPUTS, "ext/*.cpp", "wheelfile.py")


@dataclass(frozen=True)
class Source:
    """A pjproject tarball that is here."""

    version: str  # Debian's, or "local" for a file given by hand
    sha256: str
    path: str


class Cache:
    def __init__(self, root: Path | None = None) -> None:
        self.root = root or default_root()
        self.tarballs = self.root / "tarballs"
        self.apt = self.root / "apt"
        self.logs = self.root / "logs"
        for folder in (self.tarballs, self.apt, self.logs):
            folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def lock(self, progress: Progress) -> Iterator[None]:
        """One build at a time: the second finds the first one's wheel."""
        with (self.root / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with progress.step("wait for another build of pjsua2"):
                    fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def folder(self, kind: str, key: str) -> Path:
        """Where a built thing of a kind (sdk, wrapper, wheel) is or will be."""
        return self.root / kind / key

    def wheel(self, key: str) -> Path | None:
        return next(iter(self.folder("wheel", key).glob("*.whl")), None)

    @contextmanager
    def work_folder(self, key: str) -> Iterator[Path]:
        """An empty folder for a build (230 MB), gone afterwards."""
        folder = self.root / f"work-{key}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def remembered(self) -> Source | None:
        """The source that was last built from with success."""
        try:
            source = Source(**json.loads((self.root / "source.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return source if Path(source.path).is_file() else None

    def remember(self, source: Source) -> None:
        partial = self.root / "source.json.part"
        partial.write_text(json.dumps(asdict(source), indent=1) + "\n")
        partial.rename(self.root / "source.json")

    def prune(self) -> None:
        for kind in KINDS:
            entries = sorted(
                (self.root / kind).glob("*"), key=lambda path: path.stat().st_mtime, reverse=True
            )
            for old in entries[KEEP:]:
                shutil.rmtree(old, ignore_errors=True)


def default_root() -> Path:
    """$CALLFLOOR_CACHE, or callfloor below the user's cache, then pjsua2."""
    chosen = os.environ.get("CALLFLOOR_CACHE")
    if chosen:
        return Path(chosen) / "pjsua2"
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user) / "callfloor" / "pjsua2"


def sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fingerprint(inputs: Iterable[str], *facts: str, here: Path = HERE) -> str:
    """Key over the facts (source, Python, compilers, variant), the machine and the files of
    ours that match the patterns."""
    digest = hashlib.sha256()
    for fact in (*facts, platform.machine(), _system()):
        digest.update(fact.encode() + b"\0")
    for path in sorted(p for pattern in inputs for p in here.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _system() -> str:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return "unknown"
    return f"{release.get('ID')} {release.get('VERSION_ID')}"
