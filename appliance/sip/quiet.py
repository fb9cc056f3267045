"""Tells when a party has said nothing for a while: the end of a voicemail message."""

import math
from collections.abc import Callable

from appliance.model.ids import LegId
from appliance.sip.bridge import Bridge
from appliance.sip.taps import RATE_HZ, Taps

BLOCK_MS = 100
SPEECH_DBOV = -45.0
"""Louder than this is somebody who speaks: line noise is below -50 dBov, low speech above -40."""


class QuietMeter:
    """Seconds since the last block that was louder than `SPEECH_DBOV`. Pure."""

    def __init__(self) -> None:
        self.quiet_s = 0.0

    def feed(self, block: memoryview) -> float:
        """16-bit samples at 8 kHz, native byte order; returns the quiet so far."""
        samples = block.cast("h")
        if not len(samples):
            return self.quiet_s
        if level_dbov(samples) > SPEECH_DBOV:
            self.quiet_s = 0.0
        else:
            self.quiet_s += len(samples) / RATE_HZ
        return self.quiet_s


def level_dbov(samples: memoryview) -> float:
    """RMS level relative to a full-scale square wave; -96.0 for digital silence."""
    power = sum(sample * sample for sample in samples) / len(samples)
    return 10 * math.log10(power / 32768**2) if power else -96.0


class QuietListener:
    """Reports a leg once, when it has been quiet for the seconds asked for."""

    def __init__(self, bridge: Bridge, quiet: Callable[[LegId], None]) -> None:
        self._taps = Taps(bridge, "quiet", BLOCK_MS)
        self._quiet = quiet
        self.stop = self._taps.stop
        self.close = self._taps.close

    def start(self, leg: LegId, seconds: float) -> None:
        """Counts from now; asked again, it starts anew."""
        self._taps.stop(leg)
        meter = QuietMeter()

        def read(block: memoryview) -> None:
            if meter.feed(block) >= seconds:
                self._taps.stop(leg)
                self._quiet(leg)

        self._taps.start(leg, read)
