"""Keys sent as tones in the audio (ITU-T Q.23, Q.24), for lines without RFC 4733.

spandsp's detector listens to a leg through a `RingPort`; Python only moves 40 ms blocks.
"""

import ctypes.util
import functools
from collections.abc import Callable
from typing import Any

import cffi

from appliance.model.ids import LegId
from appliance.sip.bridge import Bridge
from appliance.sip.taps import Taps

BLOCK_MS = 40
_SOURCE = """
typedef struct dtmf_rx_state_s dtmf_rx_state_t;
dtmf_rx_state_t *dtmf_rx_init(dtmf_rx_state_t *s, void *callback, void *user_data);
int dtmf_rx(dtmf_rx_state_t *s, const int16_t amp[], int samples);
size_t dtmf_rx_get(dtmf_rx_state_t *s, char *buf, int max);
int dtmf_rx_free(dtmf_rx_state_t *s);
"""


class NoDetector(LookupError):
    """spandsp is not installed; the text says what that means and what to do."""


@functools.cache
def _library() -> tuple[Any, Any]:
    ffi = cffi.FFI()
    ffi.cdef(_SOURCE)
    name = ctypes.util.find_library("spandsp") or "libspandsp.so.2"
    try:
        return ffi, ffi.dlopen(name)
    except OSError as error:
        raise NoDetector(
            f"keys sent as tones cannot be heard: {name} is missing ({error}). Callers on lines "
            "with dtmf = inband cannot use menus. Install it: apt-get install libspandsp2"
        ) from error


class ToneKeys:
    """Detector of one stream of 16-bit samples at 8 kHz. Raises NoDetector."""

    def __init__(self) -> None:
        self._ffi, self._lib = _library()
        state = self._lib.dtmf_rx_init(self._ffi.NULL, self._ffi.NULL, self._ffi.NULL)
        self._state = self._ffi.gc(state, self._lib.dtmf_rx_free)
        self._out = self._ffi.new("char[]", 32)

    def feed(self, block: bytes | bytearray | memoryview) -> str:
        """Take samples (native byte order); returns the keys that they completed."""
        samples = self._ffi.from_buffer("int16_t[]", block)
        self._lib.dtmf_rx(self._state, samples, len(samples))
        count = self._lib.dtmf_rx_get(self._state, self._out, 31)
        return bytes(self._ffi.buffer(self._out, count)).decode("ascii")


class InbandListener:
    """Listens on legs and tells each key. Use on the asyncio thread only."""

    def __init__(self, bridge: Bridge, heard: Callable[[LegId, str], None]) -> None:
        self._taps = Taps(bridge, "inband", BLOCK_MS)
        self._heard = heard
        self.stop = self._taps.stop
        self.close = self._taps.close

    def start(self, leg: LegId) -> None:
        """Listen from now on. Raises NoDetector."""
        if leg in self._taps:
            return
        detector = ToneKeys()

        def read(block: memoryview) -> None:
            for key in detector.feed(block):
                self._heard(leg, key)

        self._taps.start(leg, read)
