"""The steps of a script, one line of words each, such as ``press 1`` or ``wait 5..10``.

`docs/exchange.md` lists them; a test compares the two.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from appliance.lines.exchange.spans import Span, parse_span

DEFAULT_DBOV = -20.0


@dataclass(frozen=True)
class Dial:
    """Call `number`; '' is the group's own."""

    number: str = ""


@dataclass(frozen=True)
class Redial:
    """Call the same number again, from the same one."""


@dataclass(frozen=True)
class Wait:
    """Time goes by, whether the call is answered or not."""

    span: Span


@dataclass(frozen=True)
class Listen:
    """Once answered: be there for this long."""

    span: Span


@dataclass(frozen=True)
class Press:
    """Once answered: keys by RFC 4733, or as tones in the audio."""

    keys: str
    inband: bool = False


@dataclass(frozen=True)
class Speak:
    """Once answered: a WAV file (8 kHz, mono, 16 bit) to its end."""

    file: Path


@dataclass(frozen=True)
class Tone:
    """From now on send this tone when the call is up."""

    hz: float
    dbov: float = DEFAULT_DBOV


@dataclass(frozen=True)
class Quiet:
    """From now on send no RTP."""


@dataclass(frozen=True)
class AwaitAgent:
    """Wait until an agent's tone is heard; after `patience` hang up."""

    patience: Span


@dataclass(frozen=True)
class Hold:
    """Put the far end on hold (re-INVITE, sendonly) and take it back."""

    span: Span


@dataclass(frozen=True)
class Refer:
    """Ask the far end to call `target` instead (REFER)."""

    target: str


@dataclass(frozen=True)
class HangUp:
    """BYE, or CANCEL before the answer."""


@dataclass(frozen=True)
class Chance:
    """Go on with this probability, else the script is over."""

    probability: float


@dataclass(frozen=True)
class UnlessServed:
    """Go on only when no agent has been heard so far."""


Step = (
    Dial
    | Redial
    | Wait
    | Listen
    | Press
    | Speak
    | Tone
    | Quiet
    | AwaitAgent
    | Hold
    | Refer
    | HangUp
    | Chance
    | UnlessServed
)


def _dial(rest: str) -> Step:
    if rest and not re.fullmatch(r"\+?[0-9*#]{1,24}|sip:\S+", rest):
        raise ValueError("write a number such as +4930123456, or a sip: address")
    return Dial(rest)


def _press(rest: str) -> Step:
    found = re.fullmatch(r"([0-9A-D*#]{1,32})( inband)?", rest)
    if not found:
        raise ValueError("write keys out of 0-9 * # A-D, then inband if they are to be tones")
    return Press(found[1], bool(found[2]))


def _tone(rest: str) -> Step:
    found = re.fullmatch(r"(\d{3,4})(?: (-\d+(?:\.\d+)?))?", rest)
    if not found or not 200 <= int(found[1]) <= 3400:
        raise ValueError("write a frequency of 200 to 3400 Hz, then the level in dBov such as -20")
    return Tone(float(found[1]), float(found[2] or DEFAULT_DBOV))


def _chance(rest: str) -> Step:
    if not re.fullmatch(r"[01]?\.?\d+", rest) or float(rest) > 1:
        raise ValueError("write a probability from 0 to 1")
    return Chance(float(rest))


def _refer(rest: str) -> Step:
    if not re.fullmatch(r"sip:\S+|[A-Za-z0-9+*#_.-]{1,64}", rest):
        raise ValueError("write a queue, an agent, a number or a sip: address")
    return Refer(rest)


def _speak(rest: str) -> Step:
    if not rest:
        raise ValueError("write the name of a WAV file")
    return Speak(Path(rest))


def _bare(step: Step) -> Callable[[str], Step]:
    def parse(rest: str) -> Step:
        if rest:
            raise ValueError(f"nothing may follow, but {rest!r} does")
        return step

    return parse


VERBS: dict[str, Callable[[str], Step]] = {
    "dial": _dial,
    "redial": _bare(Redial()),
    "wait": lambda rest: Wait(parse_span(rest)),
    "listen": lambda rest: Listen(parse_span(rest)),
    "press": _press,
    "speak": _speak,
    "tone": _tone,
    "quiet": _bare(Quiet()),
    "await agent": lambda rest: AwaitAgent(parse_span(rest)),
    "hold": lambda rest: Hold(parse_span(rest)),
    "refer": _refer,
    "hang up": _bare(HangUp()),
    "chance": _chance,
    "unless served": _bare(UnlessServed()),
}


def parse_step(text: str) -> Step:
    """Raises ValueError with a text for people."""
    words = " ".join(text.split())
    for verb, parse in VERBS.items():
        if words == verb or words.startswith(verb + " "):
            try:
                return parse(words[len(verb) + 1 :])
            except ValueError as error:
                raise ValueError(f'"{words}" cannot be read: {error}') from None
    near = get_close_matches(words.split(" ")[0] if words else "", VERBS, n=1, cutoff=0.5)
    guess = f"Did you mean {near[0]}?" if near else f"Steps are: {', '.join(VERBS)}."
    raise ValueError(f'"{words}" is no step. {guess}')


def _validate(value: Any) -> Step:
    if isinstance(value, Step):
        return value
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is no step; write words in quotes such as "press 1"')
    return parse_step(value)


AnyStep = Annotated[Step, BeforeValidator(_validate), PlainSerializer(str)]
"""A step field of the scenario."""
