"""What the web room needs from the rest of the office; the composition root passes it in."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from appliance.history.parts import Interaction
from appliance.history.queries import Filter, Page
from appliance.model.commands import AnyCommand, Reply
from appliance.web.floor import Floor
from appliance.web.said import Said
from appliance.web.tokens import TokenStore

PAGES = Path(__file__).parent / "pages"
"""Where the build of top-level web/ goes."""


class Core(Protocol):
    """The way to the core. Raises `CoreAway` (appliance.linking.wire)."""

    async def ask(self, command: AnyCommand, timeout: float = 5.0) -> Reply: ...


class Interactions(Protocol):
    """Past and present interactions, newest first. Raises `PastAway` (appliance.web.past)."""

    async def page(self, wanted: Filter, cursor: int | None, limit: int) -> Page: ...

    async def one(self, call: str) -> Interaction | None: ...


@dataclass(frozen=True)
class Limits:
    """What one client may cost. Bytes, seconds, counts."""

    body: int = 64 * 1024
    header_line: int = 8190
    connections: int = 512
    sockets: int = 256
    first_request_s: float = 15.0
    failures: int = 20
    failures_s: float = 60.0


@dataclass(frozen=True)
class Services:
    floor: Floor
    core: Core
    tokens: TokenStore
    interactions: Interactions | None = None
    said: Said | None = None
    pages: Path = PAGES
    limits: Limits = field(default_factory=Limits)
