"""What a check of the configuration found, as a person should read it."""

from dataclasses import dataclass
from typing import Literal

FieldPath = tuple[str | int, ...]
"""Where in site.toml, e.g. ``("queue", 1, "ring_s")``; list places count from 0."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong: `what` it is, what it `means` for calls, what `to_do`.

    Errors keep the file from being used, warnings do not. `line` counts from 1; 0 is not known
    yet: `appliance.box.config` fills it in from `path`.
    """

    path: FieldPath
    what: str
    means: str
    to_do: str
    severity: Literal["error", "warning"] = "error"
    line: int = 0
