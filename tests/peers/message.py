"""SIP messages as text (RFC 3261 7): just enough for a scripted peer, tolerant on purpose."""

import re
from dataclasses import dataclass, field

_COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "r": "refer-to", "o": "event", "k": "supported", "e": "content-encoding",
}  # fmt: skip
_URI = re.compile(r"<([^>]*)>")


@dataclass
class Message:
    """A request or response. `headers` keep order and repetition."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @property
    def method(self) -> str:
        """The request's method; '' for a response."""
        return "" if self.start.startswith("SIP/2.0 ") else self.start.split(" ", 1)[0]

    @property
    def code(self) -> int:
        """The response's status; 0 for a request."""
        return 0 if self.method else int(self.start.split(" ")[1])

    @property
    def user(self) -> str:
        """User part of the request URI."""
        return self.start.split(" ")[1].split(":", 1)[-1].split("@")[0] if self.method else ""

    def get(self, name: str) -> str:
        """First value of a header, '' where absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def cseq(self) -> tuple[int, str]:
        number, _, method = self.get("CSeq").partition(" ")
        return int(number), method.strip()

    @property
    def branch(self) -> str:
        found = re.search(r"branch=([^;,\s]+)", self.get("Via"))
        return found[1] if found else ""

    def tag(self, name: str) -> str:
        found = re.search(r";\s*tag=([^;\s]+)", self.get(name))
        return found[1] if found else ""

    def uri(self, name: str) -> str:
        """The URI inside a name-addr header."""
        value = self.get(name)
        found = _URI.search(value)
        return found[1] if found else value.split(";")[0].strip()

    def encode(self) -> bytes:
        body = self.body.encode()
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def parse(data: bytes) -> Message:
    """Raises ValueError for what is no SIP message."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *rest = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    if "SIP/2.0" not in first:
        raise ValueError(first[:60])
    headers = []
    for line in rest:
        name, _, value = line.partition(":")
        name = _COMPACT.get(name.strip().lower(), name.strip())
        if name.lower() != "content-length":
            headers.append((name, value.strip()))
    return Message(first, headers, body)


@dataclass
class Sdp:
    """One audio stream of an offer or answer (RFC 8866, RFC 3264)."""

    host: str
    port: int
    payloads: list[int]
    names: dict[int, str]
    direction: str = "sendrecv"

    @property
    def events(self) -> int | None:
        """Payload type of RFC 4733 keys."""
        for payload in self.payloads:
            if self.names.get(payload) == "telephone-event":
                return payload
        return None

    @property
    def speech(self) -> int:
        """The first payload type that carries a voice."""
        return next(p for p in self.payloads if self.names.get(p) != "telephone-event")


STATIC = {0: "PCMU", 8: "PCMA", 9: "G722", 3: "GSM", 18: "G729"}


def read_sdp(text: str) -> Sdp:
    """Raises ValueError when there is no audio line."""
    host, port, payloads, names, direction = "", 0, [], dict(STATIC), "sendrecv"
    for line in text.replace("\r", "").split("\n"):
        if line.startswith("c="):
            host = line.split()[-1]
        elif line.startswith("m=audio"):
            port, payloads = int(line.split()[1]), [int(p) for p in line.split()[3:]]
        elif line.startswith("a=rtpmap:"):
            number, _, rest = line[9:].partition(" ")
            names[int(number)] = rest.split("/")[0]
        elif line[2:] in ("sendrecv", "sendonly", "recvonly", "inactive"):
            direction = line[2:]
    if not payloads:
        raise ValueError("no audio in SDP")
    return Sdp(host, port, payloads, names, direction)


def write_sdp(sdp: Sdp, version: int = 1) -> str:
    lines = [
        "v=0", f"o=- 7 {version} IN IP4 {sdp.host}", "s=-", f"c=IN IP4 {sdp.host}", "t=0 0",
        f"m=audio {sdp.port} RTP/AVP {' '.join(map(str, sdp.payloads))}",
    ]  # fmt: skip
    for payload in sdp.payloads:
        name = sdp.names.get(payload) or STATIC.get(payload, "X-unknown")
        lines.append(f"a=rtpmap:{payload} {name}/8000")
        if name == "telephone-event":
            lines.append(f"a=fmtp:{payload} 0-15")
    return "\r\n".join([*lines, f"a={sdp.direction}", ""])
