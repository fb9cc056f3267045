"""Both ways of a leg for a recogniser: what comes from the caller, and what he is played.

Two rings on the bridge, filled in the same ticks of its clock: an echo of a prompt in the first
one can be told from a voice by the second. The clock thread only copies memory.
"""

import asyncio
import contextlib
import errno
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from appliance.model.ids import LegId
from appliance.sip.bridge import Bridge
from appliance.sip.sound import bury

RATE_HZ = 8000
TICK_MS = 20
TICK_BYTES = RATE_HZ // 1000 * TICK_MS * 2
RING_MS = 1000
"""A loop that is later than this loses audio, in both rings alike."""
Heard = Callable[[memoryview, memoryview], None]
"""Near (from the caller) and far (played to him): equally long, whole ticks of 20 ms, 16-bit
samples at 8 kHz, native byte order."""


class Pair:
    """Gives out of two streams what both have. Pure."""

    def __init__(self) -> None:
        self._near = bytearray()
        self._far = bytearray()

    def take(self, near: bytes | memoryview, far: bytes | memoryview) -> tuple[bytes, bytes]:
        """What is new in each; returns equally much of both, in whole ticks."""
        self._near += near
        self._far += far
        both = min(len(self._near), len(self._far)) // TICK_BYTES * TICK_BYTES
        taken = bytes(self._near[:both]), bytes(self._far[:both])
        del self._near[:both], self._far[:both]
        return taken

    def clear(self) -> None:
        self._near.clear()
        self._far.clear()


class _Tap:
    """The two rings of one leg. The one for `near` wakes the loop."""

    def __init__(self, leg: LegId, heard: Heard) -> None:
        self.far, self.near = _ring(f"far-{leg}", 0), _ring(f"near-{leg}", TICK_MS)
        self._heard = heard
        self._pair = Pair()
        self._lost = (0, 0)
        self._buffer = memoryview(bytearray(RING_MS // TICK_MS * TICK_BYTES))
        if self.near.eventFd() < 0:
            raise OSError(errno.EMFILE, "no more files can be open: nothing would wake a listener")

    def read(self) -> None:
        near, far = self._pair.take(self._new(self.near), self._new(self.far))
        if self._has_lost():
            self._pair.clear()  # perhaps not equally much of both: both begin anew
            self.near.clear()
            self.far.clear()
        elif near:
            self._heard(memoryview(near), memoryview(far))

    def _new(self, ring: Any) -> bytes:
        return bytes(self._buffer[: ring.read(self._buffer)])

    def _has_lost(self) -> bool:
        before, self._lost = self._lost, (self.near.rxDropped(), self.far.rxDropped())
        return self._lost != before


class SpeechTaps:
    """At most one tap for each leg. Use on the asyncio thread only."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._taps: dict[LegId, _Tap] = {}

    def __contains__(self, leg: LegId) -> bool:
        return leg in self._taps

    def start(self, leg: LegId, heard: Heard) -> None:
        """Listen from now on; before the leg has media there is silence. A leg that is listened
        to already goes on with the new listener."""
        self.stop(leg)
        tap = self._taps[leg] = _Tap(leg, heard)
        near, far = f"near:{leg}", f"far:{leg}"
        self._bridge.set_media(far, tap.far)
        self._bridge.shadow(f"leg:{leg}", far)
        self._bridge.set_media(near, tap.near)
        self._bridge.want(near, {(f"leg:{leg}", near)})
        asyncio.get_running_loop().add_reader(tap.near.eventFd(), tap.read)

    def stop(self, leg: LegId) -> None:
        tap = self._taps.pop(leg, None)
        if tap is None:
            return
        with contextlib.suppress(ValueError):  # it had no file to be woken by
            asyncio.get_running_loop().remove_reader(tap.near.eventFd())
        self._bridge.unshadow(f"leg:{leg}")
        self._bridge.want(f"near:{leg}", ())
        for node, port in ((f"near:{leg}", tap.near), (f"far:{leg}", tap.far)):
            self._bridge.remove(node)
            bury(port)

    def close(self) -> None:
        for leg in list(self._taps):
            self.stop(leg)


def _ring(name: str, wake_ms: int) -> Any:
    form = pj.MediaFormatAudio()
    form.init(pj.PJMEDIA_FORMAT_PCM, RATE_HZ, 1, TICK_MS * 1000, 16)
    port = pj.RingPort()
    port.createPort(name, form, RING_MS, 0, wake_ms)
    return port
