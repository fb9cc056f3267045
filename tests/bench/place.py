"""Ports and sounds that both systems under load share."""

import math
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

PROMPT_S = 2.0
"""What a caller hears between the answer and the queue."""
RATE = 8000


@dataclass(frozen=True)
class Ports:
    """UDP ports on loopback. `system`: the SIP port under load; media ranges are inclusive."""

    system: int
    rtp_first: int
    rtp_last: int
    callers: int
    agents: int
    caller_media: int = 40_000
    agent_media: int = 37_000


OURS = Ports(system=5763, rtp_first=32_000, rtp_last=33_999, callers=5783, agents=5793)
PEERS = Ports(system=5764, rtp_first=34_000, rtp_last=35_999, callers=5784, agents=5794)


def write_prompt(path: Path) -> None:
    """`PROMPT_S` of a soft 350 Hz tone, 8 kHz 16-bit mono."""
    samples = array("h", _sine(350, 4000, int(PROMPT_S * RATE)))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())


def write_caller(path: Path) -> None:
    """Ten seconds of a 440 Hz tone as mu-law (ITU-T G.711): what each caller says in a loop."""
    path.write_bytes(bytes(mu_law(sample) for sample in _sine(440, 9000, 10 * RATE)))


def mu_law(sample: int) -> int:
    """One 16-bit sample as a mu-law byte, ITU-T G.711 table 2a."""
    sign = 0x80 if sample < 0 else 0
    size = min(abs(sample), 32_635) + 132
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | (size >> (exponent + 3)) & 0x0F) & 0xFF


def _sine(hz: int, peak: int, count: int) -> list[int]:
    return [round(peak * math.sin(2 * math.pi * hz * i / RATE)) for i in range(count)]
