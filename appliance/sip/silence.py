"""Tells of legs that no audio comes from: a cut cable, a phone that has lost its power."""

import time
from collections.abc import Callable, Iterable
from functools import partial

from appliance.model.legs import EngineEvent, Silence
from appliance.sip.leg import Leg
from appliance.sip.watch import Guard


class SilenceAlarm:
    """`after_s`: seconds without a packet that count as silence."""

    def __init__(
        self,
        after_s: float,
        report: Callable[[EngineEvent], None],
        guard: Guard,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._after_s = after_s
        self._report = report
        self._guard = guard
        self._clock = clock

    def watch(self, legs: Iterable[Leg]) -> None:
        """Call it every few seconds. A leg that fails does not keep the others from it."""
        for leg in legs:
            if leg.confirmed and not leg.done:
                self._guard("silence of a leg", partial(self._look, leg))

    def _look(self, leg: Leg) -> None:
        now = self._clock()
        packets = leg.rtp_packets()
        if packets >= 0 and packets != leg.packets:  # a re-INVITE counts from 0 again
            leg.packets, leg.quiet_since = packets, now
            if leg.quiet:
                leg.quiet = False
                self._report(Silence(leg=leg.leg, seconds=0.0))
        elif not leg.quiet and now - leg.quiet_since >= self._after_s:
            leg.quiet = True
            self._report(Silence(leg=leg.leg, seconds=now - leg.quiet_since))
