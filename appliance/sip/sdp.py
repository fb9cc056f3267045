"""Codec choice by editing SDP (RFC 4566, RFC 3264): each line and seat has its own list."""

# RFC 3551 payload types that may come without an rtpmap.
_STATIC = {"0": "PCMU", "8": "PCMA", "9": "G722", "3": "GSM", "18": "G729"}

NO_CODEC = "127"
"""Payload type of a codec that nobody has."""


def restrict_codecs(sdp: str, codecs: tuple[str, ...]) -> str:
    """Keep only `codecs` (SDP encoding names, in order of preference) in each audio line.

    telephone-event and comfort noise stay. When nothing is left the audio line is given one
    payload that cannot match, so that negotiation fails with 488 as RFC 3261 21.4.26 wants.
    An empty `codecs` changes nothing.
    """
    if not codecs or not sdp:
        return sdp
    lines = sdp.replace("\r\n", "\n").split("\n")
    names = _names(lines)
    wanted = [name.lower() for name in codecs]
    out: list[str] = []
    dropped: set[str] = set()
    for line in lines:
        if line.startswith("m=audio "):
            head, kept = _audio_line(line, names, wanted)
            dropped = set(line.split()[3:]) - set(kept)
            line = " ".join([*head, *(kept or [NO_CODEC])])
            if not kept:
                line += f"\r\na=rtpmap:{NO_CODEC} x-none/8000"
        elif _payload_of(line) in dropped:
            continue
        out.append(line)
    return "\r\n".join(out)


def _audio_line(line: str, names: dict[str, str], wanted: list[str]) -> tuple[list[str], list[str]]:
    head, payloads = line.split()[:3], line.split()[3:]
    speech = [p for p in payloads if names.get(p, "") in wanted]
    speech.sort(key=lambda p: wanted.index(names[p]))
    if not speech:
        return head, []
    clock_free = [p for p in payloads if names.get(p, "") in ("telephone-event", "cn")]
    return head, speech + clock_free


def _names(lines: list[str]) -> dict[str, str]:
    """Payload type to lower-case encoding name."""
    names = {number: name.lower() for number, name in _STATIC.items()}
    for line in lines:
        if line.startswith("a=rtpmap:"):
            number, _, rest = line[len("a=rtpmap:") :].partition(" ")
            names[number] = rest.split("/")[0].strip().lower()
    return names


def _payload_of(line: str) -> str:
    for prefix in ("a=rtpmap:", "a=fmtp:"):
        if line.startswith(prefix):
            return line[len(prefix) :].split(" ")[0]
    return ""
