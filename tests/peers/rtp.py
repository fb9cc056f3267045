"""RTP (RFC 3550) with G.711 (ITU-T G.711) and keys (RFC 4733): what a scripted phone sends
and hears. All streams share one clock task that never drifts."""

import asyncio
import contextlib
import itertools
import random
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.peers.tones import RATE, Samples, sine
from tests.peers.witness import LATE_S, witness

FRAME = 160
FRAME_S = FRAME / RATE
KEYS = "0123456789*#ABCD"


def _ulaw_table() -> Samples:
    codes = ~np.arange(256) & 0xFF
    magnitude = ((((codes & 0x0F) << 3) + 0x84) << ((codes >> 4) & 7)) - 0x84
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_table() -> Samples:
    codes = np.arange(256) ^ 0x55
    exponent, mantissa = (codes >> 4) & 7, codes & 0x0F
    base = (mantissa << 4) + 8
    shift = np.maximum(exponent - 1, 0)
    magnitude = np.where(exponent == 0, base, (base + 0x100) << shift)
    return np.where(codes & 0x80, magnitude, -magnitude).astype(np.int16)


DECODE = {0: _ulaw_table(), 8: _alaw_table()}
SILENT = {0: b"\xff" * FRAME, 8: b"\xd5" * FRAME}


def encode(samples: Samples, payload: int) -> bytes:
    """The nearest code for each sample."""
    table = DECODE[payload].astype(np.int32)
    order = np.argsort(table, kind="stable")
    values = table[order]
    wide = samples.astype(np.int32)
    right = np.clip(np.searchsorted(values, wide), 1, 255)
    nearer = np.where(wide - values[right - 1] < values[right] - wide, right - 1, right)
    return bytes(order[nearer].astype(np.uint8))


_frames: dict[tuple[float, float, int], bytes] = {}


def tone_frame(hz: float, dbov: float, payload: int) -> bytes:
    """20 ms that may be repeated; `hz` a multiple of 50."""
    assert hz % 50 == 0, "only multiples of 50 Hz repeat every 20 ms without a click"
    key = (hz, dbov, payload)
    if key not in _frames:
        _frames[key] = encode(sine(hz, FRAME_S, dbov), payload)
    return _frames[key]


@dataclass(frozen=True)
class Packet:
    """As received; `at` is Unix time in seconds."""

    at: float
    payload: int
    seq: int
    stamp: int
    ssrc: int
    data: bytes


class Clock:
    """Calls every stream once per 20 ms; late ticks are caught up, none is left out."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, stream: "Stream") -> None:
        self.streams.add(stream)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        due = time.monotonic()
        while self.streams:
            for stream in list(self.streams):
                stream.tick()
            due += FRAME_S
            if (late := time.monotonic() - due) > LATE_S:
                witness().note(late)
            await asyncio.sleep(max(0.0, due - time.monotonic()))


_clocks: dict[asyncio.AbstractEventLoop, Clock] = {}


def clock() -> Clock:
    loop = asyncio.get_running_loop()
    return _clocks.setdefault(loop, Clock())


class Echo:
    """A telephone that is heard by its own microphone: what came in, softer, and late by always
    the same number of samples, because it plays and listens by one clock."""

    def __init__(self, delay_s: float, gain_db: float) -> None:
        self._delay, self._gain = round(delay_s * RATE), 10 ** (gain_db / 20)
        self._ring = np.zeros(RATE, np.int16)
        self._taken = 0
        self._at: int | None = None

    def next(self, packets: list[Packet]) -> npt.NDArray[np.float64]:
        """20 ms. `packets`: all that came in so far."""
        for packet in packets[self._taken :]:
            if packet.payload in DECODE:
                samples = DECODE[packet.payload][np.frombuffer(packet.data, dtype=np.uint8)]
                self._ring[(packet.stamp + np.arange(len(samples))) % RATE] = samples
                if self._at is None:
                    self._at = packet.stamp + len(samples) - self._delay
        self._taken = len(packets)
        if self._at is None:
            return np.zeros(FRAME)
        now = (self._at + np.arange(FRAME)) % RATE
        self._at += FRAME
        sound = self._ring[now] * self._gain
        self._ring[now] = 0
        return sound


class Stream(asyncio.DatagramProtocol):
    """One end of an audio stream on a socket of its own."""

    def __init__(self, host: str) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._sock.bind((host, 0))
        self._sock.setblocking(False)
        self.host, self.port = host, int(self._sock.getsockname()[1])
        self.remote: tuple[str, int] | None = None
        self.payload = 8
        self.event_payload: int | None = None
        self.packets: list[Packet] = []
        self._frame: tuple[float, float] | None = None
        self._muted = False
        self.jitter_s = 0.0
        """Each packet leaves later than it should by anything up to this."""
        self.loss = 0.0
        """So many of all packets get lost on their way; the same ones each time."""
        self._dice = random.Random(1)
        self.echo: Echo | None = None
        self._voice: deque[Samples] = deque()
        self._said = asyncio.Event()
        self.spoke_at = 0.0
        """Unix time of the first packet of what was said last."""
        self._seq, self._stamp = random.getrandbits(16), random.getrandbits(32)
        self._ssrc = random.getrandbits(32)
        self._first = True
        self._keys: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sock, self._readable)
        clock().add(self)

    # -- out --------------------------------------------------------------------------------

    def send_to(self, host: str, port: int, payload: int, events: int | None) -> None:
        self.remote, self.payload, self.event_payload = (host, port), payload, events

    def tone(self, hz: float, dbov: float = -15.0) -> None:
        """A steady tone from now on; 0 Hz is digital silence."""
        self._frame = (hz, dbov)

    def say(self, samples: Samples) -> None:
        """Speak; the tone pauses meanwhile. What is being said is finished first."""
        whole = np.append(samples, np.zeros(-len(samples) % FRAME, np.int16))
        self._voice.extend(whole.reshape(-1, FRAME))
        self._said.clear()
        self.spoke_at = 0.0

    async def spoken(self) -> None:
        """Until all is said."""
        await self._said.wait()

    def mute(self, muted: bool = True) -> None:
        """No RTP at all."""
        self._muted = muted

    def press(self, keys: str, ms: int = 120) -> None:
        """Keys as telephone events; the voice pauses meanwhile (RFC 4733 2.5.1)."""
        for key in keys:
            steps = ms // 20
            for step in range(1, steps + 1):
                self._keys.append(self._event(key, step, end=False))
            self._keys += [self._event(key, steps, end=True)] * 3
            self._keys += [b""] * 4

    def _event(self, key: str, steps: int, *, end: bool) -> bytes:
        return struct.pack("!BBH", KEYS.index(key), (0x80 if end else 0) | 10, steps * FRAME)

    def tick(self) -> None:
        self._stamp = (self._stamp + FRAME) & 0xFFFFFFFF
        if self.remote is None or self._muted:
            return
        if self._keys:
            self._tick_key(self._keys.pop(0))
            return
        self._event_stamp = None
        if self._voice or self.echo is not None:
            self._send(self.payload, self._stamp, encode(self._sound(), self.payload))
        elif self._frame is not None:
            hz, dbov = self._frame
            data = tone_frame(hz, dbov, self.payload) if hz else SILENT[self.payload]
            self._send(self.payload, self._stamp, data)

    def _sound(self) -> Samples:
        """The next 20 ms of what is said, and the echo of what is heard."""
        sound = np.zeros(FRAME, np.int16)
        if self._voice:
            self.spoke_at = self.spoke_at or time.time()
            sound = self._voice.popleft()
            if not self._voice:
                self._said.set()
        if self.echo is None:
            return sound
        heard = self.echo.next(self.packets)
        return np.clip(np.round(sound + heard), -32768, 32767).astype(np.int16)

    _event_stamp: int | None = None

    def _tick_key(self, event: bytes) -> None:
        if not event or self.event_payload is None:
            self._event_stamp = None
            if not event and self._frame is not None:
                self._send(self.payload, self._stamp, SILENT[self.payload])
            return
        marker = self._event_stamp is None
        if self._event_stamp is None:
            self._event_stamp = self._stamp
        self._send(self.event_payload, self._event_stamp, event, marker=marker)

    def _send(self, payload: int, stamp: int, data: bytes, *, marker: bool = False) -> None:
        self._seq = (self._seq + 1) & 0xFFFF
        bits = payload | (0x80 if marker or self._first else 0)
        self._first = False
        head = struct.pack("!BBHII", 0x80, bits, self._seq, stamp, self._ssrc)
        assert self.remote is not None
        if self.loss and self._dice.random() < self.loss:
            return
        if self.jitter_s:
            late = random.uniform(0, self.jitter_s)
            self._loop.call_later(late, self.raw, head + data, self.remote)
        else:
            self.raw(head + data, self.remote)

    def raw(self, data: bytes, to: tuple[str, int]) -> None:
        """Any bytes, from our port."""
        with contextlib.suppress(OSError):
            self._sock.sendto(data, to)

    # -- in ---------------------------------------------------------------------------------

    def _readable(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data = self._sock.recv(2048)
                if len(data) >= 12 and data[0] >> 6 == 2:
                    _, bits, seq, stamp, ssrc = struct.unpack("!BBHII", data[:12])
                    self.packets.append(
                        Packet(time.time(), bits & 0x7F, seq, stamp, ssrc, data[12:])
                    )

    def close(self) -> None:
        if self._sock.fileno() < 0:
            return
        clock().streams.discard(self)
        self._loop.remove_reader(self._sock)
        self._sock.close()

    def heard(self, since: float, until: float) -> Samples:
        """What came in, laid out on Unix time from `since`; silence where nothing came.

        Within a run of packets the RTP timestamps count, not the moments of arrival.
        """
        out = np.zeros(round((until - since) * RATE), dtype=np.int16)
        base: tuple[int, float] | None = None
        last: Packet | None = None
        for packet in self.packets:
            if packet.payload not in DECODE:
                continue
            if base is None or last is None or _new_run(last, packet):
                base = (packet.stamp, packet.at)
            last = packet
            at = base[1] + ((packet.stamp - base[0]) & 0xFFFFFFFF) / RATE
            start = round((at - since) * RATE)
            samples = DECODE[packet.payload][np.frombuffer(packet.data, dtype=np.uint8)]
            first, end = max(0, start), min(len(out), start + len(samples))
            if first < end:
                out[first:end] = samples[first - start : end - start]
        return out

    def keys(self) -> str:
        """Telephone events received, each once."""
        seen = itertools.groupby(
            (p.stamp, p.data[0]) for p in self.packets if p.payload == self.event_payload and p.data
        )
        return "".join(KEYS[key] for (_, key), _ in seen if key < len(KEYS))


def _new_run(last: Packet, packet: Packet) -> bool:
    """A new stream, or a pause longer than the clock explains."""
    if last.ssrc != packet.ssrc:
        return True
    passed = ((packet.stamp - last.stamp) & 0xFFFFFFFF) / RATE
    return passed > 10 or abs((packet.at - last.at) - passed) > 0.3
