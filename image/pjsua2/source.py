"""Choose the pjproject tarball, unpack it, make it ours."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from aptsource import MIRROR_VARIABLE, AptFolder
from cache import HERE, Cache, Source, sha256
from progress import BuildError, Progress

TARBALL_VARIABLE = "CALLFLOOR_PJPROJECT_TARBALL"
WHEEL_VARIABLE = "CALLFLOOR_PJSUA2_WHEEL"

# The version that everything here was last tried with, for messages only.
LAST_KNOWN_GOOD = "asterisk 22.10.1+dfsg+~cs6.17.60671434 (pjproject 2.17)"

WAYS = f"""There are three ways to get pjsua2:
  1. a network connection to a Debian mirror; {MIRROR_VARIABLE} names another
     one than the machine's apt sources do (http://HOST/debian)
  2. {TARBALL_VARIABLE}=FILE (or --tarball FILE): pjproject's source, best
     asterisk_VERSION.orig-Xpjproject.tar.xz from a Debian mirror's
     pool/main/a/asterisk/ (last known good: {LAST_KNOWN_GOOD})
  3. {WHEEL_VARIABLE}=FILE (or --wheel FILE): a wheel that was built before,
     on a machine like this one"""


def given_wheel(argument: Path | None) -> Path | None:
    chosen = argument or os.environ.get(WHEEL_VARIABLE)
    if not chosen:
        return None
    path = Path(chosen).resolve()
    if not path.is_file():
        raise BuildError(f"{path}: no such wheel.")
    return path


def choose(cache: Cache, progress: Progress, tarball: Path | None, refresh: bool) -> Source:
    """The tarball to build from.

    A file given by hand comes first, then the one that worked last time
    (unless ``refresh``), then the newest of the mirror.
    Raises BuildError naming the three ways when nothing can be had."""
    by_hand = tarball or os.environ.get(TARBALL_VARIABLE)
    if by_hand:
        path = Path(by_hand).resolve()
        if not path.is_file():
            raise BuildError(f"{path}: no such tarball.")
        return Source("local", sha256(path), str(path))
    remembered = cache.remembered()
    if remembered and not refresh:
        return remembered
    try:
        return newest(cache, progress)
    except BuildError as problem:
        if remembered:
            raise BuildError(
                f"{problem}\nThe version that worked last time is still here: "
                "run without --refresh."
            ) from problem
        raise BuildError(f"{problem}\n\n{WAYS}") from problem


def newest(cache: Cache, progress: Progress) -> Source:
    apt = AptFolder(cache.apt, progress)
    apt.prepare()
    apt.update()
    offer = apt.newest()
    target = cache.tarballs / offer.name
    if not target.is_file() or sha256(target) != offer.sha256:
        apt.download(offer, target)
    return Source(offer.version, offer.sha256, str(target))


def unpack(source: Source, folder: Path, progress: Progress) -> Path:
    """Unpack into ``folder`` and apply config_site.h and the patches.

    Returns the top folder of the source. Raises BuildError naming the patch
    that does not fit."""
    path = Path(source.path)
    if sha256(path) != source.sha256:
        raise BuildError(f"{path} is damaged; remove it and run again.")
    progress.run(["tar", "-xf", path, "-C", folder], what=f"Unpacking {path.name}")
    tops = [entry for entry in folder.iterdir() if (entry / "version.mak").is_file()]
    if len(tops) != 1:
        raise BuildError(f"{path.name} is no pjproject source: no version.mak in it.")
    top = tops[0]
    _drop_stripped_files(top)
    shutil.copy(HERE / "config_site.h", top / "pjlib/include/pj/config_site.h")
    for patch in sorted((HERE / "patches").glob("*.patch")):
        progress.run(
            ["patch", "-p1", "--fuzz=0", "-i", patch],
            cwd=top,
            what=f"Patch {patch.name} on {source.version}",
        )
    return top


def _drop_stripped_files(top: Path) -> None:
    """Debian takes out a sound driver whose licence it does not accept; the
    Makefile still asks for it."""
    makefile = top / "pjmedia/build/Makefile"
    if not (top / "pjmedia/src/pjmedia-audiodev/bdimad_dev.c").exists():
        makefile.write_text(makefile.read_text().replace(" bdimad_dev.o", ""))


def version(top: Path) -> str:
    """pjproject's own version, e.g. 2.17."""
    values: dict[str, str] = {}
    for line in (top / "version.mak").read_text().splitlines():
        if line.startswith("export PJ_VERSION_") and ":=" in line:
            name, _, value = line.removeprefix("export PJ_VERSION_").partition(":=")
            values[name.strip()] = value.strip()
    parts = [values.get(part, "") for part in ("MAJOR", "MINOR", "REV")]
    # A suffix such as -dev is not a version that Python's tools understand.
    return ".".join(part for part in parts if part)
