"""Where each trunk's calls may come from: its named networks, else what its host resolves to."""

import asyncio
import logging
import socket
from collections.abc import Iterable, Mapping

from appliance.model.ids import TrunkId
from appliance.model.site import Trunk

log = logging.getLogger(__name__)

RESOLVE_S = 5.0


Addresses = Mapping[TrunkId, tuple[str, ...]]


async def resolve(trunks: Iterable[Trunk], known: Addresses | None = None) -> Addresses:
    """Trunk to addresses or networks. A host that cannot be resolved keeps those of `known`;
    one without any has its calls refused until it has one, and the log says so once.

    To be asked again from time to time: after a power cut the box is up before its router.
    """
    known, lines = known or {}, list(trunks)
    found = await asyncio.gather(*(_of(one, known.get(TrunkId(one.id))) for one in lines))
    return {TrunkId(one.id): addresses for one, addresses in zip(lines, found, strict=True)}


async def _of(trunk: Trunk, before: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(trunk.addresses) or await _of_host(trunk, before)


async def _of_host(trunk: Trunk, before: tuple[str, ...] | None) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_S):
            infos = await loop.getaddrinfo(trunk.host, trunk.port, type=socket.SOCK_DGRAM)
    except (OSError, TimeoutError) as error:
        if before is not None:
            return before
        log.warning(
            "line %s: host %s has no address (%s); its calls are refused until it has one",
            trunk.id,
            trunk.host,
            str(error) or "no name server answers",
        )
        return ()
    return tuple(sorted({str(info[4][0]) for info in infos}))
