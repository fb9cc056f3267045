"""What the core and a recogniser's process say to each other: one packet, one message.

Core to worker: a byte for the kind, then the body (`QUESTION`: `Question` in msgpack; `SOUND`
and `SILENCE`: 8 kHz int16 native samples; the others none). Worker to core: a `Reply`.
"""

import msgspec

from appliance.model.hearing import Hearing, Missed, Verdict

QUESTION = b"q"
SOUND = b"a"
SILENCE = b"s"
"""Samples in which nobody speaks, between the words of an utterance and after its last."""
PAUSE = b"p"
"""Silence began: answer `Heard` if what was said is complete, else `NotYet`."""
FINISH = b"f"
"""The utterance is over: answer `Heard`."""
RESET = b"r"
"""The utterance was none: forget its samples. No answer."""
DROP = b"x"
"""The question is over. No answer."""

LONGEST = 96_000
"""Bytes of one packet. Linux takes packets of up to 208 KiB on such a socket."""


class Question(msgspec.Struct, frozen=True, array_like=True):
    """`serial` comes back in every reply. `sure`, `unsure`: the site's, over the model's."""

    serial: int
    hearing: Hearing
    sure: float | None = None
    unsure: float | None = None


class Reply(msgspec.Struct, frozen=True, array_like=True):
    """To the question with this `serial`."""

    serial: int


class Ready(Reply, frozen=True, tag=1):
    """Grammar built. `unknown`: phrases left out because the model lacks a word of them."""

    unknown: list[str] = []


class Deaf(Reply, frozen=True, tag=2):
    """Nothing of the question can be heard with this model."""

    detail: str = ""


class NotYet(Reply, frozen=True, tag=3):
    """What was said can still go on."""

    text: str = ""


class Heard(Reply, frozen=True, tag=4):
    """An utterance is over; the next sample begins the next one."""

    text: str
    choice: str
    confidence: float
    verdict: Verdict
    missed: Missed


Replies = Ready | Deaf | NotYet | Heard

encode = msgspec.msgpack.Encoder().encode
read_question = msgspec.msgpack.Decoder(Question).decode
read_reply = msgspec.msgpack.Decoder(Replies).decode


class Awake(msgspec.Struct, frozen=True, tag="awake"):
    """From a nursery: the model is loaded."""

    model: str


class Unfit(msgspec.Struct, frozen=True, tag="unfit"):
    """From a nursery: the model cannot be used; it ends. `detail` names the file."""

    detail: str


class Born(msgspec.Struct, frozen=True, tag="born"):
    """From a nursery, with the pidfd: a worker has the socket that was sent. Without one it is
    dead already, or was never born (`pid` 0)."""

    pid: int


FromNursery = Awake | Unfit | Born
read_nursery = msgspec.msgpack.Decoder(FromNursery).decode
