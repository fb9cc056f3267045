"""What the core and the finishing process tell each other.

Apart from the work itself, so that the core does not load what only the work needs.
"""

from typing import Literal

import msgspec


class FinishJob(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to finish. `raw` is relative to `folder`; pauses are (from, to) in seconds."""

    folder: str
    raw: str
    call: str
    recording: str
    form: Literal["flac", "opus"] = "flac"
    pauses: tuple[tuple[float, float], ...] = ()
    started_us: int = 0
    recovered: bool = False


class FinishResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`failed` '' when all is well; `path` is relative to the recordings folder."""

    call: str
    recording: str
    path: str = ""
    sha256: str = ""
    duration_s: float = 0.0
    bytes: int = 0
    recovered: bool = False
    failed: str = ""
