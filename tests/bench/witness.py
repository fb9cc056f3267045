"""``python -m tests.bench.witness``: watches loopback while the load runs.

It sees every SIP message and RTP packet that either system sends to callers and agents, with the
kernel's time stamps, so that both are measured by the same outside clock. A process of its own:
what it costs, it costs both systems. Needs the right to open a packet socket (root).
"""

import argparse
import json
import re
import signal
import socket
import struct
import sys
from dataclasses import asdict, dataclass, field

ETH_P_IP = 0x0800
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_ATTACH_FILTER, SO_TIMESTAMPNS, SO_RCVBUFFORCE = 26, 35, 33
BUFFER = 64 << 20
SNAP = 2048
QUIET = bytes((0xFF, 0x7F, 0xFE, 0x7E))
RESTART_S = 0.2
"""A jump of arrival against time stamp beyond this is a new talk spurt, not jitter."""

_CALL_ID = re.compile(rb"^(?:Call-ID|i)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_CALLER = re.compile(rb"(?:\+4930|sip:c)(\d+)@")
_AUDIO = re.compile(rb"^m=audio (\d+)", re.MULTILINE)


@dataclass
class Call:
    """UTC seconds; 0.0 where it did not happen. `heard`: the caller's voice reached the agent."""

    number: int
    call_id: str
    invited: float
    answered: float = 0.0
    agent_invited: float = 0.0
    agent_acked: float = 0.0
    heard: float = 0.0
    dropped_by_system: bool = False


@dataclass
class Stream:
    """RFC 3550 A.1, A.3, A.8, for one SSRC at one receiver. `jitter` and `gap` in seconds."""

    packets: int = 0
    lost: int = 0
    jitter: float = 0.0
    gap: float = 0.0
    _first: int = -1
    _last: int = 0
    _cycles: int = 0
    _at: float = 0.0
    _stamp: int = 0

    def take(self, seq: int, stamp: int, at: float) -> None:
        if self._first < 0:
            self._first = self._last = seq
        else:
            if seq < self._last and self._last - seq > 0x8000:
                self._cycles += 0x10000
            late = at - self._at
            off = abs(late - ((stamp - self._stamp) & 0xFFFFFFFF) / 8000)
            if off < RESTART_S:
                self.jitter += (off - self.jitter) / 16
                self.gap = max(self.gap, late)
            self._last = seq
        self.packets += 1
        self._at, self._stamp = at, stamp
        expected = self._cycles + self._last - self._first + 1
        self.lost = max(0, expected - self.packets)


@dataclass
class Scene:
    """What was seen. `media`: RTP port that the system offered the agent -> caller's number."""

    system: int
    callers: int
    agents: int
    agent_media: int
    calls: dict[int, Call] = field(default_factory=dict)
    by_id: dict[bytes, Call] = field(default_factory=dict)
    agent_legs: dict[bytes, Call] = field(default_factory=dict)
    media: dict[int, Call] = field(default_factory=dict)
    streams: dict[tuple[int, int, int], Stream] = field(default_factory=dict)

    def packet(self, data: bytes, at: float) -> None:
        """One IPv4 UDP datagram, from its IP header on."""
        start = (data[0] & 15) * 4
        source, port = struct.unpack_from("!HH", data, start)
        payload = data[start + 8 :]
        if port in (self.system, self.callers, self.agents):
            self._sip(port, payload, at)
        elif len(payload) > 12 and payload[0] >> 6 == 2:
            self._rtp(source, port, payload, at)

    def _sip(self, port: int, text: bytes, at: float) -> None:
        found = _CALL_ID.search(text)
        if found is None:
            return
        call_id = found[1]
        if port == self.system:
            if text.startswith(b"INVITE ") and call_id not in self.by_id:
                self._new_call(call_id, text, at)
        elif port == self.callers:
            self._to_caller(call_id, text, at)
        elif text.startswith(b"INVITE "):
            self._to_agent(call_id, text, at)
        elif text.startswith(b"ACK ") and call_id in self.agent_legs:
            call = self.agent_legs[call_id]
            call.agent_acked = call.agent_acked or at

    def _new_call(self, call_id: bytes, text: bytes, at: float) -> None:
        number = _CALLER.search(text)
        if number is None:
            return
        call = Call(int(number[1]), call_id.decode(), at)
        self.calls[call.number] = self.by_id[call_id] = call

    def _to_caller(self, call_id: bytes, text: bytes, at: float) -> None:
        call = self.by_id.get(call_id)
        if call is None:
            return
        if text.startswith(b"SIP/2.0 200") and b" INVITE\r" in text:
            call.answered = call.answered or at
        elif text.startswith(b"BYE "):
            call.dropped_by_system = True

    def _to_agent(self, call_id: bytes, text: bytes, at: float) -> None:
        number = _CALLER.search(text)
        call = self.calls.get(int(number[1])) if number else None
        if call is None or call_id in self.agent_legs:
            return
        self.agent_legs[call_id] = call
        call.agent_invited = call.agent_invited or at
        if audio := _AUDIO.search(text):
            self.media[int(audio[1])] = call

    def _rtp(self, source: int, port: int, payload: bytes, at: float) -> None:
        _, kind, seq, stamp, ssrc = struct.unpack_from("!BBHII", payload)
        if kind & 0x7F != 0:
            return
        if port == self.agent_media:
            call = self.media.get(source)
            if call is None or call.heard:
                return
            if payload[12:].strip(QUIET):
                call.heard = at
            return
        key = (port, source, ssrc)
        stream = self.streams.get(key)
        if stream is None:
            stream = self.streams[key] = Stream()
        stream.take(seq, stamp, at)


def packet_filter(sip: list[int], agent_media: int, first: int, last: int) -> bytes:
    """Classic BPF (Linux socket filter): UDP to these ports; `first`..`last`: callers' RTP."""
    ports = [*sip, agent_media]
    checks = len(ports) + 2
    code = [
        (0x30, 0, 0, 9),  # A = IP protocol
        (0x15, 0, checks + 2, 17),  # not UDP: drop
        (0xB1, 0, 0, 0),  # X = length of the IP header
        (0x48, 0, 0, 2),  # A = destination port
    ]
    for i, port in enumerate(ports):
        code.append((0x15, checks - i, 0, port))
    code += [(0x35, 0, 1, first), (0x25, 0, 1, last)]
    code += [(0x06, 0, 0, 0), (0x06, 0, 0, SNAP)]
    return b"".join(struct.pack("HBBI", *one) for one in code)


def open_socket(program: bytes) -> socket.socket:
    """Raises PermissionError without the right to capture."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
    import ctypes

    held = ctypes.create_string_buffer(program)
    fprog = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind(("lo", ETH_P_IP))
    return sock


def watch(sock: socket.socket, scene: Scene) -> int:
    """Until SIGTERM; returns how many packets the kernel had to drop."""
    buffer = bytearray(SNAP)
    view = memoryview(buffer)
    try:
        while True:
            size, control, _, _ = sock.recvmsg_into([buffer], 64)
            seconds, nanos = struct.unpack("qq", control[0][2])
            scene.packet(bytes(view[:size]), seconds + nanos * 1e-9)
    except KeyboardInterrupt:
        pass
    counted = sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
    return int(struct.unpack("II", counted)[1])


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("system", "callers", "agents", "agent-media", "first", "last"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args()
    scene = Scene(given.system, given.callers, given.agents, given.agent_media)
    signal.signal(signal.SIGTERM, _interrupt)
    ports = [given.system, given.callers, given.agents]
    sock = open_socket(packet_filter(ports, given.agent_media, given.first, given.last))
    print("ready", flush=True)
    missed = watch(sock, scene)
    streams = [
        {"port": key[0], **{k: v for k, v in asdict(stream).items() if k[0] != "_"}}
        for key, stream in scene.streams.items()
    ]
    calls = [asdict(call) for call in scene.calls.values()]
    json.dump({"missed": missed, "calls": calls, "streams": streams}, sys.stdout)


if __name__ == "__main__":
    main()
