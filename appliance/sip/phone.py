"""What a telephone does and the core does not: send tones, listen for them, ask for transfers.

Used by the virtual exchange. Like the engine, everything here runs on asyncio's thread.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pjsua2 as pj

from appliance.model.ids import LegId
from appliance.sip.bridge import Link
from appliance.sip.engine import Engine
from appliance.sip.errors import tolerate
from appliance.sip.goertzel import RATE, Goertzel, amplitude, loudness
from appliance.sip.leg import call_param
from appliance.sip.sound import bury

POLL_S = 0.1
RING_MS = 2000
"""Audio kept for a late Python, ms."""
KEY_DBOV = -12.0
"""Level of in-band keys; ITU-T Q.23 asks for -9 to -3 dBm0 in all, one tone here -15."""
KEY_MS, GAP_MS = 100, 100


@dataclass(frozen=True)
class Window:
    """A piece of received audio: level of each known tone and of everything, dBov."""

    tones: dict[float, float]
    level: float


@dataclass(frozen=True)
class Rtp:
    """One leg's RTP so far (RFC 3550): packets, and jitter in ms, of what we received."""

    sent: int
    received: int
    lost: int
    jitter_ms: float


class Phones:
    """Sound for the legs of one engine. `heard(leg, window)` comes every 0.2 s."""

    def __init__(
        self, engine: Engine, tones: Iterable[float], heard: Callable[[LegId, Window], None]
    ) -> None:
        self._engine = engine
        self._bridge = engine.bridge
        self._goertzel = Goertzel(tones)
        self._heard = heard
        self._taps: dict[LegId, _Tap] = {}
        self._sources: dict[LegId, set[Link]] = {}
        self._generators: dict[str, Any] = {}
        self._keys: dict[LegId, Any] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._poll())

    def stop(self) -> None:
        """Call before the engine stops."""
        if self._task is not None:
            self._task.cancel()
        for leg in list(self._taps):
            self.over(leg)
        for node in self._generators:
            self._bridge.remove(node)
        for generator in self._generators.values():
            bury(generator)
        self._generators.clear()

    # -- one leg ----------------------------------------------------------------------------

    def listen(self, leg: LegId) -> None:
        """From now on the leg's received audio is measured."""
        if leg not in self._taps:
            tap = self._taps[leg] = _Tap(self._goertzel.window)
            self._bridge.set_media(f"tap:{leg}", tap.port)
            self._bridge.want(f"tap:{leg}", {(f"leg:{leg}", f"tap:{leg}")})

    def send_tone(self, leg: LegId, hz: float, level_dbov: float) -> None:
        """A steady tone instead of what the leg sent before."""
        self._send(leg, {(self._generator(hz, level_dbov), f"leg:{leg}")})

    def send_nothing(self, leg: LegId) -> None:
        """No source: PJMEDIA sends no RTP at all then."""
        self._send(leg, set())

    def press_inband(self, leg: LegId, keys: str) -> None:
        """Keys as tones in the audio (ITU-T Q.23), 100 ms each; mixed with what is sent."""
        generator = self._keys.get(leg)
        if generator is None:
            generator = self._keys[leg] = pj.ToneGenerator()
            generator.createToneGenerator(RATE, 1)
            self._bridge.set_media(f"keys:{leg}", generator)
            self._bridge.want(f"keys:{leg}", {(f"keys:{leg}", f"leg:{leg}")})
        digits = pj.ToneDigitVector()
        for key in keys:
            digit = pj.ToneDigit()
            digit.digit, digit.on_msec, digit.off_msec = key, KEY_MS, GAP_MS
            digit.volume = amplitude(KEY_DBOV)
            digits.append(digit)
        with tolerate(f"in-band keys to {leg}"):
            generator.playDigits(digits)

    def refer(self, leg: LegId, target: str, done: Callable[[int, bool], None]) -> None:
        """Ask the peer for a blind transfer; `done(code, final)` for each NOTIFY (RFC 3515)."""
        call = self._engine.leg(leg)
        if call is None:
            return
        call.transfer_status = done
        with tolerate(f"REFER on {leg}"):
            call.xfer(target, call_param())

    def rtp(self, leg: LegId) -> Rtp | None:
        """None when the leg has no audio stream."""
        call = self._engine.leg(leg)
        if call is None or call.done or not call.confirmed:
            return None
        try:
            stat = call.getStreamStat(0)  # owns all below: SWIG frees it with `stat`
        except pj.Error:
            return None
        sent, received = stat.rtcp.txStat, stat.rtcp.rxStat
        return Rtp(
            sent=int(sent.pkt),
            received=int(received.pkt),
            lost=int(received.loss),
            jitter_ms=received.jitterUsec.mean / 1000,
        )

    def over(self, leg: LegId) -> None:
        """The leg has ended."""
        self._send(leg, set())
        self._sources.pop(leg, None)
        for kind, thing in (
            ("tap", self._taps.pop(leg, None)),
            ("keys", self._keys.pop(leg, None)),
        ):
            if thing is not None:
                self._bridge.want(f"{kind}:{leg}", ())
                self._bridge.remove(f"{kind}:{leg}")
                bury(thing, 1.0)

    # -- inside -----------------------------------------------------------------------------

    def _send(self, leg: LegId, links: set[Link]) -> None:
        self._sources[leg] = links
        self._bridge.want(f"source:{leg}", links)

    def _generator(self, hz: float, level_dbov: float) -> str:
        """All legs that send the same tone share its generator."""
        node = f"tone:{hz:g}:{level_dbov:g}"
        if node not in self._generators:
            tone = pj.ToneDesc()
            tone.freq1, tone.freq2 = round(hz), 0
            tone.on_msec, tone.off_msec = 1000, 0
            tone.volume = amplitude(level_dbov)
            tones = pj.ToneDescVector()
            tones.append(tone)
            generator = pj.ToneGenerator()
            generator.createToneGenerator(RATE, 1)
            generator.play(tones, True)
            self._generators[node] = generator
            self._bridge.set_media(node, generator)
        return node

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            for leg, tap in list(self._taps.items()):
                for samples in tap.windows():
                    window = Window(self._goertzel.levels(samples), loudness(samples))
                    self._heard(leg, window)


class _Tap:
    """A port that gathers a leg's received audio into windows."""

    def __init__(self, window: int) -> None:
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, RATE, 1, 20_000, 16)
        self.port = pj.RingPort()
        self.port.createPort("tap", form, RING_MS, 0, 0)
        self._buffer = bytearray(window * 2)

    def windows(self) -> Iterable[npt.NDArray[np.int16]]:
        while self.port.rxAvail() >= len(self._buffer):
            self.port.read(self._buffer)
            yield np.frombuffer(self._buffer, dtype=np.int16)
