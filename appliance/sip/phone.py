"""What a telephone does and the core does not: send tones, listen for them, ask for transfers.

Used by the virtual exchange. Like the engine, everything here runs on asyncio's thread.
"""

import asyncio
import re
import tempfile
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pjsua2 as pj

from appliance.model.ids import LegId
from appliance.sip.bridge import Link
from appliance.sip.engine import Engine
from appliance.sip.errors import tolerate
from appliance.sip.goertzel import RATE, Goertzel, amplitude, loudness
from appliance.sip.leg import Leg, call_param
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
        self._folder = tempfile.TemporaryDirectory(prefix="callfloor-tones-")
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
        self._folder.cleanup()

    # -- one leg ----------------------------------------------------------------------------

    def listen(self, leg: LegId) -> None:
        """From now on the leg's received audio is measured."""
        if leg not in self._taps:
            tap = self._taps[leg] = _Tap(self._goertzel.window)
            self._bridge.set_media(f"tap:{leg}", tap.port)
            self._bridge.want(f"tap:{leg}", {(f"leg:{leg}", f"tap:{leg}")})

    def send_tone(self, leg: LegId, hz: float, level_dbov: float) -> None:
        """A steady tone of a whole number of Hz instead of what the leg sent before."""
        self._send(leg, {(self._tone(round(hz), level_dbov), f"leg:{leg}")})

    def send_silence(self, leg: LegId) -> None:
        """RTP packets full of silence: what PJMEDIA sends without a source."""
        self._send(leg, set())

    def send_rtp(self, leg: LegId, on: bool) -> None:
        """From the next offer or answer on: RTP, or none at all (recvonly in the SDP)."""
        if call := self._engine.leg(leg):
            mute(call, not on)

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

    def _tone(self, hz: int, level_dbov: float) -> str:
        """All legs that send the same tone share its player."""
        name = f"{hz}Hz{level_dbov:g}"
        path = Path(self._folder.name) / f"{name}.wav"
        if not path.exists():
            _write_tone(path, hz, level_dbov)
            self._engine.set_music(name, path)
        self._engine.players.need_music(name)
        return f"music:{name}"

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


def mute(leg: Leg, muted: bool) -> None:
    """No RTP will be sent: the only way that PJSUA leaves is to say recvonly."""
    leg.shape_sdp = _recvonly if muted else None


def offer_nothing(leg: Leg) -> None:
    """The INVITE offers G.729 only, which nobody here speaks: 488 is the right answer."""
    leg.codecs, leg.shape_sdp = (), _g729_only


def offer_late(leg: Leg) -> None:
    """The INVITE carries no SDP: the far end offers in its 200, we answer in the ACK
    (RFC 3261 13.2.1)."""

    def make_call(uri: str, param: Any) -> None:
        param.opt.flag |= pj.PJSUA_CALL_NO_SDP_OFFER
        pj.Call.makeCall(leg, uri, param)

    leg.makeCall = make_call


def _recvonly(sdp: str) -> str:
    return re.sub(r"a=(sendrecv|sendonly)", "a=recvonly", sdp)


def _g729_only(sdp: str) -> str:
    """The audio line with payload 18 alone; other media stay as they are."""
    out, inside = [], False
    for line in sdp.replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            inside = line.startswith("m=audio ")
            line = " ".join([*line.split()[:3], "18"]) if inside else line
        elif inside and line.startswith(("a=rtpmap:", "a=fmtp:")):
            continue
        out.append(line)
    return "\r\n".join(out)


def _write_tone(path: Path, hz: int, level_dbov: float) -> None:
    """One second, so that a whole number of waves fits and the loop has no seam."""
    at = np.arange(RATE) * (2 * np.pi * hz / RATE)
    samples = np.round(amplitude(level_dbov) * np.sin(at)).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
