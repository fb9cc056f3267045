"""Where each trunk's calls may come from: its named networks, else what its host resolves to."""

import asyncio
import logging
import socket
from collections.abc import Iterable

from appliance.model.ids import TrunkId
from appliance.model.site import Trunk

log = logging.getLogger(__name__)

RESOLVE_S = 5.0


async def resolve(trunks: Iterable[Trunk]) -> dict[TrunkId, tuple[str, ...]]:
    """Trunk to addresses or networks. A host that cannot be resolved has none: its calls are
    refused until it can be, and the log says so."""
    found: dict[TrunkId, tuple[str, ...]] = {}
    for trunk in trunks:
        found[TrunkId(trunk.id)] = tuple(trunk.addresses) or await _of_host(trunk)
    return found


async def _of_host(trunk: Trunk) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_S):
            infos = await loop.getaddrinfo(trunk.host, trunk.port, type=socket.SOCK_DGRAM)
    except (OSError, TimeoutError) as error:
        log.warning(
            "line %s: host %s has no address (%s); its calls are refused until it has one",
            trunk.id,
            trunk.host,
            error,
        )
        return ()
    return tuple(dict.fromkeys(str(info[4][0]) for info in infos))
