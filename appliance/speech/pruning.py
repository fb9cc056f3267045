"""Takes old prompts out of the cache: what no settings have used for long, or too much of it.

A prompt's last use is its file's time of change, set when settings are applied that use it. What
is taken out is made again when settings name it again.
"""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

DAY_S = 86_400.0
KEEP_S = 30 * DAY_S
LIMIT_BYTES = 500_000_000
"""What the cache may hold before unused prompts go earlier: an hour of speech is 58 MB."""
_OURS = re.compile(r"[a-z0-9-]+-[0-9a-f]{24}(-[0-9a-f]{8})?\.wav")
_LEFT_OVER = re.compile(r"\..+\.wav\.\d+\.part")


@dataclass
class Pruned:
    """Files taken out, and their size."""

    files: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class _Found:
    path: Path
    used: float
    bytes: int


def mark_used(files: Iterable[Path], now: float) -> None:
    """`now`: seconds of the wall clock. Writes once a day only, to spare the card. What cannot
    be marked is only forgotten earlier."""
    for path in files:
        try:
            if abs(now - path.stat().st_mtime) >= DAY_S:
                os.utime(path, (now, now))
        except OSError:
            continue


def prune(
    folder: Path,
    needed: Collection[Path],
    now: float,
    *,
    keep_s: float = KEEP_S,
    limit_bytes: int = LIMIT_BYTES,
) -> Pruned:
    """Removes prompts that are not `needed`: those unused for `keep_s`, then, while the folder
    holds more than `limit_bytes`, the longest unused. Other people's files are left alone.

    Raises nothing: what cannot be removed stays until the next time.
    """
    done = Pruned()
    held, idle = 0, []
    for one in _found(folder):
        held += one.bytes
        if one.path not in needed:
            idle.append(one)
    for one in sorted(idle, key=lambda one: one.used):
        half_made = one.path.suffix == ".part"
        old = now - one.used > (DAY_S if half_made else keep_s)
        if (old or held > limit_bytes) and (old or not half_made) and _removed(one.path):
            held -= one.bytes
            done.files += 1
            done.bytes += one.bytes
    # A clock that was ahead must not keep a prompt for years.
    mark_used((one.path for one in idle if one.used > now + DAY_S), now)
    return done


def _found(folder: Path) -> list[_Found]:
    """The cache's own files; what vanishes meanwhile is left out."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _OURS.fullmatch(entry.name) or _LEFT_OVER.fullmatch(entry.name):
                    state = entry.stat(follow_symlinks=False)
                    found.append(_Found(Path(entry.path), state.st_mtime, state.st_size))
    except OSError:
        return found
    return found


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
