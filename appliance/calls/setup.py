"""The parts of the site that calls need, looked up by id and by address."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from appliance.model.ids import AgentId, LegId, QueueId, TrunkId
from appliance.model.prompt import Prompt
from appliance.model.site import Agent, Mailbox, Queue, SiteFile, Trunk

Files = Callable[[Prompt, str], tuple[str, ...]]
"""Prompt and language to WAV files; must not synthesise."""


@dataclass(frozen=True)
class Setup:
    """One version of the site. `addresses`: trunk to the networks its calls come from."""

    site: SiteFile
    version: str
    addresses: Mapping[TrunkId, tuple[str, ...]]
    trunks: dict[TrunkId, Trunk] = field(init=False)
    queues: dict[QueueId, Queue] = field(init=False)
    agents: dict[AgentId, Agent] = field(init=False)
    mailboxes: dict[str, Mailbox] = field(init=False)

    def __post_init__(self) -> None:
        def by_id(things: Iterable[object]) -> dict[str, object]:
            return {thing.id: thing for thing in things}  # type: ignore[attr-defined]

        for name, things in (
            ("trunks", self.site.trunk),
            ("queues", self.site.queue),
            ("agents", self.site.agent),
            ("mailboxes", self.site.mailbox),
        ):
            object.__setattr__(self, name, by_id(things))

    def trunk_of(self, source: str, port: int) -> Trunk | None:
        """The trunk whose addresses hold `source`; one that names the port goes first."""
        fitting = [
            trunk
            for trunk in self.site.trunk
            if trunk.source_port in (None, port)
            and _inside(source, self.addresses.get(TrunkId(trunk.id), ()))
        ]
        fitting.sort(key=lambda trunk: trunk.source_port is None)
        return fitting[0] if fitting else None

    def agent_by_seat(self, uri: str) -> AgentId | None:
        user_host = _seat_key(uri)
        for agent in self.site.agent:
            if _seat_key(agent.seat) == user_host:
                return AgentId(agent.id)
        return None

    def agent_calling(self, source: str, port: int, from_uri: str) -> AgentId | None:
        """The agent whose phone sent an INVITE: both its address and its user must fit."""
        user = from_uri.split(":", 1)[-1].split("@", 1)[0]
        return self.agent_by_seat(f"sip:{user}@{source}:{port}")

    def music_of(self, queue: QueueId | None) -> str:
        found = self.queues.get(queue) if queue else None
        return found.music if found else "music"


def _seat_key(uri: str) -> str:
    """user@host[:port] of a SIP URI, without parameters, for comparing seats."""
    return uri.split(":", 1)[-1].split(";", 1)[0].split("?", 1)[0].removesuffix(":5060").lower()


def _inside(source: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ip_address(source)
        return any(address in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False


@dataclass(frozen=True)
class Seams:
    """What the switchboard is given from outside, so that it stays pure.

    `files`: prompt lookup. `may_record`: '' or why no recording may start. `new_id`: a fresh
    id. `new_leg`: a fresh leg id.
    """

    files: Files
    may_record: Callable[[], str]
    new_id: Callable[[], str]
    new_leg: Callable[[], LegId]
