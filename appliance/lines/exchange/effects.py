"""What a script asks of the exchange (effects), and what happens to it (events)."""

from typing import Any

import msgspec


class Effect(msgspec.Struct, frozen=True):
    """What the exchange is to do for this party."""


class Dial(Effect, frozen=True):
    number: str


class Ring(Effect, frozen=True):
    """180 to the box."""


class Answer(Effect, frozen=True):
    """200 to the box."""


class HangUp(Effect, frozen=True):
    """`code`: final answer where the call is not answered yet; 0 the usual one."""

    code: int = 0


class Press(Effect, frozen=True):
    keys: str
    inband: bool = False


class Speak(Effect, frozen=True):
    """Answered with `Spoken` at the end."""

    file: str


class SendTone(Effect, frozen=True):
    """`hz` 0: silence, but as RTP packets."""

    hz: float
    dbov: float


class Media(Effect, frozen=True):
    """Whether RTP is sent: for the SDP to come, or by a re-INVITE when the call is up."""

    on: bool


class Hold(Effect, frozen=True):
    on: bool


class Refer(Effect, frozen=True):
    target: str


class SetTimer(Effect, frozen=True):
    """Answered with `Fired(name)`; setting it again replaces it."""

    name: str
    seconds: float


class CancelTimer(Effect, frozen=True):
    name: str


class Tell(Effect, frozen=True):
    """A line of the report."""

    what: str
    facts: dict[str, Any] = {}


class Done(Effect, frozen=True):
    """The script is over."""


class Event(msgspec.Struct, frozen=True):
    """What happened to this party."""


class Begin(Event, frozen=True):
    """Start the script, on a call that is up (`up`) or with none."""

    up: bool = False


class Incoming(Event, frozen=True):
    caller: str = ""


class Ringing(Event, frozen=True):
    code: int = 180


class Answered(Event, frozen=True):
    pass


class HeardTone(Event, frozen=True):
    """A tone came up in what the far end sends, or is gone."""

    hz: float
    up: bool = True


class Spoken(Event, frozen=True):
    """The WAV file is at its end."""


class Fired(Event, frozen=True):
    name: str


class Ended(Event, frozen=True):
    """The call is over. `code`: SIP status; 0 when no line was free to dial on."""

    code: int
    by_peer: bool = True


Effects = list[Effect]
