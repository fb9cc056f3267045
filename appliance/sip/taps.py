"""Samples of legs for Python: RingPorts on the bridge, read when a block is there.

The clock thread never waits: it writes into a ring, and an eventfd wakes the loop.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from appliance.model.ids import LegId
from appliance.sip.bridge import Bridge
from appliance.sip.sound import bury

RATE_HZ = 8000
SAMPLE_BYTES = 2


class Taps:
    """One kind of listening: at most one tap for each leg. Use on the asyncio thread only.

    `block_ms`: how much audio wakes the loop. A reader gets 16-bit samples, native byte order.
    """

    def __init__(self, bridge: Bridge, kind: str, block_ms: int) -> None:
        self._bridge = bridge
        self._kind = kind
        self._block_ms = block_ms
        self._ports: dict[LegId, tuple[Any, Callable[[memoryview], None]]] = {}

    def __contains__(self, leg: LegId) -> bool:
        return leg in self._ports

    def start(self, leg: LegId, reader: Callable[[memoryview], None]) -> None:
        """Listen from now on; before the leg has media it simply waits."""
        if leg in self._ports:
            return
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, RATE_HZ, 1, 20_000, 16)
        port = pj.RingPort()
        port.createPort(f"{self._kind}-{leg}", form, 10 * self._block_ms, 0, self._block_ms)
        self._ports[leg] = (port, reader)
        node = f"{self._kind}:{leg}"
        self._bridge.set_media(node, port)
        self._bridge.want(node, {(f"leg:{leg}", node)})
        asyncio.get_running_loop().add_reader(port.eventFd(), self._read, leg)

    def stop(self, leg: LegId) -> None:
        found = self._ports.pop(leg, None)
        if found is None:
            return
        port = found[0]
        asyncio.get_running_loop().remove_reader(port.eventFd())
        self._bridge.want(f"{self._kind}:{leg}", ())
        self._bridge.remove(f"{self._kind}:{leg}")
        bury(port)

    def close(self) -> None:
        for leg in list(self._ports):
            self.stop(leg)

    def _read(self, leg: LegId) -> None:
        port, reader = self._ports[leg]
        block = bytearray(10 * self._block_ms * RATE_HZ // 1000 * SAMPLE_BYTES)
        got = port.read(block)
        if got:
            reader(memoryview(block)[: got - got % SAMPLE_BYTES])
